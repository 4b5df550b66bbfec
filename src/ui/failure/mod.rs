//! Failures and their exit codes.
//!
//! In: the problems of a stage. Out: a [`Failure`] with all problems, their next steps, and one
//! exit code.
//! Left to others: printing, which `console.rs` does.

mod next_step;

use std::fmt;

/// Why the program failed. The exit codes are part of the public interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    /// The command ran, and its answer is no.
    No,
    /// The command line is invalid.
    Usage,
    /// A bug of this program: a panic that was caught.
    Bug,
    /// A tool, target or linker is missing.
    Tool,
    /// The compiler failed and printed the reason.
    Compiler,
    /// The project or its configuration is invalid.
    Project,
    /// A file could not be read or written.
    Packaging,
    /// Lambda would not run the function.
    Refused,
    /// A limit of Lambda is exceeded.
    Limit,
    /// Verification found a difference.
    Difference,
    /// Ended by SIGINT or Ctrl-C.
    Interrupted,
    /// Ended by SIGTERM or SIGHUP.
    Terminated,
}

impl ExitKind {
    /// All kinds, ordered by exit code.
    pub const ALL: [Self; 12] = [
        Self::No,
        Self::Usage,
        Self::Bug,
        Self::Tool,
        Self::Compiler,
        Self::Project,
        Self::Packaging,
        Self::Refused,
        Self::Limit,
        Self::Difference,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The meaning of the exit code, for the documentation.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::No => {
                "the answer is no: the function failed, cold starts are missing, a figure exceeds \
                 `--max-ratio`, `migrate` found something to do, or `deploy` failed for one of \
                 several functions"
            }
            Self::Usage => "usage error: the command line is invalid",
            Self::Bug => "internal error: this is a bug in cargo-lambdapack",
            Self::Tool => "a tool, target, or linker is missing",
            Self::Compiler => "the compiler failed and printed the reason",
            Self::Project => "the project or its configuration is invalid",
            Self::Packaging => "a file could not be read or written",
            Self::Refused => "Lambda would not run the function",
            Self::Limit => "a limit of Lambda is exceeded",
            Self::Difference => {
                "a zip does not match: its hash file is wrong, a rebuild produced another zip, or \
                 results to collect do not fit together"
            }
            Self::Interrupted => "interrupted by Ctrl-C",
            Self::Terminated => "terminated by SIGTERM or SIGHUP",
        }
    }

    /// The first part of the meaning, for help texts.
    pub(crate) fn summary(self) -> &'static str {
        self.meaning().split(':').next().unwrap_or_default()
    }

    pub const fn code(self) -> u8 {
        match self {
            Self::No => 1,
            Self::Usage => 2,
            Self::Bug => 70,
            Self::Tool => 96,
            Self::Compiler => 101,
            Self::Project => 102,
            Self::Packaging => 103,
            Self::Refused => 104,
            Self::Limit => 105,
            Self::Difference => 106,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// A problem and its next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Names the subject and the cause, in lower case, without a period.
    pub what: String,
    /// The next step.
    pub help: Option<String>,
}

impl Problem {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            help: None,
        }
    }

    /// Adds the next step.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The failure of a stage, with every problem that it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub kind: ExitKind,
    /// Empty if the problem is known already, because a compiler printed it or the user pressed
    /// Ctrl-C.
    pub problems: Vec<Problem>,
}

impl Failure {
    pub(crate) fn new(kind: ExitKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            problems: vec![Problem::new(what)],
        }
    }

    /// A failure whose problem is known already.
    pub(crate) const fn silent(kind: ExitKind) -> Self {
        Self {
            kind,
            problems: Vec::new(),
        }
    }

    /// A bug of this program. The message of the panic has been printed already.
    pub fn internal_error() -> Self {
        Self::new(
            ExitKind::Bug,
            "internal error: this is a bug in cargo-lambdapack",
        )
        .help("report it with the message above and the command line")
    }

    /// Adds the next step to the last problem.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        if let Some(problem) = self.problems.last_mut() {
            problem.help = Some(help.into());
        }
        self
    }

    /// Fails with all problems, if there are any.
    pub(crate) fn unless_empty(kind: ExitKind, problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self { kind, problems })
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.problems.iter().map(|p| p.what.as_str()).collect();
        f.write_str(&all.join("; "))
    }
}

impl std::error::Error for Failure {}

/// Assigns the exit code of a stage to its errors.
pub(crate) trait OrExit<T> {
    /// Converts an error to a [`Failure`] of this kind, unless it is a [`Failure`] already.
    fn or_exit(self, kind: ExitKind) -> anyhow::Result<T>;
}

impl<T> OrExit<T> for anyhow::Result<T> {
    fn or_exit(self, kind: ExitKind) -> Self {
        self.map_err(|error| Failure::from_error(&error, kind).into())
    }
}

impl Failure {
    /// Returns the failure inside of an error, or converts the error to one of this kind.
    pub(crate) fn from_error(error: &anyhow::Error, kind: ExitKind) -> Self {
        error.downcast_ref::<Self>().cloned().unwrap_or_else(|| {
            Self::new(kind, format!("{error:#}")).help(next_step::for_error(error, kind))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated_docs;
    use anyhow::Context;

    const TABLE: &str = "docs/reference/exit-codes.md";

    /// `SNAPSHOTS=overwrite` updates the table.
    #[test]
    fn the_documentation_lists_every_exit_code() {
        let mut table = "| code | meaning |\n| --- | --- |\n| 0 | done |\n".to_owned();
        for kind in ExitKind::ALL {
            table += &format!("| {} | {} |\n", kind.code(), kind.meaning());
        }
        generated_docs::assert_table_matches(TABLE, "| code | meaning |", &table);
    }

    #[test]
    fn exit_codes_are_unique_and_in_order() {
        let codes = ExitKind::ALL.map(ExitKind::code);
        assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    }

    #[test]
    fn the_first_stage_that_assigns_a_kind_determines_the_exit_code() {
        let inner: anyhow::Result<()> =
            Err(Failure::new(ExitKind::Refused, "an ELF for another machine").into());
        let error = inner
            .context("orders")
            .or_exit(ExitKind::Packaging)
            .unwrap_err();
        assert_eq!(
            Failure::from_error(&error, ExitKind::Bug).kind,
            ExitKind::Refused
        );
    }

    #[test]
    fn a_plain_error_lists_its_causes_in_one_line() {
        let inner: anyhow::Result<()> = Err(anyhow::anyhow!("no space left on device"));
        let error = inner
            .context("cannot write a.zip")
            .or_exit(ExitKind::Packaging)
            .unwrap_err();
        let failure = Failure::from_error(&error, ExitKind::Bug);
        assert_eq!(failure.kind, ExitKind::Packaging);
        assert_eq!(
            failure.problems[0].what,
            "cannot write a.zip: no space left on device"
        );
    }
}
