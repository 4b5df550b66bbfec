//! What a handful of measurements says: pure, on slices of numbers.
//!
//! In: numbers in any order, in whatever unit, finite. Out: quantiles, a box with its
//! whiskers and outliers, and how sure the ratio of two medians is.
//! Absent: where the numbers come from, and pictures, which are `boxplot.rs`.

mod random;

pub(crate) use crate::metrics::statistics::random::SplitMix64;

/// How often [`ratio`] draws, unless somebody has a reason for another number.
pub(crate) const DRAWS: usize = 2_000;

/// Quartiles, whiskers and outliers, all in the unit of the numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    sorted: Vec<f64>,
    pub q1: f64,
    pub median: f64,
    pub q3: f64,
    /// The least and the greatest number within 1.5 interquartile ranges of the box.
    pub whiskers: (f64, f64),
    /// The numbers beyond the whiskers, in rising order.
    pub outliers: Vec<f64>,
}

impl Summary {
    /// Of at least one number.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values);
        let (q1, q3) = (at(&sorted, 0.25)?, at(&sorted, 0.75)?);
        let reach = 1.5 * (q3 - q1);
        let (low, high) = (q1 - reach, q3 + reach);
        let is_inside = |value: &f64| (low..=high).contains(value);
        let (inside, outliers): (Vec<_>, Vec<_>) = sorted.iter().partition(|v| is_inside(v));
        Some(Self {
            median: at(&sorted, 0.5)?,
            // The quartiles are inside, but need not be numbers that were measured.
            whiskers: (
                inside.first().copied().unwrap_or(q1),
                inside.last().copied().unwrap_or(q3),
            ),
            q1,
            q3,
            outliers,
            sorted,
        })
    }

    /// How many numbers there are; at least one.
    pub(crate) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// All numbers, in rising order.
    pub(crate) fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    pub(crate) fn min(&self) -> f64 {
        self.sorted.first().copied().unwrap_or(self.median)
    }

    pub(crate) fn max(&self) -> f64 {
        self.sorted.last().copied().unwrap_or(self.median)
    }

    pub(crate) fn iqr(&self) -> f64 {
        self.q3 - self.q1
    }

    /// A quantile, `share` from 0 to 1.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        at(&self.sorted, share).unwrap_or(self.median)
    }

    /// The same in the tail, where it takes numbers to say anything: `None` where
    /// fewer than one in each tail would be expected, which is 20 for 0.95.
    pub(crate) fn tail(&self, share: f64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 numbers")]
        let expected = self.count() as f64 * share.min(1.0 - share);
        // 0.05 * 20 is not quite 1.
        (expected > 1.0 - 1e-9).then(|| self.quantile(share))
    }
}

/// A quantile of numbers in any order, `share` from 0 to 1; `None` of no numbers.
///
/// It is type 7 of Hyndman and Fan, the default of R, numpy and ggplot2:
/// <https://doi.org/10.1080/00031305.1996.10473566>.
pub(crate) fn quantile(values: &[f64], share: f64) -> Option<f64> {
    at(&sorted(values), share)
}

/// The median; `None` of no numbers.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Of numbers in rising order.
fn at(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of an index is no less than 0 and no more than it"
    )]
    let (below, rest) = {
        let place = last as f64 * share.clamp(0.0, 1.0);
        (place as usize, place.fract())
    };
    let low = sorted[below.min(last)];
    let high = sorted[(below + 1).min(last)];
    Some(low + rest * (high - low))
}

/// A ratio, and where it lies with 95 % certainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    /// Of the two medians as measured.
    pub point: f64,
    pub low: f64,
    pub high: f64,
}

impl Ratio {
    /// Whether there may be no difference at all.
    pub(crate) fn holds_one(&self) -> bool {
        self.low <= 1.0 && 1.0 <= self.high
    }
}

/// The median of `new` divided by the median of `base`, and its 95 % percentile
/// interval by bootstrap: both are drawn from anew, `draws` times. The same seed gives
/// the same interval on every machine.
///
/// `None` where there are no numbers, or where a median of `base` is not above zero.
pub(crate) fn ratio(new: &[f64], base: &[f64], draws: usize, seed: u64) -> Option<Ratio> {
    let of = |new: f64, base: f64| (base > 0.0).then_some(new / base);
    let point = of(median(new)?, median(base)?)?;
    let mut random = SplitMix64::seeded(seed);
    let mut ratios = Vec::with_capacity(draws);
    for _ in 0..draws.max(1) {
        let (new, base) = (random.draw(new), random.draw(base));
        ratios.push(of(median(&new)?, median(&base)?)?);
    }
    Some(Ratio {
        point,
        low: quantile(&ratios, 0.025)?,
        high: quantile(&ratios, 0.975)?,
    })
}

#[cfg(test)]
mod tests;
