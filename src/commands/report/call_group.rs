//! Groups calls that can be compared with each other: of one function, with one memory
//! size, on one architecture, from one source.

use std::collections::BTreeMap;

use crate::lambda::Arch;
use crate::metrics::pricing::{INIT_BILLED, Prices, RuntimeFamily, billed_ms};
use crate::metrics::report_log::{MeasurementSource, ReportedCall};
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
    /// Groups the calls, ordered by name, memory size, and architecture.
    pub(super) fn from_calls(calls: &'a [ReportedCall]) -> Vec<Self> {
        let mut groups: BTreeMap<_, Vec<&ReportedCall>> = BTreeMap::new();
        for call in calls {
            let name = call.name.as_deref().unwrap_or_default();
            let key = (name, call.memory_mb, call.arch, call.source);
            groups.entry(key).or_default().push(call);
        }
        groups
            .into_iter()
            .map(|((name, memory_mb, arch, source), calls)| Self {
                name,
                memory_mb,
                arch,
                source,
                calls,
            })
            .collect()
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

    /// The cold starts, with their init in ms.
    pub(super) fn cold(&self) -> impl Iterator<Item = (f64, &'a ReportedCall)> {
        self.calls
            .iter()
            .filter_map(|call| Some((call.init_ms?, *call)))
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

    /// The inits of cold starts, in ms.
    pub(super) fn inits(&self) -> Vec<f64> {
        self.cold().map(|(init, _)| init).collect()
    }

    /// The rows of the summary that have numbers.
    pub(super) fn rows(&self) -> Vec<(&'static str, Summary)> {
        let cold: Vec<_> = self.cold().map(|(_, call)| call.duration_ms).collect();
        let totals: Vec<_> = self
            .cold()
            .map(|(init, call)| init + call.duration_ms)
            .collect();
        let restores: Vec<_> = self
            .calls
            .iter()
            .filter_map(|call| call.restore_ms)
            .collect();
        let warm: Vec<_> = self
            .calls
            .iter()
            .filter(|call| !call.is_cold() && call.restore_ms.is_none())
            .map(|call| call.duration_ms)
            .collect();
        [
            ("init", self.inits()),
            ("cold", cold),
            ("init_cold", totals),
            ("restore", restores),
            ("warm", warm),
        ]
        .into_iter()
        .filter_map(|(name, values)| Some((name, Summary::from_values(&values)?)))
        .collect()
    }

    /// The cost of a million such calls, in dollars. `None` if a report lacks the billed
    /// duration or the memory, and for calls on this machine, which cost nothing.
    pub(super) fn cost(&self, prices: &Prices, arch: Arch) -> Option<f64> {
        if self.source == MeasurementSource::Local {
            return None;
        }
        let mut sum = 0.0;
        for call in &self.calls {
            sum += prices.compute(arch, call.billed_ms?, call.memory_mb?);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "there are fewer than 2^53 calls"
        )]
        let count = self.calls.len() as f64;
        Some((sum / count + prices.request()) * 1e6)
    }

    /// Counts the cold starts whose billed duration includes the init.
    pub(super) fn billed_inits(&self) -> BilledInits {
        let mut inits = BilledInits {
            billed: 0,
            decidable: 0,
        };
        for (init, call) in self.cold() {
            let with_init = billed_ms(init, call.duration_ms, true);
            let without_init = billed_ms(init, call.duration_ms, false);
            if with_init == without_init {
                continue;
            }
            if call.billed_ms == Some(with_init) {
                inits.billed += 1;
                inits.decidable += 1;
            } else if call.billed_ms == Some(without_init) {
                inits.decidable += 1;
            }
        }
        inits
    }

    /// Counts the cold starts whose billed duration contradicts the rule for the runtime at
    /// that time.
    pub(super) fn unexpectedly_billed(&self, family: RuntimeFamily) -> usize {
        self.cold()
            .filter(|(init, call)| {
                let (Some(time), Some(billed)) = (call.time, call.billed_ms) else {
                    return false;
                };
                billed != billed_ms(*init, call.duration_ms, family.bills_init(time))
            })
            .count()
    }

    /// The cost with today's rule, if it is higher: for calls of managed runtimes from before
    /// [`INIT_BILLED`].
    pub(super) fn cost_today(&self, prices: &Prices, arch: Arch) -> Option<f64> {
        let inits = self.billed_inits();
        let is_old = |call: &&ReportedCall| call.time.is_none_or(|time| time < INIT_BILLED);
        // Without a decidable cold start, both counts are 0.
        if inits.billed == inits.decidable || !self.calls.iter().all(is_old) {
            return None;
        }
        let calls: Vec<_> = self
            .calls
            .iter()
            .map(|call| ReportedCall {
                billed_ms: match call.init_ms {
                    Some(init) => Some(billed_ms(init, call.duration_ms, true)),
                    None => call.billed_ms,
                },
                ..(*call).clone()
            })
            .collect();
        let group_today = CallGroup {
            calls: calls.iter().collect(),
            ..*self
        };
        group_today.cost(prices, arch)
    }
}

/// How many cold starts had their init billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BilledInits {
    pub(super) billed: usize,
    /// The cold starts whose numbers show whether the init was billed.
    pub(super) decidable: usize,
}
