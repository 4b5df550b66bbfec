//! Options of `check`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::output_options::FormatArgs;
use crate::cli::values;
use crate::commands::check::CheckOptions;
use crate::lambda::{Arch, Runtime};
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Zips, programs, and scripts
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Architecture of the function [default: the program's own]
    #[arg(long, value_parser = values::arch)]
    arch: Option<Arch>,
    /// Runtime of the function
    #[arg(long, default_value_t, value_parser = values::runtime)]
    runtime: Runtime,
    /// Do not report this shared library as missing, because a layer provides it
    #[arg(long, value_name = "NAME")]
    layer_library: Vec<String>,
    /// Accept a zip without bootstrap, because a layer provides it
    #[arg(long)]
    layer_bootstrap: bool,
    /// Treat the zips as layers, which do not need a bootstrap
    #[arg(long, conflicts_with = "layer_bootstrap")]
    layer: bool,
    /// Check that this bill of materials describes the zip
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    sbom: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) stdout: FormatArgs,
}

impl CheckArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> Result<CheckOptions, Failure> {
        if self.sbom.is_some() && self.files.len() != 1 {
            let what = "`--sbom` expects exactly one zip, because it describes only one";
            return Err(Failure::new(ExitKind::Usage, what).help("check one zip at a time"));
        }
        Ok(CheckOptions {
            files: self.files.iter().map(|file| host.cwd.join(file)).collect(),
            arch: self.arch,
            runtime: self.runtime,
            libraries: self.layer_library,
            layer_bootstrap: self.layer_bootstrap,
            layer: self.layer,
            sbom: self.sbom.map(|file| host.cwd.join(file)),
        })
    }
}
