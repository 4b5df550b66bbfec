//! The options of `invoke`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::run_options::RunArgs;
use crate::cli::values::memory;
use crate::cli::zip_options::ZipArgs;
use crate::commands::invoke::InvokeOptions;
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(after_help = "\
The response is on stdout; what the function says, and Lambda's own REPORT line, on stderr.
The function runs with the rights of whoever runs this. Without --env AWS_…, it has no \
credentials.
Exit codes: 0 it responded, 1 it failed, 2 usage or no JSON, 96 cannot be run on this machine, \
102 no such function, 103 input or output, 104 Lambda would not run it, 105 over a limit.")]
pub(crate) struct InvokeArgs {
    /// A zip, or a function that was packed here [default: the only one]
    #[arg(value_name = "ZIP|NAME", value_hint = ValueHint::FilePath)]
    zip: Option<PathBuf>,
    #[command(flatten)]
    which: ZipArgs,
    /// How often; only the first is a cold start
    #[arg(short = 'n', long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// MemorySize, which the function is told; it is not kept to it
    #[arg(long, value_name = "MB", default_value_t = 128, value_parser = memory)]
    memory: u32,
    #[command(flatten)]
    run: RunArgs,
}

impl InvokeArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> InvokeOptions {
        let zip = self
            .which
            .into_options(self.zip.into_iter().collect(), host);
        self.run.into_options(zip, self.times, self.memory, host)
    }
}
