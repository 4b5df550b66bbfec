//! The events that `watch` reports.
//!
//! With `--message-format json`, each is one line of JSON on stdout. Their fields are documented
//! in `schemas/watch-event.json` and docs/reference/watch-events.md.

use std::collections::BTreeMap;
use std::path::PathBuf;

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
    FunctionAdded { function: String, url: String },
    /// The user can start this function with these variables.
    ApiListening {
        function: String,
        url: String,
        variables: BTreeMap<String, String>,
    },
    /// Source files of these functions have changed. Requests wait for the next build.
    SourcesChanged { functions: Vec<String> },
    /// A compiler was started.
    Building { functions: Vec<String> },
    /// A compiler printed a line.
    CompilerOutput { line: String },
    /// A build has ended. `reloaded` names the functions whose programs changed.
    Built {
        functions: Vec<String>,
        reloaded: Vec<String>,
        duration_ms: f64,
    },
    /// These functions could not be built. Requests are answered with the text.
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
        /// Lambda's own lines of the log.
        lines: Vec<String>,
    },
    /// An instance has ended although it had no request.
    InstanceEnded { function: String, instance: u32 },
    /// The routes were read, or have changed. `sources` are the files that describe them.
    RoutesChanged {
        sources: Vec<PathBuf>,
        routes: Vec<RouteDescription>,
    },
    /// An external extension printed a line.
    ExtensionLog {
        function: String,
        instance: u32,
        extension: String,
        line: String,
    },
    /// A function printed a line.
    Log {
        function: String,
        instance: u32,
        request_id: Option<String>,
        line: String,
    },
    /// An instance has received an event.
    InvocationStarted {
        function: String,
        instance: u32,
        request_id: String,
        /// Lambda's own lines of the log.
        lines: Vec<String>,
    },
    /// An instance is ready for the next event, or has ended.
    InvocationFinished {
        function: String,
        instance: u32,
        request_id: String,
        duration_ms: f64,
        max_memory_mb: Option<u64>,
        error: Option<EventError>,
        /// Lambda's own lines of the log.
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
    /// An attempt of an asynchronous invocation failed.
    AsyncAttemptFailed {
        function: String,
        request_id: String,
        error: EventError,
        attempt: u32,
        /// The time until the next attempt, or `None` if the event is discarded.
        retry_after_ms: Option<f64>,
    },
    /// A function's response is not valid for a function URL, or for its route.
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

/// A route of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RouteDescription {
    /// `ANY` for all methods.
    pub method: String,
    pub path: String,
    pub function: String,
    /// The format of events and responses, as `payload` in the configuration spells it.
    pub payload: String,
}

/// An error of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EventError {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::schema;

    fn one_of_each() -> Vec<WatchEvent> {
        let text = || "a".to_owned();
        let error = || EventError {
            kind: "Runtime.ExitError".to_owned(),
            message: text(),
        };
        vec![
            WatchEvent::Listening {
                url: text(),
                functions: vec![FunctionUrl {
                    name: text(),
                    url: text(),
                }],
            },
            WatchEvent::FunctionAdded {
                function: text(),
                url: text(),
            },
            WatchEvent::ApiListening {
                function: text(),
                url: text(),
                variables: BTreeMap::from([(text(), text())]),
            },
            WatchEvent::SourcesChanged {
                functions: vec![text()],
            },
            WatchEvent::Building {
                functions: vec![text()],
            },
            WatchEvent::CompilerOutput { line: text() },
            WatchEvent::Built {
                functions: vec![text()],
                reloaded: vec![text()],
                duration_ms: 1.0,
            },
            WatchEvent::BuildFailed {
                functions: vec![text()],
                text: text(),
            },
            WatchEvent::InstanceStarted {
                function: text(),
                instance: 1,
                process_id: None,
                init_ms: 1.0,
            },
            WatchEvent::InstanceFailed {
                function: text(),
                request_id: text(),
                error: error(),
                lines: vec![text()],
            },
            WatchEvent::InstanceEnded {
                function: text(),
                instance: 1,
            },
            WatchEvent::RoutesChanged {
                sources: vec![text().into()],
                routes: vec![RouteDescription {
                    method: text(),
                    path: text(),
                    function: text(),
                    payload: text(),
                }],
            },
            WatchEvent::Log {
                function: text(),
                instance: 1,
                request_id: None,
                line: text(),
            },
            WatchEvent::ExtensionLog {
                function: text(),
                instance: 1,
                extension: text(),
                line: text(),
            },
            WatchEvent::InvocationStarted {
                function: text(),
                instance: 1,
                request_id: text(),
                lines: vec![text()],
            },
            WatchEvent::InvocationFinished {
                function: text(),
                instance: 1,
                request_id: text(),
                duration_ms: 1.0,
                max_memory_mb: None,
                error: Some(error()),
                lines: vec![text()],
            },
            WatchEvent::Answered {
                method: text(),
                path: text(),
                function: None,
                request_id: text(),
                status: 200,
                duration_ms: 1.0,
            },
            WatchEvent::AsyncAttemptFailed {
                function: text(),
                request_id: text(),
                error: error(),
                attempt: 1,
                retry_after_ms: None,
            },
            WatchEvent::InvalidResponse {
                function: text(),
                request_id: text(),
                reason: text(),
            },
            WatchEvent::Warning {
                message: text(),
                help: None,
            },
            WatchEvent::ShuttingDown,
        ]
    }

    #[test]
    fn the_schema_and_the_documentation_describe_each_event() {
        let page = crate::generated_docs::page("docs/reference/watch-events.md");
        let mut printed = BTreeSet::new();
        for event in one_of_each() {
            let json = serde_json::to_value(&event).unwrap();
            schema::holds("watch-event.json", &json);
            let name = json["event"].as_str().unwrap();
            let fields = json.as_object().unwrap().keys();
            let fields: BTreeSet<_> = fields.map(|field| format!("`{field}`")).collect();
            let row = page
                .lines()
                .find(|l| l.starts_with(&format!("| `{name}` |")));
            let row = row.unwrap_or_else(|| panic!("no row for {name}"));
            let listed = row.rsplit(" | ").next().unwrap().trim_end_matches(" |");
            let mut listed: BTreeSet<_> = listed.split(", ").map(str::to_owned).collect();
            listed.remove("none");
            listed.insert("`event`".to_owned());
            assert_eq!(listed, fields, "{name}");
            printed.insert(name.to_owned());
        }
        let schema = schema::schema("watch-event.json");
        let definitions = schema["$defs"].as_object().unwrap().values();
        let described: BTreeSet<_> = definitions
            .filter_map(|object| object.pointer("/properties/event/const"))
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        assert_eq!(described, printed);
    }
}
