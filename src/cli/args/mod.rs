//! The options of `build`, `list` and `doctor`, and what they mean.

pub(super) mod contents;
mod go;
mod rust;

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use crate::build::request::Compression;
use crate::build::request::{FunctionSelector, OutputOptions, PackageFormat, Request};
use crate::cli::args::contents::ContentsArgs;
use crate::cli::args::go::GoArgs;
use crate::cli::args::rust::RustArgs;
use crate::cli::paths::folders;
use crate::fs::path;
use crate::lambda::Language;
use crate::lambda::{Arch, Runtime};
use crate::system::host::Host;
use crate::ui::console::Verbosity;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::output_style::OutputStyle;

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// Folders of cargo packages and workspaces, Go modules and packages
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    paths: Vec<PathBuf>,
    /// Arguments for the compiler, after all others
    #[arg(last = true, value_name = "ARGS")]
    rest: Vec<String>,

    /// arm64, x86_64 or host; may be given twice [default: configuration, else x86_64]
    #[arg(long, value_name = "ARCH", value_delimiter = ',', value_parser = arch)]
    arch: Vec<Arch>,
    /// The runtime deployed to: provided.al2023 or provided.al2
    #[arg(long, value_parser = runtime)]
    runtime: Option<Runtime>,

    /// Pack the functions of this package only
    #[arg(short, long, value_name = "SPEC", help_heading = "What is packed")]
    package: Vec<String>,
    /// Pack this function only, or a binary that is not one
    #[arg(long, value_name = "NAME", help_heading = "What is packed")]
    bin: Vec<String>,
    /// Pack this example of a cargo package
    #[arg(long, value_name = "NAME", help_heading = "What is packed")]
    example: Vec<String>,
    /// Pack all functions of the project, wherever in it this is
    #[arg(long, help_heading = "What is packed")]
    workspace: bool,
    /// Leave this package out
    #[arg(long, value_name = "SPEC", help_heading = "What is packed")]
    exclude: Vec<String>,
    /// Pack functions of one language only
    #[arg(long, value_name = "LANG", help_heading = "What is packed")]
    lang: Option<LangArg>,
    /// Resolve the features of the selected packages only, for example because
    /// another package does not resolve; the bytes may differ
    #[arg(long, help_heading = "What is packed")]
    selected_only: bool,
    /// The functions of one run, whatever else there is: what `verify` says.
    #[arg(long, value_name = "NAME", value_delimiter = ',', hide = true)]
    together: Vec<String>,

    #[command(flatten)]
    rust: RustArgs,
    #[command(flatten)]
    go: GoArgs,
    #[command(flatten)]
    contents: ContentsArgs,

    /// How hard to compress
    #[arg(long, value_name = "LEVEL", help_heading = "Output")]
    compression: Option<Compression>,
    /// A zip, or a folder with bootstrap for tools that zip themselves
    #[arg(long, help_heading = "Output")]
    format: Option<PackageFormat>,
    /// Leave the results here [default: target/lambdapack of the project]
    #[arg(
        long,
        value_name = "DIR",
        help_heading = "Output",
        conflicts_with = "out"
    )]
    out_dir: Option<PathBuf>,
    /// Leave the one zip that is packed here, without a manifest
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Output",
        conflicts_with = "format"
    )]
    out: Option<PathBuf>,
    /// Show what would be run, and run nothing
    #[arg(long, help_heading = "Output")]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) stdout: StdoutArgs,
}

/// How stdout is written, of every command that tells something.
#[derive(Debug, Args)]
pub(super) struct FormatArgs {
    /// How stdout is written
    #[arg(
        long,
        value_name = "FMT",
        default_value = "human",
        help_heading = "Output"
    )]
    message_format: MessageFormat,
}

impl FormatArgs {
    pub(super) const fn style(&self) -> OutputStyle {
        match self.message_format {
            MessageFormat::Human => OutputStyle::Human,
            MessageFormat::Json => OutputStyle::Json,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct StdoutArgs {
    #[command(flatten)]
    format: FormatArgs,
    /// Print only this on stdout
    #[arg(
        long,
        value_name = "WHAT",
        help_heading = "Output",
        conflicts_with = "message_format"
    )]
    pub(super) print: Option<Print>,
}

impl StdoutArgs {
    /// How stdout is written.
    pub(super) fn style(&self) -> OutputStyle {
        match self.print {
            Some(Print::Hash) => OutputStyle::Hash,
            Some(Print::Path) => OutputStyle::Path,
            None => self.format.style(),
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum LangArg {
    Rust,
    Go,
}

impl LangArg {
    pub(super) const fn language(self) -> Language {
        match self {
            Self::Rust => Language::Rust,
            Self::Go => Language::Go,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    Human,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Print {
    Hash,
    Path,
}

/// What a table of calls tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TableColumns {
    /// Name;Memory;Init;Cold;Billed
    Published,
    /// All that a report says
    Full,
}

/// What Lambda offers, in MB.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
pub(super) fn memory(word: &str) -> Result<u32, String> {
    const OFFERED: std::ops::RangeInclusive<u32> = 128..=10_240;
    let (least, most) = OFFERED.into_inner();
    let number = word.parse().ok().filter(|mb| OFFERED.contains(mb));
    number.ok_or_else(|| format!("a function of Lambda has {least} to {most} MB"))
}

/// `host` is for trying things on this machine; it is never a default.
pub(super) fn arch(word: &str) -> Result<Arch, String> {
    if word == "host" {
        std::env::consts::ARCH.parse()
    } else {
        word.parse()
    }
}

pub(super) fn runtime(word: &str) -> Result<Runtime, String> {
    word.parse()
}

impl BuildArgs {
    /// Resolves words to values.
    pub(super) fn request(
        mut self,
        host: &Host,
        verbosity: Verbosity,
        color: Option<String>,
    ) -> anyhow::Result<Request> {
        if self.rust.release {
            return Err(Failure::new(ExitKind::Usage, "there is no --release here")
                .help("drop it: the profile `lambda` is release already; or say --profile release")
                .into());
        }
        let out = self.out.as_ref().map(|out| out.to_string_lossy());
        if out.is_some_and(|out| out.ends_with(std::path::is_separator)) {
            return Err(
                Failure::new(ExitKind::Usage, "--out names a file, and this is a folder")
                    .help("use --out-dir, or name the zip, too")
                    .into(),
            );
        }
        let absolute = |path: PathBuf| path::resolve(&host.cwd, path);
        let manifest_path = self.rust.manifest_path.take();
        let lang = self.lang.map(LangArg::language);
        let lang = if manifest_path.is_some() {
            Some(Language::Rust)
        } else {
            lang
        };
        Ok(Request {
            paths: folders(self.paths, manifest_path, host)?,
            select: FunctionSelector {
                packages: self.package,
                bins: self.bin,
                examples: self.example,
                workspace: self.workspace,
                exclude: self.exclude,
                lang,
                selected_only: self.selected_only,
                together: self.together,
            },
            archs: archs(self.arch, host)?,
            runtime: self.runtime,
            rust: self.rust.options(host),
            go: self.go.into(),
            rest: self.rest,
            contents: self.contents.contents(Vec::new(), host),
            output: OutputOptions {
                compression: self.compression,
                format: self.format,
                out_dir: self.out_dir.map(absolute),
                out: self.out.map(|out| path::place(&host.cwd, &out)),
            },
            dry_run: self.dry_run,
            color,
            quiet: verbosity == Verbosity::Quiet,
        })
    }
}

/// The environment variable for the architecture, below the option and above
/// configuration.
pub(super) const ARCH_VARIABLE: &str = "LAMBDAPACK_ARCH";

/// The architectures that were said, on the command line or by the variable.
pub(super) fn archs(said: Vec<Arch>, host: &Host) -> Result<Vec<Arch>, Failure> {
    let Some(words) = host.var(ARCH_VARIABLE).filter(|_| said.is_empty()) else {
        return Ok(said);
    };
    let archs: Result<_, _> = words.split(',').map(|word| arch(word.trim())).collect();
    archs.map_err(|why| {
        Failure::new(ExitKind::Usage, format!("{ARCH_VARIABLE}: {why}"))
            .help(format!("set {ARCH_VARIABLE}=arm64, or take it away"))
    })
}
