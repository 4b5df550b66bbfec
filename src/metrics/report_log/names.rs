//! Names of functions that a log mentions apart from its reports.
//!
//! In: the function's name in `platform.initStart` records. Out: the name for a report
//! of the same file that has none.
//! Left to others: names in log groups and streams, which come with each message.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-initStart>

use std::collections::BTreeMap;

use crate::metrics::report_log::call::{FailedInit, ReportedCall};
use crate::metrics::report_log::prefix::MessageOrigin;

/// The function names in the `platform.initStart` records of a file.
#[derive(Debug, Default)]
pub(super) struct FunctionNames {
    /// The function of each log stream. A log without streams has the single key `None`.
    by_stream: BTreeMap<Option<String>, String>,
    /// Whether the file has records of different functions.
    are_several: bool,
}

impl FunctionNames {
    pub(super) fn learn(&mut self, name: String, origin: &MessageOrigin) {
        self.are_several |= self.by_stream.values().any(|other| *other != name);
        self.by_stream.insert(origin.stream.clone(), name);
    }

    /// The name of the function that wrote a message, as far as it is known by now.
    pub(super) fn name(&self, origin: &MessageOrigin) -> Option<String> {
        origin
            .name
            .as_ref()
            .or_else(|| self.by_stream.get(&origin.stream))
            .or_else(|| self.single())
            .cloned()
    }

    fn single(&self) -> Option<&String> {
        self.by_stream.values().next().filter(|_| !self.are_several)
    }

    /// Names the reports that came before the first such record, if the whole file is
    /// about one function.
    pub(super) fn name_unnamed(&self, calls: &mut [ReportedCall], inits: &mut [FailedInit]) {
        let Some(single) = self.single() else {
            return;
        };
        let calls = calls.iter_mut().map(|call| &mut call.name);
        let inits = inits.iter_mut().map(|init| &mut init.name);
        for name in calls.chain(inits) {
            name.get_or_insert_with(|| single.clone());
        }
    }
}
