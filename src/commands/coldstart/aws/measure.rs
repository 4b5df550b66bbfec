//! Runs the measurement and restores the function on every path.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::aws::Aws;
use crate::aws::function::FunctionConfiguration;
use crate::commands::coldstart::aws::answer;
use crate::commands::coldstart::aws::call::{CallOutcome, FunctionCalls};
use crate::commands::coldstart::aws::measurement::{AwsColdstartOptions, AwsMeasurement};
use crate::commands::coldstart::aws::temporary_change::TemporaryChange;
use crate::commands::invoke;
use crate::fs::atomic_write;
use crate::metrics::report_log::table;
use crate::system::host::Host;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// The maximum number of attempts for each cold start.
const ATTEMPTS: u32 = 3;

pub(crate) fn measure(
    options: &AwsColdstartOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<AwsMeasurement> {
    let file = options.csv.as_ref().and_then(|table| table.file.as_ref());
    if let Some(folder) = file.and_then(|file| file.parent())
        && !folder.is_dir()
    {
        let what = format!("`--csv`: the folder `{}` does not exist", folder.display());
        let help = "create it, or pass a file in another folder";
        return Err(Failure::new(ExitKind::Usage, what).help(help).into());
    }
    let event = invoke::read(&options.event)?;
    let aws = Aws::find(&options.account, host, console)?;
    let mut measured = AwsMeasurement {
        function: options.function.clone(),
        ..AwsMeasurement::default()
    };
    if options.dry_run {
        measured.planned = Some(answer::plan(&aws, options));
        return Ok(measured);
    }
    let now = aws.configuration(&options.function, None)?;
    let now = aws.wait_for_success(&options.function, now)?;
    let name = &options.function;
    if let Some(qualifier) = &options.qualifier {
        let qualified = aws.configuration(name, Some(qualifier))?;
        check_qualifier(name, qualifier, &qualified, &now)?;
    }
    let calls = FunctionCalls::new(&aws, (name, options.qualifier.as_deref()), &now, &event)?;
    let mut change = TemporaryChange::new(&aws, &options.function, now, console)?;
    let memories = match &options.memories[..] {
        [] => vec![change.memory()],
        memories => memories.to_vec(),
    };
    measured.wanted = options.times * u32::try_from(memories.len()).unwrap_or(u32::MAX);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        measure_all(
            options.times,
            &memories,
            &mut change,
            &calls,
            &mut measured,
            console,
        )
    }));
    let restored = process::run_cleanup(|| change.give_back());
    match outcome {
        Err(panic) => resume_unwind(panic),
        Ok(outcome) => measured.failure = first_failure(outcome, restored),
    }
    if let Some(table) = &options.csv {
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
        "cannot force cold starts of {name}:{qualifier} because it is version {}, which cannot be \
         changed",
        qualified.version
    );
    let help = if qualified.code_sha256 == now.code_sha256 {
        "omit `--qualifier`; the function itself has the same code"
    } else {
        "omit `--qualifier` to measure the function itself, which has other code, or use \
         `cargo lambdapack report` to see past cold starts of the version"
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
