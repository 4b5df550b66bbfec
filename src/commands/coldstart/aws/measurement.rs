//! The types of a measurement on AWS: its options and its result.

use std::path::PathBuf;

use crate::aws::AwsOptions;
use crate::commands::invoke::EventSource;
use crate::metrics::report_log::ReportedCall;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AwsColdstartOptions {
    /// The function: its name or ARN, without a qualifier.
    pub function: String,
    /// The alias that is called. It must refer to `$LATEST`.
    pub qualifier: Option<String>,
    /// The number of cold starts for each memory size.
    pub times: u32,
    /// Distinct memory sizes in MB. If empty, the function's own.
    pub memories: Vec<u32>,
    pub event: EventSource,
    /// Whether to show the commands without running them.
    pub dry_run: bool,
    /// The table to write, if any.
    pub csv: Option<ColdstartTable>,
    pub account: AwsOptions,
}

/// A table of all cold starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColdstartTable {
    /// Its file, absolute. Without one, it goes to stdout.
    pub file: Option<PathBuf>,
    /// Its columns, a subset of [`FULL`](crate::metrics::report_log::table::FULL).
    pub columns: &'static [&'static str],
}

#[derive(Debug, Default)]
pub(crate) struct AwsMeasurement {
    pub(super) function: String,
    /// The number of requested cold starts.
    pub(super) wanted: u32,
    pub(super) calls: Vec<ReportedCall>,
    /// The number of calls that reached an existing environment.
    pub(super) warm: u32,
    /// Why calls failed, in order.
    pub(super) failed: Vec<String>,
    /// Why the measurement ended early or the function could not be restored.
    pub(super) failure: Option<Failure>,
    /// The cold starts as a table, if it goes to stdout.
    pub(super) table: Option<String>,
    /// The commands of `--dry-run`.
    pub(super) planned: Option<String>,
}

impl AwsMeasurement {
    /// Fails if cold starts are missing.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let got = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        if got >= self.wanted {
            return Ok(());
        }
        let name = &self.function;
        let mut problem = Problem::new(format!(
            "measured only {got} of {} cold starts of {name}: {} calls failed, {} were not cold",
            self.wanted,
            self.failed.len(),
            self.warm
        ));
        problem = problem.help(match self.failed.first() {
            Some(why) => format!(
                "pass an event that the function accepts with `--data`; the first failed call: \
                 {why}"
            ),
            None => "remove provisioned concurrency while you measure, because its environments \
                     can outlive changes"
                .to_owned(),
        });
        Failure::unless_empty(ExitKind::No, vec![problem])
    }
}
