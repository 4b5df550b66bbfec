//! Options of `report`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::cli::output_options::FormatArgs;
use crate::cli::values;
use crate::cli::values::TableColumns;
use crate::commands::report::{OutputTarget, ReportOptions};
use crate::fs::path;
use crate::lambda::Arch;
use crate::metrics::pricing::{Prices, RuntimeFamily, Usd};
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::output_style::OutputStyle;

#[derive(Debug, Args)]
#[command(
    after_help = "Reads the output of `aws logs tail`, `aws logs filter-log-events`, \
`aws logs get-query-results`, `aws lambda invoke --log-type Tail`, and `sam logs`; exports and \
copies from the CloudWatch console; REPORT lines; Lambda's JSON log records; and tables written \
by --csv."
)]
pub(crate) struct ReportArgs {
    /// Logs and CSV tables; - is stdin [default: -]
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Function name, if the log does not contain it [default: the file name]
    #[arg(long)]
    name: Option<String>,
    /// Architecture, which logs do not contain
    #[arg(long, value_parser = values::arch)]
    arch: Option<Arch>,
    /// Runtime, such as provided.al2023, nodejs22.x, or image; decides whether init is billed
    #[arg(long)]
    runtime: Option<RuntimeFamily>,
    /// Ignore warm invocations
    #[arg(long)]
    cold_only: bool,
    /// Write every invocation as a row of a CSV table; - is stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output Options")]
    csv: Option<PathBuf>,
    /// Columns of the CSV table
    #[arg(
        long,
        value_name = "SET",
        requires = "csv",
        default_value = "published",
        help_heading = "Output Options"
    )]
    columns: TableColumns,
    /// Write all figures as JSON; - is stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output Options")]
    json: Option<PathBuf>,
    /// Draw box plots of the cold starts
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output Options")]
    svg: Option<PathBuf>,
    /// Price in USD of a GB-second (x86_64, arm64) or of a million requests (requests)
    #[arg(long, value_name = "WHAT=USD")]
    price: Vec<String>,
    #[command(flatten)]
    pub(crate) stdout: FormatArgs,
}

impl ReportArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(mut self, host: &Host) -> Result<ReportOptions, Failure> {
        let style = self.stdout.style();
        let is_dash = |path: &Path| path.as_os_str() == "-";
        let place = |path: PathBuf| {
            if is_dash(&path) {
                OutputTarget::Stdout
            } else {
                OutputTarget::File(path::resolve_parent(&host.cwd, &path))
            }
        };
        let (csv, json) = (self.csv.map(place), self.json.map(place));
        let to_stdout = [
            csv == Some(OutputTarget::Stdout),
            json == Some(OutputTarget::Stdout) || style == OutputStyle::Json,
        ];
        if to_stdout == [true, true] {
            return Err(
                Failure::new(ExitKind::Usage, "cannot print both CSV and JSON on stdout")
                    .help("write one of them to a file"),
            );
        }
        if self.svg.as_deref().is_some_and(is_dash) {
            return Err(
                Failure::new(ExitKind::Usage, "`--svg` cannot write to stdout")
                    .help("pass a file, such as `--svg cold-starts.svg`"),
            );
        }
        if self.files.is_empty() {
            self.files.push("-".into());
        }
        let file = |path: PathBuf| (!is_dash(&path)).then(|| path::join(&host.cwd, path));
        Ok(ReportOptions {
            files: self.files.into_iter().map(file).collect(),
            name: self.name,
            arch: self.arch,
            family: self.runtime,
            cold_only: self.cold_only,
            prices: prices(&self.price)?,
            csv,
            full: self.columns == TableColumns::Full,
            json,
            svg: self.svg.map(|path| path::resolve_parent(&host.cwd, &path)),
            style,
        })
    }
}

fn prices(words: &[String]) -> Result<Prices, Failure> {
    let mut prices = Prices::default();
    for word in words {
        let mut set = || {
            let (name, price) = word.split_once('=').ok_or("expected `NAME=PRICE`")?;
            prices.set(name, price.parse::<Usd>()?)
        };
        let wrong = |why: String| {
            Failure::new(ExitKind::Usage, format!("invalid `--price {word}`: {why}")).help(
                "pass a price such as `--price arm64=0.0000133334`; the names are arm64, \
                 x86_64, and requests",
            )
        };
        set().map_err(wrong)?;
    }
    Ok(prices)
}
