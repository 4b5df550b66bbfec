//! The options of `coldstart`.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueHint};

use crate::cli::aws_options::{AwsArgs, function};
use crate::cli::output_options::FormatArgs;
use crate::cli::run_options::RunArgs;
use crate::cli::values::{TableColumns, memory};
use crate::cli::zip_options::ZipArgs;
use crate::commands::coldstart::{ColdstartOptions, aws, local};
use crate::fs::path;
use crate::metrics::report_log::table;
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure};

/// How many starts of each zip are measured here, and the fewest that say anything.
const TIMES_HERE: (u32, u32) = (30, 10);
/// How many cold starts on AWS, with each memory.
const TIMES_ON_AWS: u32 = 10;

#[derive(Debug, Args)]
#[command(
    after_help = "What is measured here is relative: it tells builds apart, and is not a prediction \
                  of Init Duration. The first zip runs twice, as a control; where it differs from \
                  itself, no verdict is given. Nearest to Lambda is what starts with a cold page \
                  cache. A quiet machine helps; TMPDIR must be on a disk.

With --function, each cold start is forced by a change of the function on AWS: one more \
                  variable, LAMBDAPACK_COLDSTART, and the memory. Both are put back at the end, and \
                  after an error, Ctrl-C and SIGTERM; no log is read or deleted. Starts that are \
                  forced are shorter than those after a long rest.
Permissions: lambda:GetFunctionConfiguration, lambda:UpdateFunctionConfiguration, \
                  lambda:InvokeFunction, and kms:Encrypt and kms:Decrypt where the function's \
                  variables have a key of their own."
)]
pub(crate) struct ColdstartArgs {
    /// Zips, or functions that were packed here; the others are compared with the first
    /// [default: the only function]
    #[arg(
        value_name = "ZIP|NAME",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["function", "columns", "dry_run", "qualifier", "region", "profile", "wait"]
    )]
    zips: Vec<PathBuf>,
    #[command(flatten)]
    which: ZipArgs,
    /// How many cold starts of each [default: 30 here, 10 on AWS]
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=1000)
    )]
    times: Option<u32>,
    /// MemorySize in MB: what a function here is told [default: 128]; on AWS several are
    /// measured in turn [default: what it has]
    #[arg(
        long,
        value_name = "MB",
        value_delimiter = ',',
        value_parser = memory
    )]
    memory: Vec<u32>,
    #[command(flatten)]
    run: RunArgs,
    /// What decides the order of the starts [default: another one each time]
    #[arg(long, value_name = "N", conflicts_with = "function")]
    seed: Option<u64>,
    /// Write all starts as a table, Name;Memory;Init;Cold;Billed and more; - is stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    csv: Option<PathBuf>,
    /// The columns of the table from AWS: those five, or all there are
    #[arg(
        long,
        value_name = "WHICH",
        default_value = "published",
        requires_all = ["csv", "function"], help_heading = "Output")]
    columns: TableColumns,
    /// Write everything as JSON, for --baseline
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "function", help_heading = "Output")]
    json: Option<PathBuf>,
    /// Draw box plots
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "function", help_heading = "Output")]
    svg: Option<PathBuf>,
    /// What --max-ratio compares with: a file that --json wrote before, on this machine
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        requires = "max_ratio",
        conflicts_with = "function"
    )]
    baseline: Option<PathBuf>,
    /// Exit with 1 where processor time, memory, the zip's size, or beside the first zip
    /// init surely is more than this many times what it is compared with
    #[arg(long, value_name = "R", value_parser = ratio, conflicts_with = "function")]
    max_ratio: Option<f64>,
    /// The function on AWS to measure: its name or ARN
    #[arg(long, value_name = "NAME", value_parser = function, help_heading = "AWS")]
    function: Option<String>,
    /// Call the function by this alias, which has to stand for $LATEST
    #[arg(
        long,
        value_name = "ALIAS",
        requires = "function",
        help_heading = "AWS"
    )]
    qualifier: Option<String>,
    /// Show what would be run on AWS, and run nothing
    #[arg(long, requires = "function", help_heading = "AWS")]
    dry_run: bool,
    #[command(flatten)]
    pub(crate) stdout: FormatArgs,
    #[command(flatten)]
    aws: AwsArgs,
}

fn ratio(word: &str) -> Result<f64, String> {
    match word.parse::<f64>() {
        Ok(ratio) if ratio.is_finite() && ratio > 0.0 => Ok(ratio),
        _ => Err("it is a number above 0, such as 1.2".to_owned()),
    }
}

impl ColdstartArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> Result<ColdstartOptions, Failure> {
        match self.function.clone() {
            Some(function) => Ok(self.on_aws(function, host)),
            None => self.here(host),
        }
    }

    fn here(self, host: &Host) -> Result<ColdstartOptions, Failure> {
        let failure = |what: String, help| Failure::new(ExitKind::Usage, what).help(help);
        let times = self.times.unwrap_or(TIMES_HERE.0);
        if times < TIMES_HERE.1 {
            let what =
                format!("--times {times} is too few: so few starts say nothing about the next one");
            return Err(failure(what, "measure at least 10: --times 30"));
        }
        let memory_mb = match self.memory[..] {
            [] => 128,
            [memory] => memory,
            _ => {
                let what = "--memory has several values, and nothing here depends on it";
                return Err(failure(what.to_owned(), "give one, or --function NAME"));
            }
        };
        if self.max_ratio.is_some() && self.baseline.is_none() && self.zips.len() < 2 {
            let what = "--max-ratio has nothing to compare with".to_owned();
            return Err(failure(what, "name a second zip, or --baseline FILE"));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let place = |file: &Path| path::place(&host.cwd, file);
        let zip = self.which.into_options(self.zips, host);
        Ok(ColdstartOptions::Local(local::LocalColdstartOptions {
            invoke: self.run.into_options(zip, times, memory_mb, host),
            seed: { self.seed }.unwrap_or(now.map_or(0, |now| u64::from(now.subsec_nanos()))),
            csv: self.csv.map(|file| match file.as_os_str() == "-" {
                true => file,
                false => place(&file),
            }),
            json: self.json.as_deref().map(place),
            svg: self.svg.as_deref().map(place),
            baseline: self.baseline.map(|file| host.cwd.join(file)),
            max_ratio: self.max_ratio,
        }))
    }

    fn on_aws(self, function: String, host: &Host) -> ColdstartOptions {
        let mut memories: Vec<u32> = Vec::new();
        for memory in self.memory {
            if !memories.contains(&memory) {
                memories.push(memory);
            }
        }
        let zip = self.which.into_options(Vec::new(), host);
        let event = self.run.into_options(zip, 1, 128, host).event;
        ColdstartOptions::Aws(aws::AwsColdstartOptions {
            function,
            qualifier: self.qualifier,
            times: self.times.unwrap_or(TIMES_ON_AWS),
            memories,
            event,
            dry_run: self.dry_run,
            csv: self.csv.map(|file| aws::ColdstartTable {
                file: (file.as_os_str() != "-").then(|| path::place(&host.cwd, &file)),
                columns: match self.columns {
                    TableColumns::Published => &table::PUBLISHED,
                    TableColumns::Full => &table::FULL,
                },
            }),
            account: self.aws.account(),
        })
    }
}
