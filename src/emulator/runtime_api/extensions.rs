//! The Extensions API, for extensions that run inside the function's own process.
//!
//! In: requests below `/2020-01-01/extension/`. Out: answers, and the state of every
//! registered extension, which decides when the init phase and an invocation end.
//! An internal extension registers before the runtime asks for its first event, and it
//! can receive only INVOKE.
//! Absent: extensions that are programs of their own, and events of the shutdown phase.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>,
//! and `internal/lambda/rapi/handler/` of aws/aws-lambda-runtime-interface-emulator.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::emulator::http::{RequestBody, RequestHead};
use crate::emulator::runtime_api::answer::{accepted, not_found, refused};
use crate::emulator::runtime_api::{
    FunctionPhase, InvocationEvent, InvocationState, RuntimeEvent, SharedState,
};
use crate::emulator::server::Response;
use crate::emulator::{FunctionError, ids};
use crate::lambda::{BOOTSTRAP, MAX_EXTENSIONS};

pub(super) const PREFIX: &str = "/2020-01-01/extension/";

#[derive(Debug)]
pub(super) struct RegisteredExtension {
    id: String,
    name: String,
    /// Whether it registered for INVOKE. Without it, `next` blocks until the end.
    invoked: bool,
    state: ExtensionState,
    /// The number of its latest `next` request: earlier ones are not answered.
    asked: u64,
}

/// Where an extension is in its life cycle.
#[derive(Debug)]
enum ExtensionState {
    /// It registered and has not called `next`.
    Registered,
    /// It waits in `next`.
    Waiting,
    /// It waits in `next`, and this event is about to be delivered.
    Offered(InvocationEvent),
    /// It received an event and has not called `next` since.
    Running,
    /// It reported an error.
    Failed,
}

/// All extensions of a function.
#[derive(Debug, Default)]
pub(super) struct Extensions(Vec<RegisteredExtension>);

impl Extensions {
    /// Whether all of them wait for the next event.
    pub(super) fn are_ready(&self) -> bool {
        self.0.iter().all(RegisteredExtension::is_ready)
    }

    /// The names of those that do not wait for the next event.
    pub(super) fn busy(&self) -> Vec<String> {
        let busy = self.0.iter().filter(|extension| !extension.is_ready());
        busy.map(|extension| extension.name.clone()).collect()
    }

    /// Delivers an event to those that registered for INVOKE.
    pub(super) fn offer(&mut self, event: &InvocationEvent) {
        for extension in self.0.iter_mut().filter(|extension| extension.invoked) {
            if matches!(extension.state, ExtensionState::Waiting) {
                // Extensions do not receive the payload.
                extension.state = ExtensionState::Offered(InvocationEvent {
                    payload: Vec::new(),
                    ..event.clone()
                });
            }
        }
    }

    fn find(&mut self, id: &str) -> Option<&mut RegisteredExtension> {
        self.0.iter_mut().find(|extension| extension.id == id)
    }
}

impl RegisteredExtension {
    const fn is_ready(&self) -> bool {
        matches!(self.state, ExtensionState::Waiting)
    }
}

impl SharedState {
    /// Answers a request below [`PREFIX`]. `None` closes the connection.
    pub(super) fn extension(
        &self,
        path: &str,
        head: &RequestHead,
        body: &RequestBody,
    ) -> Option<Response> {
        match (&*head.method, path) {
            ("POST", "register") => Some(self.held().register(head, body, &self.function)),
            ("GET", "event/next") => self.extension_next(head),
            ("POST", "init/error") => Some(self.held().fail(head, body, ExtensionErrorKind::Init)),
            ("POST", "exit/error") => Some(self.held().fail(head, body, ExtensionErrorKind::Exit)),
            _ => Some(not_found(head)),
        }
    }

    /// Blocks until the next event, the extension's next request, or the end.
    fn extension_next(&self, head: &RequestHead) -> Option<Response> {
        let mut desk = self.held();
        let id = match desk.identified(head) {
            Ok(extension) => {
                if let ExtensionState::Failed = extension.state {
                    return Some(invalid_state(extension, "has reported an error"));
                }
                // A client that lost the answer to its last request asks again.
                if !matches!(extension.state, ExtensionState::Offered(_)) {
                    extension.state = ExtensionState::Waiting;
                }
                extension.asked += 1;
                (extension.id.clone(), extension.asked)
            }
            Err(answer) => return Some(answer),
        };
        // The runtime already waits: this was the last party to become ready.
        if matches!(desk.phase, FunctionPhase::Ready) && desk.extensions.are_ready() {
            desk.tell(RuntimeEvent::Next(Instant::now()));
        }
        self.change.notify_all();
        loop {
            let closed = desk.closed;
            let extension = desk.extensions.find(&id.0)?;
            if closed || extension.asked != id.1 {
                return None;
            }
            if let ExtensionState::Offered(event) = &extension.state {
                let answer = invoke(event);
                extension.state = ExtensionState::Running;
                return Some(answer);
            }
            desk = self.wait(desk);
        }
    }
}

/// Which error an extension reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExtensionErrorKind {
    Init,
    Exit,
}

impl InvocationState {
    fn register(&mut self, head: &RequestHead, body: &RequestBody, function: &str) -> Response {
        let name = match head.fields.get("lambda-extension-name") {
            None | Some("") => {
                return refused(
                    403,
                    "Extension.InvalidExtensionName",
                    "Empty extension name",
                );
            }
            Some(name) => name,
        };
        let events = match events(&body.bytes) {
            Ok(events) => events,
            Err(why) => return refused(403, "InvalidRequestFormat", &why),
        };
        if let Some(event) = events.iter().find(|event| *event != "INVOKE") {
            let why = match &**event {
                "SHUTDOWN" => "SHUTDOWN: an internal extension can register only for INVOKE",
                _ => "an extension registers for INVOKE or SHUTDOWN",
            };
            return refused(403, "Extension.InvalidEventType", why);
        }
        if !matches!(self.phase, FunctionPhase::Init) {
            let why = "Extension registration closed already: the runtime has called next";
            return refused(403, "Extension.RegistrationClosed", why);
        }
        let all = &mut self.extensions.0;
        if all.iter().any(|extension| extension.name == name) {
            let why = "Extension with this name already registered";
            return refused(403, "Extension.InvalidExtensionState", why);
        }
        if all.len() >= MAX_EXTENSIONS {
            let why = format!("Extension limit ({MAX_EXTENSIONS}) reached");
            return refused(403, "Extension.TooManyExtensions", &why);
        }
        let id = ids::request();
        all.push(RegisteredExtension {
            id: id.clone(),
            name: name.to_owned(),
            invoked: !events.is_empty(),
            state: ExtensionState::Registered,
            asked: 0,
        });
        let mut about = json!({
            "functionName": function,
            "functionVersion": "$LATEST",
            "handler": BOOTSTRAP,
        });
        let features = head.fields.get("lambda-extension-accept-feature");
        let mut features = features.unwrap_or_default().split(',');
        if features.any(|feature| feature.trim() == "accountId") {
            about["accountId"] = json!(ids::ACCOUNT);
        }
        let mut answer = Response::new(200, about.to_string().into_bytes());
        answer.fields = vec![("Lambda-Extension-Identifier", id)];
        answer
    }

    /// An extension reports that it cannot begin or cannot go on: Lambda ends the
    /// environment.
    fn fail(
        &mut self,
        head: &RequestHead,
        body: &RequestBody,
        what: ExtensionErrorKind,
    ) -> Response {
        let extension = match self.identified(head) {
            Ok(extension) => extension,
            Err(answer) => return answer,
        };
        let header = "Lambda-Extension-Function-Error-Type";
        let kind = match head.fields.get(&header.to_ascii_lowercase()) {
            None | Some("") => {
                return refused(
                    403,
                    "Extension.MissingHeader",
                    &format!("{header} not found"),
                );
            }
            Some(kind) => kind,
        };
        match (&extension.state, what) {
            // Only the first report counts.
            (ExtensionState::Failed, _) => return accepted(),
            (ExtensionState::Registered, _) | (_, ExtensionErrorKind::Exit) => {}
            (_, ExtensionErrorKind::Init) => {
                return invalid_state(extension, "has called next already");
            }
        }
        extension.state = ExtensionState::Failed;
        let reported = serde_json::from_slice::<Value>(&body.bytes).ok();
        let detail = reported
            .as_ref()
            .and_then(|value| value["errorMessage"].as_str());
        let detail = detail.map(|text| format!(": {text}")).unwrap_or_default();
        let message = format!("extension {} reported {kind}{detail}", extension.name);
        let kind = match what {
            ExtensionErrorKind::Init => "Extension.InitError",
            ExtensionErrorKind::Exit => "Extension.ExitError",
        };
        self.tell(RuntimeEvent::ExtensionError(FunctionError::new(
            kind, message,
        )));
        accepted()
    }

    /// The extension that sends a request.
    fn identified(&mut self, head: &RequestHead) -> Result<&mut RegisteredExtension, Response> {
        let Some(id) = head.fields.get("lambda-extension-identifier") else {
            let why = "Missing Lambda-Extension-Identifier header";
            return Err(refused(403, "Extension.MissingExtensionIdentifier", why));
        };
        let kind = "Extension.UnknownExtensionIdentifier";
        let unknown = || refused(403, kind, &format!("Unknown extension {id}"));
        self.extensions.find(id).ok_or_else(unknown)
    }
}

fn invalid_state(extension: &RegisteredExtension, why: &str) -> Response {
    let why = format!("State transition is not allowed: {} {why}", extension.name);
    refused(403, "Extension.InvalidExtensionState", &why)
}

/// The events of a registration. Go's `encoding/json` sends `null` for an empty list.
fn events(body: &[u8]) -> Result<Vec<String>, String> {
    let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    match &body["events"] {
        _ if !body.is_object() => Err("the body is not a JSON object".to_owned()),
        Value::Null => Ok(Vec::new()),
        events => serde_json::from_value(events.clone()).map_err(|error| error.to_string()),
    }
}

fn invoke(event: &InvocationEvent) -> Response {
    let deadline = SystemTime::now() + event.timeout;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
    let text = json!({
        "eventType": "INVOKE",
        "deadlineMs": u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
        "requestId": event.id,
        "invokedFunctionArn": event.function,
        "tracing": { "type": "X-Amzn-Trace-Id", "value": event.trace },
    });
    let mut answer = Response::new(200, text.to_string().into_bytes());
    answer.fields = vec![("Lambda-Extension-Event-Identifier", ids::request())];
    answer
}
