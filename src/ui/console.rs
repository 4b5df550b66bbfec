//! The one seam to stdout and stderr.
//!
//! stdout carries the result only; stderr everything else, in cargo's shape.
//! A pipe that closed early is no error: whoever read it has had enough.
//! Absent: what is said; that is decided where it is known.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Effects, Style};

use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Verbosity {
    Quiet,
    /// One line for each thing done.
    #[default]
    Normal,
    /// Also commands, and why they are as they are.
    Verbose,
}

/// Where everything that is said goes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Console {
    verbosity: Verbosity,
}

const VERB: Style = AnsiColor::BrightGreen.on_default().effects(Effects::BOLD);
const ERROR: Style = AnsiColor::BrightRed.on_default().effects(Effects::BOLD);
const WARNING: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
const HELP: Style = AnsiColor::BrightCyan.on_default().effects(Effects::BOLD);

impl Console {
    /// A console that says this much.
    pub(crate) const fn new(verbosity: Verbosity) -> Self {
        Self { verbosity }
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    pub(crate) const fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// `      Packed orders`: something done.
    pub(crate) fn status(&self, verb: &str, what: &str) {
        if self.verbosity >= Verbosity::Normal {
            stderr(&format!("{VERB}{verb:>12}{VERB:#} {what}"));
        }
    }

    /// Something that begins and may take long; said on a terminal only, where
    /// somebody waits for it.
    pub(crate) fn progress(&self, verb: &str, what: &str) {
        if io::stderr().is_terminal() {
            self.status(verb, what);
        }
    }

    /// Something that only helps to understand; shown at `-v`.
    pub(crate) fn detail(&self, verb: &str, what: &str) {
        if self.verbosity >= Verbosity::Verbose {
            stderr(&format!("{VERB}{verb:>12}{VERB:#} {what}"));
        }
    }

    /// Something that works today and should be looked at.
    pub(crate) fn warning(&self, what: &str) {
        if self.verbosity >= Verbosity::Normal {
            stderr(&format!("{WARNING}warning{WARNING:#}: {what}"));
        }
    }

    /// The same, with what to do about it.
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

    /// Everything that went wrong, each with its next step; said even when quiet.
    pub(crate) fn failure(&self, failure: &Failure) {
        for problem in &failure.problems {
            stderr(&format!("{ERROR}error{ERROR:#}: {}", problem.what));
            help(problem);
        }
    }

    /// We were told to end: what a compiler drew of its progress is wiped off the
    /// terminal's last line, and after Ctrl-C, which the terminal shows as `^C`, the
    /// shell's prompt begins on a line of its own.
    pub(crate) fn ended(&self, kind: ExitKind) {
        if !cfg!(unix) || !io::stderr().is_terminal() {
            return;
        }
        let wiped = match anstream::stderr().current_choice() {
            anstream::ColorChoice::Never => "",
            _ => "\u{1b}[K",
        };
        let text = match kind {
            ExitKind::Interrupted => format!("{wiped}\n"),
            ExitKind::Terminated => wiped.to_owned(),
            _ => return,
        };
        // As for any line: what cannot be said cannot be said at all.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// A line of a function's log, as it is: what the function says, and Lambda.
    pub(crate) fn log(&self, line: &str) {
        if self.verbosity >= Verbosity::Normal {
            stderr(line);
        }
    }

    /// What a function responds, on stdout, byte for byte; where it is to be a line,
    /// with an end of that line.
    pub(crate) fn response(&self, bytes: &[u8], line: bool) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        let end: &[u8] = if line && !bytes.ends_with(b"\n") {
            b"\n"
        } else {
            b""
        };
        let written = stdout.write_all(bytes).and_then(|()| stdout.write_all(end));
        unless_closed(written.and_then(|()| stdout.flush())).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot write to stdout: {error}"))
        })
    }

    /// Whether stdout shows colours: it is a terminal, or was asked to.
    pub(crate) fn is_coloured(&self) -> bool {
        anstream::stdout().current_choice() != anstream::ColorChoice::Never
    }

    /// The result, on stdout.
    pub(crate) fn result(&self, text: &str) -> io::Result<()> {
        let mut stdout = anstream::stdout().lock();
        let written = stdout.write_all(text.as_bytes());
        unless_closed(written.and_then(|()| stdout.flush()))
    }
}

/// Whoever closed the pipe has had enough.
fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The next step, where there is one.
fn help(problem: &Problem) {
    if let Some(help) = &problem.help {
        stderr(&format!("{HELP}help{HELP:#}: {help}"));
    }
}

/// What cannot be said on stderr cannot be said at all. A line is one write, so that
/// it stays whole beside what a compiler says.
fn stderr(line: &str) {
    let mut text = format!("{line}\n");
    let mut stderr = anstream::stderr().lock();
    if stderr.current_choice() == anstream::ColorChoice::Never {
        text = anstream::adapter::strip_str(&text).to_string();
    }
    let _ = stderr.write_all(text.as_bytes());
}

/// A size in the unit that suits it.
pub(crate) fn size(bytes: u64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "one digit behind the point is shown"
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
    fn sizes_are_shown_in_a_unit_that_suits_them() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(5_832), "5.8 kB");
        assert_eq!(size(5_832_866), "5.8 MB");
    }
}
