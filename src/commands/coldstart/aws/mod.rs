//! Measures cold starts of a function on AWS, as Lambda reports them.
//!
//! In: the name of a function, the number of starts, and the memory sizes. Out: [`AwsMeasurement`]
//! with a [`ReportedCall`] for each cold start. Each cold start is forced by an additional
//! variable, whose value is always different, and by the memory size. Both are restored on every
//! path: at the end, and after an error, a panic, Ctrl-C, or SIGTERM. The report is part of the
//! response to the call, so no log is read or deleted.
//!
//! Left to others: published versions, which cannot change, and their aliases; and cold starts
//! after a long idle time, which take longer than forced ones (maxday/lambda-perf#276).

mod answer;
mod call;
mod temporary_change;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

use crate::aws::function::FunctionConfiguration;
use crate::aws::{Aws, AwsOptions};
use crate::commands::coldstart::aws::call::{CallOutcome, FunctionCalls};
use crate::commands::coldstart::aws::temporary_change::TemporaryChange;
use crate::commands::invoke;
use crate::commands::invoke::EventSource;
use crate::fs::atomic_write;
use crate::metrics::report_log::ReportedCall;
use crate::metrics::report_log::table;
use crate::system::host::Host;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AwsColdstartOptions {
    /// The function: its name or ARN, without a qualifier.
    pub function: String,
    /// The alias that is called. It must refer to `$LATEST`.
    pub qualifier: Option<String>,
    /// The number of cold starts for each memory size.
    pub times: u32,
    /// Distinct memory sizes in MB. If empty, the function's own.
    pub memories: Vec<u32>,
    pub event: EventSource,
    /// Whether to show the commands without running them.
    pub dry_run: bool,
    /// The table to write, if any.
    pub csv: Option<ColdstartTable>,
    pub account: AwsOptions,
}

/// A table of all cold starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColdstartTable {
    /// Its file, absolute. Without one, it goes to stdout.
    pub file: Option<PathBuf>,
    /// Its columns, a subset of [`table::FULL`].
    pub columns: &'static [&'static str],
}

/// The maximum number of attempts for each cold start.
const ATTEMPTS: u32 = 3;

#[derive(Debug, Default)]
pub(crate) struct AwsMeasurement {
    function: String,
    /// The number of requested cold starts.
    wanted: u32,
    calls: Vec<ReportedCall>,
    /// The number of calls that reached an existing environment.
    warm: u32,
    /// Why calls failed, in order.
    failed: Vec<String>,
    /// Why the measurement ended early or the function could not be restored.
    failure: Option<Failure>,
    /// The cold starts as a table, if it goes to stdout.
    table: Option<String>,
    /// The commands of `--dry-run`.
    planned: Option<String>,
}

pub(crate) fn measure(
    question: &AwsColdstartOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<AwsMeasurement> {
    let file = question.csv.as_ref().and_then(|table| table.file.as_ref());
    if let Some(folder) = file.and_then(|file| file.parent())
        && !folder.is_dir()
    {
        let what = format!("--csv: there is no folder {}", folder.display());
        let help = "make it, or name a file in another one";
        return Err(Failure::new(ExitKind::Usage, what).help(help).into());
    }
    let event = invoke::read(&question.event)?;
    let aws = Aws::find(&question.account, host, console)?;
    let mut measured = AwsMeasurement {
        function: question.function.clone(),
        ..AwsMeasurement::default()
    };
    if question.dry_run {
        measured.planned = Some(answer::plan(&aws, question));
        return Ok(measured);
    }
    let now = aws.configuration(&question.function, None)?;
    let now = aws.settled(&question.function, now)?;
    let name = &question.function;
    if let Some(qualifier) = &question.qualifier {
        let qualified = aws.configuration(name, Some(qualifier))?;
        check_qualifier(name, qualifier, &qualified, &now)?;
    }
    let calls = FunctionCalls::new(&aws, (name, question.qualifier.as_deref()), &now, &event)?;
    let mut change = TemporaryChange::new(&aws, &question.function, now, console)?;
    let memories = match &question.memories[..] {
        [] => vec![change.memory()],
        memories => memories.to_vec(),
    };
    measured.wanted = question.times * u32::try_from(memories.len()).unwrap_or(u32::MAX);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        measure_all(
            question.times,
            &memories,
            &mut change,
            &calls,
            &mut measured,
            console,
        )
    }));
    let restored = process::finish(|| change.give_back());
    match outcome {
        Err(panic) => resume_unwind(panic),
        Ok(outcome) => measured.failure = first_failure(outcome, restored),
    }
    if let Some(table) = &question.csv {
        let text = table::table(table.columns, &measured.calls);
        match &table.file {
            Some(file) => atomic_write::replace(file, text.as_bytes())?,
            None => measured.table = Some(text),
        }
    }
    // A signal during the restoration has no other effect, but the run must still count as
    // interrupted.
    if measured.failure.is_none() {
        measured.failure = process::interrupted().err();
    }
    Ok(measured)
}

/// Checks that a qualifier refers to `$LATEST`, so that it follows changes of the function.
fn check_qualifier(
    name: &str,
    qualifier: &str,
    qualified: &FunctionConfiguration,
    now: &FunctionConfiguration,
) -> Result<(), Failure> {
    if qualified.version == "$LATEST" {
        return Ok(());
    }
    let what = format!(
        "{name}:{qualifier} is version {}, which cannot be changed, so that its cold starts \
         cannot be forced",
        qualified.version
    );
    let help = if qualified.code_sha256 == now.code_sha256 {
        "leave --qualifier out: the function itself has the same code"
    } else {
        "leave --qualifier out to measure the function itself, which has other code; \
             `report` tells of the cold starts that a version has had"
    };
    Err(Failure::new(ExitKind::Packaging, what).help(help))
}

/// Measures the memory sizes in turn, so that changes at AWS over time affect all of them equally.
fn measure_all(
    times: u32,
    memories: &[u32],
    change: &mut TemporaryChange<'_>,
    calls: &FunctionCalls<'_>,
    measured: &mut AwsMeasurement,
    console: &Console,
) -> anyhow::Result<()> {
    for time in 1..=times {
        for memory in memories {
            let what = format!("{} {memory} MB, {time} of {times}", measured.function);
            console.progress("Measuring", &what);
            for _ in 0..ATTEMPTS {
                change.force_cold_start(*memory)?;
                match calls.call(*memory)? {
                    CallOutcome::Cold(call) => {
                        measured.calls.push(*call);
                        break;
                    }
                    CallOutcome::Warm => measured.warm += 1,
                    CallOutcome::Failed(why) => measured.failed.push(why),
                }
            }
            // If every attempt at the first cold start fails, so will the others.
            if measured.calls.is_empty() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The kind of the first failure decides the exit code. The problems of both are reported.
fn first_failure(went: anyhow::Result<()>, back: anyhow::Result<()>) -> Option<Failure> {
    let of = |result: anyhow::Result<()>| {
        let error = result.err()?;
        Some(Failure::from_error(&error, ExitKind::Packaging))
    };
    match (of(went), of(back)) {
        (Some(mut went), Some(back)) => {
            went.problems.extend(back.problems);
            Some(went)
        }
        (went, back) => went.or(back),
    }
}

impl AwsMeasurement {
    /// Fails if cold starts are missing.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let got = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        if got >= self.wanted {
            return Ok(());
        }
        let name = &self.function;
        let mut problem = Problem::new(format!(
            "{got} of {} cold starts of {name} were measured: {} calls failed, {} were not cold",
            self.wanted,
            self.failed.len(),
            self.warm
        ));
        problem = problem.help(match self.failed.first() {
            Some(why) => format!(
                "the first that failed: {why}; give the function an event that it takes: --data"
            ),
            None => "an environment that outlives changes may be of provisioned concurrency: take \
                     that away while measuring"
                .to_owned(),
        });
        Failure::unless_empty(ExitKind::No, vec![problem])
    }
}
