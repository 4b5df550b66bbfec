//! The types of a measurement: its options, the machine, and the result.

use std::path::PathBuf;

use serde::Serialize;

use crate::commands::coldstart::local::figures::Candidate;
use crate::commands::invoke;
use crate::metrics::statistics::Ratio;
use crate::system::host::Host;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LocalColdstartOptions {
    /// The zips and the event. The number of calls is the number of starts of each zip.
    pub invoke: invoke::InvokeOptions,
    /// The seed of the random order and of the intervals.
    pub seed: u64,
    /// The file for the table of all starts.
    pub csv: Option<PathBuf>,
    /// The file for everything as JSON, which `--baseline` reads.
    pub json: Option<PathBuf>,
    /// The file for box plots.
    pub svg: Option<PathBuf>,
    /// A file that an earlier run wrote as JSON.
    pub baseline: Option<PathBuf>,
    /// The maximum ratio between a figure and its baseline.
    pub max_ratio: Option<f64>,
}

#[derive(Debug)]
pub(crate) struct LocalMeasurement {
    /// In the order of the zips. The last one is the control.
    pub(super) candidates: Vec<Candidate>,
    /// The number of starts of each candidate, for each state of the page cache.
    pub(super) times: u32,
    pub(super) seed: u64,
    pub(super) machine: MachineDescription,
    /// Whether files could be evicted from the page cache.
    pub(super) cold_cache: bool,
    /// Figures that exceed `--max-ratio`.
    pub(super) regressions: Vec<Regression>,
    /// The table, if it goes to stdout.
    pub(super) csv: Option<String>,
}

impl LocalMeasurement {
    /// Fails if a figure exceeds the maximum ratio.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        let problems = self.regressions.iter().map(Regression::problem).collect();
        Failure::unless_empty(ExitKind::No, problems)
    }
}

/// A figure that exceeds the maximum ratio.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Regression {
    pub(super) label: String,
    pub(super) what: &'static str,
    pub(super) ratio: Ratio,
    pub(super) most: f64,
}

impl Regression {
    pub(super) fn problem(&self) -> Problem {
        let Self { label, what, .. } = self;
        let Ratio { point, low, high } = self.ratio;
        Problem::new(format!(
            "{label}: {what} is {point:.2}x ({low:.2} to {high:.2}), but only {:.2}x is allowed",
            self.most
        ))
        .help(
            "find out what changed; if it is intended, measure the baseline again with `--json \
             FILE`",
        )
    }
}

/// The properties of the machine that figures depend on.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(super) struct MachineDescription {
    /// The number of available processors.
    pub(super) processors: usize,
    /// The load averages of 1, 5, and 15 minutes.
    pub(super) load: Option<String>,
    /// The frequency governor of the first processor.
    pub(super) governor: Option<String>,
    pub(super) version: &'static str,
    /// The operating system and its architecture.
    pub(super) system: String,
}

impl MachineDescription {
    pub(super) fn look(host: &Host) -> Self {
        let line = |path: &str| {
            fs_err::read_to_string(path)
                .ok()
                .map(|text| text.trim().to_owned())
        };
        let load = line("/proc/loadavg");
        Self {
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            load: load.map(|load| load.split(' ').take(3).collect::<Vec<_>>().join(" ")),
            governor: line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            version: env!("CARGO_PKG_VERSION"),
            system: format!("{} {}", host.os, std::env::consts::ARCH),
        }
    }

    pub(super) fn text(&self) -> String {
        let mut parts = vec![
            self.system.clone(),
            format!("{} processors", self.processors),
        ];
        parts.extend(self.load.as_ref().map(|load| format!("load {load}")));
        parts.extend(
            self.governor
                .as_ref()
                .map(|governor| format!("governor {governor}")),
        );
        parts.join(", ")
    }
}
