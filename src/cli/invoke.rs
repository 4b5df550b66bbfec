//! Options of `invoke`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::exit_codes::exit_codes;
use crate::cli::run_options::RunArgs;
use crate::cli::values::memory;
use crate::cli::zip_options::ZipArgs;
use crate::commands::invoke::InvokeOptions;
use crate::system::host::Host;
use crate::ui::failure::ExitKind;

#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(crate) struct InvokeArgs {
    /// Zip or name of a packaged function [default: the only function]
    #[arg(value_name = "ZIP|NAME", value_hint = ValueHint::FilePath)]
    zip: Option<PathBuf>,
    #[command(flatten)]
    which: ZipArgs,
    /// Number of invocations; only the first is a cold start
    #[arg(short = 'n', long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// Memory size reported to the function, in MB (not enforced)
    #[arg(long, value_name = "MB", default_value_t = 128, value_parser = memory)]
    memory: u32,
    /// Print the event instead of invoking a function, for example to send it to `watch`
    #[arg(long, conflicts_with = "zip")]
    print_event: bool,
    #[command(flatten)]
    run: RunArgs,
}

fn after_help() -> String {
    "The response is printed on stdout. The function's output and Lambda's REPORT line are \
     printed on stderr.\n\
     The function runs with your user's permissions and is not sandboxed. AWS credentials \
     of your environment are not passed on; pass them with --env or --env-file.\n\n"
        .to_owned()
        + &exit_codes(&[
            ExitKind::No,
            ExitKind::Usage,
            ExitKind::Tool,
            ExitKind::Project,
            ExitKind::Packaging,
            ExitKind::Refused,
            ExitKind::Limit,
        ])
}

impl InvokeArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> InvokeOptions {
        let zip = self
            .which
            .into_options(self.zip.into_iter().collect(), host);
        InvokeOptions {
            print_event: self.print_event,
            ..self.run.into_options(zip, self.times, self.memory, host)
        }
    }
}
