//! Starts a function, and waits until it requests its first event.
//!
//! In: a [`Sandbox`] and [`StartOptions`]. Out: a [`RunningFunction`], or a [`StartFailure`]
//! with the error that Lambda would report.

use std::collections::BTreeMap;
use std::io;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::emulator::environment::variables;
use crate::emulator::running_function::{POLL_INTERVAL, RunningFunction};
use crate::emulator::runtime_api::{RuntimeApi, RuntimeEvent};
use crate::emulator::{FunctionError, Launcher, Sandbox, exit_status, ids};
use crate::system::process::{self, GroupStart, Listener, OutputReader, ProcessGroup};

/// How a function is started.
#[derive(Clone)]
pub(crate) struct StartOptions {
    pub function: String,
    /// `MemorySize` as reported to the function, in MB. It is not enforced.
    pub memory_mb: u32,
    /// The function's own variables.
    pub env: BTreeMap<String, String>,
    /// How long the init may take; see [`crate::emulator::INIT_LIMIT`].
    pub init_limit: Duration,
    /// Receives each line that the function prints.
    pub listener: Listener,
}

/// The outcome of a start.
pub(crate) enum StartOutcome {
    Running(RunningFunction),
    Failed(StartFailure),
}

/// A function that did not ask for an event.
#[derive(Debug)]
pub(crate) struct StartFailure {
    pub reason: StartFailureReason,
    /// The time from the start to the failure.
    pub init: Duration,
    /// The last lines that the function printed.
    pub last_output: Vec<String>,
}

/// Why a function did not ask for an event.
#[derive(Debug)]
pub(crate) enum StartFailureReason {
    /// The operating system cannot start the program.
    NotStarted(io::Error),
    Ended(ExitStatus),
    /// The function reported an error of its init.
    Reported(FunctionError),
    /// The runtime did not ask for an event in time or, if there are any, these extensions
    /// did not.
    TimedOut(Vec<String>),
}

impl StartFailure {
    /// The error that Lambda reports, under a request ID.
    pub(crate) fn error(&self, request_id: &str) -> FunctionError {
        let runtime_error = |kind: &str, message: &str| {
            FunctionError::new(kind, format!("RequestId: {request_id} Error: {message}"))
        };
        match &self.reason {
            StartFailureReason::NotStarted(error) => {
                runtime_error("Runtime.InvalidEntrypoint", &start_error(error))
            }
            StartFailureReason::Ended(status) => {
                runtime_error("Runtime.ExitError", &exit_status::describe(*status))
            }
            StartFailureReason::Reported(error) => error.clone(),
            StartFailureReason::TimedOut(_) => {
                let seconds = self.init.as_secs_f64();
                runtime_error(
                    "Sandbox.Timedout",
                    &format!("Task timed out after {seconds:.2} seconds"),
                )
            }
        }
    }

    /// A request ID for a failure before the first request.
    pub(crate) fn request_id() -> String {
        ids::new_request_id()
    }
}

/// The error of the operating system in Lambda's words. The cause of "no such file" can
/// also be a missing loader or interpreter.
fn start_error(error: &io::Error) -> String {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory",
        io::ErrorKind::PermissionDenied => "permission denied",
        // `ErrorKind` has no variant for ENOEXEC.
        _ if error.raw_os_error() == Some(8) => "exec format error",
        _ => return format!("fork/exec /var/task/bootstrap: {error}"),
    };
    format!("fork/exec /var/task/bootstrap: {why}")
}

/// Starts the function in a sandbox, and waits until it requests an event.
pub(crate) fn start(
    sandbox: &Sandbox,
    launcher: &Launcher,
    options: &StartOptions,
) -> anyhow::Result<StartOutcome> {
    let api = RuntimeApi::listen(&options.function).context("cannot listen on 127.0.0.1")?;
    let mut spec = launcher.command(&sandbox.bootstrap(), sandbox.root());
    spec.env = variables(
        &options.function,
        options.memory_mb,
        sandbox.root(),
        api.address(),
        &options.env,
    );
    let before = Instant::now();
    let mut group = match ProcessGroup::start(&spec)? {
        GroupStart::Started(group) => group,
        GroupStart::NotStarted(error) => {
            return Ok(StartOutcome::Failed(StartFailure {
                reason: StartFailureReason::NotStarted(error),
                init: before.elapsed(),
                last_output: Vec::new(),
            }));
        }
    };
    let pipe = group.output().context("the process has no output pipe")?;
    let output = OutputReader::listen(pipe, options.listener.clone())
        .context("cannot read the output of the function")?;
    let reason = match wait_for_first_request(&api, &mut group, options.init_limit)? {
        FirstRequest::Received(at) => {
            let init = at.saturating_duration_since(group.started());
            // The output of the init must not be mixed with that of the first event.
            output.settle();
            let function = options.function.clone();
            return Ok(StartOutcome::Running(RunningFunction::new(
                group, api, output, function, init,
            )));
        }
        FirstRequest::Failed(reason) => reason,
    };
    let init = group.started().elapsed();
    group.kill();
    output.settle();
    Ok(StartOutcome::Failed(StartFailure {
        reason,
        init,
        last_output: output.last(),
    }))
}

/// The outcome of waiting for the first request for an event.
enum FirstRequest {
    Received(Instant),
    Failed(StartFailureReason),
}

fn wait_for_first_request(
    api: &RuntimeApi,
    group: &mut ProcessGroup,
    limit: Duration,
) -> anyhow::Result<FirstRequest> {
    let mut exit = None;
    loop {
        process::interrupted()?;
        match api.next_event(POLL_INTERVAL) {
            Some(RuntimeEvent::Ready(at)) => return Ok(FirstRequest::Received(at)),
            Some(RuntimeEvent::InitError(error) | RuntimeEvent::ExtensionError(error)) => {
                return Ok(FirstRequest::Failed(StartFailureReason::Reported(error)));
            }
            Some(_) => continue,
            None => {}
        }
        match exit {
            // First receive everything that it sent before it ended.
            Some((status, at)) if api.is_drained(at) => {
                return Ok(FirstRequest::Failed(StartFailureReason::Ended(status)));
            }
            Some(_) => {}
            None => {
                let status = group
                    .exit_status()
                    .context("cannot get the status of the function's process")?;
                exit = status.map(|status| (status, Instant::now()));
            }
        }
        if exit.is_none() && group.started().elapsed() > limit {
            let reason = StartFailureReason::TimedOut(api.busy_extensions());
            return Ok(FirstRequest::Failed(reason));
        }
    }
}
