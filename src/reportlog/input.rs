//! A file, a line at a time, in bounded memory.
//!
//! A line is text, JSON, or the start of JSON that spans lines; the latter is read as
//! a stream. What only began like JSON, as much does that functions print, is taken
//! for text from the next line on. Lines over [`LONGEST`] are cut: reports are short.

use std::io::{self, BufRead, Read};

use serde::de::DeserializeSeed;
use serde_json::{Deserializer, Value};

use crate::reportlog::call::{Call, FailedInit};
use crate::reportlog::json::Document;
use crate::reportlog::prefix::{self, Origin};
use crate::reportlog::table::Columns;
use crate::reportlog::{Log, Unread};

/// The longest line that is looked at as a whole, in bytes; a log event of CloudWatch
/// has 1 MiB at most.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const LONGEST: usize = 2 << 20;

/// How deep messages may be wrapped in each other.
const DEEPEST: u8 = 8;

/// What a file has said so far.
pub(super) struct Reader<'a> {
    log: &'a mut Log,
    file: &'a str,
    /// The line that is being read, from 1.
    line: u64,
    depth: u8,
    /// Where lines are rows of a table.
    pub(super) columns: Option<Columns>,
}

/// Reads a file to its end.
pub(super) fn read(log: &mut Log, file: &str, input: impl BufRead) -> io::Result<()> {
    let mut reader = Reader {
        log,
        file,
        line: 1,
        depth: 0,
        columns: None,
    };
    let mut input = Input::new(input);
    if let Some(what) = input.is_not_text()? {
        reader.cannot_read(what.to_owned());
        return Ok(());
    }
    while let Some(line) = input.line()? {
        reader.line = input.newlines + 1;
        let text = String::from_utf8_lossy(&line.bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if let Some(open) = reader.line(text, line.is_cut) {
            reader.stream(&mut input, &open)?;
        } else {
            input.skip_line()?;
        }
    }
    if let Some(columns) = reader.columns.take() {
        reader.end_of_table(&columns);
    }
    Ok(())
}

/// JSON that does not end where its line does.
struct Open {
    /// What stands of it on that line.
    start: String,
    origin: Origin,
}

impl Reader<'_> {
    pub(super) fn cannot_read(&mut self, why: String) {
        self.log.cannot_read(Unread {
            file: self.file.to_owned(),
            line: self.line,
            why,
        });
    }

    pub(super) fn warn(&mut self, what: &str) {
        self.log.warnings.push(format!("{}: {what}", self.file));
    }

    pub(super) fn call(&mut self, call: Call, origin: &Origin) {
        self.log.add(Call {
            name: call.name.or_else(|| origin.name.clone()),
            time: call.time.or(origin.time),
            ..call
        });
    }

    pub(super) fn init(&mut self, init: FailedInit, origin: &Origin) {
        self.log.inits.push(FailedInit {
            name: origin.name.clone(),
            time: init.time.or(origin.time),
            ..init
        });
    }

    /// Takes a message, which may have lines and messages in it.
    pub(super) fn message(&mut self, message: &str, origin: &Origin) {
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
    fn line(&mut self, line: &str, is_cut: bool) -> Option<Open> {
        if self.row(line) {
            return None;
        }
        let mut origin = Origin::default();
        let message = prefix::message(line, &mut origin);
        if is_cut && message.starts_with(['{', '[']) {
            return Some(Open {
                start: message.to_owned(),
                origin,
            });
        }
        self.content(message, origin)
    }

    /// Takes what is text, or JSON; gives back JSON that is not at its end.
    fn content(&mut self, message: &str, origin: Origin) -> Option<Open> {
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
                    return Some(Open { start, origin });
                }
                Some(Err(_)) => {
                    self.text(&message[start..], &origin);
                    return None;
                }
            }
        }
    }

    /// Reads on what began on a line.
    fn stream<R: BufRead>(&mut self, input: &mut Input<R>, open: &Open) -> io::Result<()> {
        let first = input.newlines;
        input.put_back(open.start.as_bytes());
        let before = (self.log.calls.len(), self.log.repeated);
        let mut json = Deserializer::from_reader(&mut *input);
        let document = Document {
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

/// A line, without its end.
struct Line {
    bytes: Vec<u8>,
    /// Whether it goes on behind what is here.
    is_cut: bool,
}

/// Bytes, of which the last line can be had again.
struct Input<R> {
    inner: R,
    /// What is read before all else, and how much of it has been.
    pending: Vec<u8>,
    at: usize,
    /// What has been read of this line.
    current: Vec<u8>,
    /// How many lines have ended.
    newlines: u64,
    is_cut: bool,
}

impl<R: BufRead> Input<R> {
    const fn new(inner: R) -> Self {
        Self {
            inner,
            pending: Vec::new(),
            at: 0,
            current: Vec::new(),
            newlines: 0,
            is_cut: false,
        }
    }

    /// What a file is that has no lines.
    fn is_not_text(&mut self) -> io::Result<Option<&'static str>> {
        let start = self.inner.fill_buf()?;
        Ok(match start {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                Some("it is UTF-16, as PowerShell writes it: save it as UTF-8")
            }
            [0x1f, 0x8b, ..] => Some("it is compressed: gunzip it, or pipe it in from zcat"),
            _ => None,
        })
    }

    fn buffer(&mut self) -> io::Result<&[u8]> {
        match self.at < self.pending.len() {
            true => Ok(&self.pending[self.at..]),
            false => self.inner.fill_buf(),
        }
    }

    /// Takes bytes that were in the buffer, all of one line.
    fn consume(&mut self, count: usize) {
        match self.at < self.pending.len() {
            true => self.at += count,
            false => self.inner.consume(count),
        }
    }

    /// The next line, up to the longest that is looked at; its end is still there where
    /// it was cut, or else it has been read.
    fn line(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        self.is_cut = false;
        loop {
            let room = LONGEST - bytes.len();
            let buffer = self.buffer()?;
            if buffer.is_empty() {
                let line = Line {
                    bytes,
                    is_cut: false,
                };
                return Ok((!line.bytes.is_empty()).then_some(line));
            }
            let end = memchr::memchr(b'\n', buffer);
            let count = end.unwrap_or(buffer.len()).min(room);
            bytes.extend_from_slice(&buffer[..count]);
            let is_end = end == Some(count);
            self.consume(count + usize::from(is_end));
            if is_end || bytes.len() == LONGEST {
                self.is_cut = !is_end;
                // Counted once the line is done with.
                return Ok(Some(Line {
                    bytes,
                    is_cut: !is_end,
                }));
            }
        }
    }

    /// Ends the line that was read last.
    fn skip_line(&mut self) -> io::Result<()> {
        while self.is_cut {
            let buffer = self.buffer()?;
            let end = memchr::memchr(b'\n', buffer);
            let count = end.map_or(buffer.len(), |end| end + 1);
            self.is_cut = end.is_none() && count > 0;
            self.consume(count);
        }
        self.newlines += 1;
        Ok(())
    }

    /// Makes the end of the line that was read last the start of what is read next.
    fn put_back(&mut self, text: &[u8]) {
        let rest = self.pending.split_off(self.at.min(self.pending.len()));
        self.pending = text.to_vec();
        if !self.is_cut {
            self.pending.push(b'\n');
        }
        self.pending.extend(rest);
        self.at = 0;
        self.current.clear();
        self.is_cut = false;
    }

    /// Has the line on which a stream ended read again, unless the stream began on it.
    fn start_line_again(&mut self, first: u64) {
        let text = std::mem::take(&mut self.current);
        if self.newlines > first && text.len() < LONGEST {
            let rest = self.pending.split_off(self.at.min(self.pending.len()));
            self.pending = text;
            self.pending.extend(rest);
            self.at = 0;
        }
    }
}

/// For JSON, which asks for a byte at a time, and for no byte behind its end.
impl<R: BufRead> Read for Input<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let buffer = self.buffer()?;
        let (Some(byte), Some(place)) = (buffer.first().copied(), out.first_mut()) else {
            return Ok(0);
        };
        *place = byte;
        self.consume(1);
        if byte == b'\n' {
            self.newlines += 1;
            self.current.clear();
        } else if self.current.len() < LONGEST {
            self.current.push(byte);
        }
        Ok(1)
    }
}
