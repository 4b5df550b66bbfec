//! Describes numbers by quartiles, whiskers, and outliers.

use crate::metrics::statistics::quantile::{quantile_of_sorted, sorted};

/// Quartiles, whiskers, and outliers, all in the unit of the numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    sorted: Vec<f64>,
    pub q1: f64,
    pub median: f64,
    pub q3: f64,
    /// The smallest and the largest number within 1.5 interquartile ranges of the box.
    pub whiskers: (f64, f64),
    /// The numbers beyond the whiskers, in ascending order.
    pub outliers: Vec<f64>,
}

impl Summary {
    /// Returns `None` if there are no numbers.
    pub(crate) fn from_values(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values);
        let (q1, q3) = (
            quantile_of_sorted(&sorted, 0.25)?,
            quantile_of_sorted(&sorted, 0.75)?,
        );
        let reach = 1.5 * (q3 - q1);
        let (low, high) = (q1 - reach, q3 + reach);
        let (inside, outliers): (Vec<f64>, Vec<f64>) = sorted
            .iter()
            .partition(|value| (low..=high).contains(*value));
        Some(Self {
            median: quantile_of_sorted(&sorted, 0.5)?,
            // The quartiles are between the limits, but they need not be measured numbers.
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

    /// The number of numbers, which is at least one.
    pub(crate) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// All numbers in ascending order.
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

    /// A quantile. `share` is from 0 to 1.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        quantile_of_sorted(&self.sorted, share).unwrap_or(self.median)
    }

    /// A quantile in a tail. Returns `None` if fewer than one number is expected in each tail,
    /// because the quantile would mean nothing. For 0.95, this takes 20 numbers.
    pub(crate) fn tail(&self, share: f64) -> Option<f64> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "there are fewer than 2^53 numbers"
        )]
        let expected = self.count() as f64 * share.min(1.0 - share);
        // 0.05 * 20 is not quite 1.
        (expected > 1.0 - 1e-9).then(|| self.quantile(share))
    }
}
