//! The events that `watch` reports.
//!
//! With `--message-format json`, each is one line of JSON on stdout. Their fields are documented
//! in `schemas/watch-event.schema.json`.

use std::collections::BTreeMap;

use serde::Serialize;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum WatchEvent {
    /// The server accepts requests.
    Listening {
        url: String,
        functions: Vec<FunctionUrl>,
    },
    /// A function was added to a project.
    FunctionAdded {
        #[serde(flatten)]
        function: FunctionUrl,
    },
    /// The user can start this function with these variables.
    OnlyApi {
        #[serde(flatten)]
        function: FunctionUrl,
        variables: BTreeMap<String, String>,
    },
    /// A source file has changed. Requests wait for the next build.
    Changed { functions: Vec<String> },
    /// A compiler was started.
    Building { functions: Vec<String> },
    /// A line of a compiler.
    Compiler { line: String },
    /// A build has ended. `reloaded` names the functions whose programs changed.
    Built {
        functions: Vec<String>,
        reloaded: Vec<String>,
        duration_ms: f64,
    },
    /// A build has failed.
    BuildFailed {
        functions: Vec<String>,
        text: String,
    },
    /// An instance of a function was started.
    InstanceStarted {
        function: String,
        instance: u32,
        process_id: Option<u32>,
        init_ms: f64,
    },
    /// An instance could not be started.
    InstanceFailed {
        function: String,
        request_id: String,
        error: EventError,
        lines: Vec<String>,
    },
    /// An instance has ended although it had no request.
    InstanceEnded { function: String, instance: u32 },
    /// A line that a function printed.
    Log {
        function: String,
        instance: u32,
        request_id: Option<String>,
        line: String,
    },
    /// An invocation has begun.
    Invoked {
        function: String,
        instance: u32,
        request_id: String,
        line: String,
    },
    /// An invocation has ended.
    Finished {
        function: String,
        instance: u32,
        request_id: String,
        duration_ms: f64,
        max_memory_mb: Option<u64>,
        error: Option<EventError>,
        lines: Vec<String>,
    },
    /// A request was answered, or its streamed answer began.
    Answered {
        method: String,
        path: String,
        function: Option<String>,
        request_id: String,
        status: u16,
        duration_ms: f64,
    },
    /// An asynchronous invocation failed.
    EventFailed {
        function: String,
        request_id: String,
        error_type: String,
        attempt: u32,
        /// The time until the next attempt, if there is one.
        retry_after_ms: Option<f64>,
    },
    /// A function's response is not a valid response of a function URL.
    InvalidResponse {
        function: String,
        request_id: String,
        reason: String,
    },
    /// A problem that does not end the server.
    Warning {
        message: String,
        help: Option<String>,
    },
    /// The server finishes running requests and ends.
    ShuttingDown,
}

/// The address of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FunctionUrl {
    pub name: String,
    pub url: String,
}

/// An error of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EventError {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
}
