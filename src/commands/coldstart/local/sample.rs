//! Measures one cold start of a packaged function.

use std::time::Duration;

use crate::commands::invoke::ReadyFunction;
use crate::emulator::{
    InvocationOutcome, InvocationResult, RunningFunction, StartFailure, StartOutcome,
};
use crate::metrics::statistics::median;
use crate::ui::console::Console;
use crate::ui::failure::Failure;

/// The figures of one cold start.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StartSample {
    /// From the start of the process to its first request for an event, in ms.
    pub(super) init_ms: f64,
    /// From the first event to its response, in ms.
    pub(super) first_ms: f64,
    /// The median of the same time for the following events, in ms.
    pub(super) warm_ms: Option<f64>,
    /// Processor time of init and the first event, in ms.
    pub(super) cpu_ms: Option<f64>,
    /// Peak memory until then, in bytes.
    pub(super) peak: Option<u64>,
    /// Page faults that needed no disk access.
    pub(super) minor_faults: Option<u64>,
    /// Page faults that read from the disk.
    pub(super) major_faults: Option<u64>,
    /// The function's own error, if it responded with one.
    pub(super) error: Option<String>,
}

impl StartSample {
    /// The billed duration that a REPORT line would show for this start.
    pub(super) fn billed_ms(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "durations are positive, and below a day"
        )]
        let billed = (self.init_ms + self.first_ms).ceil() as u64;
        billed
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// How many events follow the first one.
const WARM: usize = 5;

/// Starts a function, sends it events, and stops it.
pub(super) fn start(
    ready: &ReadyFunction,
    event: &[u8],
    timeout: Duration,
    console: &Console,
) -> anyhow::Result<StartSample> {
    let mut function = match ready.start()? {
        StartOutcome::Running(function) => function,
        StartOutcome::Failed(not_ready) => {
            return Err(start_failure(ready, &not_ready, console).into());
        }
    };
    let first = function.invoke(event, timeout)?;
    let used = function.used();
    let mut error = function_error(ready, &first, &function)?;
    let mut warm = Vec::new();
    let mut waits = first.waits;
    while waits && warm.len() < WARM {
        let next = function.invoke(event, timeout)?;
        error = error.or(function_error(ready, &next, &function)?);
        waits = next.waits;
        warm.push(response_ms(&next));
    }
    Ok(StartSample {
        init_ms: ms(function.init()),
        first_ms: response_ms(&first),
        warm_ms: median(&warm),
        // A kernel without this accounting reports 0.
        cpu_ms: used.map(|used| ms(used.cpu)).filter(|ms| *ms > 0.0),
        peak: first.peak_memory,
        minor_faults: used.map(|used| used.minor_faults),
        major_faults: used.map(|used| used.major_faults),
        error,
    })
}

/// The time until the response. What the function does afterwards does not delay the caller.
fn response_ms(invoked: &InvocationResult) -> f64 {
    ms(invoked.answered.unwrap_or(invoked.duration))
}

fn start_failure(ready: &ReadyFunction, not_ready: &StartFailure, console: &Console) -> Failure {
    for line in &not_ready.last_output {
        console.log(line);
    }
    ready.explain(not_ready, &not_ready.error(&StartFailure::request_id()))
}

/// The function's own error counts as a response. Any other missing response ends the measurement.
fn function_error(
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
