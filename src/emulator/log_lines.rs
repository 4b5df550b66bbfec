//! Lambda's own lines in a function's log.
//!
//! In: starts and results of invocations. Out: START, END, REPORT, and INIT_REPORT lines, in
//! Lambda's exact format.

use std::time::Duration;

use crate::emulator::{
    FunctionError, InvocationOutcome, InvocationResult, StartFailure, StartFailureReason,
};
use crate::metrics::report_log::{MeasurementSource, ReportedCall};

/// The line before an invocation.
pub(crate) fn start_line(request_id: &str) -> String {
    format!("START RequestId: {request_id} Version: $LATEST")
}

/// The lines after an invocation.
pub(crate) fn end_lines(
    result: &InvocationResult,
    memory_mb: u32,
    is_emulated: bool,
) -> Vec<String> {
    let mut lines = Vec::new();
    if matches!(
        result.outcome,
        InvocationOutcome::TimedOut(_) | InvocationOutcome::Ended(_)
    ) {
        lines.extend(result.error().map(|error| error.message));
    }
    lines.push(format!("END RequestId: {}", result.request_id));
    lines.push(report_line(result, memory_mb, is_emulated));
    lines
}

/// The REPORT line. The init of custom runtimes is billed. Times of an emulator are left
/// out, because they are meaningless.
fn report_line(result: &InvocationResult, memory_mb: u32, is_emulated: bool) -> String {
    let id = &result.request_id;
    if is_emulated {
        return format!("REPORT RequestId: {id}\tMemory Size: {memory_mb} MB\t");
    }
    let duration = hundredths(result.duration);
    let init = result.init.map(hundredths);
    let status = match &result.outcome {
        InvocationOutcome::TimedOut(_) => Some("timeout"),
        InvocationOutcome::Ended(_) => Some("error"),
        _ => None,
    };
    let has_ended = matches!(result.outcome, InvocationOutcome::Ended(_));
    let call = ReportedCall {
        source: MeasurementSource::Local,
        request_id: Some(id.clone()),
        memory_mb: Some(memory_mb.into()),
        duration_ms: from_hundredths(duration),
        billed_ms: Some(billed_ms(result.duration, result.init)),
        max_memory_mb: result.peak_memory.map(mb),
        init_ms: init.map(from_hundredths),
        status: status.map(str::to_owned),
        error_type: has_ended.then(|| "Runtime.ExitError".to_owned()),
        ..ReportedCall::default()
    };
    call.to_string()
}

/// The line for a start that failed.
pub(crate) fn init_report_line(failure: &StartFailure, error: &FunctionError) -> String {
    let status = match failure.reason {
        StartFailureReason::TimedOut(_) => "Status: timeout".to_owned(),
        _ => format!("Status: error\tError Type: {}", error.kind),
    };
    let init = from_hundredths(hundredths(failure.init));
    format!("INIT_REPORT Init Duration: {init:.2} ms\tPhase: init\t{status}")
}

/// The billed duration of an invocation in milliseconds, with the init before it.
pub(super) fn billed_ms(duration: Duration, init: Option<Duration>) -> u64 {
    let init = init.map_or(0, hundredths);
    hundredths(duration).saturating_add(init).div_ceil(100)
}

/// Rounds a duration as in the REPORT line.
pub(super) fn rounded(duration: Duration) -> Duration {
    Duration::from_micros(hundredths(duration).saturating_mul(10))
}

/// Rounds to hundredths of a millisecond, as in the REPORT line, so that the billed duration
/// is the sum of the printed numbers.
fn hundredths(duration: Duration) -> u64 {
    u64::try_from((duration.as_micros() + 5) / 10).unwrap_or(u64::MAX)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "only two digits after the point are printed"
)]
fn from_hundredths(hundredths: u64) -> f64 {
    hundredths as f64 / 100.0
}

/// Converts bytes to MB of 2^20 bytes, rounded up.
pub(crate) const fn mb(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(
        micros: u64,
        init: Option<u64>,
        outcome: InvocationOutcome,
        is_emulated: bool,
    ) -> String {
        let result = InvocationResult {
            request_id: "id".to_owned(),
            outcome,
            answered: None,
            duration: Duration::from_micros(micros),
            peak_memory: Some((63 << 20) + 1),
            waits: true,
            busy_extensions: Vec::new(),
            was_delivered: true,
            init: init.map(Duration::from_micros),
        };
        report_line(&result, 2048, is_emulated)
    }

    fn response() -> InvocationOutcome {
        InvocationOutcome::Response {
            bytes: bytes::Bytes::new(),
            streamed: false,
        }
    }

    #[test]
    fn a_cold_report_has_lambdas_format_and_bills_the_init() {
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
    fn a_timeout_has_a_status() {
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
    fn a_report_of_an_emulated_function_has_no_times() {
        assert_eq!(
            line(2_720, Some(166_760), response(), true),
            "REPORT RequestId: id\tMemory Size: 2048 MB\t"
        );
    }
}
