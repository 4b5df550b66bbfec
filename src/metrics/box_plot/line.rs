//! Draws a box on one line of text.

use crate::metrics::box_plot::plot::MIN_BOX_COUNT;
use crate::metrics::statistics::Summary;

/// Draws `├──▒▒┃▒──┤  ∘` for an axis from 0 to `end`, exactly `width` characters wide.
pub(crate) fn line(summary: &Summary, end: f64, width: usize) -> String {
    let mut cells = vec![' '; width];
    let Some(last) = width.checked_sub(1) else {
        return String::new();
    };
    let column = |value: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "casts of numbers that do not fit saturate"
        )]
        let column = (value / end * last as f64).round() as usize;
        column.min(last)
    };
    let points: &[f64] = if summary.count() < MIN_BOX_COUNT {
        summary.sorted()
    } else {
        let (low, high) = (column(summary.whiskers.0), column(summary.whiskers.1));
        let (q1, q3) = (column(summary.q1), column(summary.q3));
        cells[low.min(q1)..=high.max(q3)].fill('─');
        cells[low] = '├';
        cells[high] = '┤';
        cells[q1..=q3].fill('▒');
        cells[column(summary.median)] = '┃';
        &summary.outliers
    };
    for point in points {
        // A point does not hide the edge of the box.
        let cell = &mut cells[column(*point)];
        if *cell == ' ' {
            *cell = '∘';
        }
    }
    cells.into_iter().collect()
}
