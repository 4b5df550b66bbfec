//! Options of `new`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::exit_codes::exit_codes;
use crate::cli::values::LangArg;
use crate::commands::scaffold::{EventKind, NewOptions};
use crate::fs::path;
use crate::system::host::Host;
use crate::ui::failure::ExitKind;

#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(crate) struct NewArgs {
    /// Folder to create; its name becomes the name of the function
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    name: PathBuf,
    /// Language of the function
    #[arg(long, value_name = "LANG")]
    lang: LangArg,
    /// Event that triggers the function
    #[arg(long, value_name = "EVENT", default_value = "none")]
    event: EventKind,
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
            event: self.event,
        }
    }
}
