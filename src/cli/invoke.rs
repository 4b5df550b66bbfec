//! Options of `invoke`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::aws_options::{AccountArgs, invoked_function, qualifier};
use crate::cli::exit_codes::exit_codes;
use crate::cli::run_options::RunArgs;
use crate::cli::values::memory;
use crate::cli::zip_options::ZipArgs;
use crate::commands::invoke::{DeployedInvokeOptions, InvokeOptions, InvokeTarget};
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure};

/// The options that only a function on this machine has.
const LOCAL_OPTIONS: [&str; 11] = [
    "zip",
    "arch",
    "out_dir",
    "times",
    "memory",
    "print_event",
    "timeout",
    "env",
    "env_file",
    "runtime",
    "no_check",
];

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
    /// Invoke this Lambda function on AWS: name, partial ARN, or ARN
    #[arg(
        long,
        value_name = "NAME",
        value_parser = invoked_function,
        conflicts_with_all = LOCAL_OPTIONS,
        help_heading = "AWS"
    )]
    function: Option<String>,
    /// Version or alias to invoke [default: $LATEST]
    #[arg(
        long,
        value_name = "VERSION|ALIAS",
        value_parser = qualifier,
        help_heading = "AWS"
    )]
    qualifier: Option<String>,
    /// Do not wait for the response: Lambda queues the event, and retries it if the function fails
    #[arg(long = "async", help_heading = "AWS")]
    is_async: bool,
    #[command(flatten)]
    account: AccountArgs,
    /// Maximum time to try again while the function is throttled or being updated [default: 0]
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(0..=3600),
        help_heading = "AWS"
    )]
    wait: Option<u64>,
}

fn after_help() -> String {
    "The response is printed on stdout. The function's output and Lambda's REPORT line are \
     printed on stderr.\n\
     A packaged function runs with your user's permissions and is not sandboxed. AWS credentials \
     of your environment are not passed on; pass them with --env or --env-file.\n\n\
     With --function, the response is printed without changes, and the log has at most 4 KB. \
     Responses are not streamed. Requires the AWS CLI (`aws`), credentials, and the permission \
     lambda:InvokeFunction.\n\n"
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
    pub(crate) fn into_target(self, host: &Host) -> Result<InvokeTarget, Failure> {
        let Some(function) = self.function else {
            self.check_packed()?;
            let zip = self
                .which
                .into_options(self.zip.into_iter().collect(), host);
            return Ok(InvokeTarget::Packed(InvokeOptions {
                print_event: self.print_event,
                ..self.run.into_options(zip, self.times, self.memory, host)
            }));
        };
        Ok(InvokeTarget::Deployed(DeployedInvokeOptions {
            function,
            qualifier: self.qualifier,
            waits: !self.is_async,
            event: self.run.event(host),
            account: self.account.options(self.wait.unwrap_or_default()),
        }))
    }

    /// Rejects options of functions on AWS. clap cannot, because it drops a requirement that
    /// conflicts with another argument, such as the zip.
    fn check_packed(&self) -> Result<(), Failure> {
        let options = [
            (self.qualifier.is_some(), "--qualifier"),
            (self.is_async, "--async"),
            (self.account.region.is_some(), "--region"),
            (self.account.profile.is_some(), "--profile"),
            (self.wait.is_some(), "--wait"),
        ];
        let Some((_, option)) = options.iter().find(|(is_present, _)| *is_present) else {
            return Ok(());
        };
        let what = format!("`{option}` requires `--function`");
        Err(Failure::new(ExitKind::Usage, what)
            .help("pass `--function NAME` to invoke a function on AWS, or omit the option"))
    }
}
