//! What Lambda reports of each call, read from logs and written again.
//!
//! In: `REPORT` and `INIT_REPORT` lines and the JSON records that say the same, in
//! whatever they come: plain lines, what the `aws` and `sam` tools print, answers of
//! CloudWatch, Insights and `Invoke`, pasted consoles, and tables of our own. Out: a
//! [`ReportLog`] of [`ReportedCall`]s. What looks like a report and cannot be read is told, too.
//! Absent: files and questions to AWS, and what the numbers mean.

mod bytes;
mod call;
mod clean;
mod fields;
mod input;
mod insights;
mod json;
mod names;
mod platform;
mod prefix;
pub(crate) mod table;
mod text;
mod time;

use std::collections::HashSet;
use std::io::{self, BufRead};

pub use crate::metrics::report_log::call::ReportedCall;
pub(crate) use crate::metrics::report_log::call::{FailedInit, MeasurementSource};
pub(crate) use crate::metrics::report_log::time::Timestamp;

#[derive(Debug, Clone, Default)]
pub struct ReportLog {
    /// The calls, in the order in which they were read, none twice.
    pub calls: Vec<ReportedCall>,
    /// Inits that had a report of their own: those that failed.
    pub inits: Vec<FailedInit>,
    /// What looks like a report and cannot be read; the first [`ReportLog::MOST_UNREAD`].
    pub unread: Vec<UnreadReport>,
    /// How many there were in all.
    pub unread_count: u64,
    /// How many calls were left out because they had been read already.
    pub repeated: u64,
    /// What should be looked at.
    pub warnings: Vec<String>,
    /// What the calls that can be told apart are told apart by.
    seen: HashSet<(String, [u64; 4])>,
}

/// Something that looks like a report and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadReport {
    /// The file, as it was named.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    pub why: String,
}

impl ReportLog {
    /// How many of those that cannot be read are told one by one.
    pub(crate) const MOST_UNREAD: usize = 10;

    /// Reads a file to its end, a line at a time: only what is found is kept.
    ///
    /// `file` is its name for messages.
    pub fn read(&mut self, file: &str, input: impl BufRead) -> io::Result<()> {
        input::read(self, file, input)
    }

    /// What is in a text.
    pub fn of_text(text: &str) -> Self {
        let mut log = Self::default();
        if let Err(error) = log.read("text", text.as_bytes()) {
            log.warnings.push(error.to_string());
        }
        log
    }

    /// What is in the `LogResult` that `Invoke` answers when it is asked for the tail
    /// of the log: up to 4 KB of it in base64.
    pub(crate) fn of_log_result(base64: &str) -> Result<Self, String> {
        let bytes = text::decoded(base64).ok_or("the LogResult is not base64")?;
        Ok(Self::of_text(&String::from_utf8_lossy(&bytes)))
    }

    /// Takes a call, unless it is there already.
    ///
    /// A request that Lambda tries again keeps its id, so that the same id with other
    /// numbers is another call.
    fn add(&mut self, call: ReportedCall) {
        if let Some(id) = &call.request_id {
            let number = |ms: Option<f64>| ms.map_or(u64::MAX, f64::to_bits);
            let numbers = [
                number(Some(call.duration_ms)),
                call.billed_ms.unwrap_or(u64::MAX),
                number(call.init_ms),
                call.memory_mb.unwrap_or(u64::MAX),
            ];
            if !self.seen.insert((id.clone(), numbers)) {
                self.repeated += 1;
                return;
            }
        }
        self.calls.push(call);
    }

    fn cannot_read(&mut self, unread: UnreadReport) {
        self.unread_count += 1;
        if self.unread.len() < Self::MOST_UNREAD {
            self.unread.push(unread);
        }
    }
}

#[cfg(test)]
mod tests;
