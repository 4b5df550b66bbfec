//! Pseudorandom numbers that are the same for the same seed on every machine. They must not
//! be used for secrets.

/// SplitMix64, a published generator of a dozen lines:
/// <https://doi.org/10.1145/2660193.2660195>. It is implemented here because no crate promises
/// the same numbers across its versions, so results could not be reproduced from the seed.
#[derive(Debug, Clone)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    pub(crate) const fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not including, `end`. Returns 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // The upper half of the product is in range. The bias is below 2^-32 for any slice that
        // fits in memory.
        let scaled = (u128::from(self.next()) * end as u128) >> 64;
        usize::try_from(scaled).unwrap_or(0)
    }

    /// Draws as many values as there are, with replacement.
    pub(crate) fn resample(&mut self, values: &[f64]) -> Vec<f64> {
        values
            .iter()
            .map(|_| values[self.below(values.len())])
            .collect()
    }

    /// Shuffles items in place.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers for the seed 1234567 on Rosetta Code and in Java's own class.
    #[test]
    fn the_numbers_match_the_published_ones() {
        let mut random = SplitMix64::from_seed(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
        assert_eq!(random.next(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn shuffling_keeps_all_items() {
        let mut items: Vec<_> = (0..50).collect();
        SplitMix64::from_seed(1).shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
        assert_eq!(SplitMix64::from_seed(1).below(0), 0);
    }
}
