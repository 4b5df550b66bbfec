//! The options of `coldstart`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::args::MessageFormat;
use crate::cli::aws_args::{AwsArgs, function};
use crate::cli::event_args::EventArgs;
use crate::coldstart::{Question, aws};
use crate::host::Host;
use crate::project::path;
use crate::report::Style;
use crate::reportlog::table;

/// What Lambda offers, in MB.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const MEMORY: std::ops::RangeInclusive<i64> = 128..=10_240;

#[derive(Debug, Args)]
#[command(
    after_help = "With --function, each cold start is forced by a change of the function: one more \
                  variable, LAMBDAPACK_COLDSTART, and the memory. Both are put back at the end, and \
                  after an error, Ctrl-C and SIGTERM; no log is read or deleted. Starts that are \
                  forced are shorter than those after a long rest.
Permissions: lambda:GetFunctionConfiguration, lambda:UpdateFunctionConfiguration, \
                  lambda:InvokeFunction, and kms:Encrypt and kms:Decrypt where the function's \
                  variables have a key of their own."
)]
pub(super) struct ColdstartArgs {
    /// The function on AWS to measure: its name or ARN
    #[arg(long, value_name = "NAME", value_parser = function)]
    function: String,
    /// How many cold starts with each memory
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(1..=1000)
    )]
    times: u32,
    /// Memory in MB; several are measured in turn [default: what the function has]
    #[arg(
        long,
        value_name = "MB",
        value_delimiter = ',',
        value_parser = clap::value_parser!(u32).range(MEMORY)
    )]
    memory: Vec<u32>,
    #[command(flatten)]
    event: EventArgs,
    /// Write the cold starts as a table, Name;Memory;Init;Cold;Billed; - is stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    csv: Option<PathBuf>,
    /// The columns of the table: those five, or all there are
    #[arg(
        long,
        value_name = "WHICH",
        default_value = "published",
        requires = "csv"
    )]
    columns: Columns,
    /// Show what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// How stdout is written
    #[arg(long, value_name = "FMT", default_value = "human")]
    message_format: MessageFormat,
    #[command(flatten)]
    aws: AwsArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Columns {
    Published,
    Full,
}

impl ColdstartArgs {
    pub(super) fn style(&self) -> Style {
        self.message_format.style()
    }

    /// Resolves words to values.
    pub(super) fn question(self, host: &Host) -> Question {
        let mut memories: Vec<u32> = Vec::new();
        for memory in self.memory {
            if !memories.contains(&memory) {
                memories.push(memory);
            }
        }
        Question::Aws(aws::Question {
            function: self.function,
            times: self.times,
            memories,
            event: self.event.source(host),
            dry_run: self.dry_run,
            csv: self.csv.map(|file| aws::Table {
                file: (file.as_os_str() != "-").then(|| path::place(&host.cwd, &file)),
                columns: match self.columns {
                    Columns::Published => &table::PUBLISHED,
                    Columns::Full => &table::FULL,
                },
            }),
            account: self.aws.account(),
        })
    }
}
