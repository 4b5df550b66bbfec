//! Measurements: Lambda's report logs, statistics, box plots, and prices.

pub mod box_plot;
pub mod pricing;
pub mod report_log;
pub mod statistics;
