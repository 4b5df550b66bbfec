//! Results of CloudWatch Logs Insights that are tables: one line is one row or one field.

mod cells;
pub(super) mod fields;
mod tables;

pub(super) use crate::metrics::report_log::insights::tables::InsightsTables;
