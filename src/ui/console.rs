//! The only module that prints.
//!
//! stdout contains only the result. Everything else goes to stderr, in Cargo's format. A pipe
//! that was closed early is not an error, because its reader needs no more output.
//! Left to others: the content of messages.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Effects, Style};

use crate::ui::failure::{ExitKind, Failure, Problem};

/// How much to print to stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Verbosity {
    Quiet,
    /// One line for each step.
    #[default]
    Normal,
    /// Also the commands that are run, and the reasons for them.
    Verbose,
}

/// Prints to stdout and stderr.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Console {
    verbosity: Verbosity,
}

const VERB: Style = AnsiColor::BrightGreen.on_default().effects(Effects::BOLD);
const ERROR: Style = AnsiColor::BrightRed.on_default().effects(Effects::BOLD);
const WARNING: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
const HELP: Style = AnsiColor::BrightCyan.on_default().effects(Effects::BOLD);

impl Console {
    pub(crate) const fn new(verbosity: Verbosity) -> Self {
        Self { verbosity }
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    pub(crate) const fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Prints a finished step: `      Packed orders`.
    pub(crate) fn status(&self, verb: &str, what: &str) {
        if self.verbosity >= Verbosity::Normal {
            stderr(&format!("{VERB}{verb:>12}{VERB:#} {what}"));
        }
    }

    /// Prints the start of a step that may take long. It is printed only to a terminal, where
    /// the user waits for it.
    pub(crate) fn progress(&self, verb: &str, what: &str) {
        if io::stderr().is_terminal() {
            self.status(verb, what);
        }
    }

    /// Shows the progress of a step in a line that the next one replaces. It is shown only in a
    /// terminal, and not with `-v`, which prints lines of its own.
    pub(crate) fn progress_line(&self, verb: &str, what: &str) {
        /// Shorter than the narrowest usual terminal, because a wrapped line is not replaced.
        const MAX_WIDTH: usize = 60;
        if self.has_progress_line() {
            let what: String = what.chars().take(MAX_WIDTH).collect();
            replace_line(&format!("{VERB}{verb:>12}{VERB:#} {what}"));
        }
    }

    /// Removes the line of [`Self::progress_line`].
    pub(crate) fn clear_progress_line(&self) {
        if self.has_progress_line() {
            replace_line("");
        }
    }

    fn has_progress_line(&self) -> bool {
        self.verbosity == Verbosity::Normal
            && io::stderr().is_terminal()
            && anstream::stderr().current_choice() != anstream::ColorChoice::Never
    }

    /// Prints a detail that `-v` asks for.
    pub(crate) fn detail(&self, verb: &str, what: &str) {
        if self.verbosity >= Verbosity::Verbose {
            stderr(&format!("{VERB}{verb:>12}{VERB:#} {what}"));
        }
    }

    /// Prints a non-fatal problem.
    pub(crate) fn warning(&self, what: &str) {
        if self.verbosity >= Verbosity::Normal {
            stderr(&format!("{WARNING}warning{WARNING:#}: {what}"));
        }
    }

    /// Prints a non-fatal problem with its next step.
    pub(crate) fn problem(&self, problem: &Problem) {
        self.warning(&problem.what);
        if self.verbosity >= Verbosity::Normal {
            help(problem);
        }
    }

    pub(crate) fn note(&self, what: &str) {
        if self.verbosity >= Verbosity::Normal {
            stderr(&format!("{HELP}note{HELP:#}: {what}"));
        }
    }

    /// Prints all errors with their next steps, even if the console is quiet.
    pub(crate) fn failure(&self, failure: &Failure) {
        for problem in &failure.problems {
            stderr(&format!("{ERROR}error{ERROR:#}: {}", problem.what));
            help(problem);
        }
    }

    /// Cleans up the terminal after a signal: removes a compiler's progress bar from the last
    /// line and, after Ctrl-C, which the terminal shows as `^C`, starts a new line for the
    /// shell's prompt.
    pub(crate) fn ended(&self, kind: ExitKind) {
        if !cfg!(unix) || !io::stderr().is_terminal() {
            return;
        }
        let erase_line = match anstream::stderr().current_choice() {
            anstream::ColorChoice::Never => "",
            _ => "\u{1b}[K",
        };
        let text = match kind {
            ExitKind::Interrupted => format!("{erase_line}\n"),
            ExitKind::Terminated => erase_line.to_owned(),
            _ => return,
        };
        // There is no other place to report an error of stderr.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Prints a line of a function's log unchanged.
    pub(crate) fn log(&self, line: &str) {
        if self.verbosity >= Verbosity::Normal {
            stderr(line);
        }
    }

    /// Prints the response of a function to stdout, byte for byte. If `as_line`, a missing line
    /// break is added.
    pub(crate) fn response(&self, bytes: &[u8], as_line: bool) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        let end: &[u8] = if as_line && !bytes.ends_with(b"\n") {
            b"\n"
        } else {
            b""
        };
        let written = stdout.write_all(bytes).and_then(|()| stdout.write_all(end));
        unless_closed(written.and_then(|()| stdout.flush())).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot write to stdout: {error}"))
        })
    }

    /// Prints the response of a function to stdout, byte for byte. Only a terminal gets a missing
    /// line break.
    pub(crate) fn unchanged_response(&self, bytes: &[u8]) -> io::Result<()> {
        self.response(bytes, io::stdout().is_terminal())
    }

    /// Whether to color stdout.
    pub(crate) fn uses_color(&self) -> bool {
        anstream::stdout().current_choice() != anstream::ColorChoice::Never
    }

    /// Whether to color stderr.
    pub(crate) fn uses_color_on_stderr(&self) -> bool {
        anstream::stderr().current_choice() != anstream::ColorChoice::Never
    }

    /// Prints the result to stdout.
    pub(crate) fn result(&self, text: &str) -> io::Result<()> {
        let mut stdout = anstream::stdout().lock();
        let written = stdout.write_all(text.as_bytes());
        unless_closed(written.and_then(|()| stdout.flush()))
    }
}

/// Ignores the error of a pipe that its reader closed.
fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Prints the next step, if there is one.
fn help(problem: &Problem) {
    if let Some(help) = &problem.help {
        stderr(&format!("{HELP}help{HELP:#}: {help}"));
    }
}

/// Prints a line with a single write, so that it is not mixed with the output of a compiler.
/// Errors are ignored, because there is no other place to report them.
fn stderr(line: &str) {
    let mut text = format!("{line}\n");
    let mut stderr = anstream::stderr().lock();
    if stderr.current_choice() == anstream::ColorChoice::Never {
        text = anstream::adapter::strip_str(&text).to_string();
    }
    let _ = stderr.write_all(text.as_bytes());
}

/// Writes over the current line of the terminal, without a line break.
fn replace_line(text: &str) {
    let _ = anstream::stderr()
        .lock()
        .write_all(format!("\r\u{1b}[K{text}").as_bytes());
}

/// Formats a size in a suitable unit.
pub(crate) fn size(bytes: u64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "only one digit after the point is printed"
    )]
    let bytes = bytes as f64;
    if bytes < 1e3 {
        format!("{bytes} B")
    } else if bytes < 1e6 {
        format!("{:.1} kB", bytes / 1e3)
    } else {
        format!("{:.1} MB", bytes / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_formatted_in_a_suitable_unit() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(5_832), "5.8 kB");
        assert_eq!(size(5_832_866), "5.8 MB");
    }
}
