//! One cold start: from a packed function to what its start took.

use std::time::Duration;

use crate::commands::coldstart::local::ms;
use crate::commands::invoke::ReadyFunction;
use crate::emulator::{
    InvocationOutcome, InvocationResult, RunningFunction, StartFailure, StartOutcome,
};
use crate::metrics::statistics::median;
use crate::ui::console::Console;
use crate::ui::failure::Failure;

/// What one cold start took.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StartSample {
    /// From the start of the process to its first question for an event, in ms.
    pub(super) init_ms: f64,
    /// From the first event to its response, in ms.
    pub(super) first_ms: f64,
    /// The median of the same of the events after it, in ms.
    pub(super) warm_ms: Option<f64>,
    /// Processor time of init and first event, in ms.
    pub(super) cpu_ms: Option<f64>,
    /// The most memory until then, in bytes.
    pub(super) peak: Option<u64>,
    /// Pages that were in memory already.
    pub(super) minor_faults: Option<u64>,
    /// Pages that were read from a disk.
    pub(super) major_faults: Option<u64>,
    /// The function's own error, where it answered with one.
    pub(super) error: Option<String>,
}

/// How many events follow the first.
const WARM: usize = 5;

/// Starts a function, gives it events, and ends it.
pub(super) fn start(
    ready: &ReadyFunction,
    event: &[u8],
    timeout: Duration,
    console: &Console,
) -> anyhow::Result<StartSample> {
    let mut function = match ready.start()? {
        StartOutcome::Running(function) => function,
        StartOutcome::Failed(not_ready) => return Err(not_begun(ready, &not_ready, console).into()),
    };
    let first = function.invoke(event, timeout)?;
    let used = function.used();
    let mut error = answer(ready, &first, &function)?;
    let mut warm = Vec::new();
    let mut waits = first.waits;
    while waits && warm.len() < WARM {
        let next = function.invoke(event, timeout)?;
        error = error.or(answer(ready, &next, &function)?);
        waits = next.waits;
        warm.push(took(&next));
    }
    Ok(StartSample {
        init_ms: ms(function.init()),
        first_ms: took(&first),
        warm_ms: median(&warm),
        // A kernel that does not account for it has none for anybody.
        cpu_ms: used.map(|used| ms(used.cpu)).filter(|ms| *ms > 0.0),
        peak: first.peak_memory,
        minor_faults: used.map(|used| used.minor_faults),
        major_faults: used.map(|used| used.major_faults),
        error,
    })
}

/// To the response; what the function does after it is not waited for by anybody.
fn took(invoked: &InvocationResult) -> f64 {
    ms(invoked.answered.unwrap_or(invoked.duration))
}

fn not_begun(ready: &ReadyFunction, not_ready: &StartFailure, console: &Console) -> Failure {
    for line in &not_ready.last_output {
        console.log(line);
    }
    ready.explain(not_ready, &not_ready.error(&StartFailure::request_id()))
}

/// The function's own error, which is an answer; whatever else is none ends it all.
fn answer(
    ready: &ReadyFunction,
    invoked: &InvocationResult,
    function: &RunningFunction,
) -> anyhow::Result<Option<String>> {
    let error = invoked.error();
    match (&invoked.outcome, error) {
        (InvocationOutcome::Response { .. }, _) | (_, None) => Ok(None),
        (InvocationOutcome::Error(_), Some(error)) => Ok(Some(error.message)),
        (_, Some(error)) => Err(ready
            .explain_event(invoked, &error, &function.last_output())
            .into()),
    }
}
