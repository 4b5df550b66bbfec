//! The input and the result of every subcommand.

use crate::system::host::Host;
use crate::ui::console::Console;
use crate::ui::failure::Failure;
use crate::ui::output_style::OutputStyle;

/// The surroundings of a subcommand.
#[derive(Clone, Copy)]
pub(crate) struct CommandContext<'a> {
    /// This machine: its environment, tools, and current folder.
    pub host: &'a Host,
    /// Where messages go.
    pub console: &'a Console,
    /// How the result is printed.
    pub style: OutputStyle,
}

/// The result of a subcommand that did not fail.
#[must_use]
pub(crate) struct CommandResult {
    /// The text for stdout.
    pub stdout: String,
    /// Whether the answer is good. A bad answer is reported after stdout is written, and
    /// decides the exit code.
    pub verdict: Result<(), Failure>,
}

impl From<String> for CommandResult {
    fn from(stdout: String) -> Self {
        Self {
            stdout,
            verdict: Ok(()),
        }
    }
}
