//! Results of CloudWatch Logs Insights that are tables: one line is one row, or one field.
//!
//! In: lines. Out: rows, as the objects that Insights answers in JSON. Read are what the
//! console exports (CSV and Markdown) and copies (cells between tabs), and what the aws
//! tool prints (`--output text`, `table` and `yaml`).
//! Absent: JSON, and what a row says, which is `json.rs`.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html>,
//! and for the shapes of `text` and `table` the formatters of awscli 1.46.

mod cells;
pub(super) mod fields;

use serde_json::{Map, Value};

use crate::metrics::report_log::input::LogReader;
use crate::metrics::report_log::insights::cells::{CellSeparator, cells, is_open};
use crate::metrics::report_log::insights::fields::{FIELDS, field, is_expression, own_names};
use crate::metrics::report_log::prefix::MessageOrigin;

/// A query that has everything.
const QUERY: &str = "fields @requestId, @duration, @billedDuration, @initDuration, @memorySize, \
                     @maxMemoryUsed | filter @type = \"REPORT\"";

/// Longer lines are not headers, and longer rows are not rows.
const LONGEST_HEADER: usize = 4 << 10;
const LONGEST_ROW: usize = 1 << 20;

/// What is known of the tables of a file.
#[derive(Debug, Default)]
pub(super) struct InsightsTables {
    table: Option<InsightsTable>,
    /// The fields of a row that has a line for each.
    row: Map<String, Value>,
    /// The field whose value is on the next line, as in YAML.
    name: Option<String>,
    /// The line of a table whose rows cannot be reports, as their fields are missing.
    lacking: Option<u64>,
    /// Fields that a table without messages should have and does not.
    absent: Vec<&'static str>,
}

/// A table with a header.
#[derive(Debug)]
struct InsightsTable {
    names: Vec<String>,
    separator: CellSeparator,
    /// The start of a row with a line break in a quoted cell.
    open: String,
}

impl LogReader<'_> {
    /// Takes a line that is part of a table of Insights.
    pub(super) fn insights(&mut self, line: &str) -> bool {
        if self.pair(line) {
            return true;
        }
        if let Some(header) = header(line) {
            self.begin_table(header);
            return true;
        }
        match self.insights.table.take() {
            Some(table) => self.table_row(table, line),
            None => false,
        }
    }

    /// Notes a row that says nothing of durations, which other rows may do.
    pub(super) fn lacks_duration(&mut self, row: &Map<String, Value>) {
        // Other programs write `@timestamp` too.
        let is_insights = |name: &str| name != "@timestamp" && FIELDS.contains(&name);
        if row
            .keys()
            .any(|name| is_insights(name) || is_expression(name))
        {
            self.insights.lacking.get_or_insert(self.line);
        }
    }

    /// Ends what is open, and tells which fields are missing.
    ///
    /// `found` is whether the file has a report at all.
    pub(super) fn end_of_insights(&mut self, found: impl Fn(&Self) -> bool) {
        self.end_of_pairs();
        if let Some(table) = self.insights.table.take() {
            self.whole_row(&table, &table.open);
        }
        let found = found(self);
        if let (Some(line), false) = (self.insights.lacking, found) {
            self.line = line;
            self.cannot_read(format!(
                "its Insights query has no `@duration`, and no `@message` with REPORT lines: add \
                 the field, as in `{QUERY}`"
            ));
        } else if found && !self.insights.absent.is_empty() {
            let absent = self.insights.absent.join("`, `");
            let effect = if self.insights.absent.contains(&"@initDuration") {
                ", so that every call counts as warm"
            } else {
                ""
            };
            self.warn(&format!(
                "the table of Insights has no `{absent}`{effect}: add it to the query"
            ));
        }
    }

    fn begin_table(&mut self, table: InsightsTable) {
        let has = |name: &str| table.names.iter().any(|known| field(known).0 == name);
        if !has("@message") {
            if has("@duration") {
                let wanted = ["@initDuration", "@billedDuration", "@memorySize"];
                self.insights.absent = wanted.into_iter().filter(|name| !has(name)).collect();
            } else {
                self.insights.lacking.get_or_insert(self.line);
            }
        }
        self.insights.table = Some(table);
    }

    /// Takes a line behind a header; a line that is not a row ends the table.
    fn table_row(&mut self, mut table: InsightsTable, line: &str) -> bool {
        if table.open.is_empty() && line.trim().is_empty() {
            self.insights.table = Some(table);
            return true;
        }
        let row = format!("{}{line}", table.open);
        if table.separator == CellSeparator::Comma && is_open(&row) && row.len() < LONGEST_ROW {
            table.open = row + "\n";
            self.insights.table = Some(table);
            return true;
        }
        let was_open = !std::mem::take(&mut table.open).is_empty();
        let is_row = if was_open {
            self.whole_row(&table, &row)
        } else {
            self.row_of(&table, &row)
        };
        // Messages in Markdown may have line breaks, and more pipes.
        if is_row || table.separator == CellSeparator::Pipe {
            self.insights.table = Some(table);
        }
        is_row || was_open
    }

    /// Takes a row of several lines, or else each of the lines.
    fn whole_row(&mut self, table: &InsightsTable, row: &str) -> bool {
        let is_row = self.row_of(table, row);
        if !is_row {
            let lines = row.lines();
            lines.for_each(|line| self.message(line, &MessageOrigin::default()));
        }
        is_row
    }

    /// Takes a whole row; false if it does not have the table's columns.
    fn row_of(&mut self, table: &InsightsTable, row: &str) -> bool {
        let Some(cells) = cells(row, table.separator) else {
            return false;
        };
        if cells
            .iter()
            .all(|cell| cell.chars().all(|c| matches!(c, '-' | ':')))
        {
            return true;
        }
        // The console numbers its rows, and not its columns.
        let is_numbered = cells.len() == table.names.len() + 1 && cells[0].parse::<u64>().is_ok();
        let cells = &cells[usize::from(is_numbered)..];
        let is_alone = cells.len() == 1;
        if cells.len() != table.names.len() || is_alone && cells[0].parse::<f64>().is_err() {
            return false;
        }
        let named = table.names.iter().zip(cells);
        let fields = named.filter(|(_, cell)| !cell.is_empty());
        let row = fields.map(|(name, cell)| (name.clone(), Value::from(cell.as_str())));
        self.insights_row(row.collect());
        true
    }

    /// Takes a line that holds one field of a row, as the aws tool prints them.
    fn pair(&mut self, line: &str) -> bool {
        if let Some(name) = self.insights.name.take()
            && let Some(value) = line.trim_start().strip_prefix("value:")
        {
            self.field_of_row(name, unquoted(value));
            return true;
        }
        if let Some((name, value)) = line
            .strip_prefix("RESULTS\t@")
            .and_then(|p| p.split_once('\t'))
        {
            self.field_of_row(format!("@{name}"), value);
            return true;
        }
        if let Some(pair) = line.strip_prefix("||")
            && let Some((name, value)) = pair.trim_end_matches('|').split_once('|')
            && name.trim_start().starts_with('@')
        {
            self.field_of_row(name.trim().to_owned(), value);
            return true;
        }
        if let Some((start, name)) = line.split_once("field:")
            && unquoted(name).starts_with('@')
            && start.chars().all(|c| matches!(c, ' ' | '-'))
        {
            if start.contains("- -") {
                self.end_of_pairs();
            }
            self.insights.name = Some(unquoted(name).to_owned());
            return true;
        }
        // A message ends with a line break, which the tool prints.
        if !line
            .trim_matches(|c: char| c == '|' || c.is_whitespace())
            .is_empty()
        {
            self.end_of_pairs();
        }
        false
    }

    fn field_of_row(&mut self, name: String, value: &str) {
        if self.insights.row.contains_key(&name) {
            self.end_of_pairs();
        }
        let value = value.trim();
        if !value.is_empty() {
            self.insights.row.insert(name, Value::from(value));
        }
    }

    fn end_of_pairs(&mut self) {
        let row = std::mem::take(&mut self.insights.row);
        if !row.is_empty() {
            self.insights_row(row);
        }
    }

    fn insights_row(&mut self, row: Map<String, Value>) {
        self.value(&Value::Object(own_names(&row)), &MessageOrigin::default());
    }
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['\'', '"'])
}

/// The header of a table, if a line is one.
fn header(line: &str) -> Option<InsightsTable> {
    let is_candidate = line.contains('@') || line.contains("DurationInMS");
    if !is_candidate || line.len() > LONGEST_HEADER {
        return None;
    }
    let trimmed = line.trim();
    let separator = CellSeparator::of(trimmed);
    let names = cells(trimmed, separator)?;
    let is_name = |name: &String| {
        let is_word = |c: char| c.is_alphanumeric() || "@#_.-".contains(c);
        !name.is_empty() && (name.chars().all(is_word) || name.contains('('))
    };
    let is_known = |name: &String| {
        FIELDS.contains(&name.as_str()) || is_expression(name) || field(name).0 == "@duration"
    };
    // One column alone is as well a word that a function prints.
    let is_header = names.iter().all(is_name)
        && names.iter().any(is_known)
        && (names.len() > 1
            || FIELDS[..5].contains(&names[0].as_str())
            || is_expression(&names[0]));
    is_header.then_some(InsightsTable {
        names,
        separator,
        open: String::new(),
    })
}
