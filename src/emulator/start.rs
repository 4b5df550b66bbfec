//! How a function is started, and why a start fails.

use std::collections::BTreeMap;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use crate::emulator::{FunctionError, exit_status, ids};
use crate::system::process::Listener;

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
        let runtime_error =
            |kind, message: &str| FunctionError::for_request(kind, request_id, message);
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
