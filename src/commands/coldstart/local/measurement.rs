//! What else is known of a machine that measures, for whoever reads the figures later.

use serde::Serialize;

use crate::system::host::Host;

/// The machine, as far as figures depend on it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(super) struct MachineDescription {
    /// How many processors may be used.
    pub(super) processors: usize,
    /// The load averages of 1, 5 and 15 minutes.
    pub(super) load: Option<String>,
    /// How the clock of the first processor is governed.
    pub(super) governor: Option<String>,
    pub(super) version: &'static str,
    /// The system and its architecture.
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
        parts.extend(self.governor.as_ref().map(|one| format!("governor {one}")));
        parts.join(", ")
    }
}
