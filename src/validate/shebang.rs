//! What the first line of a script says.
//!
//! In: bytes that start with `#!`, or would but for a byte order mark. Out:
//! what keeps the kernel from starting it. Absent: the script's language.

/// The first line of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shebang {
    /// The program that runs it.
    pub interpreter: String,
    /// What that is told.
    pub argument: Option<String>,
    /// Whether the line ends with a carriage return, which is then part of the
    /// interpreter's name.
    pub carriage_return: bool,
    /// Whether a byte order mark stands before it: the kernel sees no `#!` then.
    pub byte_order_mark: bool,
    /// Whether the interpreter's name goes on where the kernel no longer reads.
    pub cut_off: bool,
}

/// The bytes of which the kernel looks for the interpreter.
///
/// Source: `BINPRM_BUF_SIZE` of Linux.
const KERNEL_READS: usize = 256;

const BLANK: [char; 2] = [' ', '\t'];

impl Shebang {
    /// Reads the first line; `None` where it is no shebang.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let marked = bytes.strip_prefix(b"\xef\xbb\xbf");
        let line = marked.unwrap_or(bytes).strip_prefix(b"#!")?;
        let read = &line[..line.len().min(KERNEL_READS - 2)];
        // A NUL ends the line, too. Nothing but blanks is cut from its ends.
        let line = read.split(|byte| matches!(byte, b'\n' | 0)).next();
        let line = line.unwrap_or_default();
        let ended = line.len() < read.len() || read.len() < KERNEL_READS - 2;
        let line = String::from_utf8_lossy(line);
        let line = line.trim_matches(BLANK);
        let carriage_return = line.ends_with('\r');
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut words = line.trim_end_matches(BLANK).splitn(2, BLANK);
        let interpreter = words.next().unwrap_or_default().to_owned();
        let argument = words.next().map(|word| word.trim_matches(BLANK).to_owned());
        Some(Self {
            cut_off: !ended && argument.is_none(),
            interpreter,
            argument,
            carriage_return,
            byte_order_mark: marked.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interpreter_and_what_is_wrong_with_the_line_are_told() {
        let read = |text: &str| Shebang::read(text.as_bytes()).unwrap();
        let plain = read("#!/bin/sh -e\necho");
        assert_eq!(plain.interpreter, "/bin/sh");
        assert_eq!(plain.argument.as_deref(), Some("-e"));
        assert!(!plain.carriage_return && !plain.byte_order_mark);
        assert!(read("#!/bin/sh\r\n").carriage_return);
        assert_eq!(read("#!/bin/sh\r\n").interpreter, "/bin/sh");
        assert!(read("\u{feff}#!/bin/sh\n").byte_order_mark);
        assert_eq!(read("#! /usr/bin/env bash").interpreter, "/usr/bin/env");
        assert_eq!(read("#!").interpreter, "");
        assert_eq!(Shebang::read(b"echo"), None);
    }
}
