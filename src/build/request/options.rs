//! The types of a request. Those of compiler and content options are also parts of a recipe, so
//! their fields that do not decide the bytes of a zip are skipped.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::build::request::{CacheSize, Partition};
use crate::lambda::{Arch, Language, Runtime};

/// A request to list or build functions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// Folders to look in, absolute; never empty.
    pub paths: Vec<PathBuf>,
    /// The functions to select in these folders.
    pub select: FunctionSelector,
    /// Where the programs will run.
    pub destination: BuildDestination,
    /// `--arch`; empty if the configuration decides.
    pub archs: Vec<Arch>,
    pub runtime: Option<Runtime>,
    /// Options for Cargo.
    pub rust: RustOptions,
    /// Options for go.
    pub go: GoOptions,
    /// Arguments after `--`, for Cargo or go.
    pub rest: Vec<String>,
    /// The contents of zips.
    pub contents: ContentOptions,
    /// The results, and where they are written.
    pub output: OutputOptions,
    /// `--partition`: the part of the selected functions to build or list.
    pub partition: Option<Partition>,
    /// `--changed`, absolute: an earlier manifest. Functions with the same key are left out.
    pub changed: Option<PathBuf>,
    /// Stop after the plan.
    pub dry_run: bool,
    /// Print only errors, and let Cargo print only errors.
    pub quiet: bool,
    /// `--color`, which is also passed to Cargo.
    pub color: Option<String>,
}

/// Where a program will run, which decides how it is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BuildDestination {
    /// On Lambda: small, reproducible, and for the runtime's glibc.
    #[default]
    Lambda,
    /// On this machine, for development: as `cargo build` and `go build` compile it. Architecture,
    /// runtime, contents, and output folders of the request do not matter.
    Host,
}

/// The functions that a request selects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FunctionSelector {
    /// `-p`: cargo packages, or import paths of Go.
    pub packages: Vec<String>,
    /// `--bin`: functions or binaries by name.
    pub bins: Vec<String>,
    /// `--example`: examples of cargo packages.
    pub examples: Vec<String>,
    /// `--workspace`: the whole project, regardless of the folder.
    pub workspace: bool,
    /// `--exclude`: packages or functions left out.
    pub exclude: Vec<String>,
    pub lang: Option<Language>,
    /// `--selected-only`: resolve the packages of the selected functions only.
    pub selected_only: bool,
    /// The functions of one run of Cargo, which a recipe or `--together` lists.
    pub together: Vec<String>,
}

impl FunctionSelector {
    /// Whether the request names packages or functions.
    pub(crate) fn names_functions(&self) -> bool {
        !(self.packages.is_empty() && self.bins.is_empty() && self.examples.is_empty())
    }
}

/// Options for Rust functions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RustOptions {
    pub profile: Option<String>,
    pub features: Vec<String>,
    pub all_features: bool,
    pub no_default_features: bool,
    /// `--locked`, `--offline`, `--frozen`, as given.
    pub lock: Vec<String>,
    #[serde(skip)]
    pub jobs: Option<String>,
    #[serde(skip)]
    pub target_dir: Option<PathBuf>,
    pub linker: Option<LinkerChoice>,
    pub libc: Option<Libc>,
    /// `--auditable`: build with `cargo auditable`.
    pub auditable: bool,
    /// Arguments for Cargo after all others.
    pub args: Vec<String>,
}

/// The linker of Rust functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LinkerChoice {
    /// The first compatible linker: the one in cargo's configuration, the system's own, a GNU
    /// cross compiler, zig, or rust-lld with musl.
    #[default]
    Auto,
    /// The linker in cargo's configuration, or rustc's default.
    System,
    /// A GNU compiler for the target, such as aarch64-linux-gnu-gcc.
    Gcc,
    /// zig, which includes the glibc of every Lambda runtime.
    Zig,
    /// The rust-lld from rustup, for musl.
    Lld,
}

impl LinkerChoice {
    /// The value of the option.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::System => "system",
            Self::Gcc => "gcc",
            Self::Zig => "zig",
            Self::Lld => "lld",
        }
    }
}

/// The C library of a Rust function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Libc {
    /// The runtime's glibc.
    Gnu,
    /// musl, statically linked into the function.
    Musl,
}

/// Options for Go functions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GoOptions {
    /// `--tags`, in addition to those of other places.
    pub tags: Vec<String>,
    /// `--ldflags`, in addition to those of other places.
    pub ldflags: Vec<String>,
    pub cgo: bool,
    pub keep_symbols: bool,
    pub vcs_stamp: bool,
    /// Arguments for go after all others.
    pub args: Vec<String>,
}

/// The contents of a zip, in addition to the program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ContentOptions {
    /// `--include`, in addition to those of the configuration.
    pub include: Vec<IncludeOption>,
    /// `--extension`: the program is a Lambda extension, and the zip a layer.
    pub extension: bool,
    pub entry: Option<Entrypoint>,
    /// `--layer-library`, in addition to those of the configuration.
    pub layer_libraries: Vec<String>,
    /// `--allow-oversize`: pack functions that are larger than Lambda unpacks.
    pub allow_oversize: bool,
}

/// Additional files for a zip, as the user wrote them: `SRC[=DEST]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncludeOption {
    pub word: String,
    /// The folder that the source is relative to.
    pub base: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Entrypoint {
    /// The program itself, named bootstrap.
    #[default]
    Bootstrap,
    /// A script named bootstrap that starts the program, which keeps its own name.
    Script,
    /// The program under its own name; a layer provides the bootstrap that starts it.
    Layer,
}

/// A program that was built before, and how to pack it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrebuiltProgram {
    pub binary: PathBuf,
    /// The name of the function.
    pub name: String,
    /// `--arch`; `None` means the program's own.
    pub arch: Option<Arch>,
    pub runtime: Runtime,
    pub contents: ContentOptions,
    pub compression: Compression,
    /// Whether a bill of materials is written next to the zip.
    pub sbom: bool,
    pub target: PathBuf,
}

/// The results, and where they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OutputOptions {
    pub compression: Option<Compression>,
    pub format: Option<PackageFormat>,
    /// `--no-sbom`.
    #[serde(skip)]
    pub no_sbom: bool,
    #[serde(skip)]
    pub out_dir: Option<PathBuf>,
    /// `--out`, absolute: one zip and its hash, no manifest.
    #[serde(skip)]
    pub out: Option<PathBuf>,
    #[serde(skip)]
    pub cache: CacheOptions,
}

/// The folder with zips of earlier builds, which machines can share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CacheOptions {
    /// `--cache`, absolute.
    pub dir: Option<PathBuf>,
    /// `--cache-size`.
    pub size: Option<CacheSize>,
    /// Whether no cache is used, whatever the configuration says. `verify` builds without one.
    pub disabled: bool,
}

/// The compression level of the zip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// libdeflate level 2.
    Fast,
    /// libdeflate level 7.
    #[default]
    Default,
    /// libdeflate level 12.
    Best,
    /// No compression.
    Store,
}

/// The kind of result for each function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum PackageFormat {
    /// The zip `<arch>/<function>.zip`, and its hash.
    #[default]
    Zip,
    /// The folder `<arch>/<function>` with bootstrap, for tools that create the zip themselves.
    Dir,
}
