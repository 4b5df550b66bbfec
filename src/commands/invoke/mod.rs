//! Invokes a packed function here, as Lambda would.
//!
//! In: a [`InvokeOptions`]. Out: responses on stdout, and on stderr what Lambda's log would
//! have: what the function says, and its REPORT lines. First the zip meets the gate of
//! `check`: a function that Lambda would not run is told under Lambda's own name for
//! that, and is not started unless it is asked for.
//! Absent: the local Lambda itself, which is `local.rs`.

mod event;
mod faults;
mod log;
mod ready;
mod variables;

use crate::commands::context::{CommandContext, CommandResult};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::build::results::zip_selector;
use crate::commands::invoke::log::FunctionLog;
use crate::emulator::{
    InvocationOutcome, InvocationResult, Launcher, RunningFunction, StartFailure,
};
use crate::lambda::Runtime;
use crate::system::host::Host;
use crate::system::process::Listener;
use crate::ui::console::Console;
use crate::ui::failure::Failure;

pub(crate) use crate::commands::invoke::event::{EventSource, SAMPLES, read};
pub(crate) use crate::commands::invoke::ready::{ReadyFunction, StartPurpose};

/// What is to be invoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvokeOptions {
    pub zip: zip_selector::ZipSelector,
    /// The function's runtime, where it is not the one that is recorded.
    pub runtime: Option<Runtime>,
    pub event: EventSource,
    pub times: u32,
    /// How long one event may take.
    pub timeout: Duration,
    pub memory_mb: u32,
    /// The function's own variables.
    pub env: BTreeMap<String, String>,
    /// Files of such variables, absolute; `env` has the last word.
    pub env_files: Vec<PathBuf>,
    /// Whether to start what Lambda would not run.
    pub unchecked: bool,
}

pub(crate) fn invoke(
    question: &InvokeOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<()> {
    let event = read(&question.event)?;
    let said = *console;
    let listener: Listener = Arc::new(move |line: &str| said.log(line));
    let wanted = zip_selector::ZipSelector {
        preferred: Launcher::own_arch(),
        ..question.zip.clone()
    };
    let zip = zip_selector::find(&wanted, host)?.pop();
    let zip = zip.context("no zip is named")?;
    let ready = ReadyFunction::new(question, zip, StartPurpose::Answer, listener, host, console)?;
    if ready.emulates() {
        console.note("qemu runs it: how long it takes and what memory it has says nothing");
    }
    let mut run = InvokeRun {
        log: FunctionLog::new(console, question.memory_mb, ready.emulates()),
        ready: &ready,
        console,
    };
    let (mut started, mut failures) = (None, Vec::new());
    for _ in 0..question.times {
        let mut function = match started.take() {
            Some(function) => function,
            // It ended with the event before, and begins anew, as on Lambda.
            None => {
                console.progress("Starting", &ready.zip.name);
                match ready.start()? {
                    Ok(function) => run.begun(function),
                    Err(not_ready) => return Err(run.not_ready(&not_ready)?.into()),
                }
            }
        };
        run.log.start(function.next_request_id());
        let invoked = function.invoke(&event, question.timeout)?;
        failures.extend(run.done(&invoked, &function)?);
        if invoked.waits {
            started = Some(function);
        }
    }
    match failures.pop() {
        None => Ok(()),
        Some(mut last) => {
            failures.push(last.clone());
            last.problems = failures.into_iter().flat_map(|one| one.problems).collect();
            last.problems.dedup();
            Err(last.into())
        }
    }
}

/// Invokes the function. Responses are printed as they arrive, so nothing is left to print.
pub(crate) fn run(
    options: &InvokeOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    invoke(options, context.host, context.console)?;
    Ok(String::new().into())
}

/// A function that is being invoked.
struct InvokeRun<'a> {
    ready: &'a ReadyFunction,
    log: FunctionLog<'a>,
    console: &'a Console,
}

impl InvokeRun<'_> {
    fn begun(&mut self, function: RunningFunction) -> RunningFunction {
        self.log.init(function.init());
        function
    }

    /// Tells why the function does not begin.
    fn not_ready(&mut self, not_ready: &StartFailure) -> anyhow::Result<Failure> {
        let error = not_ready.error(&StartFailure::request_id());
        self.log.init_report(not_ready, &error);
        self.console.response(&error.payload, true)?;
        Ok(self.ready.explain(not_ready, &error))
    }

    /// Tells what came of an event, and why it failed if it did.
    fn done(
        &mut self,
        invoked: &InvocationResult,
        function: &RunningFunction,
    ) -> anyhow::Result<Option<Failure>> {
        let error = invoked.error();
        self.log.report(invoked, error.as_ref());
        if !invoked.busy_extensions.is_empty() {
            self.console.warning(&format!(
                "{} answered, but its {} did not ask for another event before the timeout: Lambda \
                 starts a new environment for the next event",
                self.ready.zip.name,
                faults::listed(&invoked.busy_extensions)
            ));
        }
        match (&invoked.outcome, &error) {
            (InvocationOutcome::Response { bytes, streamed }, _) => {
                self.console.response(bytes, !streamed)?;
                if !invoked.waits && invoked.busy_extensions.is_empty() {
                    self.console.warning(&format!(
                        "{} answered and did not ask for another event: the next one starts it anew",
                        self.ready.zip.name
                    ));
                }
                Ok(None)
            }
            (_, Some(error)) => {
                self.console.response(&error.payload, true)?;
                let said = function.last_said();
                Ok(Some(self.ready.explain_event(invoked, error, &said)))
            }
            (_, None) => Ok(None),
        }
    }
}
