//! Parses messages that are text: reports, and logs in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;

use crate::metrics::report_log::event::{EventSink, LogEvent};
use crate::metrics::report_log::prefix::MessageOrigin;
use crate::metrics::report_log::report_line;

const REPORT: &str = "REPORT RequestId:";

/// The shortest base64 that can hold a report. `REPORT` alone has 8 characters in base64,
/// and a report line never has fewer than 60.
const SHORTEST_LOG_RESULT: usize = 60;

/// Parses a message that is one line of text.
pub(super) fn parse(message: &str, origin: &MessageOrigin, emit: &mut EventSink<'_>) {
    // The quote is the end of a CSV cell.
    let message = message.trim().trim_end_matches('"');
    match message.split_whitespace().next() {
        Some("REPORT") if is_report(message) => {
            let call = report_line::parse_call(message);
            if call.is_ok() && is_emulated(message) {
                emit(LogEvent::WrittenByEmulator);
            }
            emit(LogEvent::from_call(call, origin));
        }
        Some("INIT_REPORT") if message.contains("Init Duration:") => {
            emit(LogEvent::from_init(
                report_line::parse_init(message),
                origin,
            ));
        }
        _ if message.contains(REPORT) => emit(LogEvent::Unreadable(
            "the text before `REPORT` is not a time, a log stream, or a log group".to_owned(),
        )),
        // The output of `aws lambda invoke --query LogResult --output text`.
        _ if message.len() >= SHORTEST_LOG_RESULT => {
            if let Some(log) = decode_base64(message) {
                emit(LogEvent::Message(log, origin.clone()));
            }
        }
        _ => {}
    }
}

fn is_report(message: &str) -> bool {
    message.split_whitespace().nth(1) == Some("RequestId:")
}

/// Returns true if the init comes before the duration, as only the local emulator writes it.
fn is_emulated(message: &str) -> bool {
    message.split_whitespace().nth(3) == Some("Init")
}

/// Decodes text in base64, with or without padding.
pub(super) fn decode_base64(base64: &str) -> Option<String> {
    let bytes = STANDARD_PAD_INDIFFERENT.decode(base64.trim()).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
