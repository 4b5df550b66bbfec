//! The options for what goes into a zip besides the program.

use clap::{Args, ValueHint};

use crate::build::request::{ContentOptions, Entrypoint, IncludeOption};
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(next_help_heading = "What is in the zip")]
pub(in crate::cli) struct ContentsArgs {
    /// A file, a folder or a pattern such as 'assets/**'; DEST is its name in the zip
    #[arg(long, value_name = "SRC[=DEST]", value_hint = ValueHint::AnyPath)]
    include: Vec<String>,
    /// Pack the program that is named as a layer: extensions/NAME in place of bootstrap
    #[arg(long, conflicts_with = "entry")]
    extension: bool,
    /// What is called bootstrap; with layer nothing is, and the program keeps its name
    #[arg(long, value_name = "WHAT")]
    entry: Option<Entrypoint>,
    /// A shared library that a layer brings, such as libpq.so.5
    #[arg(long, value_name = "NAME")]
    layer_library: Vec<String>,
    /// Pack more than the 262,144,000 bytes that Lambda unpacks
    #[arg(long)]
    allow_oversize: bool,
}

impl ContentsArgs {
    /// Resolves words to values; `files` are more words for `--include`.
    pub(in crate::cli) fn contents(self, files: Vec<String>, host: &Host) -> ContentOptions {
        let include = self
            .include
            .into_iter()
            .chain(files)
            .map(|word| IncludeOption {
                word,
                base: host.cwd.clone(),
            });
        ContentOptions {
            include: include.collect(),
            extension: self.extension,
            entry: self.entry,
            layer_libraries: self.layer_library,
            allow_oversize: self.allow_oversize,
        }
    }
}
