//! Options of `migrate`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::output_options::FormatArgs;
use crate::cli::values;
use crate::commands::migrate::MigrateOptions;
use crate::commands::migrate::old_runtime::ReaderOptions;
use crate::fs::path;
use crate::lambda::Arch;
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(
    after_help = "Edits CloudFormation and SAM templates (YAML and JSON), Terraform, OpenTofu, and \
serverless.yml: runtime, handler, architecture, and SAM's build settings. Reports every old \
runtime that remains in any text file, and changes that you must make yourself in build \
scripts, CDK and Pulumi programs, Dockerfiles, and go.mod.

Exits with code 1 while a change is still needed: printed but not written, or manual."
)]
pub(crate) struct MigrateArgs {
    /// Files and folders to migrate [default: .]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// Write the changes instead of printing them as a diff
    #[arg(long)]
    write: bool,
    /// Also set the architecture of the migrated functions [default: unchanged]
    #[arg(long, value_parser = values::arch)]
    arch: Option<Arch>,
    #[command(flatten)]
    pub(crate) stdout: FormatArgs,
}

impl MigrateArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> MigrateOptions {
        let paths = if self.paths.is_empty() {
            vec![PathBuf::from(".")]
        } else {
            self.paths
        };
        MigrateOptions {
            paths: paths
                .iter()
                .map(|path| path::join(&host.cwd, path))
                .collect(),
            write: self.write,
            reader: ReaderOptions { arch: self.arch },
        }
    }
}
