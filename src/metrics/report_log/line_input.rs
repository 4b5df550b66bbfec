//! Reads a file as lines, and JSON that spans lines as a stream of bytes.
//!
//! Lines longer than [`MAX_LINE`] are cut, because reports are short. The line on which a
//! stream turned out not to be JSON can be read again.

use std::io::{self, BufRead, Read};

use crate::metrics::report_log::clean::CleanReader;

/// The longest line that is read as a whole, in bytes. A log event of CloudWatch has 1 MiB
/// at most.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const MAX_LINE: usize = 2 << 20;

/// A line without its line break.
pub(super) struct InputLine {
    pub(super) bytes: Vec<u8>,
    /// Whether the line is longer than these bytes.
    pub(super) is_cut: bool,
}

pub(super) struct LineInput<R> {
    inner: CleanReader<R>,
    /// Bytes that were put back and are read before the rest of the file.
    pending: Vec<u8>,
    /// How many of the pending bytes have been read.
    pending_position: usize,
    /// The bytes of the current line that the stream has read.
    current: Vec<u8>,
    /// The number of lines that have ended.
    pub(super) newlines: u64,
    /// Whether the last line was cut, so that its end is still unread.
    is_cut: bool,
}

impl<R: BufRead> LineInput<R> {
    pub(super) const fn new(inner: R) -> Self {
        Self {
            inner: CleanReader::new(inner),
            pending: Vec::new(),
            pending_position: 0,
            current: Vec::new(),
            newlines: 0,
            is_cut: false,
        }
    }

    /// Recognizes files that are not text, and returns what to do about them.
    pub(super) fn detect_other_format(&mut self) -> io::Result<Option<&'static str>> {
        Ok(match self.inner.raw()? {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                Some("the file is UTF-16, as PowerShell writes it; save it as UTF-8")
            }
            [b'P', b'K', 3, 4, ..] => {
                Some("the file is a zip or a spreadsheet; export the table as CSV, or unzip it")
            }
            [0x1f, 0x8b, ..] => {
                Some("the file is compressed; run `gunzip`, or pipe it in from `zcat`")
            }
            _ => None,
        })
    }

    fn buffer(&mut self) -> io::Result<&[u8]> {
        if self.pending_position < self.pending.len() {
            Ok(&self.pending[self.pending_position..])
        } else {
            self.inner.fill_buf()
        }
    }

    /// Marks bytes of the buffer as read. They must not go beyond the pending bytes.
    fn consume(&mut self, count: usize) {
        if self.pending_position < self.pending.len() {
            self.pending_position += count;
        } else {
            self.inner.consume(count);
        }
    }

    /// Reads the next line, up to [`MAX_LINE`] bytes. The line break has been read, unless
    /// the line was cut.
    pub(super) fn line(&mut self) -> io::Result<Option<InputLine>> {
        let mut bytes = Vec::new();
        self.is_cut = false;
        loop {
            let room = MAX_LINE - bytes.len();
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
            if is_end || bytes.len() == MAX_LINE {
                self.is_cut = !is_end;
                // `skip_line` counts the line, because a stream can start on it.
                return Ok(Some(InputLine {
                    bytes,
                    is_cut: !is_end,
                }));
            }
        }
    }

    /// Skips the rest of the line that was read last, and counts it.
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

    /// Makes `text`, the end of the line that was read last, the next bytes to read.
    pub(super) fn put_back(&mut self, text: &[u8]) {
        let rest = self
            .pending
            .split_off(self.pending_position.min(self.pending.len()));
        self.pending = text.to_vec();
        if !self.is_cut {
            self.pending.push(b'\n');
        }
        self.pending.extend(rest);
        self.pending_position = 0;
        self.current.clear();
        self.is_cut = false;
    }

    /// Makes the line on which a stream ended the next line to read, unless the stream
    /// started on it.
    pub(super) fn start_line_again(&mut self, first_line: u64) {
        let text = std::mem::take(&mut self.current);
        if self.newlines > first_line && text.len() < MAX_LINE {
            let rest = self
                .pending
                .split_off(self.pending_position.min(self.pending.len()));
            self.pending = text;
            self.pending.extend(rest);
            self.pending_position = 0;
        }
    }
}

/// For serde_json, which reads one byte at a time, and none after the end of a value.
impl<R: BufRead> Read for LineInput<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let buffer = self.buffer()?;
        let (Some(byte), Some(target)) = (buffer.first().copied(), out.first_mut()) else {
            return Ok(0);
        };
        *target = byte;
        self.consume(1);
        if byte == b'\n' {
            self.newlines += 1;
            self.current.clear();
        } else if self.current.len() < MAX_LINE {
            self.current.push(byte);
        }
        Ok(1)
    }
}
