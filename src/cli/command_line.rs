//! The whole command line: global options, and how arguments reach clap.

use crate::cli::examples;
use crate::cli::exit_codes::exit_codes;
use std::ffi::OsString;

use clap::builder::styling::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser};

use crate::cli::build::partitioned::PartitionedArgs;
use crate::cli::command::Command;
use crate::system::host::Host;
use crate::ui::console::Verbosity;
use crate::ui::failure::{ExitKind, Failure};

/// Package Rust and Go functions for AWS Lambda
///
/// Cross-compiles each function, names it bootstrap, and writes a reproducible zip
/// with its hash
#[derive(Debug, Parser)]
#[command(
    name = "cargo-lambdapack",
    bin_name = "cargo lambdapack",
    version,
    styles = STYLES,
    args_conflicts_with_subcommands = true,
    subcommand_help_heading = "Commands",
    before_help = examples::ALL,
    after_help = after_help()
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    build: PartitionedArgs,
    #[command(flatten)]
    global: GlobalArgs,
}

const STYLES: Styles = clap_cargo::style::CLAP_STYLING;

fn after_help() -> String {
    "Zips are written to target/lambdapack/<arch>/<function>.zip, each with its hash in \
     <function>.zip.base64sha256. target/lambdapack/manifest.json describes them.\n\
     Defaults can be set in lambdapack.toml.\n\n"
        .to_owned()
        + &exit_codes(&ExitKind::ALL)
}

#[derive(Debug, Args)]
struct GlobalArgs {
    /// Print only errors
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output Options"
    )]
    quiet: bool,
    /// Also print the commands that run, and why
    #[arg(short, long, global = true, help_heading = "Output Options")]
    verbose: bool,
    /// Control when to color output
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        help_heading = "Output Options"
    )]
    color: Option<clap::ColorChoice>,
}

impl GlobalArgs {
    fn verbosity(&self, host: &Host) -> Verbosity {
        let is_set = |name: &str| host.var(name).is_some_and(|value| value == "true");
        if self.quiet || (is_set("CARGO_TERM_QUIET") && !self.verbose) {
            Verbosity::Quiet
        } else if self.verbose || is_set("CARGO_TERM_VERBOSE") {
            Verbosity::Verbose
        } else {
            Verbosity::Normal
        }
    }
}

/// The options that every subcommand has.
pub(crate) struct GlobalOptions {
    pub verbosity: Verbosity,
    /// The value of `--color`, if it was passed.
    pub color: Option<String>,
}

/// The whole command line, from which completions and man pages are generated.
pub fn command() -> clap::Command {
    Cli::command()
}

impl Cli {
    /// Parses a command line. Cargo passes the word `lambdapack` as the first argument.
    pub fn parse_args(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut words: Vec<_> = words.into_iter().collect();
        if words.get(1).is_some_and(|word| word == "lambdapack") {
            words.remove(1);
        }
        let words = global_options_last(words);
        Self::try_parse_from(words.into_iter().map(two_dashes)).map_err(without_dashes_tip)
    }

    /// When to color output, if `--color` or Cargo's own variable says so. anstream honors
    /// NO_COLOR and CLICOLOR_FORCE.
    pub(crate) fn color(&self, host: &Host) -> Option<clap::ColorChoice> {
        let word = || {
            host.var("CARGO_TERM_COLOR")
                .and_then(|word| word.parse().ok())
        };
        self.global.color.or_else(word)
    }

    /// The subcommand, and the options that all subcommands have.
    pub(crate) fn resolve(self, host: &Host) -> anyhow::Result<(Command, GlobalOptions)> {
        if let Some(value) = host.var("SOURCE_DATE_EPOCH")
            && value.parse::<i64>().is_err()
        {
            return Err(Failure::new(
                ExitKind::Usage,
                format!("SOURCE_DATE_EPOCH is `{value}`, which is not a number of seconds"),
            )
            .help("set it to seconds since 1970, or unset it")
            .into());
        }
        let options = GlobalOptions {
            verbosity: self.global.verbosity(host),
            color: self.global.color.map(|color| color.to_string()),
        };
        let command = self.command.unwrap_or(Command::Build(Box::new(self.build)));
        command.check_print()?;
        Ok((command, options))
    }
}

/// Removes clap's suggestion to write `--` before an unknown option: arguments after `--`
/// go to cargo or go, which do not know the option either.
fn without_dashes_tip(mut error: clap::Error) -> clap::Error {
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(ContextValue::StyledStrs(mut tips)) = error.remove(ContextKind::Suggested)
    {
        tips.retain(|tip| !tip.to_string().starts_with("to pass "));
        if !tips.is_empty() {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
    }
    error
}

/// Accepts `-output` for `--output`, because Go programs such as build-lambda-zip do.
fn two_dashes(word: OsString) -> OsString {
    match word.to_str() {
        Some(text) if text == "-output" || text.starts_with("-output=") => {
            format!("-{text}").into()
        }
        _ => word,
    }
}

/// Moves global options behind the subcommand. clap treats every option before a
/// subcommand as an option of `build`, which conflicts with the subcommand.
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
