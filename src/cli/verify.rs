//! Options of `verify`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::output_options::FormatArgs;
use crate::commands::verify::VerifyOptions;
use crate::fs::path;
use crate::system::host::Host;

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Zips or names of packaged functions [default: every function in the manifest]
    #[arg(value_name = "ZIP|NAME", value_hint = ValueHint::FilePath)]
    zips: Vec<PathBuf>,
    /// Directory with the packaged functions [default: target/lambdapack in the project]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) stdout: FormatArgs,
}

impl VerifyArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> VerifyOptions {
        let zips = self.zips.iter();
        VerifyOptions {
            zips: zips
                .map(|zip| path::resolve_parent(&host.cwd, zip))
                .collect(),
            folder: path::resolve(&host.cwd, "."),
            out_dir: self.out_dir.map(|dir| path::resolve(&host.cwd, dir)),
        }
    }
}
