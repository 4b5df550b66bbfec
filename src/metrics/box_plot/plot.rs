//! The data of a box plot, and the scale of its axis.

/// The smallest number of values that are drawn as a box.
pub(super) const MIN_BOX_COUNT: usize = 5;

/// A picture with panels below each other.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct BoxPlot {
    pub title: String,
    /// A text below the panels.
    pub note: String,
    pub panels: Vec<Panel>,
}

/// Boxes with the same axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Panel {
    pub title: String,
    /// The unit of the axis.
    pub unit: String,
    /// The boxes from top to bottom.
    pub series: Vec<Series>,
}

/// The numbers of one box.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Series {
    /// The text to the left of the box.
    pub label: String,
    /// The index of its color.
    pub color: usize,
    /// The numbers in any order. They must not be negative.
    pub values: Vec<f64>,
}

/// The end of an axis, and the distance of its marks: 1, 2, or 5 times a power of ten.
pub(super) fn scale(max: f64) -> (f64, f64) {
    // No measurement needs a smaller axis.
    if !(max.is_finite() && max > 1e-9) {
        return (1.0, 0.5);
    }
    let raw = max / 6.0;
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0]
        .map(|digit| digit * power)
        .into_iter()
        .find(|step| *step >= raw)
        .unwrap_or(power * 10.0);
    // If the largest number is on a mark, the axis ends there.
    ((max / step - 1e-9).ceil() * step, step)
}
