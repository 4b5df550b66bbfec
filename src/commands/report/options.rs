//! The options of `report`, fully resolved.

use std::path::PathBuf;

use crate::lambda::Arch;
use crate::metrics::pricing::{Prices, RuntimeFamily};
use crate::ui::output_style::OutputStyle;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReportOptions {
    /// Logs and tables. `None` is stdin.
    pub files: Vec<Option<PathBuf>>,
    /// The name of the function, if a log does not contain it.
    pub name: Option<String>,
    /// The architecture of the function. Only our own tables contain it.
    pub arch: Option<Arch>,
    /// Decides how the init is billed.
    pub family: Option<RuntimeFamily>,
    /// Whether to leave out warm calls.
    pub cold_only: bool,
    pub prices: Prices,
    /// Where to write a table of the calls.
    pub csv: Option<OutputTarget>,
    /// Whether the table has all columns.
    pub full: bool,
    /// Where to write everything as JSON.
    pub json: Option<OutputTarget>,
    /// The file for box plots.
    pub svg: Option<PathBuf>,
    /// The style of stdout, if neither the table nor the JSON goes there.
    pub style: OutputStyle,
}

/// Where to write a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OutputTarget {
    /// To stdout, instead of the summary.
    Stdout,
    /// To a file with an absolute path.
    File(PathBuf),
}
