//! Reads a file line by line, in bounded memory.
//!
//! In: the bytes of a file. Out: what the parsers find in it, added to a [`ReportLog`].
//! A line is text, JSON, or the start of JSON that spans lines. The latter is read as a
//! stream. If it turns out not to be JSON, which is common in what functions print, it is
//! read as text from the next line on.

use std::io::{self, BufRead};

use crate::metrics::report_log::call::{FailedInit, MeasurementSource, ReportedCall};
use crate::metrics::report_log::event::LogEvent;
use crate::metrics::report_log::insights::InsightsTables;
use crate::metrics::report_log::line_input::LineInput;
use crate::metrics::report_log::log::{ReportLog, UnreadReport};
use crate::metrics::report_log::message::OpenJson;
use crate::metrics::report_log::names::FunctionNames;
use crate::metrics::report_log::prefix::MessageOrigin;
use crate::metrics::report_log::table::CallTable;
use crate::metrics::report_log::{json, message, text};

/// How deep messages may be nested in each other.
const MAX_DEPTH: u8 = 8;

impl ReportLog {
    /// Reads a file to its end.
    ///
    /// `file` is its name for messages.
    pub fn read(&mut self, file: &str, input: impl BufRead) -> io::Result<()> {
        let reader = LogReader {
            first_call: self.calls.len(),
            first_init: self.inits.len(),
            log: self,
            file,
            line: 1,
            is_emulated: false,
            table: CallTable::default(),
            insights: InsightsTables::default(),
            names: FunctionNames::default(),
        };
        reader.read(LineInput::new(input))
    }

    /// Reads a log that is in memory.
    pub fn parse(text: &str) -> Self {
        let mut log = Self::default();
        if let Err(error) = log.read("text", text.as_bytes()) {
            log.warnings.push(error.to_string());
        }
        log
    }

    /// Reads the `LogResult` in a response of `Invoke`: up to 4 KB of the end of the log,
    /// in base64.
    pub(crate) fn from_log_result(base64: &str) -> Result<Self, String> {
        let log = text::decode_base64(base64).ok_or("the `LogResult` is not base64")?;
        Ok(Self::parse(&log))
    }
}

/// The state while one file is read.
struct LogReader<'a> {
    log: &'a mut ReportLog,
    file: &'a str,
    /// The current line, from 1.
    line: u64,
    /// The number of calls and inits in the log before this file.
    first_call: usize,
    first_init: usize,
    /// Whether Lambda's local emulator wrote a report of this file.
    is_emulated: bool,
    table: CallTable,
    insights: InsightsTables,
    names: FunctionNames,
}

impl LogReader<'_> {
    fn read(mut self, mut input: LineInput<impl BufRead>) -> io::Result<()> {
        if let Some(why) = input.detect_other_format()? {
            self.add_unread(why.to_owned());
            return Ok(());
        }
        let before = self.found();
        while let Some(line) = input.line()? {
            self.line = input.newlines + 1;
            let text = String::from_utf8_lossy(&line.bytes);
            match self.read_line(&text, line.is_cut) {
                Some(open) => self.read_stream(&mut input, &open)?,
                None => input.skip_line()?,
            }
        }
        self.finish(before);
        Ok(())
    }

    /// The calls that were found so far, including repetitions.
    fn found(&self) -> (usize, u64) {
        (self.log.calls.len(), self.log.repeated)
    }

    /// Reads a line. Returns JSON that continues on the next line, if there is any.
    fn read_line(&mut self, line: &str, is_cut: bool) -> Option<OpenJson> {
        let mut events = Vec::new();
        let is_row = self.table.parse_line(line, &mut events)
            || self.insights.parse_line(line, self.line, &mut events);
        self.accept_all(events);
        if is_row {
            return None;
        }
        message::parse_line(line, is_cut, MessageOrigin::default(), &mut |event| {
            self.accept(event, 0);
        })
    }

    /// Reads JSON of any length, which starts on the current line.
    fn read_stream(
        &mut self,
        input: &mut LineInput<impl BufRead>,
        open: &OpenJson,
    ) -> io::Result<()> {
        let first_line = input.newlines;
        input.put_back(open.start.as_bytes());
        let before = self.found();
        let parsed = json::parse_stream(&mut *input, &open.origin, &mut |event| {
            self.accept(event, 0);
        });
        let Err(error) = parsed else {
            return Ok(());
        };
        if error.is_io() {
            return Err(error.into());
        }
        // Text that only begins like JSON is not worth a warning.
        if self.found() != before || error.is_eof() {
            self.warn(&format!(
                "the JSON that starts on line {} is invalid on line {}",
                first_line + 1,
                input.newlines + 1
            ));
        }
        input.start_line_again(first_line);
        Ok(())
    }

    fn accept_all(&mut self, events: Vec<LogEvent>) {
        for event in events {
            self.accept(event, 0);
        }
    }

    /// Takes what a parser found. `depth` is the number of messages around it.
    fn accept(&mut self, event: LogEvent, depth: u8) {
        match event {
            LogEvent::Call(call, origin) => self.add_call(call, &origin),
            LogEvent::FailedInit(init, origin) => self.add_init(init, &origin),
            LogEvent::FunctionName(name, origin) => self.names.learn(name, &origin),
            LogEvent::Message(text, origin) if depth < MAX_DEPTH => {
                message::parse(&text, &origin, &mut |event| self.accept(event, depth + 1));
            }
            LogEvent::Message(..) => {}
            LogEvent::WrittenByEmulator => self.is_emulated = true,
            LogEvent::RowWithoutDuration => self.insights.note_missing_duration(self.line),
            LogEvent::Unreadable(why) => self.add_unread(why),
        }
    }

    fn add_call(&mut self, call: ReportedCall, origin: &MessageOrigin) {
        self.log.add_call(ReportedCall {
            name: call.name.or_else(|| self.names.name(origin)),
            time: call.time.or(origin.time),
            ..call
        });
    }

    fn add_init(&mut self, init: FailedInit, origin: &MessageOrigin) {
        self.log.inits.push(FailedInit {
            name: self.names.name(origin),
            time: init.time.or(origin.time),
            ..init
        });
    }

    fn add_unread(&mut self, why: String) {
        self.log.add_unread(UnreadReport {
            file: self.file.to_owned(),
            line: self.line,
            why,
        });
    }

    fn warn(&mut self, warning: &str) {
        self.log.warnings.push(format!("{}: {warning}", self.file));
    }

    /// Ends open tables at the end of the file, and adds warnings about the whole file.
    fn finish(mut self, before: (usize, u64)) {
        for warning in self.table.repeated_blocks() {
            self.warn(&warning);
        }
        let events = self.insights.finish();
        self.accept_all(events);
        if self.found() != before {
            if let Some(warning) = self.insights.missing_fields() {
                self.warn(&warning);
            }
        } else if let Some((line, why)) = self.insights.missing_durations() {
            self.line = line;
            self.add_unread(why);
        }
        if self.is_emulated {
            self.mark_emulated_calls();
        }
        self.names.name_unnamed(
            &mut self.log.calls[self.first_call..],
            &mut self.log.inits[self.first_init..],
        );
    }

    /// Marks the calls that the local emulator reported. Its Init Duration is not measured,
    /// and its memory used is always the configured memory.
    ///
    /// Source: <https://github.com/aws/aws-lambda-runtime-interface-emulator/issues/106>
    fn mark_emulated_calls(&mut self) {
        for call in &mut self.log.calls[self.first_call..] {
            if call.max_memory_mb == call.memory_mb {
                call.source = MeasurementSource::Local;
            }
        }
        self.warn(
            "Lambda's local emulator wrote this log, and its `Init Duration` does not measure the \
             init",
        );
    }
}
