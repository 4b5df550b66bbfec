//! Parses the first line of a script.
//!
//! In: bytes that start with `#!`, possibly after a byte order mark. Out: the interpreter, its
//! argument, and the mistakes that prevent the kernel from starting it.
//! Left to others: the rest of the script.

/// The first line of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shebang {
    /// The program that runs the script.
    pub interpreter: String,
    /// The argument of the interpreter.
    pub argument: Option<String>,
    /// Whether the line ends with a carriage return, which the kernel treats as a part of the
    /// last word.
    pub carriage_return: bool,
    /// Whether a byte order mark precedes the line, so that the kernel does not recognize `#!`.
    pub byte_order_mark: bool,
    /// Whether the interpreter's name is longer than the part that the kernel reads.
    pub cut_off: bool,
}

/// The number of bytes in which the kernel looks for the interpreter.
///
/// Source: `BINPRM_BUF_SIZE` of Linux.
const KERNEL_READS: usize = 256;

const BLANK: [char; 2] = [' ', '\t'];

impl Shebang {
    /// Parses the first line, or returns `None` if it is not a shebang.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let without_mark = bytes.strip_prefix(b"\xef\xbb\xbf");
        let rest = without_mark.unwrap_or(bytes).strip_prefix(b"#!")?;
        let visible = &rest[..rest.len().min(KERNEL_READS - 2)];
        // A NUL also ends the line. The kernel removes only blanks from its ends.
        let line = visible
            .split(|byte| matches!(byte, b'\n' | 0))
            .next()
            .unwrap_or_default();
        let has_end = line.len() < visible.len() || visible.len() < KERNEL_READS - 2;
        let text = String::from_utf8_lossy(line);
        let trimmed = text.trim_matches(BLANK);
        let without_return = trimmed.strip_suffix('\r');
        let mut words = without_return
            .unwrap_or(trimmed)
            .trim_end_matches(BLANK)
            .splitn(2, BLANK);
        let interpreter = words.next().unwrap_or_default().to_owned();
        let argument = words.next().map(|word| word.trim_matches(BLANK).to_owned());
        Some(Self {
            cut_off: !has_end && argument.is_none(),
            interpreter,
            argument,
            carriage_return: without_return.is_some(),
            byte_order_mark: without_mark.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interpreter_and_mistakes_in_the_line_are_recognized() {
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
