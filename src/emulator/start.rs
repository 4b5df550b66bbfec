//! From what lies in a sandbox to a function that waits for its first event.
//!
//! In: a [`Sandbox`] and [`StartOptions`]. Out: [`RunningFunction`], or [`StartFailure`] with what
//! Lambda would call it.

use std::collections::BTreeMap;
use std::io;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::emulator::environment::variables;
use crate::emulator::runtime_api::{RuntimeApi, RuntimeEvent};
use crate::emulator::{FunctionError, Launcher, RunningFunction, Sandbox, ending, ids};
use crate::system::process;
use crate::system::process::{Listener, OutputReader, ProcessGroup};

/// How long a function may take to ask for its first event.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
pub(crate) const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How a function is started.
#[derive(Clone)]
pub(crate) struct StartOptions {
    pub function: String,
    /// `MemorySize`, in MB; it is told to the function.
    pub memory_mb: u32,
    /// The function's own variables.
    pub env: BTreeMap<String, String>,
    /// How long it may take to ask for its first event; see [`INIT_LIMIT`].
    pub init_limit: Duration,
    /// Takes each line that the function says.
    pub listener: Listener,
}

/// A function that did not ask for an event.
#[derive(Debug)]
pub(crate) struct StartFailure {
    pub reason: StartFailureReason,
    /// How long that took.
    pub init: Duration,
    /// The last lines that it said.
    pub said: Vec<String>,
}

/// Why a function does not ask for an event.
#[derive(Debug)]
pub(crate) enum StartFailureReason {
    /// The system does not start it.
    NotStarted(io::Error),
    Ended(ExitStatus),
    /// It reported that it cannot begin.
    Reported(FunctionError),
    /// It did not ask for an event in time, or these extensions did not.
    TimedOut(Vec<String>),
}

impl StartFailure {
    /// What Lambda tells of it, under an ID of a request.
    pub(crate) fn error(&self, request: &str) -> FunctionError {
        let of = |kind: &str, what: &str| {
            FunctionError::new(kind, format!("RequestId: {request} Error: {what}"))
        };
        match &self.reason {
            StartFailureReason::NotStarted(error) => {
                of("Runtime.InvalidEntrypoint", &start_error(error))
            }
            StartFailureReason::Ended(status) => of("Runtime.ExitError", &ending(*status)),
            StartFailureReason::Reported(error) => error.clone(),
            StartFailureReason::TimedOut(_) => {
                let seconds = self.init.as_secs_f64();
                of(
                    "Sandbox.Timedout",
                    &format!("Task timed out after {seconds:.2} seconds"),
                )
            }
        }
    }

    /// An ID for what happened when there was no request yet.
    pub(crate) fn request_id() -> String {
        ids::request()
    }
}

/// As Lambda tells what the system says: a file that is there and is not found has a
/// loader or an interpreter that is not there.
fn start_error(error: &io::Error) -> String {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory",
        io::ErrorKind::PermissionDenied => "permission denied",
        // ENOEXEC has no kind of its own.
        _ if error.raw_os_error() == Some(8) => "exec format error",
        _ => return format!("fork/exec /var/task/bootstrap: {error}"),
    };
    format!("fork/exec /var/task/bootstrap: {why}")
}

impl Sandbox {
    /// Starts the function, and waits until it asks for an event.
    pub(crate) fn start(
        &self,
        machine: &Launcher,
        options: &StartOptions,
    ) -> anyhow::Result<Result<RunningFunction, StartFailure>> {
        let api = RuntimeApi::open(&options.function).context("cannot listen on 127.0.0.1")?;
        let mut spec = machine.command(&self.bootstrap(), self.root());
        spec.env = variables(
            &options.function,
            options.memory_mb,
            self.root(),
            api.address(),
            &options.env,
        );
        let begun = Instant::now();
        let mut group = match ProcessGroup::start(&spec)? {
            Ok(group) => group,
            Err(error) => {
                return Ok(Err(StartFailure {
                    reason: StartFailureReason::NotStarted(error),
                    init: begun.elapsed(),
                    said: Vec::new(),
                }));
            }
        };
        let pipe = group.output().context("what is started has an output")?;
        let said = OutputReader::listen(pipe, options.listener.clone());
        let reason = match asks(&api, &mut group, options.init_limit)? {
            Ok(asked) => {
                let init = asked.saturating_duration_since(group.started());
                // What it said before it asked belongs to no event.
                said.settle();
                let function = options.function.clone();
                return Ok(Ok(RunningFunction::new(group, api, said, function, init)));
            }
            Err(reason) => reason,
        };
        let init = group.started().elapsed();
        group.kill();
        said.settle();
        Ok(Err(StartFailure {
            reason,
            init,
            said: said.last(),
        }))
    }
}

/// How often it is looked whether the function has ended, or we shall.
pub(super) const GLANCE: Duration = Duration::from_millis(10);

/// Waits for the first question.
fn asks(
    api: &RuntimeApi,
    group: &mut ProcessGroup,
    limit: Duration,
) -> anyhow::Result<Result<Instant, StartFailureReason>> {
    let begun = group.started();
    let mut ended = None;
    loop {
        process::interrupted()?;
        match api.hear(GLANCE) {
            Some(RuntimeEvent::Next(at)) => return Ok(Ok(at)),
            Some(RuntimeEvent::InitError(error) | RuntimeEvent::ExtensionError(error)) => {
                return Ok(Err(StartFailureReason::Reported(error)));
            }
            Some(_) => continue,
            None => {}
        }
        match ended {
            // What it reported before it ended is heard first.
            Some((status, at)) if api.has_heard_all(at) => {
                return Ok(Err(StartFailureReason::Ended(status)));
            }
            Some(_) => {}
            None => {
                let status = group.ended().context("cannot watch the function")?;
                ended = status.map(|status| (status, Instant::now()));
            }
        }
        if ended.is_none() && begun.elapsed() > limit {
            return Ok(Err(StartFailureReason::TimedOut(api.busy_extensions())));
        }
    }
}
