//! What the user asked for, resolved: paths made absolute, words made values.
//!
//! Absent: clap (that is `cli.rs`), and what configuration adds (that is `plan.rs`).

mod words;

use crate::lambda::Language;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::lambda::{Arch, Runtime};

/// One run over functions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// Folders to look in, absolute; never empty.
    pub paths: Vec<PathBuf>,
    /// Which of the functions found there.
    pub select: FunctionSelector,
    /// `--arch`; empty where configuration decides.
    pub archs: Vec<Arch>,
    pub runtime: Option<Runtime>,
    /// What cargo is told.
    pub rust: RustOptions,
    /// What go is told.
    pub go: GoOptions,
    /// Arguments after `--`, for whichever of the two is run.
    pub rest: Vec<String>,
    /// What goes into zips.
    pub contents: ContentOptions,
    /// What is left where.
    pub output: OutputOptions,
    /// Stop after the plan.
    pub dry_run: bool,
    /// Say nothing but errors, and let cargo say nothing else either.
    pub quiet: bool,
    /// `--color`, for cargo too.
    pub color: Option<String>,
}

/// Which functions are packed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FunctionSelector {
    /// `-p`: cargo packages, or import paths of Go.
    pub packages: Vec<String>,
    /// `--bin`: functions or binaries by name.
    pub bins: Vec<String>,
    /// `--example`: examples of cargo packages.
    pub examples: Vec<String>,
    /// `--workspace`: all of the project, wherever in it we are.
    pub workspace: bool,
    /// `--exclude`: packages or functions left out.
    pub exclude: Vec<String>,
    pub lang: Option<Language>,
    /// `--selected-only`: resolve the packages of the selected functions only.
    pub selected_only: bool,
    /// `--together`: the functions of one run of cargo, as the manifest lists them.
    pub together: Vec<String>,
}

impl FunctionSelector {
    /// Whether functions are named one by one.
    pub(crate) fn names_functions(&self) -> bool {
        !(self.packages.is_empty() && self.bins.is_empty() && self.examples.is_empty())
    }
}

/// Options that are cargo's own, or go to cargo.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RustOptions {
    pub profile: Option<String>,
    pub features: Vec<String>,
    pub all_features: bool,
    pub no_default_features: bool,
    /// `--locked`, `--offline`, `--frozen`, as given.
    pub lock: Vec<String>,
    pub jobs: Option<String>,
    pub target_dir: Option<PathBuf>,
    pub linker: Option<LinkerChoice>,
    pub libc: Option<Libc>,
    /// Arguments for cargo after all of ours.
    pub args: Vec<String>,
}

/// What links a Rust function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LinkerChoice {
    /// The first that serves: the one in cargo's configuration, this system's
    /// own, a GNU cross compiler, zig, rust-lld with musl.
    #[default]
    Auto,
    /// The one in cargo's configuration, or rustc's own choice.
    System,
    /// A GNU compiler for the target, such as aarch64-linux-gnu-gcc.
    Gcc,
    /// zig, which brings the glibc of every Lambda runtime.
    Zig,
    /// The rust-lld that rustup ships, for musl.
    Lld,
}

impl LinkerChoice {
    /// Its word on the command line.
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
    /// musl, linked into the function.
    Musl,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GoOptions {
    /// `--tags`, added to all others.
    pub tags: Vec<String>,
    /// `--ldflags`, added to all others.
    pub ldflags: Vec<String>,
    pub cgo: bool,
    pub keep_symbols: bool,
    pub vcs_stamp: bool,
    /// Arguments for go after all of ours.
    pub args: Vec<String>,
}

/// What goes into a zip, besides the program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ContentOptions {
    /// `--include`, in addition to those of the configuration.
    pub include: Vec<IncludeOption>,
    /// `--extension`: the program is a Lambda extension, and the zip a layer.
    pub extension: bool,
    pub entry: Option<Entrypoint>,
    /// `--layer-library`, in addition to those of the configuration.
    pub layer_libraries: Vec<String>,
    /// `--allow-oversize`: pack more than Lambda unpacks.
    pub allow_oversize: bool,
}

/// Files for the zip, as somebody wrote it: `SRC[=DEST]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IncludeOption {
    pub word: String,
    /// The folder from which they are meant.
    pub base: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Entrypoint {
    /// The program itself, called bootstrap.
    #[default]
    Bootstrap,
    /// A script called bootstrap, which starts the program under its own name.
    Script,
    /// The program under its own name: a layer brings bootstrap, which starts it.
    Layer,
}

/// A program that somebody else built, to be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrebuiltProgram {
    pub binary: PathBuf,
    /// Its name, as it was given.
    pub name: String,
    /// `--arch`; the program's own where not given.
    pub arch: Option<Arch>,
    pub runtime: Runtime,
    /// What goes into the zip besides it.
    pub contents: ContentOptions,
    pub compression: Compression,
    pub target: PathBuf,
}

/// What is left where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OutputOptions {
    pub compression: Option<Compression>,
    pub format: Option<PackageFormat>,
    pub out_dir: Option<PathBuf>,
    /// `--out`, absolute: one zip and its hash, no manifest.
    pub out: Option<PathBuf>,
}

/// How hard the zip is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// libdeflate 2.
    Fast,
    /// libdeflate 7.
    #[default]
    Default,
    /// libdeflate 12.
    Best,
    /// Not at all.
    Store,
}

/// What is left for each function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum PackageFormat {
    /// `<arch>/<function>.zip` and its hash.
    #[default]
    Zip,
    /// `<arch>/<function>/bootstrap`, for tools that zip themselves.
    Dir,
}
