//! How the result is printed on stdout.

use clap::{Args, ValueEnum};

use crate::ui::output_style::OutputStyle;

/// The output format of every command that prints a result.
#[derive(Debug, Args)]
pub(crate) struct FormatArgs {
    /// Format of the result on stdout
    #[arg(
        long,
        value_name = "FMT",
        default_value = "human",
        help_heading = "Output Options"
    )]
    message_format: MessageFormat,
}

impl FormatArgs {
    pub(crate) const fn style(&self) -> OutputStyle {
        self.message_format.style()
    }
}

#[derive(Debug, Args)]
pub(crate) struct StdoutArgs {
    #[command(flatten)]
    format: FormatArgs,
    /// Print only this for each function
    #[arg(
        long,
        value_name = "WHAT",
        help_heading = "Output Options",
        conflicts_with = "message_format"
    )]
    pub(crate) print: Option<Print>,
}

impl StdoutArgs {
    /// How the result is printed on stdout.
    pub(crate) fn style(&self) -> OutputStyle {
        match self.print {
            Some(Print::Hash) => OutputStyle::Hash,
            Some(Print::Path) => OutputStyle::Path,
            None => self.format.style(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    Human,
    Json,
}

impl MessageFormat {
    pub(super) const fn style(self) -> OutputStyle {
        match self {
            Self::Human => OutputStyle::Human,
            Self::Json => OutputStyle::Json,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Print {
    Hash,
    Path,
}
