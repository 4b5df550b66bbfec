//! The subcommands.

use clap::Subcommand;

use crate::cli::build::BuildArgs;
use crate::cli::build::partitioned::PartitionedArgs;
use crate::cli::check::CheckArgs;
use crate::cli::coldstart::ColdstartArgs;
use crate::cli::collect::CollectArgs;
use crate::cli::completions::CompletionsArgs;
use crate::cli::deploy::DeployArgs;
use crate::cli::examples;
use crate::cli::init::InitArgs;
use crate::cli::invoke::InvokeArgs;
use crate::cli::migrate::MigrateArgs;
use crate::cli::new::NewArgs;
use crate::cli::pack::PackArgs;
use crate::cli::report::ReportArgs;
use crate::cli::verify::VerifyArgs;
use crate::cli::watch::WatchArgs;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::output_style::OutputStyle;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build and package functions (the default command)
    #[command(before_help = examples::BUILD)]
    Build(Box<PartitionedArgs>),
    /// List the functions that a build would package
    #[command(before_help = examples::LIST)]
    List(Box<PartitionedArgs>),
    /// Show which tools a build needs, which are missing, and how to install them
    #[command(before_help = examples::DOCTOR)]
    Doctor(Box<BuildArgs>),
    /// Package a prebuilt program, in any language
    #[command(before_help = examples::PACK)]
    Pack(Box<PackArgs>),
    /// Join the results of several builds, for example with --partition, into one folder
    #[command(before_help = examples::COLLECT)]
    Collect(CollectArgs),
    /// Check whether Lambda would run zips and programs, and print their hashes
    #[command(before_help = examples::CHECK)]
    Check(CheckArgs),
    /// Rebuild packaged functions in another folder and compare the bytes
    #[command(before_help = examples::VERIFY)]
    Verify(VerifyArgs),
    /// Invoke a packaged function in a local Lambda (Linux only), or a function on AWS
    #[command(before_help = examples::INVOKE)]
    Invoke(Box<InvokeArgs>),
    /// Serve functions on this machine, and rebuild them when their sources change
    #[command(before_help = examples::WATCH)]
    Watch(Box<WatchArgs>),
    /// Measure cold starts, on this machine or on AWS
    #[command(before_help = examples::COLDSTART)]
    Coldstart(Box<ColdstartArgs>),
    /// Summarize Lambda logs: cold starts, cost, tables, and box plots
    #[command(before_help = examples::REPORT)]
    Report(Box<ReportArgs>),
    /// Deploy functions and layers to AWS if their zips have changed
    #[command(before_help = examples::DEPLOY)]
    Deploy(Box<DeployArgs>),
    /// Generate files that build and deploy the functions: Terraform, SAM, CDK, and others
    #[command(before_help = examples::INIT)]
    Init(InitArgs),
    /// Create a new function with a test
    #[command(before_help = examples::NEW)]
    New(NewArgs),
    /// Migrate functions from go1.x, provided, and provided.al2 to provided.al2023
    #[command(before_help = examples::MIGRATE)]
    Migrate(MigrateArgs),
    /// Print a completion script for a shell
    #[command(before_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
}

impl Command {
    /// How the result is printed on stdout.
    pub(crate) fn output_style(&self) -> OutputStyle {
        match self {
            Self::Build(args) | Self::List(args) => args.build.stdout.style(),
            Self::Doctor(args) => args.stdout.style(),
            Self::Pack(args) => args.stdout.style(),
            Self::Collect(args) => args.stdout.style(),
            Self::Check(args) => args.stdout.style(),
            Self::Verify(args) => args.stdout.style(),
            Self::Coldstart(args) => args.stdout.style(),
            Self::Report(args) => args.stdout.style(),
            Self::Deploy(args) => args.stdout.style(),
            Self::Migrate(args) => args.stdout.style(),
            Self::Watch(args) => args.style(),
            Self::Invoke(_) | Self::Init(_) | Self::New(_) | Self::Completions(_) => {
                OutputStyle::Human
            }
        }
    }

    /// Rejects `--print` if there will be no zips to print the hashes or paths of.
    pub(super) fn check_print(&self) -> Result<(), Failure> {
        let prints_nothing = match self {
            Self::Build(args) => args.build.dry_run && args.build.stdout.print.is_some(),
            Self::List(args) => args.build.stdout.print.is_some(),
            Self::Doctor(args) => args.stdout.print.is_some(),
            _ => false,
        };
        if prints_nothing {
            return Err(Failure::new(
                ExitKind::Usage,
                "`--print` has no results to show with `list`, `doctor`, or `--dry-run`",
            )
            .help("omit `--print`, or pass `--message-format json` for every field"));
        }
        Ok(())
    }
}
