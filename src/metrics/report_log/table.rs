//! Writes and parses calls as rows of a table with semicolons.
//!
//! The first five columns are those of tables that others have published. The columns
//! after them are ours. A warm call has an empty `Init`. Older tools wrote 0, which is
//! read as empty if the table has only the five columns.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::metrics::report_log::call::{MeasurementSource, ReportedCall};
use crate::metrics::report_log::event::LogEvent;
use crate::metrics::report_log::prefix::MessageOrigin;
use crate::metrics::report_log::report_line::{decimal, whole};
use crate::metrics::report_log::time::Timestamp;

/// The published columns. `Cold` is the duration of the call.
pub(crate) const PUBLISHED: [&str; 5] = ["Name", "Memory", "Init", "Cold", "Billed"];

/// All columns.
pub const FULL: [&str; 14] = [
    "Name",
    "Memory",
    "Init",
    "Cold",
    "Billed",
    "Source",
    "Arch",
    "MaxMemory",
    "RequestId",
    "Time",
    "Status",
    "ErrorType",
    "Restore",
    "BilledRestore",
];

/// Writes a table with these columns: a header, and a row for each call.
pub fn table<'a>(columns: &[&str], calls: impl IntoIterator<Item = &'a ReportedCall>) -> String {
    let mut table = columns.join(";");
    table.push('\n');
    for call in calls {
        let fields: Vec<_> = columns.iter().map(|name| field(call, name)).collect();
        table.push_str(&fields.join(";"));
        table.push('\n');
    }
    table
}

fn field(call: &ReportedCall, name: &str) -> String {
    match name {
        "Name" => quoted(&shown(call.name.as_ref())),
        "Memory" => shown(call.memory_mb),
        "Init" => shown(call.init_ms),
        "Cold" => call.duration_ms.to_string(),
        "Billed" => shown(call.billed_ms),
        "Source" => call.source.name().to_owned(),
        "Arch" => shown(call.arch),
        "MaxMemory" => shown(call.max_memory_mb),
        "RequestId" => quoted(&shown(call.request_id.as_ref())),
        "Time" => shown(call.time),
        "Status" => quoted(&shown(call.status.as_ref())),
        "ErrorType" => quoted(&shown(call.error_type.as_ref())),
        "Restore" => shown(call.restore_ms),
        "BilledRestore" => shown(call.billed_restore_ms),
        _ => String::new(),
    }
}

/// Writes a value, or an empty field if there is none.
pub(crate) fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Quotes a field that contains a separator. Line breaks become spaces.
pub(crate) fn quoted(text: &str) -> String {
    let line = text.replace(['\r', '\n'], " ");
    if line.contains([';', '"']) {
        format!("\"{}\"", line.replace('"', "\"\""))
    } else {
        line
    }
}

/// Splits a row into its fields.
fn split_row(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(field) = fields.last_mut() else {
            break;
        };
        match c {
            '"' if is_quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if is_quoted || field.is_empty() => is_quoted = !is_quoted,
            ';' if !is_quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}

/// The table in a file.
#[derive(Debug, Default)]
pub(super) struct CallTable {
    /// The columns, once there was a header.
    columns: Option<Vec<String>>,
    /// The numbers of rows without a request ID, by function and memory.
    rows: BTreeMap<(String, Option<u64>), Vec<[u64; 3]>>,
}

impl CallTable {
    /// Parses a line that is a header, or a row after one. Returns false for other lines.
    pub(super) fn parse_line(&mut self, line: &str, events: &mut Vec<LogEvent>) -> bool {
        let line = line.trim();
        if line.split(';').take(PUBLISHED.len()).eq(PUBLISHED) {
            // There are several headers if files were concatenated.
            self.columns = Some(line.split(';').map(str::to_owned).collect());
            return true;
        }
        let Some(columns) = self.columns.as_ref().filter(|_| line.contains(';')) else {
            return false;
        };
        let call = parse_call(columns, &split_row(line));
        if let Ok(call) = &call {
            self.note_row(call);
        }
        events.push(LogEvent::from_call(call, &MessageOrigin::default()));
        true
    }

    fn note_row(&mut self, call: &ReportedCall) {
        if call.request_id.is_none() {
            let key = (call.name.clone().unwrap_or_default(), call.memory_mb);
            let init = call.init_ms.map_or(u64::MAX, f64::to_bits);
            let billed = call.billed_ms.unwrap_or(u64::MAX);
            let row = [init, call.duration_ms.to_bits(), billed];
            self.rows.entry(key).or_default().push(row);
        }
    }

    /// Warnings about rows that seem to be in the table twice. They are counted twice,
    /// because without a request ID they can also be different calls.
    pub(super) fn repeated_blocks(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for ((name, memory), rows) in &self.rows {
            let Some(count) = repeated_block(rows) else {
                continue;
            };
            let mut function = name.clone();
            if let Some(memory) = memory {
                let _ = write!(function, " ({memory} MB)");
            }
            warnings.push(format!(
                "the {count} rows of {function} appear twice in succession, as if printed twice; \
                 both copies are counted"
            ));
        }
        warnings
    }
}

/// The number of rows at the start that are repeated right after. A single row does not
/// count as a block.
fn repeated_block(rows: &[[u64; 3]]) -> Option<usize> {
    (2..=rows.len() / 2).find(|count| rows[..*count] == rows[*count..2 * count])
}

fn parse_call(columns: &[String], fields: &[String]) -> Result<ReportedCall, String> {
    if columns.len() != fields.len() {
        return Err(format!(
            "it has {} fields, but the table has {} columns",
            fields.len(),
            columns.len()
        ));
    }
    let text = |name: &str| {
        let index = columns.iter().position(|column| column == name)?;
        let text = fields[index].trim();
        (!text.is_empty()).then_some(text)
    };
    let number = |name: &str| match text(name) {
        None => Ok(None),
        Some(text) => decimal(text)
            .map(Some)
            .ok_or_else(|| format!("its `{name}` is `{text}`, which is not a number")),
    };
    let is_ours = columns.iter().any(|name| name == "Source");
    let owned = |name: &str| text(name).map(str::to_owned);
    Ok(ReportedCall {
        name: owned("Name"),
        source: match text("Source") {
            Some("local") => MeasurementSource::Local,
            _ => MeasurementSource::Aws,
        },
        request_id: owned("RequestId"),
        time: text("Time").and_then(Timestamp::parse),
        arch: text("Arch").and_then(|arch| arch.parse().ok()),
        memory_mb: number("Memory")?.and_then(whole),
        duration_ms: number("Cold")?.ok_or("its `Cold` is empty")?,
        billed_ms: number("Billed")?.and_then(whole),
        max_memory_mb: number("MaxMemory")?.and_then(whole),
        init_ms: number("Init")?.filter(|init| is_ours || *init > 0.0),
        restore_ms: number("Restore")?,
        billed_restore_ms: number("BilledRestore")?.and_then(whole),
        status: owned("Status"),
        error_type: owned("ErrorType"),
    })
}
