//! Options of `build` and `list` that `doctor` lacks.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::build::request::{CacheOptions, CacheSize, OutputOptions, Partition, Request};
use crate::cli::build::BuildArgs;
use crate::fs::path;
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
    /// Select only functions whose inputs differ from an earlier manifest, or that it lacks
    #[arg(
        long,
        value_name = "MANIFEST",
        help_heading = "Function Selection",
        value_hint = ValueHint::FilePath,
        conflicts_with = "out"
    )]
    changed: Option<PathBuf>,
    /// Folder with the zips of earlier builds, which machines can share. A function with the same
    /// inputs is not built again [default: `cache` in the configuration, else none]
    #[arg(
        long,
        value_name = "DIR",
        help_heading = "Output Options",
        value_hint = ValueHint::DirPath,
        conflicts_with = "out"
    )]
    cache: Option<PathBuf>,
    /// Size to which the cache is reduced: the files that were unused for longest are removed
    /// [default: `cache-size` in the configuration, else 5GB]
    #[arg(long, value_name = "SIZE", help_heading = "Output Options")]
    cache_size: Option<CacheSize>,
}

impl PartitionedArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_request(
        self,
        host: &Host,
        console: &Console,
        color: Option<String>,
    ) -> anyhow::Result<Request> {
        let request = self.build.into_request(host, console, color)?;
        let absolute = |path: PathBuf| path::resolve(&host.cwd, path);
        Ok(Request {
            partition: self.partition,
            changed: self.changed.map(absolute),
            output: OutputOptions {
                cache: CacheOptions {
                    dir: self.cache.map(absolute),
                    size: self.cache_size,
                    ..request.output.cache
                },
                ..request.output
            },
            ..request
        })
    }
}
