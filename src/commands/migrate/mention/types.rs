//! Mentions of old runtimes, and the lines of a text.

use std::ops::Range;

/// How a text mentions an old runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MentionForm {
    /// The identifier itself, such as `go1.x`.
    Name,
    /// A constant of a library, such as `GO_1_X`.
    Constant,
    /// A base image or a build image that definitely belongs to an old runtime.
    Image,
    /// An image whose name does not tell its version.
    UnknownImage,
}

/// A mention of an old runtime in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention<'a> {
    pub range: Range<usize>,
    pub text: &'a str,
    pub form: MentionForm,
    /// The replacement.
    pub new: String,
}

impl Mention<'_> {
    /// Returns true for Go's own runtime, which starts the program that the handler names.
    pub(crate) fn is_go(&self) -> bool {
        self.text.to_ascii_lowercase().contains("go")
    }

    pub(super) fn shifted(mut self, by: usize) -> Self {
        self.range = self.range.start + by..self.range.end + by;
        self
    }
}

/// The lines of a text, each with its first byte.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    })
}
