//! Parses tables of CloudWatch Logs Insights.
//!
//! In: lines. Out: events of their rows, which are the objects that Logs Insights returns
//! in JSON. Supported are exports of the console (CSV and Markdown), copies from a browser
//! (cells between tabs), and the output of the aws tool (`--output text`, `table`, and
//! `yaml`).
//! Left to others: JSON, and the content of rows, which `json.rs` parses.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html>,
//! and for the forms of `text` and `table` the formatters of awscli 1.46.

use serde_json::{Map, Value};

use crate::metrics::report_log::event::LogEvent;
use crate::metrics::report_log::insights::cells::{self, CellSeparator};
use crate::metrics::report_log::insights::fields::{
    FIELDS, insights_name, is_expression, with_insights_names,
};
use crate::metrics::report_log::json;
use crate::metrics::report_log::prefix::MessageOrigin;

/// A query that selects every field that is needed.
const QUERY: &str = "fields @requestId, @duration, @billedDuration, @initDuration, @memorySize, \
                     @maxMemoryUsed | filter @type = \"REPORT\"";

/// Longer lines are not headers, and longer rows are not rows.
const MAX_HEADER: usize = 4 << 10;
const MAX_ROW: usize = 1 << 20;

/// The tables of a file.
#[derive(Debug, Default)]
pub(in crate::metrics::report_log) struct InsightsTables {
    /// The table whose rows are the next lines.
    table: Option<InsightsTable>,
    /// The fields so far of a row that has one line for each field.
    row: Map<String, Value>,
    /// The field whose value is on the next line, as in YAML.
    pending_name: Option<String>,
    /// The line of the first table or row without any duration.
    without_duration: Option<u64>,
    /// Fields that the last table with durations does not have.
    missing: Vec<&'static str>,
}

/// A table with a header.
#[derive(Debug)]
struct InsightsTable {
    columns: Vec<String>,
    separator: CellSeparator,
    /// The lines so far of a row with line breaks in a quoted cell.
    open_row: String,
}

impl InsightsTables {
    /// Parses a line. Returns false if it is not part of a table. Even then there can be
    /// events, of a row that ends before this line.
    pub(in crate::metrics::report_log) fn parse_line(
        &mut self,
        line: &str,
        line_number: u64,
        events: &mut Vec<LogEvent>,
    ) -> bool {
        if self.take_field(line, events) {
            return true;
        }
        if let Some(table) = InsightsTable::from_header(line) {
            self.begin_table(table, line_number);
            return true;
        }
        match self.table.take() {
            Some(table) => self.take_row(table, line, events),
            None => false,
        }
    }

    /// Ends the open table or row at the end of the file.
    pub(in crate::metrics::report_log) fn finish(&mut self) -> Vec<LogEvent> {
        let mut events = Vec::new();
        self.end_row_of_fields(&mut events);
        if let Some(table) = self.table.take() {
            table.parse_row_or_lines(&table.open_row, &mut events);
        }
        events
    }

    pub(in crate::metrics::report_log) fn note_missing_duration(&mut self, line_number: u64) {
        self.without_duration.get_or_insert(line_number);
    }

    /// The line of a table without durations, and what to do about it.
    pub(in crate::metrics::report_log) fn missing_durations(&self) -> Option<(u64, String)> {
        let message = format!(
            "its Logs Insights query selects neither `@duration` nor `@message` with `REPORT` \
             lines; select the fields with `{QUERY}`"
        );
        self.without_duration.map(|line| (line, message))
    }

    /// A warning about fields that a table with durations does not have.
    pub(in crate::metrics::report_log) fn missing_fields(&self) -> Option<String> {
        if self.missing.is_empty() {
            return None;
        }
        let effect = if self.missing.contains(&"@initDuration") {
            ", so every invocation counts as warm"
        } else {
            ""
        };
        Some(format!(
            "the Logs Insights table has no `{}`{effect}; add {} to the query",
            self.missing.join("`, `"),
            if self.missing.len() == 1 {
                "it"
            } else {
                "them"
            }
        ))
    }

    fn begin_table(&mut self, table: InsightsTable, line_number: u64) {
        let has = |name: &str| {
            table
                .columns
                .iter()
                .any(|column| insights_name(column).0 == name)
        };
        if !has("@message") {
            if has("@duration") {
                self.missing = ["@initDuration", "@billedDuration", "@memorySize"]
                    .into_iter()
                    .filter(|name| !has(name))
                    .collect();
            } else {
                self.note_missing_duration(line_number);
            }
        }
        self.table = Some(table);
    }

    /// Parses a line after a header. A line that is not a row ends the table.
    fn take_row(
        &mut self,
        mut table: InsightsTable,
        line: &str,
        events: &mut Vec<LogEvent>,
    ) -> bool {
        if table.open_row.is_empty() && line.trim().is_empty() {
            self.table = Some(table);
            return true;
        }
        let row = format!("{}{line}", table.open_row);
        let is_csv = table.separator == CellSeparator::Comma;
        if is_csv && cells::is_open(&row) && row.len() < MAX_ROW {
            table.open_row = row + "\n";
            self.table = Some(table);
            return true;
        }
        let was_open = !std::mem::take(&mut table.open_row).is_empty();
        let is_row = if was_open {
            table.parse_row_or_lines(&row, events)
        } else {
            table.parse_row(&row, events)
        };
        // Messages in Markdown can contain line breaks and pipes.
        if is_row || table.separator == CellSeparator::Pipe {
            self.table = Some(table);
        }
        is_row || was_open
    }

    /// Parses a line that holds one field of a row, as the aws tool prints them. Any other
    /// line ends the row.
    fn take_field(&mut self, line: &str, events: &mut Vec<LogEvent>) -> bool {
        // YAML: `- field: '@duration'`, and `value: '2.72'` on the next line.
        if let Some(name) = self.pending_name.take()
            && let Some(value) = line.trim_start().strip_prefix("value:")
        {
            self.add_field(name, unquoted(value), events);
            return true;
        }
        if let Some((name, value)) = line
            .strip_prefix("RESULTS\t@")
            .and_then(|field| field.split_once('\t'))
        {
            self.add_field(format!("@{name}"), value, events);
            return true;
        }
        if let Some(field) = line.strip_prefix("||")
            && let Some((name, value)) = field.trim_end_matches('|').split_once('|')
            && name.trim_start().starts_with('@')
        {
            self.add_field(name.trim().to_owned(), value, events);
            return true;
        }
        if let Some((start, name)) = line.split_once("field:")
            && unquoted(name).starts_with('@')
            && start.chars().all(|c| matches!(c, ' ' | '-'))
        {
            // A second dash starts the list of another row.
            if start.contains("- -") {
                self.end_row_of_fields(events);
            }
            self.pending_name = Some(unquoted(name).to_owned());
            return true;
        }
        // A message ends with a line break, which the tool prints as an empty line.
        let is_empty = line.chars().all(|c| c == '|' || c.is_whitespace());
        if !is_empty {
            self.end_row_of_fields(events);
        }
        false
    }

    fn add_field(&mut self, name: String, value: &str, events: &mut Vec<LogEvent>) {
        if self.row.contains_key(&name) {
            self.end_row_of_fields(events);
        }
        let value = value.trim();
        if !value.is_empty() {
            self.row.insert(name, Value::from(value));
        }
    }

    fn end_row_of_fields(&mut self, events: &mut Vec<LogEvent>) {
        let row = std::mem::take(&mut self.row);
        if !row.is_empty() {
            parse_fields(&row, events);
        }
    }
}

impl InsightsTable {
    /// The table that starts with this line, if the line is a header.
    fn from_header(line: &str) -> Option<Self> {
        let is_candidate = line.contains('@') || line.contains("DurationInMS");
        if !is_candidate || line.len() > MAX_HEADER {
            return None;
        }
        let trimmed = line.trim();
        let separator = CellSeparator::from_header(trimmed);
        let columns = cells::split(trimmed, separator)?;
        let is_name = |name: &String| {
            let is_word = |c: char| c.is_alphanumeric() || "@#_.-".contains(c);
            !name.is_empty() && (name.chars().all(is_word) || name.contains('('))
        };
        let is_field = |name: &String| {
            FIELDS.contains(&name.as_str())
                || is_expression(name)
                || insights_name(name).0 == "@duration"
        };
        // A single column can also be a word that a function prints.
        let is_header = columns.iter().all(is_name)
            && columns.iter().any(is_field)
            && (columns.len() > 1
                || FIELDS[..5].contains(&columns[0].as_str())
                || is_expression(&columns[0]));
        is_header.then_some(Self {
            columns,
            separator,
            open_row: String::new(),
        })
    }

    /// Parses a row of several lines. If it is not a row after all, each of its lines is a
    /// message.
    fn parse_row_or_lines(&self, row: &str, events: &mut Vec<LogEvent>) -> bool {
        let is_row = self.parse_row(row, events);
        if !is_row {
            for line in row.lines() {
                let origin = MessageOrigin::default();
                events.push(LogEvent::Message(line.to_owned(), origin));
            }
        }
        is_row
    }

    /// Parses a whole row. Returns false if it does not have the table's columns.
    fn parse_row(&self, row: &str, events: &mut Vec<LogEvent>) -> bool {
        let Some(cells) = cells::split(row, self.separator) else {
            return false;
        };
        // The line below a header in Markdown.
        if cells
            .iter()
            .all(|cell| cell.chars().all(|c| matches!(c, '-' | ':')))
        {
            return true;
        }
        // The console numbers its rows, and the numbers have no column name.
        let is_numbered = cells.len() == self.columns.len() + 1 && cells[0].parse::<u64>().is_ok();
        let cells = &cells[usize::from(is_numbered)..];
        let is_single_word = cells.len() == 1 && cells[0].parse::<f64>().is_err();
        if cells.len() != self.columns.len() || is_single_word {
            return false;
        }
        let row = self
            .columns
            .iter()
            .zip(cells)
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(column, cell)| (column.clone(), Value::from(cell.as_str())))
            .collect();
        parse_fields(&row, events);
        true
    }
}

fn parse_fields(row: &Map<String, Value>, events: &mut Vec<LogEvent>) {
    let row = Value::Object(with_insights_names(row));
    json::parse_value(&row, &MessageOrigin::default(), &mut |event| {
        events.push(event);
    });
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['\'', '"'])
}
