//! The options of `new`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::values::LangArg;
use crate::commands::scaffold::{EventKind, NewOptions};
use crate::fs::path;
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is downloaded. Exit codes: 0 done, 2 usage, 102 the folder is not empty, 103 input or \
output.")]
pub(crate) struct NewArgs {
    /// The function's name, and its folder, which is made
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    name: PathBuf,
    /// What it is written in
    #[arg(long, value_name = "LANG")]
    lang: LangArg,
    /// What starts it
    #[arg(long, value_name = "EVENT", default_value = "none")]
    event: EventKind,
}

impl NewArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> NewOptions {
        NewOptions {
            folder: path::resolve(&host.cwd, self.name),
            language: self.lang.language(),
            event: self.event,
        }
    }
}
