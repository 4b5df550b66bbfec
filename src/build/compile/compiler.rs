//! Runs a compiler: its messages and its end.

use std::process::ExitStatus;

use crate::system::command::CommandSpec;
use crate::system::process;
use crate::system::process::OutputLine;
use crate::ui::failure::{ExitKind, Failure};

/// The receiver of a compiler's messages.
pub(crate) enum CompilerMessages<'a> {
    /// Our own stderr, with progress.
    Stderr,
    /// The caller, who gets each line as it arrives and reports progress itself. The request
    /// decides about colors, because the compiler sees no terminal.
    Lines(&'a mut dyn FnMut(&str)),
}

/// How a compiler ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompilerOutcome {
    Succeeded,
    /// Its messages say why. Functions without a reported binary may be out of date.
    Failed,
}

impl CompilerOutcome {
    /// The failure of a run whose messages were printed.
    pub(crate) fn or_silent_failure(self) -> Result<(), Failure> {
        match self {
            Self::Succeeded => Ok(()),
            Self::Failed => Err(Failure::silent(ExitKind::Compiler)),
        }
    }
}

/// Runs a compiler, and passes the lines of its stdout on.
pub(super) fn run(
    command: &CommandSpec,
    messages: CompilerMessages<'_>,
    mut on_stdout: impl FnMut(&str),
) -> anyhow::Result<ExitStatus> {
    match messages {
        CompilerMessages::Stderr => process::stream(command, on_stdout),
        CompilerMessages::Lines(on_message) => process::stream_all(command, |line| match line {
            OutputLine::Stdout(line) => on_stdout(&line),
            OutputLine::Stderr(line) => on_message(&line),
        }),
    }
}

pub(super) fn outcome(status: ExitStatus, compiler: &str) -> Result<CompilerOutcome, Failure> {
    if status.success() {
        Ok(CompilerOutcome::Succeeded)
    } else if status.code().is_some() {
        Ok(CompilerOutcome::Failed)
    } else {
        Err(Failure::new(
            ExitKind::Compiler,
            format!("{compiler} was terminated: {status}"),
        )
        .help("run again; if memory ran out, pass a smaller `--jobs`"))
    }
}
