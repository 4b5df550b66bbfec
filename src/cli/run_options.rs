//! Options of `invoke` and `coldstart` for running a packaged function on this machine.

use std::time::Duration;

use clap::Args;

use crate::build::results::zip_selector;
use crate::cli::env_options::EnvArgs;
use crate::cli::event_options::EventArgs;
use crate::cli::values;
use crate::commands::invoke::{EventSource, InvokeOptions};
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
    #[command(flatten)]
    env: EnvArgs,
    /// Runtime of the function [default: the one it was packaged for, else provided.al2023]
    #[arg(long, value_parser = values::runtime)]
    runtime: Option<Runtime>,
    /// Start the function even if Lambda would not run it
    #[arg(long)]
    no_check: bool,
}

impl RunArgs {
    /// The event alone, for a function that does not run on this machine.
    pub(super) fn event(self, host: &Host) -> EventSource {
        self.event.source(host)
    }

    /// Turns the arguments into options.
    pub(crate) fn into_options(
        self,
        zip: zip_selector::ZipSelector,
        times: u32,
        memory_mb: u32,
        host: &Host,
    ) -> InvokeOptions {
        InvokeOptions {
            zip,
            runtime: self.runtime,
            event: self.event.source(host),
            print_event: false,
            times,
            timeout: Duration::from_secs(self.timeout.into()),
            memory_mb,
            env: self.env.variables(),
            env_files: self.env.files(host),
            unchecked: self.no_check,
        }
    }
}
