//! The options of `invoke`, fully resolved.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::build::results::zip_selector::ZipSelector;
use crate::commands::invoke::deployed::DeployedInvokeOptions;
use crate::commands::invoke::event::EventSource;
use crate::lambda::Runtime;

/// The function that is invoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InvokeTarget {
    /// A packed function, on this machine.
    Packed(InvokeOptions),
    /// A function on AWS.
    Deployed(DeployedInvokeOptions),
}

/// Options for a packed function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvokeOptions {
    pub zip: ZipSelector,
    /// The function's runtime, if it is not the recorded one.
    pub runtime: Option<Runtime>,
    pub event: EventSource,
    /// Whether to print the event instead of invoking a function.
    pub print_event: bool,
    /// The number of invocations.
    pub times: u32,
    /// How long one invocation may take.
    pub timeout: Duration,
    pub memory_mb: u32,
    /// The function's own variables.
    pub env: BTreeMap<String, String>,
    /// Files with such variables, as absolute paths. `env` takes precedence.
    pub env_files: Vec<PathBuf>,
    /// Whether to start a function that Lambda would not run.
    pub unchecked: bool,
}
