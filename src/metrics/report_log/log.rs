//! The result of reading logs.

use std::collections::HashSet;

use crate::metrics::report_log::call::{FailedInit, ReportedCall};

/// Everything that was found in one or more files.
#[derive(Debug, Clone, Default)]
pub struct ReportLog {
    /// The calls without repetitions, in the order in which they were read.
    pub calls: Vec<ReportedCall>,
    /// Inits with a report of their own. Lambda writes one only if the init failed.
    pub inits: Vec<FailedInit>,
    /// Reports that cannot be parsed; only the first [`ReportLog::MOST_UNREAD`].
    pub unread: Vec<UnreadReport>,
    /// The number of all reports that cannot be read.
    pub unread_count: u64,
    /// The number of calls that were left out because they had been read before.
    pub repeated: u64,
    /// Non-fatal problems to report to the user.
    pub warnings: Vec<String>,
    /// The request ID and the numbers of each call that has a request ID.
    seen: HashSet<(String, [u64; 4])>,
}

/// Text that looks like a report and cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadReport {
    /// The name of the file, as the user passed it.
    pub file: String,
    /// The line in the file, from 1.
    pub line: u64,
    pub why: String,
}

impl ReportLog {
    /// How many unreadable reports are listed one by one.
    pub(crate) const MOST_UNREAD: usize = 10;

    /// Adds a call, unless it has been added before.
    ///
    /// A retried request keeps its ID, so the same ID with other numbers is another call.
    pub(super) fn add_call(&mut self, call: ReportedCall) {
        if let Some(id) = &call.request_id {
            let bits = |ms: Option<f64>| ms.map_or(u64::MAX, f64::to_bits);
            let numbers = [
                bits(Some(call.duration_ms)),
                call.billed_ms.unwrap_or(u64::MAX),
                bits(call.init_ms),
                call.memory_mb.unwrap_or(u64::MAX),
            ];
            if !self.seen.insert((id.clone(), numbers)) {
                self.repeated += 1;
                return;
            }
        }
        self.calls.push(call);
    }

    pub(super) fn add_unread(&mut self, unread: UnreadReport) {
        self.unread_count += 1;
        if self.unread.len() < Self::MOST_UNREAD {
            self.unread.push(unread);
        }
    }
}
