//! Calls that may be compared with each other: of one function, with one memory, on one
//! architecture, from one source.

use std::collections::BTreeMap;

use crate::lambda::Arch;
use crate::metrics::pricing::{INIT_BILLED, Prices, RuntimeFamily, billed_ms};
use crate::metrics::report_log::MeasurementSource;
use crate::metrics::report_log::ReportedCall;
use crate::metrics::statistics::Summary;

#[derive(Debug)]
pub(super) struct CallGroup<'a> {
    pub(super) name: &'a str,
    pub(super) memory_mb: Option<u64>,
    pub(super) arch: Option<Arch>,
    pub(super) source: MeasurementSource,
    pub(super) calls: Vec<&'a ReportedCall>,
}

impl<'a> CallGroup<'a> {
    /// All of them, in the order of their names, memories and architectures.
    pub(super) fn of_all(calls: &'a [ReportedCall]) -> Vec<Self> {
        let mut groups: BTreeMap<_, Vec<&ReportedCall>> = BTreeMap::new();
        for call in calls {
            let name = call.name.as_deref().unwrap_or_default();
            let key = (name, call.memory_mb, call.arch, call.source);
            groups.entry(key).or_default().push(call);
        }
        let group = |((name, memory_mb, arch, source), calls)| Self {
            name,
            memory_mb,
            arch,
            source,
            calls,
        };
        groups.into_iter().map(group).collect()
    }

    /// `orders, 128 MB, arm64`.
    pub(super) fn label(&self) -> String {
        let mut label = self.name.to_owned();
        if let Some(memory) = self.memory_mb {
            label += &format!(", {memory} MB");
        }
        if let Some(arch) = self.arch {
            label += &format!(", {arch}");
        }
        if self.source == MeasurementSource::Local {
            label += ", local";
        }
        label
    }

    pub(super) fn cold(&self) -> impl Iterator<Item = (f64, &'a ReportedCall)> {
        let calls = self.calls.iter();
        calls.filter_map(|call| Some((call.init_ms?, *call)))
    }

    pub(super) fn failed(&self) -> usize {
        self.calls.iter().filter(|call| call.has_failed()).count()
    }

    pub(super) fn max_memory_mb(&self) -> Option<u64> {
        self.calls
            .iter()
            .filter_map(|call| call.max_memory_mb)
            .max()
    }

    /// The times of cold starts.
    pub(super) fn init(&self) -> Vec<f64> {
        self.cold().map(|(init, _)| init).collect()
    }

    /// The rows of the summary that have numbers.
    pub(super) fn rows(&self) -> Vec<(&'static str, Summary)> {
        let of = |values: Vec<f64>| Summary::of(&values);
        let warm = |call: &&&ReportedCall| !call.is_cold() && call.restore_ms.is_none();
        let durations =
            |calls: Vec<&&ReportedCall>| calls.iter().map(|call| call.duration_ms).collect();
        let rows = [
            ("init", of(self.init())),
            (
                "cold",
                of(self.cold().map(|(_, call)| call.duration_ms).collect()),
            ),
            (
                "init_cold",
                of(self
                    .cold()
                    .map(|(init, call)| init + call.duration_ms)
                    .collect()),
            ),
            (
                "restore",
                of(self
                    .calls
                    .iter()
                    .filter_map(|call| call.restore_ms)
                    .collect()),
            ),
            (
                "warm",
                of(durations(self.calls.iter().filter(warm).collect())),
            ),
        ];
        let rows = rows.into_iter();
        rows.filter_map(|(name, summary)| Some((name, summary?)))
            .collect()
    }

    /// What a million calls like these cost, in dollars; `None` where a call does not
    /// say what was billed, or its memory. Those that ran here cost nothing.
    pub(super) fn cost(&self, prices: &Prices, arch: Arch) -> Option<f64> {
        if self.source == MeasurementSource::Local {
            return None;
        }
        let mut sum = 0.0;
        for call in &self.calls {
            sum += prices.compute(arch, call.billed_ms?, call.memory_mb?);
        }
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 calls")]
        let count = self.calls.len() as f64;
        Some((sum / count + prices.request()) * 1e6)
    }

    /// How many cold starts had their init billed, by their own numbers, of those that
    /// tell.
    pub(super) fn billed_inits(&self) -> (usize, usize) {
        let mut billed = (0, 0);
        for (init, call) in self.cold() {
            let said = call.billed_ms;
            let (with, without) = (
                billed_ms(init, call.duration_ms, true),
                billed_ms(init, call.duration_ms, false),
            );
            if with == without || (said != Some(with) && said != Some(without)) {
                continue;
            }
            billed.1 += 1;
            billed.0 += usize::from(said == Some(with));
        }
        billed
    }

    /// How many cold starts were billed otherwise than a runtime's rule of their time
    /// says.
    pub(super) fn billed_otherwise(&self, family: RuntimeFamily) -> usize {
        let otherwise = |(init, call): &(f64, &ReportedCall)| {
            let (Some(time), Some(billed)) = (call.time, call.billed_ms) else {
                return false;
            };
            billed != billed_ms(*init, call.duration_ms, family.bills_init(time))
        };
        self.cold().filter(otherwise).count()
    }

    /// What they would cost by the rule of today, where that is more: those of managed
    /// runtimes from before [`INIT_BILLED`].
    pub(super) fn cost_today(&self, prices: &Prices, arch: Arch) -> Option<f64> {
        let today = |call: &&ReportedCall| ReportedCall {
            billed_ms: match call.init_ms {
                Some(init) => Some(billed_ms(init, call.duration_ms, true)),
                None => call.billed_ms,
            },
            ..(*call).clone()
        };
        let (billed, told) = self.billed_inits();
        let is_old = |call: &&ReportedCall| call.time.is_none_or(|time| time < INIT_BILLED);
        if told == 0 || billed == told || !self.calls.iter().all(is_old) {
            return None;
        }
        let calls: Vec<_> = self.calls.iter().map(today).collect();
        let today = CallGroup {
            calls: calls.iter().collect(),
            ..*self
        };
        today.cost(prices, arch)
    }
}
