//! The command line: every clap type, and the way from words to a [`Request`].
//!
//! Nothing below knows clap, except that enums name their own values.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::styling::Styles;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, ValueHint};

use crate::console::Verbosity;
use crate::failure::{Failure, Kind, Problem};
use crate::host::Host;
use crate::lambda::{Arch, Runtime};
use crate::project::name::did_you_mean;
use crate::report::Style;
use crate::request::{
    Compression, Format, GoOptions, Language, OutputOptions, Request, RustOptions, Selection,
};

/// Packs Rust and Go functions for AWS Lambda: cross-compiled, named bootstrap,
/// with mode 0755, the same zip every time, and its hash beside it
#[derive(Debug, Parser)]
#[command(
    name = "cargo-lambdapack",
    bin_name = "cargo lambdapack",
    version,
    styles = STYLES,
    args_conflicts_with_subcommands = true,
    subcommand_help_heading = "Commands",
    before_help = "Examples:
  cargo lambdapack --arch arm64         build and pack every function found here
  cargo lambdapack --bin orders         only this one
  cargo lambdapack services/ -- -v      the functions of a folder; the compiler says more
  cargo lambdapack list                 what would be packed",
    after_help = "Results go to target/lambdapack/<arch>/<function>.zip, each with its hash in \
                  <function>.zip.base64sha256, and target/lambdapack/manifest.json.
Exit codes: 0 done, 2 usage, 70 our own fault, 96 tool missing, 101 compiler failed, \
                  102 project or configuration, 103 packaging, 104 Lambda would not run it, \
                  105 over a limit, 130 and 143 interrupted."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    build: BuildArgs,
    #[command(flatten)]
    global: GlobalArgs,
}

const STYLES: Styles = clap_cargo::style::CLAP_STYLING;

#[derive(Debug, Subcommand)]
enum Command {
    /// Build and pack every function found (the default command)
    Build(Box<BuildArgs>),
    /// List the functions it would pack: name, language, architecture, zip
    List(Box<BuildArgs>),
}

#[derive(Debug, Args)]
struct GlobalArgs {
    /// Say nothing but errors
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    quiet: bool,
    /// Also show the commands that are run, and why
    #[arg(short, long, global = true, help_heading = "Output")]
    verbose: bool,
    /// Colour what is said
    #[arg(long, global = true, value_name = "WHEN", help_heading = "Output")]
    color: Option<clap::ColorChoice>,
}

#[derive(Debug, Args)]
struct BuildArgs {
    /// Folders of cargo packages and workspaces, Go modules and packages
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    paths: Vec<PathBuf>,

    /// arm64 or x86_64; may be given twice [default: configuration, else x86_64]
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
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Show what would be run, and run nothing
    #[arg(long, help_heading = "Output")]
    dry_run: bool,
    /// How stdout is written
    #[arg(
        long,
        value_name = "FMT",
        default_value = "human",
        help_heading = "Output"
    )]
    message_format: MessageFormat,
    /// Print only this on stdout
    #[arg(
        long,
        value_name = "WHAT",
        help_heading = "Output",
        conflicts_with = "message_format"
    )]
    print: Option<Print>,

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
enum MessageFormat {
    Human,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Print {
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

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Build and pack.
    Build,
    /// List.
    List,
}

/// A command line that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// What is to be done.
    pub action: Action,
    /// With what.
    pub request: Request,
    /// How stdout is written.
    pub style: Style,
    /// How much is said on stderr.
    pub verbosity: Verbosity,
    /// Whether to colour it, where that is said.
    pub color: Option<clap::ColorChoice>,
}

impl Cli {
    /// Parses a command line, with or without cargo's word `lambdapack` in front.
    ///
    /// # Errors
    /// clap's: a usage error, or the text of `--help` and `--version`.
    pub fn parse_words(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut words: Vec<_> = words.into_iter().collect();
        if words.get(1).is_some_and(|word| word == "lambdapack") {
            words.remove(1);
        }
        Self::try_parse_from(global_options_last(words))
    }

    /// Resolves words to values.
    ///
    /// # Errors
    /// Exit 2 for paths that do not exist and for contradictions.
    pub fn resolve(self, host: &Host) -> anyhow::Result<Invocation> {
        let term = |name: &str| host.var(name).is_some_and(|value| value == "true");
        let verbosity = if self.global.quiet || (term("CARGO_TERM_QUIET") && !self.global.verbose) {
            Verbosity::Quiet
        } else if self.global.verbose || term("CARGO_TERM_VERBOSE") {
            Verbosity::Verbose
        } else {
            Verbosity::Normal
        };
        let color = self.global.color.or_else(|| {
            // Cargo's own variable; NO_COLOR and CLICOLOR_FORCE are anstream's.
            host.var("CARGO_TERM_COLOR")
                .and_then(|word| word.parse().ok())
        });
        let (action, args) = match self.command {
            None => (Action::Build, self.build),
            Some(Command::Build(args)) => (Action::Build, *args),
            Some(Command::List(args)) => (Action::List, *args),
        };
        let style = match (args.print, args.message_format) {
            (Some(Print::Hash), _) => Style::Hash,
            (Some(Print::Path), _) => Style::Path,
            (None, MessageFormat::Json) => Style::Json,
            (None, MessageFormat::Human) => Style::Human,
        };
        Ok(Invocation {
            action,
            request: args.request(host, verbosity)?,
            style,
            verbosity,
            color,
        })
    }
}

/// clap takes every option before a command for one of `build`'s, which conflicts
/// with the command. The global ones do not, so they are moved behind it.
fn global_options_last(mut words: Vec<OsString>) -> Vec<OsString> {
    let mut end = 1;
    while let Some(word) = words.get(end).and_then(|word| word.to_str()) {
        end += match word {
            "--color" => 2,
            "-q" | "--quiet" | "-v" | "--verbose" => 1,
            _ if word.starts_with("--color=") => 1,
            _ => break,
        };
    }
    let is_command = |word: &OsString| {
        word.to_str()
            .is_some_and(|word| Cli::command().find_subcommand(word).is_some())
    };
    if end > 1 && words.get(end).is_some_and(is_command) {
        words[1..=end].rotate_right(1);
    }
    words
}

impl BuildArgs {
    fn request(self, host: &Host, verbosity: Verbosity) -> anyhow::Result<Request> {
        if self.release {
            return Err(Failure::new(Kind::Usage, "there is no --release here")
                .help("drop it: the profile `lambda` is release already; or say --profile release")
                .into());
        }
        let absolute = |path: PathBuf| host.cwd.join(path);
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
            archs: self.arch,
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
            verbose: verbosity == Verbosity::Verbose,
            quiet: verbosity == Verbosity::Quiet,
        })
    }
}

/// The folders that are meant, absolute and without symlinks, as cargo and go
/// name them; all that do not exist at once.
fn folders(
    paths: Vec<PathBuf>,
    manifest: Option<PathBuf>,
    host: &Host,
) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = paths;
    paths.extend(manifest);
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let mut folders = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        match folder(&path, host) {
            Ok(folder) => folders.push(folder),
            Err(problem) => problems.push(problem),
        }
    }
    Failure::unless_empty(Kind::Usage, problems)?;
    Ok(folders)
}

fn folder(path: &Path, host: &Host) -> Result<PathBuf, Problem> {
    const MARKERS: [&str; 4] = ["Cargo.toml", "go.mod", "go.work", "lambdapack.toml"];
    let full = host.cwd.join(path);
    if full.is_dir() {
        Ok(real(&full))
    } else if full.is_file()
        && MARKERS
            .iter()
            .any(|name| full.file_name() == Some(OsStr::new(name)))
    {
        Ok(real(full.parent().unwrap_or(&full)))
    } else if full.exists() {
        Err(Problem::new(format!("{} is not a folder", path.display()))
            .help("name the folder of the package or module"))
    } else {
        Err(Problem::new(format!("{} does not exist", path.display())).help(meant(path, host)))
    }
}

#[cfg(unix)]
fn real(path: &Path) -> PathBuf {
    fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Canonical paths on Windows start with `\\?\`, which cargo and go do not use.
#[cfg(windows)]
fn real(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A path that does not exist may be a command or a neighbour, misspelt.
fn meant(path: &Path, host: &Host) -> String {
    let word = path.to_string_lossy();
    let command = Cli::command();
    let commands: Vec<_> = command
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    if commands.contains(&&*word) {
        return format!("the command `{word}` comes first: cargo lambdapack {word} …");
    }
    let full = host.cwd.join(path);
    let neighbours: Vec<_> = fs_err::read_dir(full.parent().unwrap_or(&full))
        .map(|entries| {
            entries
                .filter_map(Result::ok)
                .filter(|entry| entry.path().is_dir())
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect()
        })
        .unwrap_or_default();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let all: Vec<_> = commands
        .into_iter()
        .chain(neighbours.iter().map(String::as_str))
        .filter(|known| strsim::jaro_winkler(&name, known) > 0.8)
        .collect();
    if all.is_empty() {
        "paths are relative to the current folder; `cargo lambdapack --help` lists the commands"
            .to_owned()
    } else {
        did_you_mean(&name, &all, "there are")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Invocation, String> {
        let dir = tempfile::tempdir().unwrap();
        let host = Host {
            cwd: dir.path().to_owned(),
            ..Host::default()
        };
        fs_err::create_dir(host.cwd.join("report")).unwrap();
        let words = line.split_whitespace().map(OsString::from);
        Cli::parse_words(words)
            .map_err(|error| error.to_string())?
            .resolve(&host)
            .map_err(|error| {
                let failure = Failure::from_error(&error, Kind::Bug);
                failure
                    .problems
                    .iter()
                    .map(|p| format!("{} ({})", p.what, p.help.as_deref().unwrap_or_default()))
                    .collect()
            })
    }

    #[test]
    fn clap_finds_no_fault_with_the_command_line() {
        Cli::command().debug_assert();
    }

    #[test]
    fn cargos_word_is_taken_away_once() {
        for line in [
            "cargo-lambdapack --arch arm64",
            "cargo-lambdapack lambdapack --arch arm64",
            "cargo-lambdapack lambdapack build --arch arm64",
        ] {
            let invocation = parse(line).unwrap();
            assert_eq!(invocation.action, Action::Build);
            assert_eq!(invocation.request.archs, [Arch::Arm64]);
        }
        let error = parse("cargo-lambdapack lambdapack lambdapack").unwrap_err();
        assert!(error.contains("lambdapack does not exist"), "{error}");
    }

    #[test]
    fn a_command_is_a_command_and_a_folder_is_named_by_its_path() {
        assert_eq!(parse("x list").unwrap().action, Action::List);
        assert_eq!(parse("x ./report").unwrap().action, Action::Build);
    }

    #[test]
    fn build_options_before_another_command_are_not_swallowed() {
        assert!(parse("x --arch arm64 list").is_err());
        assert!(parse("x --arch arm64 build").is_err());
    }

    #[test]
    fn global_options_may_stand_before_a_command() {
        for line in ["x -q list", "x --color never -q list", "x list -q"] {
            let invocation = parse(line).unwrap();
            assert_eq!(invocation.action, Action::List, "{line}");
            assert_eq!(invocation.verbosity, Verbosity::Quiet, "{line}");
        }
    }

    #[test]
    fn a_path_that_does_not_exist_may_be_a_misspelt_command_or_folder() {
        let error = parse("x lst").unwrap_err();
        assert!(error.contains("did you mean `list`?"), "{error}");
        let error = parse("x reprot").unwrap_err();
        assert!(error.contains("did you mean `report`?"), "{error}");
        let error = parse("x ./report list").unwrap_err();
        assert!(error.contains("comes first"), "{error}");
    }

    #[test]
    fn ended_runtimes_and_unknown_words_are_usage_errors() {
        for line in [
            "x --runtime go1.x",
            "x --runtime provided",
            "x --arch mips",
            "x --nonsense",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        assert!(
            parse("x --release")
                .unwrap_err()
                .contains("--profile release")
        );
    }

    #[test]
    fn two_architectures_may_be_given_in_either_way() {
        for line in ["x --arch arm64 --arch amd64", "x --arch arm64,x86-64"] {
            assert_eq!(
                parse(line).unwrap().request.archs,
                [Arch::Arm64, Arch::X86_64]
            );
        }
    }

    #[test]
    fn what_stands_after_two_dashes_is_the_compilers() {
        let request = parse("x -- --config a=1 -v").unwrap().request;
        assert_eq!(request.rest, ["--config", "a=1", "-v"]);
        assert!(!request.verbose);
    }
}
