//! Reads Lambda's report about each invocation from logs, and writes the reports as tables.
//!
//! In: `REPORT` and `INIT_REPORT` lines and the JSON records with the same content, in any
//! of these forms: plain lines, output of the `aws` and `sam` tools, responses of CloudWatch
//! Logs, Logs Insights, and `Invoke`, pasted consoles, and our own tables.
//! Out: a [`ReportLog`] of [`ReportedCall`]s, and the reports that could not be parsed.
//! Left to others: opening files, calling AWS, and interpreting the numbers.
//!
//! Data flows one way. Each format has a parser that takes text and returns
//! [`event::LogEvent`]s: [`text`], [`json`] (with [`platform`]), [`insights`], and
//! [`table`]. [`message`] decides between text and JSON. The [`reader`] feeds lines to the
//! parsers and collects their events in the [`log`].

mod call;
mod clean;
mod event;
mod insights;
mod json;
mod line_input;
mod log;
mod message;
mod names;
mod platform;
mod prefix;
mod reader;
mod report_line;
pub(crate) mod table;
mod text;
mod time;

pub use crate::metrics::report_log::call::ReportedCall;
pub(crate) use crate::metrics::report_log::call::{FailedInit, MeasurementSource};
pub use crate::metrics::report_log::log::ReportLog;
pub(crate) use crate::metrics::report_log::time::Timestamp;

#[cfg(test)]
mod tests;
