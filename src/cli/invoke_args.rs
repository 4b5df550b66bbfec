//! The options of `invoke`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::cli::args;
use crate::cli::event_args::EventArgs;
use crate::cli::zip_args::ZipArgs;
use crate::host::Host;
use crate::invoke::Question;
use crate::lambda::Runtime;

#[derive(Debug, Args)]
#[command(after_help = "\
The response is on stdout; what the function says, and Lambda's own REPORT line, on stderr.
The function runs with the rights of whoever runs this. Without --env AWS_…, it has no
credentials.
Exit codes: 0 it responded, 1 it failed, 2 usage or no JSON, 96 cannot be run on this machine, \
102 no such function, 103 input or output, 104 Lambda would not run it, 105 over a limit.")]
pub(super) struct InvokeArgs {
    /// A zip, or a function that was packed here
    #[arg(value_name = "ZIP|NAME", value_hint = ValueHint::FilePath)]
    zip: PathBuf,
    #[command(flatten)]
    which: ZipArgs,
    #[command(flatten)]
    event: EventArgs,
    /// How often; only the first is a cold start
    #[arg(short = 'n', long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// Seconds for one event, as Lambda's own Timeout
    #[arg(long, value_name = "S", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=900))]
    timeout: u32,
    /// MemorySize, which the function is told; it is not kept to it
    #[arg(long, value_name = "MB", default_value_t = 128, value_parser = clap::value_parser!(u32).range(128..=10_240))]
    memory: u32,
    /// A variable of the function
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// Variables of the function, one on each line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    env_file: Vec<PathBuf>,
    /// The function's runtime [default: the one it was packed for, else provided.al2023]
    #[arg(long, value_parser = args::runtime)]
    runtime: Option<Runtime>,
    /// Start it even if Lambda would not run it
    #[arg(long)]
    no_check: bool,
}

fn variable(word: &str) -> Result<(String, String), String> {
    match word.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !word.contains('\0') => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("it is written NAME=VALUE".to_owned()),
    }
}

impl InvokeArgs {
    /// Resolves words to values.
    pub(super) fn question(self, host: &Host) -> Question {
        let files = self.env_file.iter();
        Question {
            zip: self.which.question(vec![self.zip], host),
            runtime: self.runtime,
            event: self.event.source(host),
            times: self.times,
            timeout: Duration::from_secs(self.timeout.into()),
            memory_mb: self.memory,
            env: self.env.into_iter().collect::<BTreeMap<_, _>>(),
            env_files: files.map(|file| host.cwd.join(file)).collect(),
            unchecked: self.no_check,
        }
    }
}
