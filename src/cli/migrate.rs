//! The options of `migrate`.

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
    after_help = "Edits functions in CloudFormation and SAM templates (YAML and JSON), Terraform, \
    OpenTofu, and serverless.yml: runtime, handler, architecture, and what SAM builds. Reports \
    every old runtime that remains in any text file, and what else must change: builds, CDK and \
    Pulumi, Dockerfiles, go.mod. Without --write nothing is changed. The exit code is 1 as long as \
    something remains to be done, also by hand, and 0 otherwise."
)]
pub(crate) struct MigrateArgs {
    /// Files and folders [default: the current folder]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// Change the files, and not only show what would change
    #[arg(long)]
    write: bool,
    /// Also give the functions that move this architecture [default: as they are, x86_64]
    #[arg(long, value_parser = values::arch)]
    arch: Option<Arch>,
    #[command(flatten)]
    pub(crate) stdout: FormatArgs,
}

impl MigrateArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> MigrateOptions {
        let paths = match self.paths.is_empty() {
            true => vec![PathBuf::from(".")],
            false => self.paths,
        };
        MigrateOptions {
            paths: paths
                .iter()
                .map(|path| path::join(&host.cwd, path))
                .collect(),
            write: self.write,
            wish: ReaderOptions { arch: self.arch },
        }
    }
}
