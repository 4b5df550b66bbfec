//! A box on one line of text.

use crate::metrics::box_plot::FEWEST;
use crate::metrics::statistics::Summary;

/// Draws `├──▒▒┃▒──┤  ∘` for an axis from 0 to `end`, `width` characters wide; always
/// that wide.
pub(crate) fn line(summary: &Summary, end: f64, width: usize) -> String {
    let mut cells = vec![' '; width];
    let Some(last) = width.checked_sub(1) else {
        return String::new();
    };
    let place = |value: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "casts of numbers that do not fit saturate"
        )]
        let place = (value / end * last as f64).round() as usize;
        place.min(last)
    };
    let points: &[f64] = if summary.count() < FEWEST {
        summary.sorted()
    } else {
        let (low, high) = (place(summary.whiskers.0), place(summary.whiskers.1));
        let (q1, q3) = (place(summary.q1), place(summary.q3));
        cells[low.min(q1)..=high.max(q3)].fill('─');
        cells[low] = '├';
        cells[high] = '┤';
        cells[q1..=q3].fill('▒');
        cells[place(summary.median)] = '┃';
        &summary.outliers
    };
    for point in points {
        // A box is worth more than what happens to lie on its edge.
        let cell = &mut cells[place(*point)];
        if *cell == ' ' {
            *cell = '∘';
        }
    }
    cells.into_iter().collect()
}
