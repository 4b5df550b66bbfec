//! The state of a function between its requests, and the handlers of the requests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Request, StatusCode};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

use crate::emulator::FunctionError;
use crate::emulator::hosts::AllowedHosts;
use crate::emulator::http_server::{Reply, RequestBody, header, json_reply};
use crate::emulator::instance_telemetry::{ExtensionReport, InstanceTelemetry};
use crate::emulator::limits::{MAX_RESPONSE, MAX_STREAM};
use crate::emulator::runtime_api::event::{InvocationEvent, ResponseStream, RuntimeEvent};
use crate::emulator::runtime_api::extensions::{
    ExtensionErrorKind, ExtensionRequest, Extensions, PendingRequest, ShutdownReason,
};
use crate::emulator::runtime_api::methods;
use crate::emulator::runtime_api::response::{self, ResponseMode};

/// The start of the paths of the Runtime API.
const RUNTIME_PREFIX: &str = "/2018-06-01/runtime/";

/// An event that waits for the runtime.
#[derive(Debug)]
struct Offered {
    event: InvocationEvent,
    /// Receives everything that happens to the event.
    events: UnboundedSender<RuntimeEvent>,
}

/// An event that the runtime received.
#[derive(Debug)]
struct InFlight {
    event: InvocationEvent,
    events: UnboundedSender<RuntimeEvent>,
    /// When the runtime must have responded.
    deadline: SystemTime,
    progress: Progress,
}

/// How far an event is that the runtime received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Running,
    /// The runtime has responded, and has not asked for another event since.
    Finished,
    /// The caller does not wait for the response any more.
    Abandoned,
}

#[derive(Debug)]
struct ApiState {
    /// Whether the runtime has asked for an event, which ends its init phase.
    is_initialized: bool,
    /// Whether the runtime waits for an event.
    is_waiting: bool,
    /// Events that wait for the runtime.
    offered: VecDeque<Offered>,
    /// The events that the runtime received, by request ID.
    in_flight: BTreeMap<String, InFlight>,
    /// The number of the latest request for an event. If the runtime asks again, it
    /// has lost the connection of its previous request.
    latest_request: u64,
    /// The receivers of events that the runtime has finished. They learn when the extensions have
    /// finished as well.
    ending: Vec<UnboundedSender<RuntimeEvent>>,
    /// The maximum number of events at the same time. A runtime sends as many requests for events.
    max_events: usize,
    /// Receives everything that happens in the init phase.
    events: UnboundedSender<RuntimeEvent>,
    extensions: Extensions,
    /// The error of an extension, which ends the instance.
    extension_error: Option<FunctionError>,
}

impl ApiState {
    /// Reports that the function waits for its next event.
    fn report_ready(&mut self) {
        let now = Instant::now();
        send(&self.events, RuntimeEvent::Ready(now));
        for events in self.ending.drain(..) {
            send(&events, RuntimeEvent::Ready(now));
        }
    }

    fn is_ready(&self) -> bool {
        self.is_waiting && self.offered.is_empty() && self.extensions.are_ready()
    }
}

/// Reports an event. There is no receiver after the end.
fn send(events: &UnboundedSender<RuntimeEvent>, event: RuntimeEvent) {
    let _ = events.send(event);
}

/// The state that all connections of a function share.
#[derive(Debug)]
pub(super) struct SharedState {
    state: Mutex<ApiState>,
    /// Notified when an event is offered or a newer request arrives.
    changed: Notify,
    function: String,
    hosts: AllowedHosts,
    telemetry: InstanceTelemetry,
}

impl SharedState {
    pub(super) fn new(
        function: &str,
        max_events: usize,
        telemetry: InstanceTelemetry,
        events: UnboundedSender<RuntimeEvent>,
    ) -> Self {
        Self {
            state: Mutex::new(ApiState {
                is_initialized: false,
                is_waiting: false,
                offered: VecDeque::new(),
                in_flight: BTreeMap::new(),
                latest_request: 0,
                ending: Vec::new(),
                max_events,
                events,
                extensions: Extensions::default(),
                extension_error: None,
            }),
            changed: Notify::new(),
            function: function.to_owned(),
            hosts: AllowedHosts::new("localhost"),
            telemetry,
        }
    }

    pub(super) fn offer(&self, event: InvocationEvent, events: UnboundedSender<RuntimeEvent>) {
        let mut state = self.lock();
        if let Some(error) = &state.extension_error {
            return send(&events, RuntimeEvent::ExtensionError(error.clone()));
        }
        state.extensions.offer(&event);
        state.offered.push_back(Offered { event, events });
        drop(state);
        self.changed.notify_waiters();
    }

    /// Sets the names of the programs that are external extensions.
    pub(super) fn set_external_extensions(&self, names: Vec<String>) {
        self.lock().extensions.set_external(names);
    }

    /// Waits until all external extensions have registered.
    pub(super) async fn extensions_registered(&self) {
        self.poll_until(|state| state.extensions.are_registered().then_some(()))
            .await;
    }

    /// Reports that an external extension has ended by itself, which ends the instance. Every
    /// event fails, also one that is offered later.
    pub(super) fn report_extension_error(&self, error: &FunctionError) {
        let mut state = self.lock();
        state.extension_error = Some(error.clone());
        let offered = state.offered.iter().map(|event| &event.events);
        let in_flight = state.in_flight.values().map(|event| &event.events);
        let events = offered.chain(in_flight).chain(&state.ending);
        for events in events.chain([&state.events]) {
            send(events, RuntimeEvent::ExtensionError(error.clone()));
        }
    }

    /// Tells external extensions that the instance ends.
    pub(super) fn shut_down(&self, reason: ShutdownReason, limit: Duration) {
        self.lock().extensions.shut_down(reason, limit);
        self.changed.notify_waiters();
    }

    /// Waits until an extension has handled the SHUTDOWN that was offered to it before.
    pub(super) async fn shutdown_handled(&self, name: &str) {
        let is_handled = |state: &mut ApiState| state.extensions.has_handled_shutdown(name);
        self.poll_until(|state| is_handled(state).then_some(()))
            .await;
    }

    /// Gives an event up, delivered or not.
    pub(super) fn abandon(&self, request_id: &str) {
        let mut state = self.lock();
        state
            .offered
            .retain(|offered| offered.event.request_id != request_id);
        if let Some(in_flight) = state.in_flight.get_mut(request_id)
            && in_flight.progress == Progress::Running
        {
            in_flight.progress = Progress::Abandoned;
            in_flight.event.stream = None;
        }
    }

    /// The states of all extensions.
    pub(super) fn extension_reports(&self) -> Vec<ExtensionReport> {
        self.lock().extensions.reports()
    }

    pub(super) fn busy_extensions(&self) -> Vec<String> {
        let state = self.lock();
        if state.is_waiting && state.offered.is_empty() {
            state.extensions.busy()
        } else {
            Vec::new()
        }
    }

    /// Responds to a request. `None` closes the connection.
    pub(super) async fn respond(self: Arc<Self>, request: Request<Incoming>) -> Option<Reply> {
        let (head, body) = request.into_parts();
        let host = header(&head.headers, "host");
        if host.is_some_and(|host| self.hosts.parse(host).is_none()) {
            // A browser sends it for a web page of another site.
            return Some(response::error(403, "Forbidden", "this host is not served"));
        }
        let path = head.uri.path();
        let runtime_path = path.strip_prefix(RUNTIME_PREFIX).unwrap_or_default();
        let invocation = runtime_path
            .strip_prefix("invocation/")
            .and_then(|rest| rest.split_once('/'));
        if let (true, Some((id, "response"))) = (head.method == "POST", invocation) {
            return Some(self.receive_response(id, &head, body).await);
        }
        let body = match RequestBody::read(body, MAX_RESPONSE, MAX_STREAM).await {
            Ok(body) => body,
            Err(error) => return response::unreadable(&error),
        };
        if let Some(reply) = methods::method_not_allowed(&head) {
            return Some(reply);
        }
        if let Some(request) = ExtensionRequest::parse(&head) {
            return match request {
                ExtensionRequest::Register => Some(self.register_extension(&head, &body)),
                ExtensionRequest::Next => self.next_for_extension(&head).await,
                ExtensionRequest::Error(kind) => Some(self.extension_error(&head, &body, kind)),
                ExtensionRequest::Unknown => Some(response::not_found(&head)),
            };
        }
        if self.telemetry.is_supported() && response::is_telemetry_subscription(&head) {
            return Some(self.subscribe(&head, &body).await);
        }
        match (head.method.as_str(), runtime_path, invocation) {
            ("GET", "invocation/next", _) => self.next().await,
            ("POST", "init/error", _) => Some(self.init_error(&head, &body)),
            ("POST", _, Some((id, "error"))) => Some(self.finish(id, |at| {
                let error = FunctionError::from_payload(response::error_type(&head), &body.bytes);
                (response::accepted(), RuntimeEvent::Error(at, error))
            })),
            _ => Some(response::not_found(&head)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, ApiState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `poll` returns a result. It is called again after each change.
    async fn poll_until<T>(&self, mut poll: impl FnMut(&mut ApiState) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            // A change after the call of `notified` is not missed.
            if let Some(result) = poll(&mut self.lock()) {
                return result;
            }
            changed.await;
        }
    }

    /// Waits until there is an event for the runtime. Returns `None` if the runtime has sent a
    /// newer request.
    async fn next(&self) -> Option<Reply> {
        let request = match self.begin_next() {
            Ok(request) => request,
            Err(repeated) => return Some(*repeated),
        };
        self.poll_until(|state| {
            if state.max_events == 1 && state.latest_request != request {
                return Some(None);
            }
            let Offered { event, events } = state.offered.pop_front()?;
            // Read the monotonic clock before the wall clock. Our own deadline is then never
            // later than the one that the function gets, so that a response exactly at that
            // deadline is always late.
            let delivered = Instant::now();
            let deadline = SystemTime::now() + event.timeout;
            let reply = response::invocation(&event, deadline);
            send(&events, RuntimeEvent::Delivered(delivered));
            let in_flight = InFlight {
                event,
                events,
                deadline,
                progress: Progress::Running,
            };
            let id = in_flight.event.request_id.clone();
            state.in_flight.insert(id, in_flight);
            state.is_waiting = false;
            Some(Some(reply))
        })
        .await
    }

    /// Notes that the runtime waits for an event, and numbers its request. A runtime that lost
    /// the response asks again, and receives the same event. AWS's own emulator does the same:
    /// `RuntimeRunningState` in its `core/states.go`.
    fn begin_next(&self) -> Result<u64, Box<Reply>> {
        let mut state = self.lock();
        let is_running = |event: &&InFlight| event.progress == Progress::Running;
        if state.max_events == 1
            && let Some(running) = state.in_flight.values().find(is_running)
        {
            let repeated = response::invocation(&running.event, running.deadline);
            return Err(Box::new(repeated));
        }
        let now = Instant::now();
        if !state.is_initialized {
            send(&state.events, RuntimeEvent::RuntimeReady(now));
        }
        state.latest_request += 1;
        state.is_initialized = true;
        state.is_waiting = true;
        if state.max_events == 1 {
            // A process that was started again does not know the events of the previous one.
            let finished = std::mem::take(&mut state.in_flight).into_values();
            for event in finished {
                send(&event.events, RuntimeEvent::RuntimeReady(now));
                state.ending.push(event.events);
            }
        } else {
            let in_flight = &mut state.in_flight;
            in_flight.retain(|_, event| event.progress != Progress::Finished);
        }
        if state.extensions.are_ready() {
            state.report_ready();
        }
        self.changed.notify_waiters();
        Ok(state.latest_request)
    }

    fn init_error(&self, head: &Parts, body: &RequestBody) -> Reply {
        let state = self.lock();
        if state.is_initialized {
            return response::invalid_transition("the function has already requested an event");
        }
        let error = FunctionError::from_payload(response::error_type(head), &body.bytes);
        send(&state.events, RuntimeEvent::InitError(error));
        response::accepted()
    }

    /// Reads the response to an event. The pieces of a response are passed on as they come if
    /// a caller waits for them.
    async fn receive_response(&self, id: &str, head: &Parts, body: Incoming) -> Reply {
        let mode = ResponseMode::parse(head);
        let stream = self.stream(id).filter(|stream| {
            matches!(mode, Ok(ResponseMode::Streaming)) || mode.is_ok() && stream.always
        });
        if stream.is_some() {
            let content_type = header(&head.headers, "content-type").map(str::to_owned);
            self.report(id, RuntimeEvent::Streaming { content_type });
        }
        let keep = match (&stream, &mode) {
            (Some(_), _) => 0,
            // A streamed response may be longer than a response in one piece.
            (None, Ok(ResponseMode::Streaming)) => MAX_STREAM,
            (None, _) => MAX_RESPONSE,
        };
        let pieces = stream.as_ref().map(|stream| &stream.pieces);
        let began = Instant::now();
        match RequestBody::read_pieces(body, keep, MAX_STREAM, pieces).await {
            Ok(body) => self.finish(id, |at| {
                let passed_on = stream.is_some();
                response::to_function_response(mode, passed_on, body, began, at)
            }),
            // The function's end is noticed by its process.
            Err(error) => response::unreadable(&error)
                .unwrap_or_else(|| response::error(400, "InvalidRequest", &error.to_string())),
        }
    }

    /// Reports something that happens to an event.
    fn report(&self, id: &str, event: RuntimeEvent) {
        if let Some(in_flight) = self.lock().in_flight.get(id) {
            send(&in_flight.events, event);
        }
    }

    /// Where the pieces of the response to an event go.
    fn stream(&self, id: &str) -> Option<ResponseStream> {
        let state = self.lock();
        let in_flight = state.in_flight.get(id)?;
        in_flight.event.stream.clone()
    }

    /// Ends the event with this request ID. `outcome` is called with the current time.
    fn finish(&self, id: &str, outcome: impl FnOnce(Instant) -> (Reply, RuntimeEvent)) -> Reply {
        let mut state = self.lock();
        let Some(in_flight) = state.in_flight.get_mut(id) else {
            return response::error(400, "InvalidRequestID", "Invalid request ID");
        };
        match std::mem::replace(&mut in_flight.progress, Progress::Finished) {
            Progress::Finished => {
                response::invalid_transition("the function has already responded to this event")
            }
            Progress::Abandoned => response::accepted(),
            Progress::Running => {
                // The stream ends when its last sender is dropped.
                in_flight.event.stream = None;
                let (reply, event) = outcome(Instant::now());
                send(&in_flight.events, event);
                reply
            }
        }
    }

    fn register_extension(&self, head: &Parts, body: &RequestBody) -> Reply {
        let mut state = self.lock();
        let is_open = !state.is_initialized;
        let reply = state
            .extensions
            .register(head, body, &self.function, is_open);
        drop(state);
        if reply.status().is_success() {
            self.telemetry.begin();
        }
        self.changed.notify_waiters();
        reply
    }

    /// Subscribes an extension to telemetry.
    async fn subscribe(&self, head: &Parts, body: &RequestBody) -> Reply {
        let name = self.lock().extensions.name(head);
        let name = match name {
            Ok(name) => name,
            Err(reply) => return *reply,
        };
        match self.telemetry.subscribe(&name, &body.bytes).await {
            Some(reply) => {
                let status = StatusCode::from_u16(reply.status);
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                json_reply(status, [], reply.body)
            }
            None => response::not_found(head),
        }
    }

    fn extension_error(&self, head: &Parts, body: &RequestBody, kind: ExtensionErrorKind) -> Reply {
        let (reply, error) = self.lock().extensions.report_error(head, body, kind);
        if let Some(error) = error {
            self.report_extension_error(&error);
        }
        reply
    }

    /// Waits until there is an event for the extension. Returns `None` if the extension sends
    /// a newer request.
    async fn next_for_extension(&self, head: &Parts) -> Option<Reply> {
        let request = {
            let mut state = self.lock();
            let request = match state.extensions.begin_next(head) {
                Ok(request) => request,
                Err(reply) => return Some(*reply),
            };
            // The runtime is already waiting, so this extension was the last to become ready.
            if state.is_ready() {
                state.report_ready();
            }
            request
        };
        self.changed.notify_waiters();
        self.poll_until(|state| match state.extensions.poll_next(&request) {
            PendingRequest::Superseded => Some(None),
            PendingRequest::Event(reply) => Some(Some(*reply)),
            PendingRequest::Waiting => None,
        })
        .await
    }
}
