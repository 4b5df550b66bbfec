//! Compares two medians.

use crate::metrics::statistics::quantile::{median, quantile};
use crate::metrics::statistics::random::SplitMix64;

/// The number of resamples for [`ratio`], unless there is a reason for another number.
pub(crate) const DRAWS: usize = 2_000;

/// A ratio and its 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    /// The ratio of the two measured medians.
    pub point: f64,
    pub low: f64,
    pub high: f64,
}

impl Ratio {
    /// Whether the interval contains 1, so that there may be no difference.
    pub(crate) fn contains_one(&self) -> bool {
        self.low <= 1.0 && 1.0 <= self.high
    }
}

/// The median of `new` divided by the median of `base`, with its 95 % percentile interval by
/// bootstrap: both samples are resampled `draws` times. The same seed produces the same
/// interval on every machine.
///
/// Returns `None` if there are no numbers, or if a median of `base` is not positive.
pub(crate) fn ratio(new: &[f64], base: &[f64], draws: usize, seed: u64) -> Option<Ratio> {
    let point = ratio_of_medians(new, base)?;
    let mut random = SplitMix64::from_seed(seed);
    let mut ratios = Vec::with_capacity(draws);
    for _ in 0..draws.max(1) {
        let (new, base) = (random.resample(new), random.resample(base));
        ratios.push(ratio_of_medians(&new, &base)?);
    }
    Some(Ratio {
        point,
        low: quantile(&ratios, 0.025)?,
        high: quantile(&ratios, 0.975)?,
    })
}

fn ratio_of_medians(new: &[f64], base: &[f64]) -> Option<f64> {
    let base = median(base)?;
    (base > 0.0).then_some(median(new)? / base)
}
