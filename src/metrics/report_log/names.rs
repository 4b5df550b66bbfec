//! Names of functions that a log says apart from its reports.
//!
//! In: the function's name in `platform.initStart` records. Out: the name for a report
//! of the same file that has none.
//! Absent: names in log groups and streams, which come with each message.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-initStart>

use std::collections::BTreeMap;

use crate::metrics::report_log::ReportLog;
use crate::metrics::report_log::prefix::MessageOrigin;

/// What the `platform.initStart` records of a file have said so far.
#[derive(Debug, Default)]
pub(super) struct FunctionNames {
    /// The function of each log stream; a log without streams has a single one.
    by_stream: BTreeMap<Option<String>, String>,
    /// Whether the file has records of different functions.
    are_several: bool,
}

impl FunctionNames {
    pub(super) fn learn(&mut self, name: String, origin: &MessageOrigin) {
        self.are_several |= self.by_stream.values().any(|known| *known != name);
        self.by_stream.insert(origin.stream.clone(), name);
    }

    /// The name for what has this origin.
    pub(super) fn of(&self, origin: &MessageOrigin) -> Option<String> {
        let of_stream = self.by_stream.get(&origin.stream);
        of_stream.or_else(|| self.single()).cloned()
    }

    fn single(&self) -> Option<&String> {
        self.by_stream.values().next().filter(|_| !self.are_several)
    }

    /// Names what the file says before the first such record, if all of it is about one
    /// function.
    pub(super) fn name_earlier(&self, log: &mut ReportLog, calls: usize, inits: usize) {
        let Some(name) = self.single() else {
            return;
        };
        let calls = log.calls[calls..].iter_mut().map(|call| &mut call.name);
        let inits = log.inits[inits..].iter_mut().map(|init| &mut init.name);
        for unnamed in calls.chain(inits).filter(|known| known.is_none()) {
            *unnamed = Some(name.clone());
        }
    }
}
