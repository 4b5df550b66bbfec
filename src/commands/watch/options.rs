//! The options of `watch`, fully resolved.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::build::request::Request;

/// What to serve, and how.
#[derive(Debug, Clone)]
pub(crate) struct WatchOptions {
    /// The functions to build, for this machine.
    pub request: Request,
    /// The address or name to listen on.
    pub host: String,
    /// The port to listen on; 0 picks a free one.
    pub port: u16,
    /// How long requests wait for a build.
    pub wait: Duration,
    /// How long an invocation may take; `None` for no limit.
    pub timeout: Option<Duration>,
    /// The maximum number of instances of a function.
    pub concurrency: usize,
    /// The maximum number of events that an instance handles at the same time. More than one is
    /// only possible on Lambda Managed Instances.
    pub max_concurrency: usize,
    /// Whether to start an instance of each function before its first request.
    pub eager: bool,
    /// Functions that the user starts, for example in a debugger.
    pub only_api: Vec<String>,
    /// `MemorySize` as reported to functions, in MB. It is not enforced.
    pub memory_mb: u32,
    /// Variables for all functions.
    pub env: BTreeMap<String, String>,
    /// Files with such variables, as absolute paths. `env` takes precedence.
    pub env_files: Vec<PathBuf>,
    /// Our own variables to pass on, such as `AWS_*`.
    pub pass_env: Vec<String>,
}
