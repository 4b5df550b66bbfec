//! Invokes a packaged function one or more times, and prints responses and Lambda's log.

use std::sync::Arc;

use anyhow::Context;

use crate::build::results::zip_selector::{self, ZipSelector};
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::invoke::event::read;
use crate::commands::invoke::function_log::FunctionLog;
use crate::commands::invoke::options::{InvokeOptions, InvokeTarget};
use crate::commands::invoke::ready::{ReadyFunction, StartPurpose};
use crate::commands::invoke::{deployed, failures};
use crate::emulator::{
    InvocationOutcome, InvocationResult, RunningFunction, StartFailure, StartOutcome,
};
use crate::lambda::Arch;
use crate::system::process::Listener;
use crate::ui::console::Console;
use crate::ui::failure::Failure;

/// Invokes a function.
pub(crate) fn run(
    target: &InvokeTarget,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    match target {
        InvokeTarget::Packed(options) => run_packed(options, context),
        InvokeTarget::Deployed(options) => deployed::run(options, context),
    }
}

/// Invokes a packaged function. Responses are printed as they arrive, so the result is empty,
/// unless the event is printed instead.
fn run_packed(
    options: &InvokeOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let (host, console) = (context.host, context.console);
    let event = read(&options.event)?;
    if options.print_event {
        let event = String::from_utf8(event).context("the event is not UTF-8")?;
        return Ok(event.into());
    }
    let output_console = *console;
    let listener: Listener = Arc::new(move |line: &str| output_console.log(line));
    let selector = ZipSelector {
        preferred: Arch::native(),
        ..options.zip.clone()
    };
    let zip = zip_selector::find(&selector, host)?
        .pop()
        .context("no zip was selected")?;
    let ready = ReadyFunction::new(options, zip, StartPurpose::Respond, listener, host, console)?;
    if ready.is_emulated() {
        console.note("the function runs in qemu; its duration and memory use are not meaningful");
    }
    let mut run = InvokeRun {
        log: FunctionLog::new(console, options.memory_mb, ready.is_emulated()),
        ready: &ready,
        console,
    };
    let mut running = None;
    let mut failures: Vec<Failure> = Vec::new();
    for _ in 0..options.times {
        let mut function = match running.take() {
            Some(function) => function,
            // As on Lambda, a function that ended with the last event is started again.
            None => {
                console.progress("Starting", &ready.zip.name);
                match ready.start()? {
                    StartOutcome::Running(function) => function,
                    StartOutcome::Failed(failure) => {
                        return Err(run.report_start_failure(&failure)?.into());
                    }
                }
            }
        };
        run.log.start(function.next_request_id());
        let result = function.invoke(&event, options.timeout)?;
        failures.extend(run.report_result(&result, &function)?);
        if result.waits {
            running = Some(function);
        }
    }
    // The exit code is that of the last failure.
    let Some(kind) = failures.last().map(|failure| failure.kind) else {
        return Ok(String::new().into());
    };
    let mut problems: Vec<_> = failures
        .into_iter()
        .flat_map(|failure| failure.problems)
        .collect();
    problems.dedup();
    Err(Failure { kind, problems }.into())
}

struct InvokeRun<'a> {
    ready: &'a ReadyFunction,
    log: FunctionLog<'a>,
    console: &'a Console,
}

impl InvokeRun<'_> {
    /// Prints the error of a start that failed, and explains it.
    fn report_start_failure(&mut self, failure: &StartFailure) -> anyhow::Result<Failure> {
        let error = failure.error(&StartFailure::request_id());
        self.log.init_report(failure, &error);
        self.console.response(&error.payload, true)?;
        Ok(self.ready.explain(failure, &error))
    }

    /// Prints the response or the error of an invocation, and explains the error.
    fn report_result(
        &mut self,
        result: &InvocationResult,
        function: &RunningFunction,
    ) -> anyhow::Result<Option<Failure>> {
        let error = result.error();
        self.log.report(result);
        if !result.busy_extensions.is_empty() {
            self.console.warning(&format!(
                "`{}` responded, but its {} did not request the next event before the timeout; \
                 Lambda would start a new execution environment for the next event",
                self.ready.zip.name,
                failures::list_extensions(&result.busy_extensions)
            ));
        }
        match (&result.outcome, &error) {
            (InvocationOutcome::Response { bytes, streamed }, _) => {
                self.console.response(bytes, !streamed)?;
                if !result.waits && result.busy_extensions.is_empty() {
                    self.console.warning(&format!(
                        "`{}` responded but did not request the next event; the next event starts \
                         a new execution environment",
                        self.ready.zip.name
                    ));
                }
                Ok(None)
            }
            (_, Some(error)) => {
                self.console.response(&error.payload, true)?;
                let output = function.last_output();
                Ok(Some(self.ready.explain_event(result, error, &output)))
            }
            (_, None) => Ok(None),
        }
    }
}
