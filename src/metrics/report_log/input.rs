//! A file, a line at a time, in bounded memory.
//!
//! A line is text, JSON, or the start of JSON that spans lines; the latter is read as
//! a stream. What only began like JSON, as much does that functions print, is taken
//! for text from the next line on.

use std::io::{self, BufRead};

use serde::de::DeserializeSeed;
use serde_json::{Deserializer, Value};

use crate::metrics::report_log::ReportLog;
use crate::metrics::report_log::UnreadReport;
use crate::metrics::report_log::bytes::LineInput;
use crate::metrics::report_log::call::{FailedInit, MeasurementSource, ReportedCall};
use crate::metrics::report_log::insights::InsightsTables;
use crate::metrics::report_log::json::JsonDocument;
use crate::metrics::report_log::names::FunctionNames;
use crate::metrics::report_log::prefix;
use crate::metrics::report_log::prefix::MessageOrigin;
use crate::metrics::report_log::table::ColumnOrder;

/// How deep messages may be wrapped in each other.
const DEEPEST: u8 = 8;

/// What a file has said so far.
pub(super) struct LogReader<'a> {
    log: &'a mut ReportLog,
    file: &'a str,
    /// The line that is being read, from 1.
    pub(super) line: u64,
    depth: u8,
    /// Whether Lambda's local emulator has written of this.
    pub(super) is_emulated: bool,
    /// Where lines are rows of a table.
    pub(super) columns: Option<ColumnOrder>,
    /// Tables of CloudWatch Logs Insights.
    pub(super) insights: InsightsTables,
    /// Functions that the file names apart from its reports.
    pub(super) names: FunctionNames,
}

/// Reads a file to its end.
pub(super) fn read(log: &mut ReportLog, file: &str, input: impl BufRead) -> io::Result<()> {
    let mut reader = LogReader {
        log,
        file,
        line: 1,
        depth: 0,
        is_emulated: false,
        columns: None,
        insights: InsightsTables::default(),
        names: FunctionNames::default(),
    };
    let before = reader.log.calls.len();
    let before_inits = reader.log.inits.len();
    let before_repeated = reader.log.repeated;
    let mut input = LineInput::new(input);
    if let Some(what) = input.is_not_text()? {
        reader.cannot_read(what.to_owned());
        return Ok(());
    }
    while let Some(line) = input.line()? {
        reader.line = input.newlines + 1;
        let text = String::from_utf8_lossy(&line.bytes);
        if let Some(open) = reader.line(&text, line.is_cut) {
            reader.stream(&mut input, &open)?;
        } else {
            input.skip_line()?;
        }
    }
    if let Some(columns) = reader.columns.take() {
        reader.end_of_table(&columns);
    }
    reader.end_of_insights(|reader| {
        reader.log.calls.len() > before || reader.log.repeated > before_repeated
    });
    if reader.is_emulated {
        reader.end_of_emulation(before);
    }
    reader.names.name_earlier(reader.log, before, before_inits);
    Ok(())
}

/// JSON that does not end where its line does.
struct OpenJson {
    /// What stands of it on that line.
    start: String,
    origin: MessageOrigin,
}

impl LogReader<'_> {
    pub(super) fn cannot_read(&mut self, why: String) {
        self.log.cannot_read(UnreadReport {
            file: self.file.to_owned(),
            line: self.line,
            why,
        });
    }

    pub(super) fn warn(&mut self, what: &str) {
        self.log.warnings.push(format!("{}: {what}", self.file));
    }

    pub(super) fn call(&mut self, call: ReportedCall, origin: &MessageOrigin) {
        let name = || origin.name.clone().or_else(|| self.names.of(origin));
        self.log.add(ReportedCall {
            name: call.name.or_else(name),
            time: call.time.or(origin.time),
            ..call
        });
    }

    pub(super) fn init(&mut self, init: FailedInit, origin: &MessageOrigin) {
        self.log.inits.push(FailedInit {
            name: origin.name.clone().or_else(|| self.names.of(origin)),
            time: init.time.or(origin.time),
            ..init
        });
    }

    /// Says where calls were local ones: the emulator's word for a cold start is no
    /// measurement, and its memory used is always the memory configured.
    ///
    /// Source: <https://github.com/aws/aws-lambda-runtime-interface-emulator/issues/106>
    fn end_of_emulation(&mut self, before: usize) {
        for call in &mut self.log.calls[before..] {
            if call.max_memory_mb == call.memory_mb {
                call.source = MeasurementSource::Local;
            }
        }
        self.warn(
            "it was written by Lambda's local emulator, whose Init Duration does not measure \
             the init",
        );
    }

    /// Takes a message, which may have lines and messages in it.
    pub(super) fn message(&mut self, message: &str, origin: &MessageOrigin) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        match serde_json::from_str::<Value>(message) {
            Ok(value) if value.is_object() || value.is_array() => self.value(&value, origin),
            _ => {
                for line in message.lines() {
                    let mut origin = origin.clone();
                    let line = prefix::message(line, &mut origin);
                    // JSON that spans lines inside of a text is nobody's report.
                    let _ = self.content(line, origin);
                }
            }
        }
        self.depth -= 1;
    }

    /// Takes a line of a file; gives back the JSON that goes on behind it.
    fn line(&mut self, line: &str, is_cut: bool) -> Option<OpenJson> {
        if self.row(line) || self.insights(line) {
            return None;
        }
        let mut origin = MessageOrigin::default();
        let message = prefix::message(line, &mut origin);
        if is_cut && message.starts_with(['{', '[']) {
            return Some(OpenJson {
                start: message.to_owned(),
                origin,
            });
        }
        self.content(message, origin)
    }

    /// Takes what is text, or JSON; gives back JSON that is not at its end.
    fn content(&mut self, message: &str, origin: MessageOrigin) -> Option<OpenJson> {
        if !message.starts_with(['{', '[']) {
            self.text(message, &origin);
            return None;
        }
        // A CSV file has all quotes twice.
        let single;
        let message = match message.starts_with("{\"\"") {
            true => {
                single = message.replace("\"\"", "\"");
                &single
            }
            false => message,
        };
        let mut values = Deserializer::from_str(message).into_iter::<Value>();
        loop {
            let start = values.byte_offset();
            match values.next() {
                None => return None,
                Some(Ok(value)) => self.value(&value, &origin),
                Some(Err(error)) if error.is_eof() => {
                    let start = message[start..].to_owned();
                    return Some(OpenJson { start, origin });
                }
                Some(Err(_)) => {
                    self.text(&message[start..], &origin);
                    return None;
                }
            }
        }
    }

    /// Reads on what began on a line.
    fn stream<R: BufRead>(&mut self, input: &mut LineInput<R>, open: &OpenJson) -> io::Result<()> {
        let first = input.newlines;
        input.put_back(open.start.as_bytes());
        let before = (self.log.calls.len(), self.log.repeated);
        let mut json = Deserializer::from_reader(&mut *input);
        let document = JsonDocument {
            reader: self,
            origin: open.origin.clone(),
        };
        let Err(error) = document.deserialize(&mut json) else {
            return Ok(());
        };
        if error.is_io() {
            return Err(error.into());
        }
        let found = before != (self.log.calls.len(), self.log.repeated);
        if found || error.is_eof() {
            self.warn(&format!(
                "the JSON that begins on line {} is damaged on line {}",
                first + 1,
                input.newlines + 1
            ));
        }
        input.start_line_again(first);
        Ok(())
    }
}
