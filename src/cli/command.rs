//! The commands, and what each is resolved to.

use clap::Subcommand;

use crate::build::request::{PrebuiltProgram, Request};
use crate::cli::args::BuildArgs;
use crate::cli::check_args::CheckArgs;
use crate::cli::coldstart_args::ColdstartArgs;
use crate::cli::completions::Shell;
use crate::cli::completions_args::CompletionsArgs;
use crate::cli::deploy_args::DeployArgs;
use crate::cli::examples;
use crate::cli::init_args::InitArgs;
use crate::cli::invoke_args::InvokeArgs;
use crate::cli::migrate_args::MigrateArgs;
use crate::cli::new_args::NewArgs;
use crate::cli::pack_args::PackArgs;
use crate::cli::report_args::ReportArgs;
use crate::cli::verify_args::VerifyArgs;
use crate::commands::check;
use crate::commands::coldstart;
use crate::commands::deploy;
use crate::commands::invoke;
use crate::commands::migrate;
use crate::commands::report;
use crate::commands::scaffold;
use crate::commands::verify;
use crate::system::host::Host;
use crate::ui::console::Verbosity;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::output_style::OutputStyle;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Build and pack every function found (the default command)
    #[command(before_help = examples::BUILD)]
    Build(Box<BuildArgs>),
    /// List the functions it would pack: name, language, architecture, zip
    #[command(before_help = examples::LIST)]
    List(Box<BuildArgs>),
    /// Say what the build needs, what is here, and how to get the rest
    #[command(before_help = examples::DOCTOR)]
    Doctor(Box<BuildArgs>),
    /// Pack a program that is built already, in whatever language
    #[command(before_help = examples::PACK)]
    Pack(Box<PackArgs>),
    /// Say whether Lambda would run these zips and programs, and print their hashes
    #[command(before_help = examples::CHECK)]
    Check(CheckArgs),
    /// Rebuild what was packed, with other paths, and say whether it is the same
    #[command(before_help = examples::VERIFY)]
    Verify(VerifyArgs),
    /// Run a packed function here, as Lambda would, and give it an event
    #[command(before_help = examples::INVOKE)]
    Invoke(Box<InvokeArgs>),
    /// Measure cold starts: of packed functions here, or of a function on AWS
    #[command(before_help = examples::COLDSTART)]
    Coldstart(Box<ColdstartArgs>),
    /// Read REPORT lines of logs: cold starts, cost, tables and box plots
    #[command(before_help = examples::REPORT)]
    Report(Box<ReportArgs>),
    /// Make a zip the code of a function on AWS, if it is not already
    #[command(before_help = examples::DEPLOY)]
    Deploy(Box<DeployArgs>),
    /// Write files that build and deploy the functions found: Terraform, SAM, CDK and others
    #[command(before_help = examples::INIT)]
    Init(InitArgs),
    /// Make a function to start from, with a test
    #[command(before_help = examples::NEW)]
    New(NewArgs),
    /// Move functions on go1.x, provided and provided.al2 to provided.al2023
    #[command(before_help = examples::MIGRATE)]
    Migrate(MigrateArgs),
    /// Print a script that completes this command line in a shell
    #[command(before_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// Build and pack.
    Build(Request),
    /// List what would be packed.
    List(Request),
    /// Say what is needed and what is here.
    Doctor(Request),
    /// Pack what is built already.
    Pack(PrebuiltProgram),
    /// Look at zips and programs that are there already.
    Check(check::CheckOptions),
    /// Rebuild, and compare.
    Verify(verify::VerifyOptions),
    /// Run a function that was packed.
    Invoke(invoke::InvokeOptions),
    /// Measure cold starts.
    Coldstart(coldstart::ColdstartOptions),
    /// Read logs.
    Report(report::ReportOptions),
    /// Make a zip a function's code.
    Deploy(deploy::DeployOptions),
    /// Fill templates with a project's functions.
    Init(scaffold::InitOptions),
    /// Make a function.
    New(scaffold::NewOptions),
    /// Move to a runtime that lasts.
    Migrate(migrate::MigrateOptions),
    /// Print what completes the command line in a shell.
    Completions(Shell),
}

impl Command {
    /// Resolves words to values, and to how stdout is written. `color` is the word that
    /// was said of it.
    pub(super) fn action(
        self,
        host: &Host,
        verbosity: Verbosity,
        color: Option<String>,
    ) -> anyhow::Result<(Action, OutputStyle)> {
        let (of, args): (fn(Request) -> Action, _) = match self {
            Self::Build(args) => (Action::Build, args),
            Self::List(args) => (Action::List, args),
            Self::Doctor(args) => (Action::Doctor, args),
            Self::Pack(args) => {
                let style = args.stdout.style();
                return Ok((Action::Pack(args.prebuilt(host)?), style));
            }
            Self::Check(args) => {
                let style = args.stdout.style();
                return Ok((Action::Check(args.question(host)), style));
            }
            Self::Verify(args) => {
                let style = args.stdout.style();
                return Ok((Action::Verify(args.question(host)), style));
            }
            Self::Invoke(args) => {
                return Ok((Action::Invoke(args.question(host)), OutputStyle::Human));
            }
            Self::Coldstart(args) => {
                let style = args.stdout.style();
                return Ok((Action::Coldstart(args.question(host)?), style));
            }
            Self::Report(args) => {
                let style = args.stdout.style();
                return Ok((Action::Report(args.question(host)?), style));
            }
            Self::Deploy(args) => {
                let style = args.stdout.style();
                return Ok((Action::Deploy(args.question(host)), style));
            }
            Self::Init(args) => {
                return Ok((Action::Init(args.question(host)?), OutputStyle::Human));
            }
            Self::New(args) => return Ok((Action::New(args.question(host)), OutputStyle::Human)),
            Self::Migrate(args) => {
                let style = args.stdout.style();
                return Ok((Action::Migrate(args.question(host)), style));
            }
            Self::Completions(args) => {
                return Ok((Action::Completions(args.shell), OutputStyle::Human));
            }
        };
        let style = args.stdout.style();
        let (print, dry_run) = (args.stdout.print.is_some(), args.dry_run);
        let action = of(args.request(host, verbosity, color)?);
        if print && (dry_run || !matches!(action, Action::Build(_))) {
            return Err(Failure::new(
                ExitKind::Usage,
                "--print shows results, and `list`, `doctor` and --dry-run make none",
            )
            .help("leave one out; --message-format json has every field")
            .into());
        }
        Ok((action, style))
    }
}
