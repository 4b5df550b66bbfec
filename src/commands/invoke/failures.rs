//! Explains why a function does not run, with Lambda's error type and the next step.
//!
//! In: the findings of `check`, or how a start or an invocation ended. Out: problems.

use std::io;
use std::path::Path;

use crate::build::results::zip_selector::SelectedZip;
use crate::commands::check::CheckedFile;
use crate::emulator::{
    FunctionError, InvocationOutcome, InvocationResult, StartFailure, StartFailureReason,
    describe_exit,
};
use crate::ui::failure::{ExitKind, Failure, Problem};
use crate::validate::finding::{Finding, FindingCode, FindingLevel};

/// A finding with which Lambda would not run a zip.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    file: String,
    finding: Finding,
}

/// The findings with which Lambda would not run a zip.
pub(super) fn refusals(checked: &[CheckedFile], zip: &Path) -> Vec<Refusal> {
    select(checked, zip, |code| {
        let level = code.level();
        level > FindingLevel::Warning && level != FindingLevel::Different
    })
}

/// The findings with which Lambda starts a program, but which can explain why it does not
/// request an event.
pub(super) fn hints(checked: &[CheckedFile], zip: &Path) -> Vec<Refusal> {
    select(checked, zip, |code| code == FindingCode::NoRuntimeClient)
}

fn select(
    checked: &[CheckedFile],
    zip: &Path,
    is_selected: impl Fn(FindingCode) -> bool,
) -> Vec<Refusal> {
    checked
        .iter()
        .flat_map(|file| &file.findings)
        .filter(|finding| is_selected(finding.code))
        .map(|finding| Refusal {
            file: zip.display().to_string(),
            finding: finding.clone(),
        })
        .collect()
}

impl Refusal {
    pub(super) fn kind(&self) -> ExitKind {
        self.finding
            .code
            .level()
            .kind()
            .unwrap_or(ExitKind::Refused)
    }

    /// The problem, with Lambda's error type.
    pub(super) fn problem(&self) -> Problem {
        let mut problem = self.finding.to_problem(&self.file);
        if let Some(name) = lambda_error_type(self.finding.code) {
            problem.what = format!("{name}: {}", problem.what);
        }
        problem
    }

    /// The error of an invocation on Lambda, or `None` if Lambda does not unpack the zip.
    pub(super) fn error(&self) -> Option<FunctionError> {
        let name = lambda_error_type(self.finding.code)?;
        Some(FunctionError::new(
            name,
            format!("{} {}", self.file, self.finding.what),
        ))
    }
}

/// The error type of an invocation of a function with this finding.
const fn lambda_error_type(code: FindingCode) -> Option<&'static str> {
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

/// The last lines that a function printed, for an error message. If the user has seen them
/// already, the text is empty.
fn quote_output(output: &[String], is_shown: bool) -> String {
    let lines: Vec<_> = output
        .iter()
        .rev()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty())
        .take(3)
        .map(shorten)
        .collect();
    match &lines[..] {
        [] => "; it printed nothing".to_owned(),
        _ if is_shown => String::new(),
        lines => {
            let lines: Vec<_> = lines.iter().rev().map(String::as_str).collect();
            format!("; it printed: {}", lines.join(" | "))
        }
    }
}

fn shorten(line: &str) -> String {
    const MAX_CHARS: usize = 200;
    match line.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// Explains why a function did not request an event. Findings of `check` are the best
/// explanation, if there are any.
pub(super) fn explain_start(
    start_failure: &StartFailure,
    error: &FunctionError,
    zip: &SelectedZip,
    refusals: &[Refusal],
    hints: &[Refusal],
    is_shown: bool,
) -> Failure {
    let name = &zip.name;
    let output = quote_output(&start_failure.last_output, is_shown);
    let kind = &error.kind;
    let (message, help) = match &start_failure.reason {
        StartFailureReason::NotStarted(io) => explain_not_started(io),
        StartFailureReason::Ended(status) => (
            format!(
                "the function exited before it requested an event: {}{output}",
                describe_exit(*status)
            ),
            "check its output; pass the function's own environment variables with \
             `--env NAME=VALUE`, because only Lambda's are set",
        ),
        StartFailureReason::Reported(_) => (
            format!("initialization failed: {}", error.message),
            "fix the reported error; set missing environment variables with `--env`",
        ),
        StartFailureReason::TimedOut(extensions) if !extensions.is_empty() => (
            format!(
                "the runtime requested an event, but its {} did not within {:.0} s{output}",
                list_extensions(extensions),
                start_failure.init.as_secs_f64()
            ),
            "call `event/next` of the Extensions API after `register`, even if the extension \
             registers for no events; Lambda waits for this call",
        ),
        StartFailureReason::TimedOut(_) => (
            format!(
                "the function did not request an event within {:.0} s{output}",
                start_failure.init.as_secs_f64()
            ),
            "check that it uses a Lambda runtime client (`lambda_runtime`, or `aws-lambda-go` 1.18 \
             or later), and what it waits for before it requests an event",
        ),
    };
    let mut failure = Failure::new(ExitKind::No, format!("{name}: {kind}: {message}")).help(help);
    let findings = hints.iter().chain(refusals);
    failure.problems.extend(findings.map(Refusal::problem));
    if let Some(refusal) = refusals.first() {
        failure.kind = refusal.kind();
    }
    failure
}

/// `extension a`, or `extensions a, b`.
pub(super) fn list_extensions(extensions: &[String]) -> String {
    let plural = if extensions.len() > 1 { "s" } else { "" };
    format!("extension{plural} {}", extensions.join(", "))
}

/// Explains why the operating system does not start a program.
fn explain_not_started(error: &io::Error) -> (String, &'static str) {
    let (cause, help) = match error.kind() {
        io::ErrorKind::PermissionDenied => (
            "no permission to execute `bootstrap`",
            "package it with mode 0755; if it has that mode, the temporary folder may be mounted \
             `noexec`, so set `TMPDIR` to another folder",
        ),
        io::ErrorKind::NotFound => (
            "`bootstrap`, its loader, or its interpreter does not exist on this machine",
            "run `cargo lambdapack check ZIP` to find out which one is missing",
        ),
        _ if error.raw_os_error() == Some(8) => (
            "`bootstrap` is not a program for this machine",
            "run `cargo lambdapack check ZIP` to find out what it is",
        ),
        _ => (
            "cannot start `bootstrap`",
            "run `cargo lambdapack check ZIP` for details",
        ),
    };
    (format!("{cause}: {error}"), help)
}

/// Explains why an invocation failed. The failure is silent if the function reported an
/// error, because the error is the response.
pub(super) fn explain_event(
    result: &InvocationResult,
    error: &FunctionError,
    name: &str,
    output: &[String],
    is_shown: bool,
) -> Failure {
    let kind = &error.kind;
    let failure =
        |message: String| Failure::new(ExitKind::No, format!("{name}: {kind}: {message}"));
    match &result.outcome {
        InvocationOutcome::Ended(status) => failure(format!(
            "{}{}",
            describe_exit(*status),
            quote_output(output, is_shown)
        ))
        .help(
            "check its output; return an error instead of panicking or exiting, which ends the \
             execution environment",
        ),
        InvocationOutcome::TimedOut(after) => {
            let seconds = after.as_secs_f64();
            failure(format!("the function did not respond within {seconds} s"))
                .help("allow more time with `--timeout SECONDS`; Lambda's own default is 3")
        }
        InvocationOutcome::TooLarge(_) => {
            failure(error.message.clone()).help("stream the response, or store large data in S3")
        }
        InvocationOutcome::ExtensionError(_) => failure(error.message.clone())
            .help("fix the extension; if one fails, Lambda ends the execution environment"),
        InvocationOutcome::Error(_) | InvocationOutcome::Response { .. } => {
            Failure::silent(ExitKind::No)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_output_are_quoted_and_shortened() {
        let output = |lines: &[&str]| -> Vec<_> { lines.iter().map(|l| (*l).to_owned()).collect() };
        assert_eq!(quote_output(&[], false), "; it printed nothing");
        assert_eq!(quote_output(&[], true), "; it printed nothing");
        let lines = output(&["a", "b", "", " c ", "d", ""]);
        assert_eq!(quote_output(&lines, false), "; it printed: b | c | d");
        assert_eq!(quote_output(&lines, true), "");
        let quoted = quote_output(&output(&["ü".repeat(300).as_str()]), false);
        assert_eq!(quoted, format!("; it printed: {}…", "ü".repeat(200)));
    }

    #[test]
    fn findings_have_the_error_type_of_lambda() {
        for (code, name) in [
            (
                FindingCode::NotExecutable,
                Some("Runtime.InvalidEntrypoint"),
            ),
            (FindingCode::Glibc, Some("Runtime.ExitError")),
            (FindingCode::GoRuntimeTooOld, Some("Sandbox.Timedout")),
            // Lambda does not unpack it.
            (FindingCode::Damaged, None),
        ] {
            assert_eq!(lambda_error_type(code), name, "{code}");
        }
    }
}
