//! The events that parsers find in a log.

use crate::metrics::report_log::call::{FailedInit, ReportedCall};
use crate::metrics::report_log::prefix::MessageOrigin;

#[derive(Debug)]
pub(super) enum LogEvent {
    Call(ReportedCall, MessageOrigin),
    FailedInit(FailedInit, MessageOrigin),
    /// The name of the function whose log stream this is.
    FunctionName(String, MessageOrigin),
    /// A message inside of another one. It can have any format, and is parsed again.
    Message(String, MessageOrigin),
    /// A report that only Lambda's local emulator writes like this. Its call follows.
    WrittenByEmulator,
    /// A row of Logs Insights that has neither a duration nor a message.
    RowWithoutDuration,
    /// Text that looks like a report, and why it cannot be parsed.
    Unreadable(String),
}

/// Receives the events of a parser, in the order of the log.
pub(super) type EventSink<'a> = dyn FnMut(LogEvent) + 'a;

impl LogEvent {
    pub(super) fn from_call(call: Result<ReportedCall, String>, origin: &MessageOrigin) -> Self {
        match call {
            Ok(call) => Self::Call(call, origin.clone()),
            Err(why) => Self::Unreadable(why),
        }
    }

    pub(super) fn from_init(init: Result<FailedInit, String>, origin: &MessageOrigin) -> Self {
        match init {
            Ok(init) => Self::FailedInit(init, origin.clone()),
            Err(why) => Self::Unreadable(why),
        }
    }
}
