//! Messages that are text: is it a report, and what does it say?

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;

use crate::metrics::report_log::fields;
use crate::metrics::report_log::input::LogReader;
use crate::metrics::report_log::prefix::MessageOrigin;

const REPORT: &str = "REPORT RequestId:";

impl LogReader<'_> {
    /// Takes a message that is one line of text.
    pub(super) fn text(&mut self, message: &str, origin: &MessageOrigin) {
        // What a CSV file had around it.
        let message = message.trim().trim_end_matches('"');
        match message.split_whitespace().next() {
            Some("REPORT") if is_report(message) => match fields::call(message) {
                Ok(call) => {
                    self.is_emulated |= is_emulated(message);
                    self.call(call, origin);
                }
                Err(why) => self.cannot_read(why),
            },
            Some("INIT_REPORT") if message.contains("Init Duration:") => {
                match fields::init(message) {
                    Ok(init) => self.init(init, origin),
                    Err(why) => self.cannot_read(why),
                }
            }
            _ if message.contains(REPORT) => self.cannot_read(
                "before `REPORT` stands something that is no time, log stream or log group"
                    .to_owned(),
            ),
            _ => self.log_result(message, origin),
        }
    }

    /// Takes what `aws lambda invoke --query LogResult --output text` prints.
    fn log_result(&mut self, message: &str, origin: &MessageOrigin) {
        // "REPORT" alone has 8 characters in base64, and its line never fewer than 60.
        if message.len() >= 60
            && let Some(bytes) = decoded(message)
        {
            self.message(&String::from_utf8_lossy(&bytes), origin);
        }
    }
}

fn is_report(message: &str) -> bool {
    message.split_whitespace().nth(1) == Some("RequestId:")
}

/// Only the local emulator tells of the init before the duration.
fn is_emulated(message: &str) -> bool {
    message.split_whitespace().nth(3) == Some("Init")
}

/// Base64, with or without its padding.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD_PAD_INDIFFERENT.decode(text.trim()).ok()
}
