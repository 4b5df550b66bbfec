//! Parses the command line, dispatches to a subcommand, prints the result, and returns the
//! exit code.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Context;

use crate::build::{rustc_wrapper, zig_shim};
use crate::cli::{self, Cli, Command, completions};
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::{
    build, check, coldstart, collect, deploy, doctor, invoke, list, migrate, pack, report,
    scaffold, verify, watch,
};
use crate::system::host::Host;
use crate::system::process;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::{ExitKind, Failure};

/// Runs a command line, and returns the exit code.
///
/// Cargo and the cc crate start this program as a linker, and Cargo starts it as a wrapper of
/// rustc. Those command lines are recognized first.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<_> = args.into_iter().collect();
    if let Some(zig) = zig_shim::detect_call(&args) {
        return catch_panic(|| exit_code(zig.run()));
    }
    if let Some(rustc) = rustc_wrapper::detect_call(&args) {
        return catch_panic(|| rustc.run().unwrap_or_else(|error| exit_code(Err(error))));
    }
    catch_panic(|| match Cli::parse_args(args) {
        Ok(cli) => exit_code(run_command(cli)),
        // Usage errors, help, and the version. A closed pipe is not worth a message.
        Err(error) => {
            let _ = error.print();
            u8::try_from(error.exit_code()).unwrap_or(ExitKind::Usage.code())
        }
    })
}

/// Runs a subcommand and prints its result.
fn run_command(cli: Cli) -> anyhow::Result<()> {
    let host = Host::detect()?;
    if let Some(color) = cli.color(&host) {
        let choice = match color {
            clap::ColorChoice::Always => anstream::ColorChoice::Always,
            clap::ColorChoice::Never => anstream::ColorChoice::Never,
            clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
        };
        choice.write_global();
    }
    let (command, options) = cli.resolve(&host)?;
    let console = Console::new(options.verbosity);
    process::watch_signals()?;
    let context = CommandContext {
        host: &host,
        console: &console,
        style: command.output_style(),
    };
    let result = dispatch(command, options.color, &context)?;
    console
        .result(&result.stdout)
        .context("cannot write to stdout")?;
    Ok(result.verdict?)
}

/// `color` is the value of `--color`, which builds pass on to Cargo.
fn dispatch(
    command: Command,
    color: Option<String>,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let host = context.host;
    match command {
        Command::Build(args) => {
            build::run::run(&args.into_request(host, context.console, color)?, context)
        }
        Command::List(args) => {
            list::run(&args.into_request(host, context.console, color)?, context)
        }
        Command::Doctor(args) => {
            doctor::run(&args.into_request(host, context.console, color)?, context)
        }
        Command::Pack(args) => pack::run(&args.into_program(host)?, context),
        Command::Collect(args) => collect::run(&args.into_options(host), context),
        Command::Check(args) => Ok(check::run(&args.into_options(host)?, context)),
        Command::Verify(args) => verify::run(&args.into_options(host), context),
        Command::Invoke(args) => invoke::run(&args.into_target(host)?, context),
        Command::Watch(args) => {
            watch::run(&args.into_options(host, context.console, color)?, context)
        }
        Command::Coldstart(args) => coldstart::run(&args.into_options(host)?, context),
        Command::Report(args) => report::run(&args.into_options(host)?, context),
        Command::Deploy(args) => deploy::run(&args.into_options(host), context),
        Command::Init(args) => scaffold::run_init(&args.into_options(host)?, context),
        Command::New(args) => scaffold::run_new(&args.into_options(host), context),
        Command::Migrate(args) => migrate::run(&args.into_options(host), context),
        Command::Completions(args) => Ok(completions::script(args.shell, &cli::command()).into()),
    }
}

/// Reports an error; returns the exit code.
fn exit_code(result: anyhow::Result<()>) -> u8 {
    match result {
        Ok(()) => 0,
        Err(error) => {
            let failure = Failure::from_error(&error, ExitKind::Packaging);
            let console = Console::new(Verbosity::Quiet);
            console.failure(&failure);
            console.ended(failure.kind);
            failure.kind.code()
        }
    }
}

/// Turns a panic, which is a bug of this program, into a message and an exit code.
fn catch_panic(run: impl FnOnce() -> u8) -> u8 {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        Console::new(Verbosity::Quiet).failure(&Failure::internal_error());
        ExitKind::Bug.code()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_has_the_exit_code_of_a_bug() {
        assert_eq!(catch_panic(|| panic!("a test's panic")), 70);
        assert_eq!(catch_panic(|| 3), 3);
    }
}
