//! The names of the fields that Logs Insights extracts from `REPORT` lines.
//!
//! Left to others: the values of these fields, which `platform.rs` parses.

use serde_json::{Map, Value};

/// The fields that are needed, and those by which a table of Logs Insights is recognized.
/// The first five are numbers.
pub(super) const FIELDS: [&str; 13] = [
    "@duration",
    "@billedDuration",
    "@initDuration",
    "@memorySize",
    "@maxMemoryUsed",
    "@requestId",
    "@message",
    "@type",
    "@log",
    "@logStream",
    "@ptr",
    "@ingestionTime",
    "@timestamp",
];

/// The columns of the table of recent invocations in the Lambda console, their names in
/// Logs Insights, and the factor between both.
const CONSOLE_COLUMNS: [(&str, &str, f64); 8] = [
    ("DurationInMS", "@duration", 1.0),
    ("BilledDurationInMS", "@billedDuration", 1.0),
    ("MemorySetInMB", "@memorySize", 1e6),
    ("MemoryUsedInMB", "@maxMemoryUsed", 1e6),
    ("RequestId", "@requestId", 1.0),
    ("RequestID", "@requestId", 1.0),
    ("LogStream", "@logStream", 1.0),
    ("Timestamp", "@timestamp", 1.0),
];

/// Whether an object can be a row.
pub(in crate::metrics::report_log) fn is_row(object: &Map<String, Value>) -> bool {
    object
        .keys()
        .any(|name| name.contains('@') || insights_name(name).0 == "@duration")
}

/// Whether an object is certainly a row. Other programs write `@timestamp` as well.
pub(in crate::metrics::report_log) fn is_surely_row(object: &Map<String, Value>) -> bool {
    object
        .keys()
        .any(|name| name != "@timestamp" && FIELDS.contains(&name.as_str()) || is_expression(name))
}

/// Renames the columns of the Lambda console to the fields of Logs Insights.
pub(in crate::metrics::report_log) fn with_insights_names(
    row: &Map<String, Value>,
) -> Map<String, Value> {
    row.iter()
        .map(|(column, value)| {
            let (name, factor) = insights_name(column);
            let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
            let value = match number {
                Some(number) if factor > 1.0 => Value::from(number * factor),
                _ => value.clone(),
            };
            (name.to_owned(), value)
        })
        .collect()
}

/// The field of Logs Insights for a column, and the factor between both.
pub(super) fn insights_name(column: &str) -> (&str, f64) {
    CONSOLE_COLUMNS
        .iter()
        .find(|(name, ..)| *name == column)
        .map_or((column, 1.0), |(_, name, factor)| (name, *factor))
}

/// Whether a column is an aggregate such as `avg(@duration)`, which has no single calls.
pub(super) fn is_expression(name: &str) -> bool {
    name.contains("@duration") && name.contains('(')
}
