//! Options of `build`, `list`, and `doctor`. Options that `doctor` lacks are in `partitioned`.

pub(super) mod contents;
pub(super) mod go;
pub(super) mod partitioned;
pub(super) mod rust;
pub(super) mod selection;

use crate::cli::output_options::StdoutArgs;
use crate::cli::values::{arch, archs, runtime};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::build::request::Compression;
use crate::build::request::{
    BuildDestination, BuildRecipe, CacheOptions, FunctionSelector, OutputOptions, PackageFormat,
    Request,
};
use crate::cli::build::contents::ContentsArgs;
use crate::cli::build::go::GoArgs;
use crate::cli::build::rust::RustArgs;
use crate::cli::build::selection::SelectionArgs;
use crate::cli::paths::folders;
use crate::fs::path;
use crate::lambda::{Arch, Runtime};
use crate::system::host::Host;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// Folders of Cargo packages, Cargo workspaces, Go modules, or Go packages [default: .]
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    paths: Vec<PathBuf>,
    /// Arguments for `cargo build` or `go build`; if a run needs both, use --cargo-arg and
    /// --go-arg
    #[arg(last = true, value_name = "ARGS")]
    rest: Vec<String>,

    /// Architecture: arm64, x86_64, or host; may be repeated [default: `arch` in the
    /// configuration, else x86_64]
    #[arg(long, value_name = "ARCH", value_delimiter = ',', value_parser = arch)]
    arch: Vec<Arch>,
    /// Lambda runtime: provided.al2023, or provided.al2, which is deprecated [default:
    /// `runtime` in the configuration, else provided.al2023]
    #[arg(long, value_parser = runtime)]
    runtime: Option<Runtime>,

    #[command(flatten)]
    selection: SelectionArgs,
    /// The functions of one compiler run. `verify` passes this option if a manifest has no recipe.
    #[arg(long, value_name = "NAME", value_delimiter = ',', hide = true)]
    together: Vec<String>,
    /// The recipe of a build, which replaces all options that decide the bytes of a zip. `verify`
    /// passes this option.
    #[arg(long, value_name = "FILE", hide = true)]
    recipe: Option<PathBuf>,

    #[command(flatten)]
    rust: RustArgs,
    #[command(flatten)]
    go: GoArgs,
    #[command(flatten)]
    contents: ContentsArgs,

    /// Compression level [default: default]
    #[arg(long, value_name = "LEVEL", help_heading = "Output Options")]
    compression: Option<Compression>,
    /// Create a zip, or a folder for tools that create the zip themselves [default: zip]
    #[arg(long, help_heading = "Output Options")]
    format: Option<PackageFormat>,
    /// Write no bill of materials next to the zip
    #[arg(long, help_heading = "Output Options")]
    no_sbom: bool,
    /// Output directory [default: target/lambdapack in the project]
    #[arg(
        long,
        value_name = "DIR",
        help_heading = "Output Options",
        conflicts_with = "out"
    )]
    out_dir: Option<PathBuf>,
    /// Write the zip to this file, without manifest.json; only for a single function
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Output Options",
        conflicts_with = "format"
    )]
    out: Option<PathBuf>,
    /// Print the commands without running them
    #[arg(long, help_heading = "Output Options")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) stdout: StdoutArgs,
}

impl BuildArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_request(
        mut self,
        host: &Host,
        console: &Console,
        color: Option<String>,
    ) -> anyhow::Result<Request> {
        self.rust.cargo.refuse_release(
            "the default profile is already optimized; pass `--profile release` to use Cargo's own",
        )?;
        let out = self.out.as_ref().map(|out| out.to_string_lossy());
        if out.is_some_and(|out| out.ends_with(std::path::is_separator)) {
            return Err(
                Failure::new(ExitKind::Usage, "`--out` expects a file, not a folder")
                    .help("use `--out-dir`, or add the name of the zip")
                    .into(),
            );
        }
        let absolute = |path: PathBuf| path::resolve(&host.cwd, path);
        let manifest_path = self.rust.cargo.manifest_path.take();
        let request = Request {
            select: FunctionSelector {
                together: self.together,
                ..self.selection.selector(manifest_path.is_some())
            },
            paths: folders(self.paths, manifest_path, host)?,
            destination: BuildDestination::Lambda,
            archs: archs(self.arch, host)?,
            runtime: self.runtime,
            rust: self.rust.options(host),
            go: self.go.into(),
            rest: self.rest,
            contents: self.contents.contents(Vec::new(), host),
            output: OutputOptions {
                compression: self.compression,
                format: self.format,
                no_sbom: self.no_sbom,
                out_dir: self.out_dir.map(absolute),
                out: self.out.map(|out| path::resolve_parent(&host.cwd, &out)),
                cache: CacheOptions {
                    disabled: self.recipe.is_some(),
                    ..CacheOptions::default()
                },
            },
            partition: None,
            changed: None,
            dry_run: self.dry_run,
            color,
            quiet: console.is_quiet(),
        };
        Ok(match self.recipe {
            Some(file) => read_recipe(&host.cwd.join(file))?.apply_to(request, &host.cwd),
            None => request,
        })
    }
}

fn read_recipe(file: &Path) -> anyhow::Result<BuildRecipe> {
    let text = fs_err::read_to_string(file).map_err(|error| {
        Failure::new(ExitKind::Usage, error.to_string())
            .help("run `cargo lambdapack verify`, which writes this file and passes `--recipe`")
    })?;
    Ok(BuildRecipe::parse(
        &text,
        &format!("in `{}`", file.display()),
    )?)
}
