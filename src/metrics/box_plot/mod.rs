//! Draws box plots as SVG or text. The same numbers always produce the same bytes.
//!
//! In: series of numbers with labels. Out: SVG, or a box on one line of text. Quartiles are of
//! type 7, as in ggplot2. Whiskers end at the farthest number within 1.5 interquartile ranges,
//! and numbers beyond them are drawn as circles. Axes start at 0. A series of fewer than
//! [`MIN_BOX_COUNT`] numbers is drawn only as circles, because its quartiles would mean little.
//! Left to others: fonts, which the viewer chooses; what the numbers mean; and files.
//!
//! [`MIN_BOX_COUNT`]: crate::metrics::box_plot::plot::MIN_BOX_COUNT

mod line;
mod plot;
mod svg;

pub(crate) use crate::metrics::box_plot::line::line;
pub(crate) use crate::metrics::box_plot::plot::{BoxPlot, Panel, Series};
pub(crate) use crate::metrics::box_plot::svg::svg;

#[cfg(test)]
mod tests;
