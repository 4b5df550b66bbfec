//! `invoke`: invokes a packaged function on this machine, as Lambda would, or a function on AWS.
//!
//! In: an [`InvokeTarget`]. Out: responses on stdout, and on stderr the lines of Lambda's
//! log: the output of the function and REPORT lines. The zip must first pass `check`. A
//! function that Lambda would not run is reported with Lambda's own error, and is started
//! only if the user asks for it.
//! Left to others: the local Lambda itself, which is in `emulator`.

mod deployed;
pub(crate) mod environment;
mod event;
mod failures;
mod function_log;
mod options;
mod ready;
mod run;

pub(crate) use crate::commands::invoke::deployed::DeployedInvokeOptions;
pub(crate) use crate::commands::invoke::event::{EventSource, SAMPLES, read};
pub(crate) use crate::commands::invoke::options::{InvokeOptions, InvokeTarget};
pub(crate) use crate::commands::invoke::ready::{ReadyFunction, StartPurpose};
pub(crate) use crate::commands::invoke::run::run;
