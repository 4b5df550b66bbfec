//! Cold starts of a function on AWS, as Lambda reports them.
//!
//! In: a function's name, how often, and with what memory. Out: [`AwsMeasurement`], a
//! [`ReportedCall`] for each cold start. Each is forced by one more variable, whose value is
//! never the same, and by the memory; both are taken back on every way out: at the end,
//! after an error, a panic, Ctrl-C and SIGTERM. The report comes with the answer to
//! the call, so that no log is read, and none is deleted.
//! Absent: published versions, which cannot be changed, and aliases of them; and starts after a
//! long rest, which take longer than forced ones do (maxday/lambda-perf#276).

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

/// What is to be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AwsColdstartOptions {
    /// The function: its name or ARN, without a qualifier.
    pub function: String,
    /// The alias that is called; it has to stand for `$LATEST`.
    pub qualifier: Option<String>,
    /// How many cold starts with each memory.
    pub times: u32,
    /// Memory in MB, each once; what the function has where empty.
    pub memories: Vec<u32>,
    pub event: EventSource,
    /// Whether commands are shown and nothing is run.
    pub dry_run: bool,
    /// Where the table goes.
    pub csv: Option<ColdstartTable>,
    pub account: AwsOptions,
}

/// A table of all cold starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColdstartTable {
    /// Its file, absolute; stdout where there is none.
    pub file: Option<PathBuf>,
    /// Its columns, of those that [`table::FULL`] names.
    pub columns: &'static [&'static str],
}

/// How often a cold start is tried for before it is missing.
const ATTEMPTS: u32 = 3;

#[derive(Debug, Default)]
pub(crate) struct AwsMeasurement {
    function: String,
    /// How many cold starts were wanted.
    wanted: u32,
    calls: Vec<ReportedCall>,
    /// How many calls found an environment that was there.
    warm: u32,
    /// Why calls failed, in their order.
    failed: Vec<String>,
    /// What ended it early, or could not be put back.
    failure: Option<Failure>,
    /// The cold starts as a table, where that goes to stdout.
    table: Option<String>,
    /// What would be run, of `--dry-run`.
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
    let now = aws.wait_for_success(&question.function, now)?;
    let name = &question.function;
    if let Some(qualifier) = &question.qualifier {
        let of = aws.configuration(name, Some(qualifier))?;
        changeable(name, qualifier, &of, &now)?;
    }
    let calls = FunctionCalls::new(&aws, (name, question.qualifier.as_deref()), &now, &event)?;
    let mut borrowed = TemporaryChange::take(&aws, &question.function, now, console)?;
    let memories = match &question.memories[..] {
        [] => vec![borrowed.memory()],
        memories => memories.to_vec(),
    };
    measured.wanted = question.times * u32::try_from(memories.len()).unwrap_or(u32::MAX);
    let went = catch_unwind(AssertUnwindSafe(|| {
        all(
            question.times,
            &memories,
            &mut borrowed,
            &calls,
            &mut measured,
            console,
        )
    }));
    let back = process::finish(|| borrowed.give_back());
    match went {
        Err(panic) => resume_unwind(panic),
        Ok(went) => measured.failure = both(went, back),
    }
    if let Some(table) = &question.csv {
        let text = table::table(table.columns, &measured.calls);
        match &table.file {
            Some(file) => atomic_write::replace(file, text.as_bytes())?,
            None => measured.table = Some(text),
        }
    }
    // Told to end while it was put back, with nothing wrong: it is an end all the same.
    if measured.failure.is_none() {
        measured.failure = process::interrupted().err();
    }
    Ok(measured)
}

/// Whether what a qualifier stands for follows changes of the function.
fn changeable(
    name: &str,
    qualifier: &str,
    of: &FunctionConfiguration,
    now: &FunctionConfiguration,
) -> Result<(), Failure> {
    if of.version == "$LATEST" {
        return Ok(());
    }
    let what = format!(
        "{name}:{qualifier} is version {}, which cannot be changed, so that its cold starts \
         cannot be forced",
        of.version
    );
    let same = of.code_sha256 == now.code_sha256;
    Err(Failure::new(ExitKind::Packaging, what).help(match same {
        true => "leave --qualifier out: the function itself has the same code",
        false => {
            "leave --qualifier out to measure the function itself, which has other code; \
             `report` tells of the cold starts that a version has had"
        }
    }))
}

/// One after the other, the memories in turn: what changes at AWS meanwhile changes
/// all of them alike.
fn all(
    times: u32,
    memories: &[u32],
    borrowed: &mut TemporaryChange<'_>,
    calls: &FunctionCalls<'_>,
    measured: &mut AwsMeasurement,
    console: &Console,
) -> anyhow::Result<()> {
    for time in 1..=times {
        for memory in memories {
            let what = format!("{} {memory} MB, {time} of {times}", measured.function);
            console.progress("Measuring", &what);
            for _ in 0..ATTEMPTS {
                borrowed.cool(*memory)?;
                match calls.call(*memory)? {
                    CallOutcome::Cold(call) => {
                        measured.calls.push(*call);
                        break;
                    }
                    CallOutcome::Warm => measured.warm += 1,
                    CallOutcome::Failed(why) => measured.failed.push(why),
                }
            }
            // What fails from the beginning is not going to get better.
            if measured.calls.is_empty() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What went wrong first decides; all of it is told.
fn both(went: anyhow::Result<()>, back: anyhow::Result<()>) -> Option<Failure> {
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
    /// Whether all that was wanted was measured.
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
