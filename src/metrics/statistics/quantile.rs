//! Quantiles of numbers.

/// A quantile of numbers in any order. `share` is from 0 to 1. Returns `None` if there are no
/// numbers.
///
/// It is type 7 of Hyndman and Fan, the default of R, numpy and ggplot2:
/// <https://doi.org/10.1080/00031305.1996.10473566>.
pub(crate) fn quantile(values: &[f64], share: f64) -> Option<f64> {
    quantile_of_sorted(&sorted(values), share)
}

/// The median, or `None` if there are no numbers.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// A quantile of numbers in ascending order.
pub(super) fn quantile_of_sorted(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of an index is between 0 and the index"
    )]
    let (below, rest) = {
        let position = last as f64 * share.clamp(0.0, 1.0);
        (position as usize, position.fract())
    };
    let low = sorted[below.min(last)];
    let high = sorted[(below + 1).min(last)];
    Some(low + rest * (high - low))
}
