//! The state of a function between its requests, and the handlers of the requests.

use std::sync::mpsc::Sender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use crate::emulator::FunctionError;
use crate::emulator::http::{RequestBody, RequestHead};
use crate::emulator::runtime_api::event::{InvocationEvent, RuntimeEvent};
use crate::emulator::runtime_api::extensions::{
    ExtensionErrorKind, ExtensionRequest, Extensions, PendingRequest,
};
use crate::emulator::runtime_api::response;
use crate::emulator::server::Response;

/// The start of the paths of the Runtime API.
const RUNTIME_PREFIX: &str = "/2018-06-01/runtime/";

/// Where a function is in its life cycle.
#[derive(Debug, Default)]
enum FunctionPhase {
    /// It has not asked for an event yet.
    #[default]
    Init,
    /// It waits for an event.
    Ready,
    /// An event waits for the function.
    Offered(InvocationEvent),
    /// It received the event, and must respond before the deadline.
    Busy(InvocationEvent, SystemTime),
    /// It responded to the event with this request ID, and has not asked for another.
    Responded(String),
}

#[derive(Debug)]
struct ApiState {
    phase: FunctionPhase,
    /// The number of the latest request for an event. If the runtime asks again, it
    /// has lost the connection of its previous request.
    latest_request: u64,
    is_closed: bool,
    events: Sender<RuntimeEvent>,
    extensions: Extensions,
}

impl ApiState {
    fn report(&self, event: RuntimeEvent) {
        // There is no receiver after the end.
        let _ = self.events.send(event);
    }

    fn is_ready(&self) -> bool {
        matches!(self.phase, FunctionPhase::Ready) && self.extensions.are_ready()
    }
}

/// The state that all connections of a function share.
#[derive(Debug)]
pub(super) struct SharedState {
    state: Mutex<ApiState>,
    /// Notified when an event is offered, a newer request arrives, or the API closes.
    changed: Condvar,
    function: String,
}

impl SharedState {
    pub(super) fn new(function: &str, events: Sender<RuntimeEvent>) -> Self {
        Self {
            state: Mutex::new(ApiState {
                phase: FunctionPhase::Init,
                latest_request: 0,
                is_closed: false,
                events,
                extensions: Extensions::default(),
            }),
            changed: Condvar::new(),
            function: function.to_owned(),
        }
    }

    pub(super) fn offer(&self, event: InvocationEvent) {
        let mut state = self.lock();
        state.extensions.offer(&event);
        state.phase = FunctionPhase::Offered(event);
        drop(state);
        self.changed.notify_all();
    }

    pub(super) fn busy_extensions(&self) -> Vec<String> {
        let state = self.lock();
        match state.phase {
            FunctionPhase::Ready => state.extensions.busy(),
            _ => Vec::new(),
        }
    }

    /// Ends all requests that wait.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Responds to a request. `None` closes the connection.
    pub(super) fn respond(&self, head: &RequestHead, body: RequestBody) -> Option<Response> {
        if let Some(request) = ExtensionRequest::parse(head) {
            return match request {
                ExtensionRequest::Register => Some(self.register_extension(head, &body)),
                ExtensionRequest::Next => self.next_for_extension(head),
                ExtensionRequest::Error(kind) => Some(self.extension_error(head, &body, kind)),
                ExtensionRequest::Unknown => Some(response::not_found(head)),
            };
        }
        let path = head.path.strip_prefix(RUNTIME_PREFIX).unwrap_or_default();
        let invocation = path
            .strip_prefix("invocation/")
            .and_then(|rest| rest.split_once('/'));
        match (&*head.method, path, invocation) {
            ("GET", "invocation/next", _) => self.next(),
            ("POST", "init/error", _) => Some(self.init_error(head, &body)),
            ("POST", _, Some((id, "response"))) => {
                Some(self.finish(id, |at| response::to_function_response(head, body, at)))
            }
            ("POST", _, Some((id, "error"))) => Some(self.finish(id, |at| {
                let error = FunctionError::from_payload(response::error_type(head), &body.bytes);
                (response::accepted(), RuntimeEvent::Error(at, error))
            })),
            _ => Some(response::not_found(head)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, ApiState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for_change<'a>(&self, state: MutexGuard<'a, ApiState>) -> MutexGuard<'a, ApiState> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Blocks until there is an event for the runtime. Returns `None` if the runtime has
    /// sent a newer request, or at the end.
    fn next(&self) -> Option<Response> {
        let mut state = self.lock();
        // A runtime that lost the response asks again, and receives the same event. AWS's
        // own emulator does the same: `RuntimeRunningState` in its `core/states.go`.
        if let FunctionPhase::Busy(event, deadline) = &state.phase {
            return Some(response::invocation(event.clone(), *deadline));
        }
        state.latest_request += 1;
        let request = state.latest_request;
        if !matches!(state.phase, FunctionPhase::Offered(_)) {
            state.phase = FunctionPhase::Ready;
        }
        if state.extensions.are_ready() {
            state.report(RuntimeEvent::Ready(Instant::now()));
        }
        self.changed.notify_all();
        loop {
            if state.is_closed || state.latest_request != request {
                return None;
            }
            if let FunctionPhase::Offered(event) = &state.phase {
                let event = event.clone();
                // Read the monotonic clock before the wall clock. Our own deadline is then never
                // later than the one that the function gets, so that a response exactly at that
                // deadline is always late.
                let delivered = Instant::now();
                let deadline = SystemTime::now() + event.timeout;
                let response = response::invocation(event.clone(), deadline);
                state.phase = FunctionPhase::Busy(event, deadline);
                state.report(RuntimeEvent::Delivered(delivered));
                return Some(response);
            }
            state = self.wait_for_change(state);
        }
    }

    fn init_error(&self, head: &RequestHead, body: &RequestBody) -> Response {
        let state = self.lock();
        if !matches!(state.phase, FunctionPhase::Init) {
            return response::invalid_transition("the function has already requested an event");
        }
        let error = FunctionError::from_payload(response::error_type(head), &body.bytes);
        state.report(RuntimeEvent::InitError(error));
        response::accepted()
    }

    /// Ends the event with this request ID. `outcome` is called with the current time.
    fn finish(
        &self,
        id: &str,
        outcome: impl FnOnce(Instant) -> (Response, RuntimeEvent),
    ) -> Response {
        let mut state = self.lock();
        match &state.phase {
            FunctionPhase::Busy(event, _) if event.request_id == id => {}
            FunctionPhase::Responded(last) if last == id => {
                return response::invalid_transition(
                    "the function has already responded to this event",
                );
            }
            _ => return response::error(400, "InvalidRequestID", "Invalid request ID"),
        }
        let (response, event) = outcome(Instant::now());
        state.phase = FunctionPhase::Responded(id.to_owned());
        state.report(event);
        response
    }

    fn register_extension(&self, head: &RequestHead, body: &RequestBody) -> Response {
        let mut state = self.lock();
        let is_open = matches!(state.phase, FunctionPhase::Init);
        state
            .extensions
            .register(head, body, &self.function, is_open)
    }

    fn extension_error(
        &self,
        head: &RequestHead,
        body: &RequestBody,
        kind: ExtensionErrorKind,
    ) -> Response {
        let mut state = self.lock();
        let (response, error) = state.extensions.report_error(head, body, kind);
        if let Some(error) = error {
            state.report(RuntimeEvent::ExtensionError(error));
        }
        response
    }

    /// Blocks until there is an event for the extension. Returns `None` if the extension sends
    /// a newer request, or if the API ends.
    fn next_for_extension(&self, head: &RequestHead) -> Option<Response> {
        let mut state = self.lock();
        let request = match state.extensions.begin_next(head) {
            Ok(request) => request,
            Err(response) => return Some(response),
        };
        // The runtime is already waiting, so this extension was the last to become ready.
        if state.is_ready() {
            state.report(RuntimeEvent::Ready(Instant::now()));
        }
        self.changed.notify_all();
        loop {
            if state.is_closed {
                return None;
            }
            match state.extensions.poll_next(&request) {
                PendingRequest::Superseded => return None,
                PendingRequest::Event(response) => return Some(response),
                PendingRequest::Waiting => state = self.wait_for_change(state),
            }
        }
    }
}
