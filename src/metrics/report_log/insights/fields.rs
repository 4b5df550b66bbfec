//! The fields that Insights makes of `REPORT` lines, under the names that AWS gives them.
//!
//! Absent: what they mean, which is `platform.rs`.

use serde_json::{Map, Value};

/// The fields that matter here or tell that a table is one of Insights.
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

/// The columns of the table of recent invocations in Lambda's own console, what they are
/// called elsewhere, and the factor between both.
const CONSOLE: [(&str, &str, f64); 8] = [
    ("DurationInMS", "@duration", 1.0),
    ("BilledDurationInMS", "@billedDuration", 1.0),
    ("MemorySetInMB", "@memorySize", 1e6),
    ("MemoryUsedInMB", "@maxMemoryUsed", 1e6),
    ("RequestId", "@requestId", 1.0),
    ("RequestID", "@requestId", 1.0),
    ("LogStream", "@logStream", 1.0),
    ("Timestamp", "@timestamp", 1.0),
];

/// Whether an object may be a row.
pub(in crate::metrics::report_log) fn is_row(object: &Map<String, Value>) -> bool {
    let is_field = |name: &String| name.contains('@') || field(name).0 == "@duration";
    object.keys().any(is_field)
}

/// The fields of a row under their own names: Lambda's console has others.
pub(in crate::metrics::report_log) fn own_names(row: &Map<String, Value>) -> Map<String, Value> {
    let own = |(name, value): (&String, &Value)| {
        let (own, factor) = field(name);
        let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
        let value = match number {
            Some(number) if factor > 1.0 => Value::from(number * factor),
            _ => value.clone(),
        };
        (own.to_owned(), value)
    };
    row.iter().map(own).collect()
}

/// The name of a column elsewhere, and the factor between both.
pub(super) fn field(column: &str) -> (&str, f64) {
    let known = CONSOLE.iter().find(|(name, ..)| *name == column);
    known.map_or((column, 1.0), |(_, own, factor)| (own, *factor))
}

/// Such as `avg(@duration)`: nothing can be told of single calls.
pub(super) fn is_expression(name: &str) -> bool {
    name.contains("@duration") && name.contains('(')
}
