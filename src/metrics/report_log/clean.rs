//! Removes invisible bytes that terminals and editors add: ANSI escape sequences, such as
//! colors, and UTF-8 byte order marks.
//!
//! In: any buffered reader. Out: the same bytes without these sequences. A chunk without
//! any of them is passed through without a copy.
//! Left to others: encodings other than UTF-8.
//!
//! Source: ECMA-48, 5.3 and 5.4 for escape sequences, 5.6 for control strings.

use std::io::{self, BufRead, Read};

const ESCAPE: u8 = 0x1b;
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// The sequence that the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EscapeState {
    Text,
    /// After an escape character.
    Escape,
    /// In a control sequence, which ends with a byte from `@` to `~`.
    Sequence,
    /// In a control string, such as the title of a window.
    String,
    /// In a control string, after an escape character.
    StringEscape,
    /// After this many bytes of a byte order mark.
    Mark(usize),
}

pub(super) struct CleanReader<R> {
    inner: R,
    state: EscapeState,
    /// How many of the next bytes of `inner` need no cleaning. JSON is read byte by byte,
    /// and must not search the rest of the buffer each time.
    clean_count: usize,
    /// The cleaned bytes of the last chunk.
    ready: Vec<u8>,
    /// How many of the ready bytes have been read.
    ready_position: usize,
}

impl<R: BufRead> CleanReader<R> {
    pub(super) const fn new(inner: R) -> Self {
        Self {
            inner,
            state: EscapeState::Text,
            clean_count: 0,
            ready: Vec::new(),
            ready_position: 0,
        }
    }

    /// The next bytes of the file, not cleaned.
    pub(super) fn raw(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn clean_byte(&mut self, byte: u8) {
        self.state = match (self.state, byte) {
            (EscapeState::Mark(seen), byte) if byte == BYTE_ORDER_MARK[seen] => {
                if seen + 1 == BYTE_ORDER_MARK.len() {
                    EscapeState::Text
                } else {
                    EscapeState::Mark(seen + 1)
                }
            }
            (EscapeState::Mark(seen), byte) => {
                self.ready.extend_from_slice(&BYTE_ORDER_MARK[..seen]);
                self.state = EscapeState::Text;
                return self.clean_byte(byte);
            }
            (EscapeState::Text, ESCAPE) => EscapeState::Escape,
            (EscapeState::Text, byte) if byte == BYTE_ORDER_MARK[0] => EscapeState::Mark(1),
            // A line break ends every sequence: a lone escape must not hide a report.
            (_, b'\n' | b'\r') | (EscapeState::Text, _) => {
                self.ready.push(byte);
                EscapeState::Text
            }
            (EscapeState::Escape, b'[') => EscapeState::Sequence,
            (EscapeState::Escape, b']' | b'P' | b'X' | b'^' | b'_') => EscapeState::String,
            // Intermediate bytes, as in `ESC ( B`.
            (EscapeState::Escape, 0x20..=0x2f) => EscapeState::Escape,
            (EscapeState::Escape, _) | (EscapeState::Sequence, 0x40..=0x7e) => EscapeState::Text,
            (EscapeState::Sequence, _) => EscapeState::Sequence,
            (EscapeState::String, 0x07) | (EscapeState::StringEscape, b'\\') => EscapeState::Text,
            (EscapeState::String | EscapeState::StringEscape, ESCAPE) => EscapeState::StringEscape,
            (EscapeState::String | EscapeState::StringEscape, _) => EscapeState::String,
        };
    }
}

impl<R: BufRead> Read for CleanReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for CleanReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.clean_count == 0 && self.ready_position == self.ready.len() {
            self.ready.clear();
            self.ready_position = 0;
            let chunk = self.inner.fill_buf()?;
            if chunk.is_empty() {
                // The file ends in the middle of a possible byte order mark.
                let EscapeState::Mark(seen) = self.state else {
                    return Ok(&[]);
                };
                self.ready.extend_from_slice(&BYTE_ORDER_MARK[..seen]);
                self.state = EscapeState::Text;
                continue;
            }
            if self.state == EscapeState::Text {
                let special = memchr::memchr2(ESCAPE, BYTE_ORDER_MARK[0], chunk);
                self.clean_count = special.unwrap_or(chunk.len());
                if self.clean_count > 0 {
                    break;
                }
            }
            // Clean only one line. The next one can be passed through without a copy.
            let end = memchr::memchr(b'\n', chunk).map_or(chunk.len(), |at| at + 1);
            let chunk = chunk[..end].to_vec();
            for byte in &chunk {
                self.clean_byte(*byte);
            }
            self.inner.consume(chunk.len());
        }
        if self.clean_count > 0 {
            return Ok(&self.inner.fill_buf()?[..self.clean_count]);
        }
        Ok(&self.ready[self.ready_position..])
    }

    fn consume(&mut self, count: usize) {
        if self.clean_count > 0 {
            self.clean_count -= count;
            self.inner.consume(count);
        } else {
            self.ready_position += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads bytes in chunks of this size.
    fn clean(bytes: &[u8], chunk: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let inner = io::BufReader::with_capacity(chunk, bytes);
        CleanReader::new(inner).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn escape_sequences_and_marks_are_dropped_however_the_bytes_are_split() {
        for (bytes, expected) in [
            (&b"plain\ttext\n"[..], &b"plain\ttext\n"[..]),
            (b"\x1b[36mcyan\x1b[0m \x1b[1;38;5;9mred\x1b[m", b"cyan red"),
            (b"\x1b]0;a title\x07x\x1b]8;;http://a\x1b\\y", b"xy"),
            (b"\x1b(Bplain\x1b=\x1b[?25l", b"plain"),
            (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", b"a\nb"),
            (
                b"\xef\xbc\xa1 and \xef\xbb\xb0",
                b"\xef\xbc\xa1 and \xef\xbb\xb0",
            ),
            (b"cut \x1b\nREPORT \x1b[\nREPORT", b"cut \nREPORT \nREPORT"),
            (b"ends \xef\xbb", b"ends \xef\xbb"),
            (b"ends \x1b[3", b"ends "),
        ] {
            for chunk in 1..=bytes.len() {
                assert_eq!(clean(bytes, chunk), expected, "{chunk}: {bytes:?}");
            }
        }
    }
}
