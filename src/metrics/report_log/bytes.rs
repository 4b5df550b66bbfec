//! Bytes as lines, and as a stream that stops where it is told to.
//!
//! Lines over [`LONGEST`] are cut: reports are short. The line on which a stream came
//! to grief can be read again.

use std::io::{self, BufRead, Read};

use crate::metrics::report_log::clean::CleanReader;

/// The longest line that is looked at as a whole, in bytes; a log event of CloudWatch
/// has 1 MiB at most.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const LONGEST: usize = 2 << 20;

/// A line, without its end.
pub(super) struct InputLine {
    pub(super) bytes: Vec<u8>,
    /// Whether it goes on behind what is here.
    pub(super) is_cut: bool,
}

/// Bytes, of which the last line can be had again.
pub(super) struct LineInput<R> {
    inner: CleanReader<R>,
    /// What is read before all else, and how much of it has been.
    pending: Vec<u8>,
    at: usize,
    /// What has been read of this line.
    current: Vec<u8>,
    /// How many lines have ended.
    pub(super) newlines: u64,
    is_cut: bool,
}

impl<R: BufRead> LineInput<R> {
    pub(super) const fn new(inner: R) -> Self {
        Self {
            inner: CleanReader::new(inner),
            pending: Vec::new(),
            at: 0,
            current: Vec::new(),
            newlines: 0,
            is_cut: false,
        }
    }

    /// What a file is that has no lines.
    pub(super) fn is_not_text(&mut self) -> io::Result<Option<&'static str>> {
        Ok(match self.inner.raw()? {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                Some("it is UTF-16, as PowerShell writes it: save it as UTF-8")
            }
            [b'P', b'K', 3, 4, ..] => {
                Some("it is a zip or a spreadsheet: export the table as CSV, or unzip it")
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
    pub(super) fn line(&mut self) -> io::Result<Option<InputLine>> {
        let mut bytes = Vec::new();
        self.is_cut = false;
        loop {
            let room = LONGEST - bytes.len();
            let buffer = self.buffer()?;
            if buffer.is_empty() {
                let line = InputLine {
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
                return Ok(Some(InputLine {
                    bytes,
                    is_cut: !is_end,
                }));
            }
        }
    }

    /// Ends the line that was read last.
    pub(super) fn skip_line(&mut self) -> io::Result<()> {
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
    pub(super) fn put_back(&mut self, text: &[u8]) {
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
    pub(super) fn start_line_again(&mut self, first: u64) {
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
impl<R: BufRead> Read for LineInput<R> {
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
