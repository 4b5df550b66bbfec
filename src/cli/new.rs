//! Options of `new`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::exit_codes::exit_codes;
use crate::cli::values::LangArg;
use crate::commands::scaffold::{EventKind, NewKind, NewOptions};
use crate::fs::path;
use crate::system::host::Host;
use crate::ui::failure::ExitKind;

#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(crate) struct NewArgs {
    /// Folder to create; its name becomes the name of the function or extension
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    name: PathBuf,
    /// Language of the function or extension
    #[arg(long, value_name = "LANG")]
    lang: LangArg,
    /// Event that triggers the function
    #[arg(long, value_name = "EVENT", default_value = "none")]
    event: EventKind,
    /// Create an extension, which runs next to functions
    #[arg(long, conflicts_with = "event")]
    extension: bool,
}

fn after_help() -> String {
    "Nothing is downloaded.\n\n".to_owned()
        + &exit_codes(&[ExitKind::Usage, ExitKind::Project, ExitKind::Packaging])
}

impl NewArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> NewOptions {
        NewOptions {
            folder: path::resolve(&host.cwd, self.name),
            language: self.lang.language(),
            kind: if self.extension {
                NewKind::Extension
            } else {
                NewKind::Function(self.event)
            },
        }
    }
}
