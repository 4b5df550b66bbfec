//! Options of `pack`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::build::request::Compression;
use crate::build::request::PrebuiltProgram;
use crate::cli::build::contents::ContentsArgs;
use crate::cli::output_options::StdoutArgs;
use crate::cli::values;
use crate::fs::file_name::{sbom, sidecar};
use crate::fs::path;
use crate::lambda::{Arch, Runtime};
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug, Args)]
pub(crate) struct PackArgs {
    /// Linux program or script to package
    #[arg(value_hint = ValueHint::FilePath)]
    binary: PathBuf,
    /// Additional files, as with --include
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    files: Vec<String>,
    /// Zip to write [default: BINARY.zip in the current directory]
    #[arg(short, long, alias = "o", value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Architecture of the function [default: the program's own]
    #[arg(long, value_parser = values::arch)]
    arch: Option<Arch>,
    /// Lambda runtime
    #[arg(long, default_value_t, value_parser = values::runtime)]
    runtime: Runtime,
    #[command(flatten)]
    contents: ContentsArgs,
    /// Compression level
    #[arg(long, value_name = "LEVEL", help_heading = "Output Options")]
    compression: Option<Compression>,
    /// Write no bill of materials next to the zip
    #[arg(long, help_heading = "Output Options")]
    no_sbom: bool,
    #[command(flatten)]
    pub(crate) stdout: StdoutArgs,
}

impl PackArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_program(self, host: &Host) -> Result<PrebuiltProgram, Failure> {
        let file_name = self.binary.file_name().unwrap_or_default();
        let Some(name) = file_name.to_str().map(str::to_owned) else {
            let what = format!("the name of `{}` is not UTF-8", self.binary.display());
            return Err(Failure::new(ExitKind::Usage, what).help("rename it"));
        };
        let target = match self.output {
            Some(output) => output,
            None => PathBuf::from(format!("{name}.zip")),
        };
        if target.to_string_lossy().ends_with(std::path::is_separator) {
            return Err(
                Failure::new(ExitKind::Usage, "`-o` expects a file, not a folder")
                    .help("add the name of the zip"),
            );
        }
        let binary = path::resolve(&host.cwd, self.binary);
        if target.as_os_str() == "-" {
            return Err(Failure::new(
                ExitKind::Usage,
                "`-o` expects a file, because stdout is for the hash",
            )
            .help("pass the zip's path with `-o FILE.zip`"));
        }
        let place = path::resolve(&host.cwd, &target);
        if [&place, &sidecar(&place), &sbom(&place)].contains(&&binary) {
            let what = format!("the output would overwrite `{}`", binary.display());
            return Err(
                Failure::new(ExitKind::Usage, what).help("pass the zip's path with `-o FILE.zip`")
            );
        }
        Ok(PrebuiltProgram {
            binary,
            name,
            arch: self.arch,
            runtime: self.runtime,
            contents: self.contents.contents(self.files, host),
            compression: self.compression.unwrap_or_default(),
            sbom: !self.no_sbom,
            target: path::resolve_parent(&host.cwd, &target),
        })
    }
}
