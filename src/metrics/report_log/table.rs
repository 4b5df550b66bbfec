//! Calls as rows of a table with semicolons: the five columns that were published by
//! others before us, and more of ours behind them. Read and written.
//!
//! A warm call has an empty `Init`; tools before us wrote 0, which is read as empty
//! where the table has the five columns alone.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::metrics::report_log::call::{MeasurementSource, ReportedCall};
use crate::metrics::report_log::fields::{decimal, whole};
use crate::metrics::report_log::input::LogReader;
use crate::metrics::report_log::prefix::MessageOrigin;
use crate::metrics::report_log::time::Timestamp;

/// The first five columns: `Cold` is the duration of the call.
pub(crate) const PUBLISHED: [&str; 5] = ["Name", "Memory", "Init", "Cold", "Billed"];

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

/// A table with these columns: a row for the header and one for each call.
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

/// What is not there is an empty field.
pub(crate) fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A field that has a separator in it is quoted; an end of line becomes a space.
pub(crate) fn quoted(text: &str) -> String {
    let text = text.replace(['\r', '\n'], " ");
    match text.contains([';', '"']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

/// The fields of a row.
fn fields(line: &str) -> Vec<String> {
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

/// The columns of the table that is being read.
pub(super) struct ColumnOrder {
    names: Vec<String>,
    /// Rows that nothing tells apart, by function and memory.
    rows: BTreeMap<(String, Option<u64>), Vec<[u64; 3]>>,
}

impl LogReader<'_> {
    /// Takes a line that is the header of a table, or a row behind one.
    pub(super) fn row(&mut self, line: &str) -> bool {
        let line = line.trim();
        let names = || line.split(';');
        if names().take(PUBLISHED.len()).eq(PUBLISHED) {
            let names = names().map(str::to_owned).collect();
            // The header may stand again in the middle, where files were put together.
            let rows = self.columns.take().map(|columns| columns.rows);
            let rows = rows.unwrap_or_default();
            self.columns = Some(ColumnOrder { names, rows });
            return true;
        }
        if !line.contains(';') {
            return false;
        }
        let Some(mut columns) = self.columns.take() else {
            return false;
        };
        match call(&columns.names, &fields(line)) {
            Ok(call) => {
                columns.note(&call);
                self.call(call, &MessageOrigin::default());
            }
            Err(why) => self.cannot_read(why),
        }
        self.columns = Some(columns);
        true
    }

    /// Says where rows seem to stand in the table twice. They are kept: without a
    /// request id nobody knows.
    pub(super) fn end_of_table(&mut self, columns: &ColumnOrder) {
        for ((name, memory), rows) in &columns.rows {
            let Some(count) = repeated(rows) else {
                continue;
            };
            let mut about = name.clone();
            if let Some(memory) = memory {
                let _ = write!(about, " ({memory} MB)");
            }
            self.warn(&format!(
                "the {count} rows of {about} stand there again behind themselves, as if \
                 they had been printed twice; they are counted as often as they stand there"
            ));
        }
    }
}

impl ColumnOrder {
    fn note(&mut self, call: &ReportedCall) {
        if call.request_id.is_none() {
            let key = (call.name.clone().unwrap_or_default(), call.memory_mb);
            let init = call.init_ms.map_or(u64::MAX, f64::to_bits);
            let billed = call.billed_ms.unwrap_or(u64::MAX);
            let row = [init, call.duration_ms.to_bits(), billed];
            self.rows.entry(key).or_default().push(row);
        }
    }
}

/// How many rows at the start stand there again at once; one row is no block.
fn repeated(rows: &[[u64; 3]]) -> Option<usize> {
    (2..=rows.len() / 2).find(|count| rows[..*count] == rows[*count..2 * count])
}

fn call(names: &[String], fields: &[String]) -> Result<ReportedCall, String> {
    if names.len() != fields.len() {
        return Err(format!(
            "it has {} fields, and the table has {} columns",
            fields.len(),
            names.len()
        ));
    }
    let text = |name: &str| {
        let place = names.iter().position(|known| known == name)?;
        let text = fields[place].trim();
        (!text.is_empty()).then_some(text)
    };
    let number = |name: &str| match text(name) {
        None => Ok(None),
        Some(text) => match decimal(text) {
            Some(number) => Ok(Some(number)),
            None => Err(format!("its {name} is `{text}`, which is no number")),
        },
    };
    let is_ours = names.iter().any(|name| name == "Source");
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
        duration_ms: number("Cold")?.ok_or("its Cold is empty")?,
        billed_ms: number("Billed")?.and_then(whole),
        max_memory_mb: number("MaxMemory")?.and_then(whole),
        init_ms: number("Init")?.filter(|init| is_ours || *init > 0.0),
        restore_ms: number("Restore")?,
        billed_restore_ms: number("BilledRestore")?.and_then(whole),
        status: owned("Status"),
        error_type: owned("ErrorType"),
    })
}
