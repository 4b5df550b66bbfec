//! Options of `invoke` and `coldstart` for running a packaged function on this machine.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::build::results::zip_selector;
use crate::cli::event_options::EventArgs;
use crate::cli::values;
use crate::commands::invoke::InvokeOptions;
use crate::lambda::Runtime;
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(next_help_heading = "Invocation")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    event: EventArgs,
    /// Timeout in seconds, as Lambda's Timeout setting
    #[arg(long, value_name = "S", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=900))]
    timeout: u32,
    /// Environment variable for the function
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// File with environment variables, one NAME=VALUE per line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    env_file: Vec<PathBuf>,
    /// Runtime of the function [default: the one it was packaged for, else provided.al2023]
    #[arg(long, value_parser = values::runtime)]
    runtime: Option<Runtime>,
    /// Start the function even if Lambda would not run it
    #[arg(long)]
    no_check: bool,
}

fn variable(word: &str) -> Result<(String, String), String> {
    match word.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !word.contains('\0') => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

impl RunArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(
        self,
        zip: zip_selector::ZipSelector,
        times: u32,
        memory_mb: u32,
        host: &Host,
    ) -> InvokeOptions {
        let files = self.env_file.iter();
        InvokeOptions {
            zip,
            runtime: self.runtime,
            event: self.event.source(host),
            times,
            timeout: Duration::from_secs(self.timeout.into()),
            memory_mb,
            env: self.env.into_iter().collect(),
            env_files: files.map(|file| host.cwd.join(file)).collect(),
            unchecked: self.no_check,
        }
    }
}
