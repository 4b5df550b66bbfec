//! Options for the contents of a zip.

use clap::{Args, ValueHint};

use crate::build::request::{ContentOptions, Entrypoint, IncludeOption};
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(next_help_heading = "Zip Contents")]
pub(in crate::cli) struct ContentsArgs {
    /// Include a file, folder, or pattern such as 'assets/**'; DEST is its name in the zip
    #[arg(long, value_name = "SRC[=DEST]", value_hint = ValueHint::AnyPath)]
    include: Vec<String>,
    /// Package the program as a Lambda extension: a layer that contains extensions/NAME
    #[arg(long, conflicts_with = "entry")]
    extension: bool,
    /// What to store as bootstrap [default: program]
    #[arg(long, value_name = "WHAT")]
    entry: Option<Entrypoint>,
    /// Do not report this shared library as missing, because a layer provides it; for example
    /// libpq.so.5
    #[arg(long, value_name = "NAME")]
    layer_library: Vec<String>,
    /// Allow more than 262,144,000 bytes unzipped, the limit of Lambda
    #[arg(long)]
    allow_oversize: bool,
}

impl ContentsArgs {
    /// Turns the arguments into options; `files` are treated like values of `--include`.
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
