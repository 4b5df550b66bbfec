//! Two architectures side by side.

use crate::commands::report::call_group::CallGroup;
use crate::lambda::Arch;
use crate::metrics::pricing::Prices;
use crate::metrics::statistics;
use crate::metrics::statistics::Ratio;

/// The same seed in every run: who reads the same logs reads the same answer.
const SEED: u64 = 1;

/// The same function with the same memory on both architectures.
pub(super) struct ArchPair<'g, 'a> {
    pub(super) x86_64: &'g CallGroup<'a>,
    /// Init on arm64 divided by init on x86_64, and how sure that is.
    pub(super) init: Option<Ratio>,
    /// The same of what a call costs.
    pub(super) cost: Option<f64>,
}

impl<'g, 'a> ArchPair<'g, 'a> {
    pub(super) fn of_all(groups: &'g [CallGroup<'a>], prices: &Prices) -> Vec<Self> {
        let of_arch = |arch| groups.iter().filter(move |group| group.arch == Some(arch));
        let mut pairs = Vec::new();
        for x86_64 in of_arch(Arch::X86_64) {
            let key = |group: &CallGroup<'a>| (group.name, group.memory_mb, group.source);
            let Some(arm64) = of_arch(Arch::Arm64).find(|arm| key(arm) == key(x86_64)) else {
                continue;
            };
            let costs = (
                arm64.cost(prices, Arch::Arm64),
                x86_64.cost(prices, Arch::X86_64),
            );
            pairs.push(Self {
                init: statistics::ratio(&arm64.init(), &x86_64.init(), statistics::DRAWS, SEED),
                cost: match costs {
                    (Some(arm), Some(x86)) if x86 > 0.0 => Some(arm / x86),
                    _ => None,
                },
                x86_64,
            });
        }
        pairs
    }
}
