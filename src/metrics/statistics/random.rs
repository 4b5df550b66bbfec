//! Numbers that look random and are the same for the same seed, on every machine.
//!
//! Absent: secrets; nobody should make a key of these.

/// SplitMix64, a published generator of a dozen lines:
/// <https://doi.org/10.1145/2660193.2660195>. Results that depend on it can be had again
/// by whoever is told the seed, which no crate promises across its versions.
#[derive(Debug, Clone)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    /// Starts where the seed says.
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another one, which is 0 where that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // The upper half of a product: the error is below 2^-32 for what fits in memory.
        let scaled = (u128::from(self.number()) * end as u128) >> 64;
        usize::try_from(scaled).unwrap_or(0)
    }

    /// As many of these as there are, any of them as often as it comes.
    pub(crate) fn draw(&mut self, values: &[f64]) -> Vec<f64> {
        let pick = |_| values[self.below(values.len())];
        values.iter().map(pick).collect()
    }

    /// Puts things in any order.
    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers for seed 1234567, as Rosetta Code and Java's own class have them.
    #[test]
    fn the_numbers_are_those_that_were_published() {
        let mut random = SplitMix64::seeded(1_234_567);
        assert_eq!(random.number(), 6_457_827_717_110_365_317);
        assert_eq!(random.number(), 3_203_168_211_198_807_973);
        assert_eq!(random.number(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn shuffled_things_are_all_still_there() {
        let mut things: Vec<_> = (0..50).collect();
        SplitMix64::seeded(1).shuffle(&mut things);
        assert_ne!(things, (0..50).collect::<Vec<_>>());
        things.sort_unstable();
        assert_eq!(things, (0..50).collect::<Vec<_>>());
        assert_eq!(SplitMix64::seeded(1).below(0), 0);
    }
}
