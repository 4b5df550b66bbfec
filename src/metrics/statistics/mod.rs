//! Descriptive statistics of a few measurements.
//!
//! In: finite numbers in any order, in any unit. Out: quantiles, the numbers of a box plot,
//! and the confidence interval for the ratio of two medians.
//! Left to others: where the numbers come from, and drawing, which `box_plot` does.

mod quantile;
mod random;
mod ratio;
mod summary;

pub(crate) use crate::metrics::statistics::quantile::median;
pub(crate) use crate::metrics::statistics::random::SplitMix64;
pub(crate) use crate::metrics::statistics::ratio::{DRAWS, Ratio, ratio};
pub(crate) use crate::metrics::statistics::summary::Summary;

#[cfg(test)]
mod tests;
