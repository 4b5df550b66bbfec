//! Decides whether a message is text or JSON, and passes it to the parser.
//!
//! Left to others: messages inside of this one, which are [`LogEvent::Message`]s.
//!
//! [`LogEvent::Message`]: crate::metrics::report_log::event::LogEvent::Message

use std::borrow::Cow;

use serde_json::{Deserializer, Value};

use crate::metrics::report_log::event::EventSink;
use crate::metrics::report_log::prefix::{self, MessageOrigin};
use crate::metrics::report_log::{json, text};

/// JSON that does not end on the line on which it starts.
pub(super) struct OpenJson {
    /// The part on that line.
    pub(super) start: String,
    pub(super) origin: MessageOrigin,
}

/// Parses a whole message, which can be JSON or lines of text.
pub(super) fn parse(message: &str, origin: &MessageOrigin, emit: &mut EventSink<'_>) {
    match serde_json::from_str::<Value>(message) {
        Ok(value) if value.is_object() || value.is_array() => {
            json::parse_value(&value, origin, emit);
        }
        _ => {
            for line in message.lines() {
                // JSON over several lines inside of a text is never a report of Lambda.
                let _ = parse_line(line, false, origin.clone(), emit);
            }
        }
    }
}

/// Parses one line. Returns JSON that continues on the next line, if there is any.
///
/// If `is_cut`, the line is longer than `line`.
pub(super) fn parse_line(
    line: &str,
    is_cut: bool,
    mut origin: MessageOrigin,
    emit: &mut EventSink<'_>,
) -> Option<OpenJson> {
    let message = prefix::strip(line, &mut origin);
    if !message.starts_with(['{', '[']) {
        text::parse(message, &origin, emit);
        return None;
    }
    if is_cut {
        return Some(OpenJson {
            start: message.to_owned(),
            origin,
        });
    }
    // CSV doubles the quotes of JSON in a cell.
    let message = if message.starts_with("{\"\"") {
        Cow::Owned(message.replace("\"\"", "\""))
    } else {
        Cow::Borrowed(message)
    };
    let mut values = Deserializer::from_str(&message).into_iter::<Value>();
    loop {
        let start = values.byte_offset();
        match values.next() {
            None => return None,
            Some(Ok(value)) => json::parse_value(&value, &origin, emit),
            Some(Err(error)) if error.is_eof() => {
                let start = message[start..].to_owned();
                return Some(OpenJson { start, origin });
            }
            Some(Err(_)) => {
                // It only began like JSON, as does much that functions print.
                text::parse(&message[start..], &origin, emit);
                return None;
            }
        }
    }
}
