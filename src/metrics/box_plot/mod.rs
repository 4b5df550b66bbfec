//! Box plots, drawn by hand: the same bytes for the same numbers.
//!
//! In: series of numbers with labels. Out: SVG, or a box on one line of text. Quartiles
//! are of type 7, as in ggplot2; whiskers end at the farthest number within 1.5
//! interquartile ranges, and what is beyond is drawn. Axes start at 0. Fewer than
//! [`FEWEST`] numbers are drawn as points alone, for they have no quartiles to speak of.
//! Absent: fonts, which are the viewer's; what the numbers mean; and files.

mod line;
mod svg;

pub(crate) use crate::metrics::box_plot::line::line;
pub(crate) use crate::metrics::box_plot::svg::svg;

/// The fewest numbers that get a box.
pub(crate) const FEWEST: usize = 5;

/// A picture of panels, one beneath the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct BoxPlot {
    /// What stands above all.
    pub title: String,
    /// What stands below all.
    pub note: String,
    pub panels: Vec<Panel>,
}

/// Boxes along one axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Panel {
    pub title: String,
    /// The unit of the axis.
    pub unit: String,
    /// From top to bottom.
    pub series: Vec<Series>,
}

/// Numbers that make one box.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Series {
    /// What stands before the box.
    pub label: String,
    /// Which colour it has, from 0.
    pub colour: usize,
    /// In any order, none below 0.
    pub values: Vec<f64>,
}

/// Where the axis ends, and how far its marks are apart: 1, 2 or 5 by a power of ten.
fn scale(greatest: f64) -> (f64, f64) {
    // Nothing is measured so finely that it would need an axis below that.
    if !(greatest.is_finite() && greatest > 1e-9) {
        return (1.0, 0.5);
    }
    let raw = greatest / 6.0;
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power);
    let step = step
        .into_iter()
        .find(|step| *step >= raw)
        .unwrap_or(power * 10.0);
    // A greatest number on a mark needs no further one.
    ((greatest / step - 1e-9).ceil() * step, step)
}

#[cfg(test)]
mod tests;
