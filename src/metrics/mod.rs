//! Measurements: Lambda's report logs, statistics, box plots, and prices.

pub(crate) mod box_plot;
pub(crate) mod pricing;
pub(crate) mod report_log;
pub(crate) mod statistics;
