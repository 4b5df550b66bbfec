//! A local Lambda: a packed function runs as Lambda runs it, on this machine.
//!
//! In: a zip. Out: [`Sandbox`], where it is unpacked; [`RunningFunction`], the function that
//! runs there and has asked for its first event; and for each event [`InvocationResult`], with
//! what came of it and how long it took.
//! What is unpacked goes when the sandbox does, and what was started ends with us.
//! Absent: a jail: the function has the rights of whoever runs it. Its memory is
//! measured and not limited. Extensions inside the function's process can register;
//! layers, external extensions, and telemetry are absent. So is Amazon Linux: libraries
//! are this machine's.

mod environment;
mod function_error;
pub(crate) mod http;
mod ids;
mod machine;
mod running_function;
mod runtime_api;
mod sandbox;
mod server;
mod start;

use std::process::ExitStatus;

pub(crate) use crate::emulator::environment::is_reserved;
pub(crate) use crate::emulator::function_error::FunctionError;
pub(crate) use crate::emulator::machine::Launcher;
pub(crate) use crate::emulator::running_function::{
    InvocationOutcome, InvocationResult, RunningFunction,
};
pub(crate) use crate::emulator::sandbox::Sandbox;
pub(crate) use crate::emulator::start::{
    INIT_LIMIT, StartFailure, StartFailureReason, StartOptions,
};

/// The most bytes of an event that waits for its response, and of that response.
///
/// 6 MB, and 100 bytes more.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const MAX_RESPONSE: u64 = 6 * 1024 * 1024 + 100;

/// The most bytes of a response that streams.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>
pub(crate) const MAX_STREAM: u64 = 200 << 20;

/// How a program ended, in the words of Lambda's log.
pub(crate) fn ending(status: ExitStatus) -> String {
    match status.code() {
        Some(0) => return "Runtime exited without providing a reason".to_owned(),
        Some(code) => return format!("Runtime exited with error: exit status {code}"),
        None => {}
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if let Some(signal) = status.signal() {
            return format!("Runtime exited with error: signal: {}", signal_name(signal));
        }
    }
    format!("Runtime exited with error: {status}")
}

/// As Go names signals, in which Lambda's own supervisor is written.
#[cfg(unix)]
fn signal_name(signal: i32) -> String {
    use signal_hook::consts;
    let name = match signal {
        consts::SIGABRT => "aborted",
        consts::SIGBUS => "bus error",
        consts::SIGFPE => "floating point exception",
        consts::SIGILL => "illegal instruction",
        consts::SIGKILL => "killed",
        consts::SIGPIPE => "broken pipe",
        consts::SIGSEGV => "segmentation fault",
        consts::SIGTERM => "terminated",
        consts::SIGTRAP => "trace/breakpoint trap",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}
