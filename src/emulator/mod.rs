//! A local Lambda: runs functions on this machine as Lambda would.
//!
//! For one packaged function. In: a zip. Out: [`Sandbox`], the folder into which it is unpacked;
//! [`RunningFunction`], the function that runs there and has requested its first event; and for
//! each event an [`InvocationResult`] with the outcome and the duration.
//! For a server. In: programs that change, and HTTP requests. Out: HTTP responses of
//! [`front_door`], which calls functions through [`served_function`] and [`pool`].
//! Both run an [`Instance`], which has its own Runtime API.
//! Unpacked files are removed with the sandbox, and processes end when we end.
//! Left out: isolation, because the function runs with the rights of the user; and limits
//! on memory, which is only measured. External extensions run only next to functions of a server,
//! and telemetry is sent only there. Layers are not supported. Amazon Linux is not emulated: the
//! function uses the libraries of this machine.

pub(crate) mod api;
mod environment;
mod event_stream;
mod exit_status;
mod extension_process;
pub(crate) mod front_door;
mod function_error;
pub(crate) mod function_url;
pub(crate) mod hosts;
mod http_request;
pub(crate) mod http_server;
mod ids;
mod instance;
mod instance_init;
mod instance_log;
mod instance_process;
mod instance_telemetry;
mod invocation;
pub(crate) mod invoke_api;
mod launcher;
mod limits;
pub(crate) mod log_lines;
mod percent;
pub(crate) mod pool;
mod running_function;
mod runtime_api;
mod sandbox;
pub(crate) mod served_function;
mod start;
mod telemetry;
#[cfg(test)]
mod test_client;

pub(crate) use crate::emulator::environment::variables as function_variables;
pub(crate) use crate::emulator::exit_status::describe as describe_exit;
pub(crate) use crate::emulator::extension_process::ExtensionCommand;
pub(crate) use crate::emulator::function_error::FunctionError;
pub(crate) use crate::emulator::instance::{Instance, InstanceCommands};
pub(crate) use crate::emulator::invocation::{InvocationOutcome, InvocationResult};
pub(crate) use crate::emulator::launcher::Launcher;
pub(crate) use crate::emulator::limits::{INIT_LIMIT, MAX_RESPONSE};
pub(crate) use crate::emulator::running_function::{RunningFunction, StartOutcome, start};
pub(crate) use crate::emulator::sandbox::Sandbox;
pub(crate) use crate::emulator::start::{StartFailure, StartFailureReason, StartOptions};
