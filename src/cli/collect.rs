//! Options of `collect`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::output_options::StdoutArgs;
use crate::commands::collect::CollectOptions;
use crate::fs::path;
use crate::system::host::Host;

#[derive(Debug, Args)]
pub(crate) struct CollectArgs {
    /// Output directories of builds, each with a manifest.json
    #[arg(value_name = "DIR", required = true, value_hint = ValueHint::DirPath)]
    dirs: Vec<PathBuf>,
    /// Directory for the joined results [default: target/lambdapack in the project]
    #[arg(
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        help_heading = "Output Options"
    )]
    out_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) stdout: StdoutArgs,
}

impl CollectArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> CollectOptions {
        let absolute = |dir: PathBuf| path::resolve(&host.cwd, dir);
        CollectOptions {
            dirs: self.dirs.into_iter().map(absolute).collect(),
            folder: path::resolve(&host.cwd, "."),
            out_dir: self.out_dir.map(absolute),
        }
    }
}
