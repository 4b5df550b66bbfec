//! The lines that Lambda itself writes to a function's log.
//!
//! In: what happened. Out: START, END, REPORT and INIT_REPORT, in Lambda's exact shape.

use std::time::Duration;

use crate::emulator::{
    FunctionError, InvocationOutcome, InvocationResult, StartFailure, StartFailureReason,
};
use crate::metrics::report_log::MeasurementSource;
use crate::metrics::report_log::ReportedCall;
use crate::ui::console::Console;

#[derive(Debug)]
pub(super) struct FunctionLog<'a> {
    console: &'a Console,
    memory_mb: u32,
    emulated: bool,
    /// What the next REPORT tells, if the function was just started.
    init: Option<Duration>,
    /// Whether it has been told that the memory would not have been enough.
    warned: bool,
}

impl<'a> FunctionLog<'a> {
    pub(super) const fn new(console: &'a Console, memory_mb: u32, emulated: bool) -> Self {
        Self {
            console,
            memory_mb,
            emulated,
            init: None,
            warned: false,
        }
    }

    pub(super) const fn init(&mut self, init: Duration) {
        self.init = Some(init);
    }

    pub(super) fn start(&self, id: &str) {
        self.console
            .log(&format!("START RequestId: {id} Version: $LATEST"));
    }

    /// What came of an event.
    pub(super) fn report(&mut self, invoked: &InvocationResult, error: Option<&FunctionError>) {
        let id = &invoked.request_id;
        if let (InvocationOutcome::TimedOut(_) | InvocationOutcome::Ended(_), Some(error)) =
            (&invoked.outcome, error)
        {
            self.console.log(&error.message);
        }
        self.console.log(&format!("END RequestId: {id}"));
        let init = self.init.take();
        self.console.log(&self.line(invoked, init));
        let used = invoked.peak_memory.filter(|_| !self.emulated);
        let limit = u64::from(self.memory_mb) << 20;
        if let Some(used) = used.filter(|used| *used > limit && !self.warned) {
            self.warned = true;
            self.console.warning(&format!(
                "it used {} MB, and Lambda would have ended it at {} MB: --memory, and MemorySize \
                 of the function",
                mb(used),
                self.memory_mb
            ));
        }
    }

    /// A REPORT line. Runtimes of our own are billed from their start. What an emulator
    /// takes is left out.
    fn line(&self, invoked: &InvocationResult, init: Option<Duration>) -> String {
        let id = &invoked.request_id;
        if self.emulated {
            return format!(
                "REPORT RequestId: {id}\tMemory Size: {} MB\t",
                self.memory_mb
            );
        }
        let took = hundredths(invoked.duration);
        let init = init.map(hundredths);
        let status = match &invoked.outcome {
            InvocationOutcome::TimedOut(_) => Some("timeout"),
            InvocationOutcome::Ended(_) => Some("error"),
            _ => None,
        };
        let ended = matches!(invoked.outcome, InvocationOutcome::Ended(_));
        let call = ReportedCall {
            source: MeasurementSource::Local,
            request_id: Some(id.clone()),
            memory_mb: Some(self.memory_mb.into()),
            duration_ms: shown(took),
            billed_ms: Some((took + init.unwrap_or_default()).div_ceil(100)),
            max_memory_mb: invoked.peak_memory.map(mb),
            init_ms: init.map(shown),
            status: status.map(str::to_owned),
            error_type: ended.then(|| "Runtime.ExitError".to_owned()),
            ..ReportedCall::default()
        };
        call.to_string()
    }

    /// A start that failed.
    pub(super) fn init_report(&self, not_ready: &StartFailure, error: &FunctionError) {
        let status = match not_ready.reason {
            StartFailureReason::TimedOut(_) => "Status: timeout".to_owned(),
            _ => format!("Status: error\tError Type: {}", error.kind),
        };
        let init = shown(hundredths(not_ready.init));
        self.console.log(&format!(
            "INIT_REPORT Init Duration: {init:.2} ms\tPhase: init\t{status}"
        ));
    }
}

/// In hundredths of a millisecond, rounded: the sum of what is shown is what is billed.
fn hundredths(duration: Duration) -> u64 {
    u64::try_from((duration.as_micros() + 5) / 10).unwrap_or(u64::MAX)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "two digits behind the point are shown"
)]
fn shown(hundredths: u64) -> f64 {
    hundredths as f64 / 100.0
}

/// Bytes in MB of 2^20, rounded up.
const fn mb(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::console::Verbosity;

    fn line(micros: u64, init: Option<u64>, outcome: InvocationOutcome, emulated: bool) -> String {
        let console = Console::new(Verbosity::Quiet);
        let invoked = InvocationResult {
            request_id: "id".to_owned(),
            outcome,
            answered: None,
            duration: Duration::from_micros(micros),
            peak_memory: Some((63 << 20) + 1),
            waits: true,
            busy_extensions: Vec::new(),
        };
        FunctionLog::new(&console, 2048, emulated).line(&invoked, init.map(Duration::from_micros))
    }

    fn response() -> InvocationOutcome {
        InvocationOutcome::Response {
            bytes: Vec::new(),
            streamed: false,
        }
    }

    #[test]
    fn a_report_has_lambdas_shape_and_bills_the_init() {
        assert_eq!(
            line(2_720, Some(166_760), response(), false),
            "REPORT RequestId: id\tDuration: 2.72 ms\tBilled Duration: 170 ms\tMemory Size: 2048 \
             MB\tMax Memory Used: 64 MB\tInit Duration: 166.76 ms\t"
        );
    }

    #[test]
    fn a_warm_report_has_no_init_and_is_billed_by_the_millisecond() {
        for (micros, billed) in [(2_720, 3), (3_000, 3), (3_001, 3), (3_010, 4)] {
            let line = line(micros, None, response(), false);
            assert!(
                line.contains(&format!("\tBilled Duration: {billed} ms\t")),
                "{line}"
            );
            assert!(!line.contains("Init"), "{line}");
        }
    }

    #[test]
    fn a_time_out_and_an_end_have_their_status() {
        let timeout = line(
            3_000_000,
            None,
            InvocationOutcome::TimedOut(Duration::from_secs(3)),
            false,
        );
        assert!(
            timeout.ends_with("\tMax Memory Used: 64 MB\tStatus: timeout"),
            "{timeout}"
        );
    }

    #[test]
    fn an_emulated_function_has_no_times() {
        assert_eq!(
            line(2_720, Some(166_760), response(), true),
            "REPORT RequestId: id\tMemory Size: 2048 MB\t"
        );
    }
}
