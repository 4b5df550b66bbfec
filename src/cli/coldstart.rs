//! Options of `coldstart`.

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

/// The default number of starts of each zip on this machine, and the smallest number that
/// allows a conclusion.
const TIMES_HERE: (u32, u32) = (30, 10);
/// The default number of cold starts on AWS, for each memory size.
const TIMES_ON_AWS: u32 = 10;

#[derive(Debug, Args)]
#[command(
    after_help = "Figures from this machine are relative. They compare builds with each other, and do not \
predict Init Duration on Lambda. The first zip is measured twice as a control: if the \
two measurements differ significantly, no conclusion is drawn. Starts with a cold page \
cache, which are reported separately, are closest to Lambda. Use an otherwise idle machine, \
and a TMPDIR on a disk, not in memory.

With --function, each cold start is forced by a configuration change on AWS: the \
variable LAMBDAPACK_COLDSTART is added, and the memory size is set. Both are restored at \
the end, also after an error, Ctrl-C, or SIGTERM. Requires the AWS CLI (`aws`) and credentials. No log is read or deleted. Forced cold \
starts are shorter than those after a long idle time.

Permissions: lambda:GetFunctionConfiguration, lambda:UpdateFunctionConfiguration, \
lambda:InvokeFunction, and kms:Encrypt and kms:Decrypt if the function's variables are \
encrypted with your own key."
)]
pub(crate) struct ColdstartArgs {
    /// Zips or names of packaged functions; the others are compared with the first
    /// [default: the only function]
    #[arg(
        value_name = "ZIP|NAME",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["function", "columns", "dry_run", "qualifier", "region", "profile", "wait"]
    )]
    zips: Vec<PathBuf>,
    #[command(flatten)]
    which: ZipArgs,
    /// Number of cold starts of each function [default: 30, or 10 on AWS]
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=1000)
    )]
    times: Option<u32>,
    /// Memory size in MB; on AWS a comma-separated list, measured in turn; on this machine it
    /// is only reported to the function [default: 128, or the function's own on AWS]
    #[arg(
        long,
        value_name = "MB",
        value_delimiter = ',',
        value_parser = memory
    )]
    memory: Vec<u32>,
    #[command(flatten)]
    run: RunArgs,
    /// Seed for the order of the starts [default: random]
    #[arg(long, value_name = "N", conflicts_with = "function")]
    seed: Option<u64>,
    /// Write every start as a row of a CSV table; - is stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output Options")]
    csv: Option<PathBuf>,
    /// Columns of the CSV table
    #[arg(
        long,
        value_name = "WHICH",
        default_value = "published",
        requires_all = ["csv", "function"], help_heading = "Output Options")]
    columns: TableColumns,
    /// Write all figures as JSON, for --baseline
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "function", help_heading = "Output Options")]
    json: Option<PathBuf>,
    /// Draw box plots
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "function", help_heading = "Output Options")]
    svg: Option<PathBuf>,
    /// File written by --json on this machine, to compare with --max-ratio
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        requires = "max_ratio",
        conflicts_with = "function"
    )]
    baseline: Option<PathBuf>,
    /// Exit with code 1 if a function is more than R times worse: CPU time, memory, and zip
    /// size compared with --baseline or the first zip, init time only with the first zip
    #[arg(long, value_name = "R", value_parser = ratio, conflicts_with = "function")]
    max_ratio: Option<f64>,
    /// Measure this Lambda function on AWS: name or ARN
    #[arg(long, value_name = "NAME", value_parser = function, help_heading = "AWS")]
    function: Option<String>,
    /// Invoke the function through this alias, which must point to $LATEST
    #[arg(
        long,
        value_name = "ALIAS",
        requires = "function",
        help_heading = "AWS"
    )]
    qualifier: Option<String>,
    /// Print the AWS commands without running them
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
        _ => Err("expected a number greater than 0, such as 1.2".to_owned()),
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
            let what = format!("`--times {times}` is too few for a meaningful result");
            return Err(failure(what, "pass at least 10, such as `--times 30`"));
        }
        let memory_mb = match self.memory[..] {
            [] => 128,
            [memory] => memory,
            _ => {
                let what = "`--memory` accepts several values only with `--function`";
                return Err(failure(
                    what.to_owned(),
                    "pass one value, or `--function NAME`",
                ));
            }
        };
        if self.max_ratio.is_some() && self.baseline.is_none() && self.zips.len() < 2 {
            let what = "`--max-ratio` has nothing to compare with".to_owned();
            return Err(failure(what, "pass a second zip or `--baseline FILE`"));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let place = |file: &Path| path::resolve_parent(&host.cwd, file);
        let zip = self.which.into_options(self.zips, host);
        Ok(ColdstartOptions::Local(local::LocalColdstartOptions {
            invoke: self.run.into_options(zip, times, memory_mb, host),
            seed: self
                .seed
                .unwrap_or(now.map_or(0, |now| u64::from(now.subsec_nanos()))),
            csv: self.csv.map(|file| {
                if file.as_os_str() == "-" {
                    file
                } else {
                    place(&file)
                }
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
        let event = self.run.event(host);
        ColdstartOptions::Aws(aws::AwsColdstartOptions {
            function,
            qualifier: self.qualifier,
            times: self.times.unwrap_or(TIMES_ON_AWS),
            memories,
            event,
            dry_run: self.dry_run,
            csv: self.csv.map(|file| aws::ColdstartTable {
                file: (file.as_os_str() != "-").then(|| path::resolve_parent(&host.cwd, &file)),
                columns: match self.columns {
                    TableColumns::Published => &table::PUBLISHED,
                    TableColumns::Full => &table::FULL,
                },
            }),
            account: self.aws.account(),
        })
    }
}
