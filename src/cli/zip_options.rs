//! The options that tell zips of one name apart: of `deploy`, `invoke`, `coldstart`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::build::results::zip_selector::ZipSelector;
use crate::cli::values;
use crate::fs::path;
use crate::lambda::Arch;
use crate::system::host::Host;

#[derive(Debug, Args)]
pub(crate) struct ZipArgs {
    /// The architecture, where a function was packed for both
    #[arg(long, value_parser = values::arch)]
    arch: Option<Arch>,
    /// Where results were left [default: target/lambdapack of the project]
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
