//! Options of `build` and `list` that `doctor` lacks.

use clap::Args;

use crate::build::request::{Partition, Request};
use crate::cli::build::BuildArgs;
use crate::system::host::Host;
use crate::ui::console::Console;

#[derive(Debug, Args)]
pub(crate) struct PartitionedArgs {
    #[command(flatten)]
    pub(in crate::cli) build: BuildArgs,
    /// Select one of several parts, to split the work over machines: slice:M/N takes every N-th
    /// function, hash:M/N decides by name and architecture
    #[arg(
        long,
        value_name = "PARTITION",
        help_heading = "Function Selection",
        conflicts_with = "out"
    )]
    partition: Option<Partition>,
}

impl PartitionedArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_request(
        self,
        host: &Host,
        console: &Console,
        color: Option<String>,
    ) -> anyhow::Result<Request> {
        Ok(Request {
            partition: self.partition,
            ..self.build.into_request(host, console, color)?
        })
    }
}
