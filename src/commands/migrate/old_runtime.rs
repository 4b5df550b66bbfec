//! The runtimes to migrate from, and the results of an analysis.
//!
//! Left to others: the end-of-support dates, which are in `lambda`.

use std::ops::Range;
use std::path::PathBuf;

use crate::commands::migrate::edit::TextEdit;
use crate::lambda::{Arch, Runtime};

/// A runtime to migrate from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OldRuntime {
    /// Go on Amazon Linux 1. It starts the program that the handler names, on x86_64 only.
    Go,
    /// A custom runtime on Amazon Linux 1 or 2. It already starts `bootstrap`.
    Provided,
}

impl OldRuntime {
    /// Parses the name of a runtime. Returns `None` if it is not an old one.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "go1.x" => Some(Self::Go),
            "provided" => Some(Self::Provided),
            _ if name == Runtime::ProvidedAl2.name() => Some(Self::Provided),
            _ => None,
        }
    }
}

/// The first word of a text that is definitely an old runtime, and its first byte.
pub(crate) fn first_old_runtime(line: &str) -> Option<(usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let mut at = 0;
    for piece in line.split_inclusive(|c| !is_part(c)) {
        let word = piece
            .trim_end_matches(|c| !is_part(c))
            .trim_end_matches('.');
        // `provided` is also an English word.
        if word != "provided" && OldRuntime::parse(word).is_some() {
            return Some((at, word));
        }
        at += piece.len();
    }
    None
}

pub(crate) const NEW: &str = Runtime::ProvidedAl2023.name();

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemarkLevel {
    /// Something must be done by hand.
    Todo,
    /// Worth knowing, without influence on the exit code.
    Hint,
}

/// A report about a place that is not edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The index of the file among those that are analyzed together.
    pub file: usize,
    /// The byte that the remark refers to.
    pub at: usize,
    pub level: RemarkLevel,
    /// Names the subject and the cause, in lowercase and without a period.
    pub what: String,
    /// The next step.
    pub help: String,
}

impl Remark {
    pub(crate) fn todo(at: usize, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            file: 0,
            at,
            level: RemarkLevel::Todo,
            what: one_line(what.into()),
            help: one_line(help.into()),
        }
    }

    pub(crate) fn hint(at: usize, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            level: RemarkLevel::Hint,
            ..Self::todo(at, what, help)
        }
    }

    /// The same remark about another file.
    pub(crate) fn in_file(mut self, file: usize) -> Self {
        self.file = file;
        self
    }
}

/// A remark is one line, regardless of the contents of the file.
fn one_line(text: String) -> String {
    if !text.contains(['\n', '\r']) {
        return text;
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value as the file spells it, or a substitute if it spans several lines.
pub(crate) fn quoted<'a>(value: &'a str, otherwise: &'a str) -> &'a str {
    let value = value.trim();
    if value.contains('\n') {
        otherwise
    } else {
        value
    }
}

/// The owners of a shared value: the place and the functions that use it.
pub(crate) fn owners(place: &str, names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let mut names = names.to_vec();
    names.dedup();
    let more = names.len().saturating_sub(SHOWN);
    let shown = names[..names.len() - more].join(", ");
    match (place.is_empty(), more) {
        (true, 0) => shown,
        (true, more) => format!("{shown} and {more} more"),
        (false, 0) => format!("{place} ({shown})"),
        (false, more) => format!("{place} ({shown} and {more} more)"),
    }
}

/// The note about an old runtime that stays because functions that use it stay.
pub(crate) fn runtime_stays(at: usize, was: &str, names: &[&str]) -> Remark {
    let what = format!("`{was}` remains the runtime of {}", owners("", names));
    Remark::hint(at, what, "see the warnings about them")
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    pub path: PathBuf,
    /// Without the byte order mark.
    pub text: String,
}

/// The result of analyzing files that belong together.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The edits of each file, in the order of its text.
    pub edits: Vec<Vec<TextEdit>>,
    pub remarks: Vec<Remark>,
    /// Functions whose runtime is certain, each with its file and its range. The same name anywhere
    /// else in them is not their runtime.
    pub settled: Vec<(usize, Range<usize>)>,
    /// The number of functions on a custom runtime, old or new.
    pub functions: usize,
}

/// Options for all readers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReaderOptions {
    /// The architecture that functions get. Without it, they keep theirs.
    pub arch: Option<Arch>,
}

/// The note about a function that moves from a custom runtime.
pub(crate) fn moved_from_custom_runtime(at: usize, name: &str, was: &str) -> Remark {
    Remark::hint(
        at,
        format!("{name} moves from {was} to {NEW}"),
        "rebuild it; a `bootstrap` script, a layer, or a C library may rely on files of the older \
         Amazon Linux",
    )
}

/// The task for functions that start different programs from one zip.
pub(crate) fn shared_code(at: usize, name: &str, others: &[String], place: &str) -> Remark {
    Remark::todo(
        at,
        format!(
            "{name} shares its code ({place}) with {}, but they run different programs",
            others.join(", ")
        ),
        format!(
            "give each function its own zip or folder, then migrate again; {NEW} runs only the \
             file \
             `{}`",
            crate::lambda::BOOTSTRAP
        ),
    )
}

/// The note about a function whose handler is computed.
pub(crate) fn computed_handler(at: usize, name: &str, code: &str) -> Remark {
    Remark::hint(
        at,
        format!("{name} has a computed handler and is deployed from {code}"),
        format!(
            "name the program `{bootstrap}` at the root of each zip, and write `{bootstrap}` as \
             the \
             handler; {NEW} runs `{bootstrap}` regardless of the handler",
            bootstrap = crate::lambda::BOOTSTRAP
        ),
    )
}

/// The note about a program that another tool builds.
pub(crate) fn built_elsewhere(at: usize, name: &str, handler: &str, place: &str) -> Remark {
    Remark::hint(
        at,
        format!("{name} is deployed from {place}, where its program is called `{handler}`"),
        "put it at the root as `bootstrap`: run `CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build \
         -tags \
         lambda.norpc -o bootstrap` (`GOARCH=arm64` for arm64), or build the zip with `cargo \
         lambdapack`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_one_line_and_names_at_most_five_owners() {
        let remark = Remark::hint(0, "is\n  a", "b\r\n");
        assert_eq!((&*remark.what, &*remark.help), ("is a", "b"));
        assert_eq!(owners("Globals", &["A", "B"]), "Globals (A, B)");
        assert_eq!(
            owners("", &["A", "B", "C", "D", "E", "F"]),
            "A, B, C, D, E and 1 more"
        );
        assert_eq!(quoted("join(\n)", "code"), "code");
    }

    #[test]
    fn a_runtime_is_found_as_a_whole_word() {
        assert_eq!(first_old_runtime("💶 the `go1.x`."), Some((10, "go1.x")));
        assert_eq!(
            first_old_runtime("on provided.al2."),
            Some((3, "provided.al2"))
        );
        assert_eq!(
            first_old_runtime("provided by go1.xy, provided.al2023, go1.x-old"),
            None
        );
    }
}
