//! Options of `deploy`, `invoke`, and `coldstart` that select a packaged function.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::build::results::zip_selector::ZipSelector;
use crate::cli::values;
use crate::fs::path;
use crate::lambda::Arch;
use crate::system::host::Host;

#[derive(Debug, Args)]
pub(crate) struct ZipArgs {
    /// Architecture, if the function was packaged for both
    #[arg(long, value_parser = values::arch)]
    arch: Option<Arch>,
    /// Directory with the packaged functions [default: target/lambdapack in the project]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out_dir: Option<PathBuf>,
}

impl ZipArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, words: Vec<PathBuf>, host: &Host) -> ZipSelector {
        ZipSelector {
            words,
            arch: self.arch,
            preferred: None,
            out_dir: self.out_dir.map(|dir| path::resolve(&host.cwd, dir)),
        }
    }
}
