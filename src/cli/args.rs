//! The options of `build` and `list`, and what they mean.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use crate::cli::paths::folders;
use crate::console::Verbosity;
use crate::failure::{Failure, Kind};
use crate::host::Host;
use crate::lambda::{Arch, Runtime};
use crate::project::path;
use crate::request::{
    Compression, Format, GoOptions, Language, Libc, LinkWith, OutputOptions, Request, RustOptions,
    Selection,
};

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// Folders of cargo packages and workspaces, Go modules and packages
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    paths: Vec<PathBuf>,

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
    lang: Option<Lang>,
    /// Build only what is packed: faster, but features are unified over less, so
    /// the bytes may differ
    #[arg(long, help_heading = "What is packed")]
    selected_only: bool,

    /// Cargo's profile [default: lambda, which is release, stripped, with thin LTO]
    #[arg(long, value_name = "PROFILE-NAME", help_heading = "Rust")]
    profile: Option<String>,
    #[command(flatten, next_help_heading = "Rust")]
    features: clap_cargo::Features,
    /// Assert that `Cargo.lock` will remain unchanged
    #[arg(long, help_heading = "Rust")]
    locked: bool,
    /// Run without accessing the network
    #[arg(long, help_heading = "Rust")]
    offline: bool,
    /// Equivalent to specifying both --locked and --offline
    #[arg(long, help_heading = "Rust")]
    frozen: bool,
    /// Number of parallel jobs, for cargo and for go
    #[arg(short, long, value_name = "N", help_heading = "Rust")]
    jobs: Option<String>,
    /// Path to Cargo.toml
    #[arg(
        long,
        value_name = "PATH",
        help_heading = "Rust",
        conflicts_with = "paths"
    )]
    manifest_path: Option<PathBuf>,
    /// Directory for what the compilers make
    #[arg(long, value_name = "DIRECTORY", help_heading = "Rust")]
    target_dir: Option<PathBuf>,
    /// What links: auto takes the first that serves the runtime's glibc [default:
    /// configuration, else auto]
    #[arg(long, value_name = "LINKER", help_heading = "Rust")]
    linker: Option<LinkWith>,
    /// The C library: gnu is the runtime's, musl is linked in [default: gnu where it
    /// can be linked]
    #[arg(long, value_name = "LIBC", help_heading = "Rust")]
    libc: Option<Libc>,
    /// An argument for cargo, after all others
    #[arg(
        long,
        value_name = "ARG",
        allow_hyphen_values = true,
        help_heading = "Rust"
    )]
    cargo_arg: Vec<String>,
    /// Rejected with a word on profiles: everybody types it once.
    #[arg(short, long, hide = true)]
    release: bool,

    /// Build tags, besides lambda.norpc and those of GOFLAGS and configuration
    #[arg(long, value_name = "TAGS", help_heading = "Go")]
    tags: Vec<String>,
    /// Linker flags, besides `-s -w` and those of GOFLAGS and configuration
    #[arg(
        long,
        value_name = "FLAGS",
        allow_hyphen_values = true,
        help_heading = "Go"
    )]
    ldflags: Vec<String>,
    /// Build with cgo
    #[arg(long, help_heading = "Go")]
    cgo: bool,
    /// Keep the symbol table and DWARF
    #[arg(long, help_heading = "Go")]
    keep_symbols: bool,
    /// Stamp the commit into the binary (then every commit changes the zip)
    #[arg(long, help_heading = "Go")]
    vcs_stamp: bool,
    /// An argument for go, after all others
    #[arg(
        long,
        value_name = "ARG",
        allow_hyphen_values = true,
        help_heading = "Go"
    )]
    go_arg: Vec<String>,

    /// How hard to compress
    #[arg(long, value_name = "LEVEL", help_heading = "Output")]
    compression: Option<Compression>,
    /// A zip, or a folder with bootstrap for tools that zip themselves
    #[arg(long, help_heading = "Output")]
    format: Option<Format>,
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
    /// How stdout is written
    #[arg(
        long,
        value_name = "FMT",
        default_value = "human",
        help_heading = "Output"
    )]
    pub(super) message_format: MessageFormat,
    /// Print only this on stdout
    #[arg(
        long,
        value_name = "WHAT",
        help_heading = "Output",
        conflicts_with = "message_format"
    )]
    pub(super) print: Option<Print>,

    /// Arguments for the compiler, after all others
    #[arg(last = true, value_name = "ARGS")]
    rest: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    Rust,
    Go,
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

/// `host` is for trying things on this machine; it is never a default.
fn arch(word: &str) -> Result<Arch, String> {
    if word == "host" {
        std::env::consts::ARCH.parse()
    } else {
        word.parse()
    }
}

fn runtime(word: &str) -> Result<Runtime, String> {
    word.parse()
}

impl BuildArgs {
    /// Resolves words to values.
    pub(super) fn request(
        self,
        host: &Host,
        verbosity: Verbosity,
        color: Option<String>,
    ) -> anyhow::Result<Request> {
        if self.release {
            return Err(Failure::new(Kind::Usage, "there is no --release here")
                .help("drop it: the profile `lambda` is release already; or say --profile release")
                .into());
        }
        let out = self.out.as_ref().map(|out| out.to_string_lossy());
        if out.is_some_and(|out| out.ends_with(std::path::is_separator)) {
            return Err(
                Failure::new(Kind::Usage, "--out names a file, and this is a folder")
                    .help("use --out-dir, or name the zip, too")
                    .into(),
            );
        }
        let absolute = |path: PathBuf| path::resolve(&host.cwd, path);
        let lock = [
            ("--locked", self.locked),
            ("--offline", self.offline),
            ("--frozen", self.frozen),
        ];
        let lang = self.lang.map(|lang| match lang {
            Lang::Rust => Language::Rust,
            Lang::Go => Language::Go,
        });
        let lang = if self.manifest_path.is_some() {
            Some(Language::Rust)
        } else {
            lang
        };
        Ok(Request {
            paths: folders(self.paths, self.manifest_path, host)?,
            select: Selection {
                packages: self.package,
                bins: self.bin,
                examples: self.example,
                workspace: self.workspace,
                exclude: self.exclude,
                lang,
                selected_only: self.selected_only,
            },
            archs: archs(self.arch, host)?,
            runtime: self.runtime,
            rust: RustOptions {
                profile: self.profile,
                features: self.features.features,
                all_features: self.features.all_features,
                no_default_features: self.features.no_default_features,
                lock: lock
                    .into_iter()
                    .filter(|(_, said)| *said)
                    .map(|(option, _)| option.to_owned())
                    .collect(),
                jobs: self.jobs,
                target_dir: self.target_dir.map(absolute),
                linker: self.linker,
                libc: self.libc,
                args: self.cargo_arg,
            },
            go: GoOptions {
                tags: self.tags,
                ldflags: self.ldflags,
                cgo: self.cgo,
                keep_symbols: self.keep_symbols,
                vcs_stamp: self.vcs_stamp,
                args: self.go_arg,
            },
            rest: self.rest,
            output: OutputOptions {
                compression: self.compression,
                format: self.format,
                out_dir: self.out_dir.map(absolute),
                out: self.out.map(absolute),
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

fn archs(said: Vec<Arch>, host: &Host) -> Result<Vec<Arch>, Failure> {
    let Some(words) = host.var(ARCH_VARIABLE).filter(|_| said.is_empty()) else {
        return Ok(said);
    };
    let archs: Result<_, _> = words.split(',').map(|word| arch(word.trim())).collect();
    archs.map_err(|why| {
        Failure::new(Kind::Usage, format!("{ARCH_VARIABLE}: {why}"))
            .help(format!("set {ARCH_VARIABLE}=arm64, or take it away"))
    })
}
