//! The runtimes to leave, and what is found on the way to another.
//!
//! Absent: the dates of their ends, which are the table's of `lambda.rs`.

use std::path::PathBuf;

use crate::lambda::{Arch, Runtime};
use crate::migrate::edit::Edit;

/// A runtime to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old {
    /// Go on Amazon Linux 1: starts what the handler names, on x86_64 only.
    Go,
    /// Custom, on Amazon Linux 1 or 2: starts `bootstrap` already.
    Provided,
}

impl Old {
    /// The runtime of a name, if it is one to leave.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "go1.x" => Some(Self::Go),
            "provided" => Some(Self::Provided),
            _ if name == Runtime::ProvidedAl2.name() => Some(Self::Provided),
            _ => None,
        }
    }
}

/// The first word of a line that is an old runtime beyond doubt, and where it starts.
#[must_use]
pub fn word_of(line: &str) -> Option<(usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let mut at = 0;
    for piece in line.split_inclusive(|c| !is_part(c)) {
        let word = piece
            .trim_end_matches(|c| !is_part(c))
            .trim_end_matches('.');
        // `provided` is a word of English, too.
        if word != "provided" && Old::of(word).is_some() {
            return Some((at, word));
        }
        at += piece.len();
    }
    None
}

/// Where to.
pub const NEW: &str = Runtime::ProvidedAl2023.name();

/// Whether a report is a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
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
    pub level: Level,
    /// Names the thing and the cause; lower case, no full stop.
    pub what: String,
    /// What exactly to do.
    pub help: String,
}

impl Remark {
    /// Something that is left to do.
    #[must_use]
    pub fn todo(at: usize, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            file: 0,
            at,
            level: Level::Todo,
            what: what.into(),
            help: help.into(),
        }
    }

    /// Something worth knowing.
    #[must_use]
    pub fn hint(at: usize, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            level: Level::Hint,
            ..Self::todo(at, what, help)
        }
    }

    /// The same, of another file.
    #[must_use]
    pub fn of(mut self, file: usize) -> Self {
        self.file = file;
        self
    }
}

/// A file, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it stands.
    pub path: PathBuf,
    /// Its text without a byte order mark.
    pub text: String,
}

/// What there is to do in files that are studied together.
#[derive(Debug, Default)]
pub struct Study {
    /// Of each file, in the order of its text.
    pub edits: Vec<Vec<Edit>>,
    /// What is said of them.
    pub remarks: Vec<Remark>,
    /// How many functions there are on a custom runtime, be it new or to leave.
    pub functions: usize,
}

/// What every reader is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// Which architecture functions are to have; else they keep theirs.
    pub arch: Option<Arch>,
}

/// Of a function that came from a custom runtime.
#[must_use]
pub fn moved(at: usize, name: &str, was: &str) -> Remark {
    Remark::hint(
        at,
        format!("{name} was on {was}"),
        "build it again for provided.al2023; a bootstrap that is a script, a layer or a C library may \
         rely on files of the older Amazon Linux",
    )
}

/// Of functions that start different programs out of one zip.
#[must_use]
pub fn shared(at: usize, name: &str, others: &[String], place: &str) -> Remark {
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

/// Of a program that somebody else builds.
#[must_use]
pub fn built(at: usize, name: &str, handler: &str, place: &str) -> Remark {
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
    fn a_word_is_found_where_it_stands_alone() {
        assert_eq!(word_of("💶 the `go1.x`."), Some((10, "go1.x")));
        assert_eq!(word_of("on provided.al2."), Some((3, "provided.al2")));
        assert_eq!(
            word_of("provided by go1.xy, provided.al2023, go1.x-old"),
            None
        );
    }
}
