//! A local Lambda: runs a packaged function on this machine as Lambda would.
//!
//! In: a zip. Out: [`Sandbox`], the folder into which it is unpacked; [`RunningFunction`],
//! the function that runs there and has requested its first event; and for each event an
//! [`InvocationResult`] with the outcome and the duration.
//! Unpacked files are removed with the sandbox, and processes end when we end.
//! Left out: isolation, because the function runs with the rights of the user; and limits
//! on memory, which is only measured. Extensions inside the function's process can
//! register; layers, external extensions, and telemetry are not supported. Amazon Linux is
//! not emulated: the function uses the libraries of this machine.

mod environment;
#[expect(dead_code, reason = "used by `watch` in a following commit")]
mod event_stream;
mod exit_status;
mod function_error;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "used by `watch` in a following commit")
)]
pub(crate) mod function_url;
pub(crate) mod http;
mod ids;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "used by `watch` in a following commit")
)]
pub(crate) mod invoke_api;
mod launcher;
mod limits;
mod percent;
mod running_function;
mod runtime_api;
mod sandbox;
mod server;
mod start;

pub(crate) use crate::emulator::environment::is_reserved;
pub(crate) use crate::emulator::exit_status::describe as describe_exit;
pub(crate) use crate::emulator::function_error::FunctionError;
pub(crate) use crate::emulator::launcher::Launcher;
pub(crate) use crate::emulator::limits::{INIT_LIMIT, MAX_RESPONSE};
pub(crate) use crate::emulator::running_function::{
    InvocationOutcome, InvocationResult, RunningFunction,
};
pub(crate) use crate::emulator::sandbox::Sandbox;
pub(crate) use crate::emulator::start::{
    StartFailure, StartFailureReason, StartOptions, StartOutcome, start,
};
