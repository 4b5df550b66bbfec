//! Why a function does not run, under Lambda's names and with the next step.
//!
//! In: what `check` finds, or how a start or an event ended. Out: problems.

use std::io;
use std::path::Path;

use crate::build::results::zip_selector::SelectedZip;
use crate::commands::check::CheckedFile;
use crate::emulator::{
    FunctionError, InvocationOutcome, InvocationResult, StartFailure, StartFailureReason, ending,
};
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};
use crate::validate::finding::FindingCode;
use crate::validate::finding::{Finding, FindingLevel};

/// What keeps Lambda from running a zip.
#[derive(Debug, Clone)]
pub(super) struct InvokeFailure {
    file: String,
    finding: Finding,
}

/// Everything in a zip that Lambda would refuse.
pub(super) fn of(inspected: &[CheckedFile], zip: &Path) -> Vec<InvokeFailure> {
    with(inspected, zip, |code| {
        let level = code.level();
        level > FindingLevel::Warning && level != FindingLevel::Different
    })
}

/// What does not keep Lambda from starting a program, and explains why it asks for no event.
pub(super) fn hints(inspected: &[CheckedFile], zip: &Path) -> Vec<InvokeFailure> {
    with(inspected, zip, |code| code == FindingCode::NoRuntimeClient)
}

fn with(
    inspected: &[CheckedFile],
    zip: &Path,
    wanted: impl Fn(FindingCode) -> bool,
) -> Vec<InvokeFailure> {
    let findings = inspected.iter().flat_map(|one| &one.findings);
    findings
        .filter(|finding| wanted(finding.code))
        .map(|finding| InvokeFailure {
            file: zip.display().to_string(),
            finding: finding.clone(),
        })
        .collect()
}

impl InvokeFailure {
    pub(super) fn kind(&self) -> ExitKind {
        self.finding
            .code
            .level()
            .kind()
            .unwrap_or(ExitKind::Refused)
    }

    /// The problem, with what Lambda calls it.
    pub(super) fn problem(&self) -> Problem {
        let mut problem = self.finding.of(&self.file);
        if let Some(name) = lambdas_name(self.finding.code) {
            problem.what = format!("{name}: {}", problem.what);
        }
        problem
    }

    /// What Lambda would tell whoever invokes it, where it gets as far as that.
    pub(super) fn error(&self) -> Option<FunctionError> {
        let name = lambdas_name(self.finding.code)?;
        Some(FunctionError::new(
            name,
            format!("{} {}", self.file, self.finding.what),
        ))
    }
}

/// What Lambda says when it runs what has a finding.
const fn lambdas_name(code: FindingCode) -> Option<&'static str> {
    match code {
        FindingCode::Empty
        | FindingCode::NotAProgram
        | FindingCode::CutOff
        | FindingCode::WrongArchitecture
        | FindingCode::WrongClass
        | FindingCode::NotLinked
        | FindingCode::Loader
        | FindingCode::Shebang
        | FindingCode::NoBootstrap
        | FindingCode::NotExecutable
        | FindingCode::NotUnix => Some("Runtime.InvalidEntrypoint"),
        FindingCode::Glibc | FindingCode::Library => Some("Runtime.ExitError"),
        FindingCode::GoRuntimeTooOld => Some("Sandbox.Timedout"),
        _ => None,
    }
}

/// The last lines that a function printed, for its failure: none of them if the user has
/// seen them already.
fn last(said: &[String], is_shown: bool) -> String {
    const LONG: usize = 200;
    let short = |line: &str| match line.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    };
    let lines: Vec<_> = { said.iter().rev() }
        .map(|line| line.trim())
        .filter(|line| !line.is_empty())
        .take(3)
        .map(short)
        .collect();
    match &lines[..] {
        [] => ", and said nothing".to_owned(),
        _ if is_shown => String::new(),
        lines => {
            let lines: Vec<_> = lines.iter().rev().map(String::as_str).collect();
            format!("; it said: {}", lines.join(" | "))
        }
    }
}

/// Why a function did not ask for an event. What `check` has found explains it best.
pub(super) fn of_start(
    not_ready: &StartFailure,
    error: &FunctionError,
    zip: &SelectedZip,
    (faults, hints): (&[InvokeFailure], &[InvokeFailure]),
    is_shown: bool,
) -> Failure {
    let name = &zip.name;
    let said = last(&not_ready.said, is_shown);
    let kind = &error.kind;
    let (what, help) = match &not_ready.reason {
        StartFailureReason::NotStarted(io) => not_started(io),
        StartFailureReason::Ended(status) => (
            format!(
                "it ended before it asked for an event: {}{said}",
                ending(*status)
            ),
            "see what it says; it finds Lambda's variables here, its own are set by --env",
        ),
        StartFailureReason::Reported(_) => (
            format!("it reported that it cannot begin: {}", error.message),
            "mend what it names; its own variables are set by --env",
        ),
        StartFailureReason::TimedOut(extensions) if !extensions.is_empty() => (
            format!(
                "the runtime asked for an event, but its {} did not ask for one within {:.0} \
                 s{said}",
                listed(extensions),
                not_ready.init.as_secs_f64()
            ),
            "call `event/next` of the Extensions API after `register`, also with no events to wait \
             for; Lambda waits for it",
        ),
        StartFailureReason::TimedOut(_) => (
            format!(
                "it asked for no event within {:.0} s{said}",
                not_ready.init.as_secs_f64()
            ),
            "see that it runs a Lambda runtime (lambda_runtime, aws-lambda-go 1.18 or later), and \
             what it waits for before that",
        ),
    };
    let mut failure = Failure::new(ExitKind::No, format!("{name}: {kind}: {what}")).help(help);
    failure
        .problems
        .extend(hints.iter().map(InvokeFailure::problem));
    if let Some(fault) = faults.first() {
        failure.kind = fault.kind();
        failure
            .problems
            .extend(faults.iter().map(InvokeFailure::problem));
    }
    failure
}

/// `extension a`, or `extensions a, b`.
pub(super) fn listed(extensions: &[String]) -> String {
    let plural = if extensions.len() > 1 { "s" } else { "" };
    format!("extension{plural} {}", extensions.join(", "))
}

/// What the system says of a program that it does not start.
fn not_started(error: &io::Error) -> (String, &'static str) {
    let cause = match error.kind() {
        io::ErrorKind::PermissionDenied => (
            "bootstrap may not be executed here",
            "pack it with mode 0755; where it has that, the folder for temporary files may be \
             mounted noexec: set TMPDIR to another",
        ),
        io::ErrorKind::NotFound => (
            "there is no bootstrap, or the loader or interpreter that it names is not here",
            "cargo lambdapack check ZIP tells which",
        ),
        _ if error.raw_os_error() == Some(8) => (
            "bootstrap is no program for this machine",
            "cargo lambdapack check ZIP tells what it is",
        ),
        _ => (
            "bootstrap cannot be started",
            "cargo lambdapack check ZIP tells more",
        ),
    };
    (format!("{}: {error}", cause.0), cause.1)
}

/// Why an event failed. What the function itself reports has been told.
pub(super) fn of_event(
    invoked: &InvocationResult,
    error: &FunctionError,
    name: &str,
    said: &[String],
    is_shown: bool,
) -> Failure {
    let kind = &error.kind;
    let failure = |what: String| Failure::new(ExitKind::No, format!("{name}: {kind}: {what}"));
    match &invoked.outcome {
        InvocationOutcome::Ended(status) => {
            failure(format!("{}{}", ending(*status), last(said, is_shown))).help(
                "a function that panics or exits takes its environment with it; see what it says",
            )
        }
        InvocationOutcome::TimedOut(after) => {
            let seconds = after.as_secs_f64();
            failure(format!("it did not respond within {seconds} s"))
                .help("give it more time: --timeout SECONDS; Lambda's own default is 3")
        }
        InvocationOutcome::TooLarge(_) => {
            failure(error.message.clone()).help("stream the response, or leave what is large in S3")
        }
        InvocationOutcome::ExtensionError(_) => failure(error.message.clone())
            .help("Lambda ends the environment of a function if one of its extensions fails"),
        InvocationOutcome::Error(_) | InvocationOutcome::Response { .. } => {
            Failure::silent(ExitKind::No)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_was_said_the_last_lines_are_told_and_none_without_end() {
        let said = |lines: &[&str]| -> Vec<_> { lines.iter().map(|l| (*l).to_owned()).collect() };
        assert_eq!(last(&[], false), ", and said nothing");
        assert_eq!(last(&[], true), ", and said nothing");
        let lines = said(&["a", "b", "", " c ", "d", ""]);
        assert_eq!(last(&lines, false), "; it said: b | c | d");
        assert_eq!(last(&lines, true), "");
        let told = last(&said(&["ü".repeat(300).as_str()]), false);
        assert_eq!(told, format!("; it said: {}…", "ü".repeat(200)));
    }

    #[test]
    fn each_finding_that_lambda_starts_with_has_lambdas_name_for_it() {
        for (code, name) in [
            (
                FindingCode::NotExecutable,
                Some("Runtime.InvalidEntrypoint"),
            ),
            (FindingCode::Glibc, Some("Runtime.ExitError")),
            (FindingCode::GoRuntimeTooOld, Some("Sandbox.Timedout")),
            // It is not unpacked.
            (FindingCode::Damaged, None),
        ] {
            assert_eq!(lambdas_name(code), name, "{code}");
        }
    }
}
