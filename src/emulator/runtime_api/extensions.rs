//! The Extensions API.
//!
//! In: requests below `/2020-01-01/extension/`. Out: responses, and the state of every
//! registered extension, which decides when the init phase and an invocation end.
//! An internal extension runs inside the function's own process. It registers before the runtime
//! asks for its first event, and it can receive only INVOKE. An external extension is a program
//! of its own, and can also receive SHUTDOWN.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>,
//! and `internal/lambda/rapi/handler/` of aws/aws-lambda-runtime-interface-emulator.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::StatusCode;
use hyper::http::request::Parts;
use serde_json::{Value, json};

use crate::emulator::http_server::{Reply, RequestBody, header, json_reply};
use crate::emulator::instance_telemetry::ExtensionReport;
use crate::emulator::runtime_api::event::InvocationEvent;
use crate::emulator::runtime_api::response::{accepted, error};
use crate::emulator::{FunctionError, ids};
use crate::lambda::{BOOTSTRAP, MAX_EXTENSIONS};

const PREFIX: &str = "/2020-01-01/extension/";

/// A request below [`PREFIX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExtensionRequest {
    Register,
    Next,
    Error(ExtensionErrorKind),
    Unknown,
}

impl ExtensionRequest {
    /// Returns `None` for requests outside of the Extensions API.
    pub(super) fn parse(head: &Parts) -> Option<Self> {
        let path = head.uri.path().strip_prefix(PREFIX)?;
        Some(match (head.method.as_str(), path) {
            ("POST", "register") => Self::Register,
            ("GET", "event/next") => Self::Next,
            ("POST", "init/error") => Self::Error(ExtensionErrorKind::Init),
            ("POST", "exit/error") => Self::Error(ExtensionErrorKind::Exit),
            _ => Self::Unknown,
        })
    }
}

/// Which error an extension reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExtensionErrorKind {
    Init,
    Exit,
}

#[derive(Debug)]
struct RegisteredExtension {
    id: String,
    name: String,
    /// Whether it registered for INVOKE. Without it, `next` blocks until the end.
    is_invoked: bool,
    /// Whether it registered for SHUTDOWN.
    gets_shutdown: bool,
    state: ExtensionState,
    /// The number of its latest `next` request. Earlier ones receive no response.
    latest_request: u64,
}

/// Where an extension is in its life cycle.
#[derive(Debug)]
enum ExtensionState {
    /// It registered and has not called `next`.
    Registered,
    /// It waits in `next`.
    Waiting,
    /// It waits in `next`, and this event is about to be delivered.
    Offered(ExtensionEvent),
    /// It received an event and has not called `next` since.
    Running,
    /// It reported an error of this type.
    Failed(ExtensionErrorKind, String),
}

/// An event for an extension.
#[derive(Debug, Clone)]
enum ExtensionEvent {
    Invoke(InvocationEvent),
    Shutdown {
        reason: ShutdownReason,
        /// How long the extension may still run.
        limit: Duration,
    },
}

/// Why an execution environment ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator) enum ShutdownReason {
    /// It is not needed any more.
    Spindown,
    Timeout,
    Failure,
}

impl ShutdownReason {
    const fn name(self) -> &'static str {
        match self {
            Self::Spindown => "spindown",
            Self::Timeout => "timeout",
            Self::Failure => "failure",
        }
    }
}

/// A `next` request of an extension.
#[derive(Debug)]
pub(super) struct NextRequest {
    extension_id: String,
    number: u64,
}

/// The progress of a `next` request.
#[derive(Debug)]
pub(super) enum PendingRequest {
    /// There is no event yet.
    Waiting,
    Event(Box<Reply>),
    /// The extension has sent a newer request.
    Superseded,
}

/// All extensions of a function.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    registered: Vec<RegisteredExtension>,
    /// The names of the programs that are external extensions.
    external: Vec<String>,
}

impl Extensions {
    /// Sets the names of the programs that are external extensions.
    pub(super) fn set_external(&mut self, names: Vec<String>) {
        self.external = names;
    }

    /// Whether all external extensions have registered. Lambda then starts the runtime.
    pub(super) fn are_registered(&self) -> bool {
        let is_registered = |name: &String| {
            self.registered
                .iter()
                .any(|extension| extension.name == *name)
        };
        self.external.iter().all(is_registered)
    }

    /// Whether all of them wait for the next event.
    pub(super) fn are_ready(&self) -> bool {
        self.are_registered() && self.registered.iter().all(RegisteredExtension::is_ready)
    }

    /// Tells those that registered for SHUTDOWN that the execution environment ends.
    pub(super) fn shut_down(&mut self, reason: ShutdownReason, limit: Duration) {
        let extensions = self.registered.iter_mut();
        for extension in extensions.filter(|extension| extension.gets_shutdown) {
            extension.state = ExtensionState::Offered(ExtensionEvent::Shutdown { reason, limit });
        }
    }

    /// Whether an extension has handled SHUTDOWN, or does not receive it.
    pub(super) fn has_handled_shutdown(&self, name: &str) -> bool {
        let mut extensions = self.registered.iter();
        let extension = extensions.find(|extension| extension.name == name);
        extension.is_none_or(|extension| !extension.gets_shutdown || extension.is_ready())
    }

    /// The names of those that do not wait for the next event.
    pub(super) fn busy(&self) -> Vec<String> {
        self.registered
            .iter()
            .filter(|extension| !extension.is_ready())
            .map(|extension| extension.name.clone())
            .collect()
    }

    /// The states of all of them, for telemetry.
    pub(super) fn reports(&self) -> Vec<ExtensionReport> {
        let extensions = self.registered.iter();
        extensions.map(RegisteredExtension::report).collect()
    }

    /// The name of the extension that sent a request.
    pub(super) fn name(&mut self, head: &Parts) -> Result<String, Box<Reply>> {
        Ok(self.identify(head)?.name.clone())
    }

    /// Delivers an event to those that registered for INVOKE.
    pub(super) fn offer(&mut self, event: &InvocationEvent) {
        for extension in self
            .registered
            .iter_mut()
            .filter(|extension| extension.is_invoked)
        {
            if matches!(extension.state, ExtensionState::Waiting) {
                // Extensions do not receive the payload.
                extension.state =
                    ExtensionState::Offered(ExtensionEvent::Invoke(InvocationEvent {
                        payload: Bytes::new(),
                        stream: None,
                        ..event.clone()
                    }));
            }
        }
    }

    /// Registers an extension. Registration is open until the runtime asks for its first
    /// event.
    pub(super) fn register(
        &mut self,
        head: &Parts,
        body: &RequestBody,
        function: &str,
        is_open: bool,
    ) -> Reply {
        let name = match header(&head.headers, "lambda-extension-name") {
            None | Some("") => {
                return error(
                    403,
                    "Extension.InvalidExtensionName",
                    "Empty extension name",
                );
            }
            Some(name) => name,
        };
        let events = match parse_events(&body.bytes) {
            Ok(events) => events,
            Err(why) => return error(403, "InvalidRequestFormat", &why),
        };
        let is_external = self.external.iter().any(|external| external == name);
        let is_allowed = |event: &str| event == "INVOKE" || (event == "SHUTDOWN" && is_external);
        if let Some(event) = events.iter().find(|event| !is_allowed(event)) {
            let why = match &**event {
                "SHUTDOWN" => "SHUTDOWN: an internal extension can register only for INVOKE",
                _ => "an extension can register only for INVOKE or SHUTDOWN",
            };
            return error(403, "Extension.InvalidEventType", why);
        }
        if !is_open {
            let why = "Extension registration closed already: the runtime has called next";
            return error(403, "Extension.RegistrationClosed", why);
        }
        if self
            .registered
            .iter()
            .any(|extension| extension.name == name)
        {
            let why = "Extension with this name already registered";
            return error(403, "Extension.InvalidExtensionState", why);
        }
        if self.registered.len() >= MAX_EXTENSIONS {
            let why = format!("Extension limit ({MAX_EXTENSIONS}) reached");
            return error(403, "Extension.TooManyExtensions", &why);
        }
        let id = ids::new_request_id();
        self.registered.push(RegisteredExtension {
            id: id.clone(),
            name: name.to_owned(),
            is_invoked: events.iter().any(|event| event == "INVOKE"),
            gets_shutdown: events.iter().any(|event| event == "SHUTDOWN"),
            state: ExtensionState::Registered,
            latest_request: 0,
        });
        let mut body = json!({
            "functionName": function,
            "functionVersion": "$LATEST",
            "handler": BOOTSTRAP,
        });
        let wants_account_id = header(&head.headers, "lambda-extension-accept-feature")
            .is_some_and(|features| features.split(',').any(|name| name.trim() == "accountId"));
        if wants_account_id {
            body["accountId"] = json!(ids::ACCOUNT);
        }
        let id = ("Lambda-Extension-Identifier", &*id);
        json_reply(StatusCode::OK, [id], body.to_string())
    }

    /// Handles the report of an error in an extension's init or while it runs. Returns the
    /// error the first time; with it, Lambda ends the execution environment.
    pub(super) fn report_error(
        &mut self,
        head: &Parts,
        body: &RequestBody,
        kind: ExtensionErrorKind,
    ) -> (Reply, Option<FunctionError>) {
        let extension = match self.identify(head) {
            Ok(extension) => extension,
            Err(reply) => return (*reply, None),
        };
        let name = "Lambda-Extension-Function-Error-Type";
        let error_type = match header(&head.headers, name) {
            None | Some("") => {
                let why = format!("{name} not found");
                return (error(403, "Extension.MissingHeader", &why), None);
            }
            Some(error_type) => error_type,
        };
        match (&extension.state, kind) {
            // Only the first report counts.
            (ExtensionState::Failed(..), _) => return (accepted(), None),
            (ExtensionState::Registered, _) | (_, ExtensionErrorKind::Exit) => {}
            (_, ExtensionErrorKind::Init) => {
                return (extension.invalid_state("has already called next"), None);
            }
        }
        extension.state = ExtensionState::Failed(kind, error_type.to_owned());
        let detail = serde_json::from_slice::<Value>(&body.bytes)
            .ok()
            .and_then(|body| Some(format!(": {}", body["errorMessage"].as_str()?)))
            .unwrap_or_default();
        let message = format!("extension {} reported {error_type}{detail}", extension.name);
        let lambda_type = match kind {
            ExtensionErrorKind::Init => "Extension.InitError",
            ExtensionErrorKind::Exit => "Extension.ExitError",
        };
        (accepted(), Some(FunctionError::new(lambda_type, message)))
    }

    /// Notes that an extension waits for its next event. Returns a response at once if the
    /// request is invalid.
    pub(super) fn begin_next(&mut self, head: &Parts) -> Result<NextRequest, Box<Reply>> {
        let extension = self.identify(head)?;
        match extension.state {
            ExtensionState::Failed(..) => {
                return Err(Box::new(extension.invalid_state("has reported an error")));
            }
            // A client that lost the response to its last request asks again.
            ExtensionState::Offered(_) => {}
            _ => extension.state = ExtensionState::Waiting,
        }
        extension.latest_request += 1;
        Ok(NextRequest {
            extension_id: extension.id.clone(),
            number: extension.latest_request,
        })
    }

    /// Delivers the event that is offered to the extension, if there is one.
    pub(super) fn poll_next(&mut self, request: &NextRequest) -> PendingRequest {
        let Some(extension) = self.find(&request.extension_id) else {
            return PendingRequest::Superseded;
        };
        if extension.latest_request != request.number {
            return PendingRequest::Superseded;
        }
        let ExtensionState::Offered(event) = &extension.state else {
            return PendingRequest::Waiting;
        };
        let reply = match event {
            ExtensionEvent::Invoke(event) => invoke_event(event),
            ExtensionEvent::Shutdown { reason, limit } => shutdown_event(*reason, *limit),
        };
        extension.state = ExtensionState::Running;
        PendingRequest::Event(Box::new(reply))
    }

    fn find(&mut self, id: &str) -> Option<&mut RegisteredExtension> {
        self.registered
            .iter_mut()
            .find(|extension| extension.id == id)
    }

    /// The extension that sent a request.
    fn identify(&mut self, head: &Parts) -> Result<&mut RegisteredExtension, Box<Reply>> {
        let refuse = |error_type, why: &str| Box::new(error(403, error_type, why));
        let id = match header(&head.headers, "lambda-extension-identifier") {
            None | Some("") => {
                let why = "Missing Lambda-Extension-Identifier header";
                return Err(refuse("Extension.MissingExtensionIdentifier", why));
            }
            Some(id) if !ids::is_uuid(id) => {
                let why = "Invalid Lambda-Extension-Identifier";
                return Err(refuse("Extension.InvalidExtensionIdentifier", why));
            }
            Some(id) => id,
        };
        self.find(id).ok_or_else(|| {
            let why = format!("Unknown extension {id}");
            refuse("Extension.UnknownExtensionIdentifier", &why)
        })
    }
}

impl RegisteredExtension {
    const fn is_ready(&self) -> bool {
        matches!(self.state, ExtensionState::Waiting)
    }

    /// Its state under the name that AWS's emulator gives it in `agent_state_names.go`.
    fn report(&self) -> ExtensionReport {
        let (state, error_type) = match &self.state {
            ExtensionState::Registered => ("Registered", None),
            ExtensionState::Waiting | ExtensionState::Offered(_) => ("Ready", None),
            ExtensionState::Running => ("Running", None),
            ExtensionState::Failed(ExtensionErrorKind::Init, error) => ("InitError", Some(error)),
            ExtensionState::Failed(ExtensionErrorKind::Exit, error) => ("ExitError", Some(error)),
        };
        let events = [
            (self.is_invoked, "INVOKE"),
            (self.gets_shutdown, "SHUTDOWN"),
        ];
        ExtensionReport {
            name: self.name.clone(),
            state,
            events: events
                .into_iter()
                .filter_map(|(is_sent, event)| is_sent.then_some(event))
                .collect(),
            error_type: error_type.cloned(),
        }
    }

    fn invalid_state(&self, why: &str) -> Reply {
        let why = format!("State transition is not allowed: {} {why}", self.name);
        error(403, "Extension.InvalidExtensionState", &why)
    }
}

/// The events of a registration. Go's `encoding/json` sends `null` for an empty list.
fn parse_events(body: &[u8]) -> Result<Vec<String>, String> {
    let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    match &body["events"] {
        _ if !body.is_object() => Err("the body is not a JSON object".to_owned()),
        Value::Null => Ok(Vec::new()),
        events => serde_json::from_value(events.clone()).map_err(|error| error.to_string()),
    }
}

fn shutdown_event(reason: ShutdownReason, limit: Duration) -> Reply {
    event_reply(&json!({
        "eventType": "SHUTDOWN",
        "deadlineMs": deadline_ms(limit),
        "shutdownReason": reason.name(),
    }))
}

/// The end of a duration, in milliseconds since 1970.
fn deadline_ms(limit: Duration) -> u64 {
    let deadline = SystemTime::now() + limit;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX)
}

fn invoke_event(event: &InvocationEvent) -> Reply {
    event_reply(&json!({
        "eventType": "INVOKE",
        "deadlineMs": deadline_ms(event.timeout),
        "requestId": event.request_id,
        "invokedFunctionArn": event.function_arn,
        "tracing": { "type": "X-Amzn-Trace-Id", "value": event.trace_id },
    }))
}

fn event_reply(body: &Value) -> Reply {
    let id = ids::new_request_id();
    let id = ("Lambda-Extension-Event-Identifier", &*id);
    json_reply(StatusCode::OK, [id], body.to_string())
}
