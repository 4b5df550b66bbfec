//! The runtimes to leave, and what is found on the way to another.
//!
//! Absent: the dates of their ends, which are the table's of `lambda.rs`.

use std::ops::Range;
use std::path::PathBuf;

use crate::commands::migrate::edit::TextEdit;
use crate::lambda::{Arch, Runtime};

/// A runtime to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OldRuntime {
    /// Go on Amazon Linux 1: starts what the handler names, on x86_64 only.
    Go,
    /// Custom, on Amazon Linux 1 or 2: starts `bootstrap` already.
    Provided,
}

impl OldRuntime {
    /// The runtime of a name, if it is one to leave.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "go1.x" => Some(Self::Go),
            "provided" => Some(Self::Provided),
            _ if name == Runtime::ProvidedAl2.name() => Some(Self::Provided),
            _ => None,
        }
    }
}

/// The first word of a line that is an old runtime beyond doubt, and where it starts.
pub(crate) fn first_old_runtime(line: &str) -> Option<(usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let mut at = 0;
    for piece in line.split_inclusive(|c| !is_part(c)) {
        let word = piece
            .trim_end_matches(|c| !is_part(c))
            .trim_end_matches('.');
        // `provided` is a word of English, too.
        if word != "provided" && OldRuntime::parse(word).is_some() {
            return Some((at, word));
        }
        at += piece.len();
    }
    None
}

pub(crate) const NEW: &str = Runtime::ProvidedAl2023.name();

/// Whether a report is a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemarkLevel {
    /// Something is left to do by hand.
    Todo,
    /// Worth knowing; does not change how the program ends.
    Hint,
}

/// What is said of a place and not edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The file's place among those that were studied together.
    pub file: usize,
    /// The byte that it is about.
    pub at: usize,
    /// Whether it is a task.
    pub level: RemarkLevel,
    /// Names the thing and the cause; lower case, no full stop.
    pub what: String,
    /// What exactly to do.
    pub help: String,
}

impl Remark {
    /// Something that is left to do.
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

    /// The same, of another file.
    pub(crate) fn in_file(mut self, file: usize) -> Self {
        self.file = file;
        self
    }
}

/// A report is one line, whatever the file contains.
fn one_line(text: String) -> String {
    if !text.contains(['\n', '\r']) {
        return text;
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value as a report shows it: as it is written, unless it continues in another line.
pub(crate) fn quoted<'a>(value: &'a str, otherwise: &'a str) -> &'a str {
    let value = value.trim();
    if value.contains('\n') {
        otherwise
    } else {
        value
    }
}

/// Who a shared value belongs to: the place, and the functions that take it.
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

/// Of an old runtime that stays because functions that take it stay.
pub(crate) fn stays(at: usize, was: &str, names: &[&str]) -> Remark {
    let what = format!("`{was}` stays the runtime of {}", owners("", names));
    Remark::hint(at, what, "see what is reported about them")
}

/// A file, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    pub path: PathBuf,
    /// Its text without a byte order mark.
    pub text: String,
}

/// What there is to do in files that are studied together.
#[derive(Debug, Default)]
pub struct Analysis {
    /// Of each file, in the order of its text.
    pub edits: Vec<Vec<TextEdit>>,
    /// What is said of them.
    pub remarks: Vec<Remark>,
    /// Functions whose runtime is certain, each with its file and its range: the same name
    /// anywhere else in them is not their runtime.
    pub settled: Vec<(usize, Range<usize>)>,
    /// How many functions there are on a custom runtime, be it new or to leave.
    pub functions: usize,
}

/// What every reader is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReaderOptions {
    /// Which architecture functions are to have; else they keep theirs.
    pub arch: Option<Arch>,
}

/// Of a function that came from a custom runtime.
pub(crate) fn moved(at: usize, name: &str, was: &str) -> Remark {
    Remark::hint(
        at,
        format!("{name} was on {was}"),
        "build it again for provided.al2023; a bootstrap that is a script, a layer or a C library may \
         rely on files of the older Amazon Linux",
    )
}

/// Of functions that start different programs out of one zip.
pub(crate) fn shared(at: usize, name: &str, others: &[String], place: &str) -> Remark {
    Remark::todo(
        at,
        format!(
            "{name} shares its code, {place}, with {}, and each starts another program",
            others.join(", ")
        ),
        format!(
            "{NEW} starts the one file `{}`: give each function a zip or a folder of its own, then \
             migrate again",
            crate::lambda::BOOTSTRAP
        ),
    )
}

/// Of a function whose program is called as a computed handler says.
pub(crate) fn computed_handler(at: usize, name: &str, code: &str) -> Remark {
    Remark::hint(
        at,
        format!("{name} has a handler that is computed, and is deployed from {code}"),
        format!(
            "{NEW} ignores the handler and starts `{bootstrap}`: give the program this name, at the \
             root of each zip, and write it as the handler",
            bootstrap = crate::lambda::BOOTSTRAP
        ),
    )
}

/// Of a program that somebody else builds.
pub(crate) fn built(at: usize, name: &str, handler: &str, place: &str) -> Remark {
    Remark::hint(
        at,
        format!("{name} is deployed from {place}, where its program is called `{handler}`"),
        "call it `bootstrap`, at the root: CGO_ENABLED=0 GOOS=linux GOARCH=amd64 (for arm64: arm64) \
         go build -tags lambda.norpc -o bootstrap; or let cargo lambdapack make the zip",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_one_line_and_names_five_owners() {
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
    fn a_word_is_found_where_it_stands_alone() {
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
