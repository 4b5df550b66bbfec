//! Compares a function on both architectures.

use crate::commands::report::call_group::CallGroup;
use crate::lambda::Arch;
use crate::metrics::pricing::Prices;
use crate::metrics::statistics::{self, Ratio};

/// The seed is fixed, so that the same logs always have the same result.
const SEED: u64 = 1;

/// The same function with the same memory on both architectures.
pub(super) struct ArchPair<'g, 'a> {
    pub(super) x86_64: &'g CallGroup<'a>,
    /// The init on arm64 divided by that on x86_64, with its confidence interval.
    pub(super) init_ratio: Option<Ratio>,
    /// The cost on arm64 divided by that on x86_64.
    pub(super) cost_ratio: Option<f64>,
}

impl<'g, 'a> ArchPair<'g, 'a> {
    pub(super) fn from_groups(groups: &'g [CallGroup<'a>], prices: &Prices) -> Vec<Self> {
        let on_arch = |arch| groups.iter().filter(move |group| group.arch == Some(arch));
        let mut pairs = Vec::new();
        for x86_64 in on_arch(Arch::X86_64) {
            let key = |group: &CallGroup<'a>| (group.name, group.memory_mb, group.source);
            let Some(arm64) = on_arch(Arch::Arm64).find(|arm| key(arm) == key(x86_64)) else {
                continue;
            };
            let costs = (
                arm64.cost(prices, Arch::Arm64),
                x86_64.cost(prices, Arch::X86_64),
            );
            pairs.push(Self {
                init_ratio: statistics::ratio(
                    &arm64.inits(),
                    &x86_64.inits(),
                    statistics::DRAWS,
                    SEED,
                ),
                cost_ratio: match costs {
                    (Some(arm), Some(x86)) if x86 > 0.0 => Some(arm / x86),
                    _ => None,
                },
                x86_64,
            });
        }
        pairs
    }
}
