//! The Runtime API: what a function asks, and what it is told.
//!
//! In: events, one at a time. Out: [`RuntimeEvent`], in the order in which things happened.
//! Every request is answered under one lock, so that two connections cannot make two
//! answers of one event.
//! Extensions inside the function's process are in [`extensions`]; they share that lock.
//! Absent: telemetry.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

mod answer;
mod extensions;

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::emulator::FunctionError;
use crate::emulator::http::{RequestBody, RequestHead};
use crate::emulator::runtime_api::answer::{
    accepted, error_type, given, not_allowed, not_found, refused, response,
};
use crate::emulator::runtime_api::extensions::Extensions;
use crate::emulator::server::{HttpServer, Response};

/// What a function did.
#[derive(Debug)]
pub(super) enum RuntimeEvent {
    /// It asked for an event, and so did its extensions.
    Next(Instant),
    /// It was given the event.
    Given(Instant),
    Response(Instant, RequestBody, bool),
    /// It answered with more than a response may have: so many bytes.
    TooLarge(Instant, u64),
    /// It reported an error of an event.
    Error(Instant, FunctionError),
    /// It reported that it cannot begin.
    InitError(FunctionError),
    /// One of its extensions reported an error, which ends the environment.
    ExtensionError(FunctionError),
}

impl RuntimeEvent {
    /// When the function asked or answered.
    pub(super) const fn time(&self) -> Option<Instant> {
        match self {
            Self::Next(at)
            | Self::Response(at, ..)
            | Self::TooLarge(at, _)
            | Self::Error(at, _) => Some(*at),
            Self::Given(_) | Self::InitError(_) | Self::ExtensionError(_) => None,
        }
    }
}

/// An event, with what is said of it.
#[derive(Debug, Clone)]
pub(super) struct InvocationEvent {
    pub(super) id: String,
    pub(super) function: String,
    pub(super) trace: String,
    pub(super) timeout: Duration,
    pub(super) payload: Vec<u8>,
}

/// Where a function stands.
#[derive(Debug, Default)]
enum FunctionPhase {
    /// It has not asked yet.
    #[default]
    Init,
    Ready,
    /// An event waits for it.
    Offered(InvocationEvent),
    /// It has an event, and so long to answer.
    Busy(InvocationEvent, SystemTime),
    /// It has answered the event of this ID, and not asked for another.
    Answered(String),
}

#[derive(Debug)]
struct InvocationState {
    phase: FunctionPhase,
    /// Who asked last: a connection that asks again has forgotten the one before.
    asked: u64,
    closed: bool,
    heard: Sender<RuntimeEvent>,
    extensions: Extensions,
}

#[derive(Debug)]
struct SharedState {
    desk: Mutex<InvocationState>,
    change: Condvar,
    function: String,
}

/// A Runtime API that listens.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    shared: Arc<SharedState>,
    heard: Receiver<RuntimeEvent>,
    server: HttpServer,
}

impl RuntimeApi {
    /// Listens on this machine only, at a port that is free.
    pub(super) fn open(function: &str) -> io::Result<Self> {
        let (sender, heard) = mpsc::channel();
        let shared = Arc::new(SharedState {
            desk: Mutex::new(InvocationState {
                phase: FunctionPhase::Init,
                asked: 0,
                closed: false,
                heard: sender,
                extensions: Extensions::default(),
            }),
            change: Condvar::new(),
            function: function.to_owned(),
        });
        let answering = Arc::clone(&shared);
        let server = HttpServer::open(move |head, body| answering.answer(head, body))?;
        Ok(Self {
            shared,
            heard,
            server,
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Whether all that a function has sent before it ended has been heard: its
    /// connections end with it, unless it left somebody who holds them.
    pub(super) fn has_heard_all(&self, ended: Instant) -> bool {
        const PATIENCE: Duration = Duration::from_secs(1);
        self.server.is_idle() || ended.elapsed() > PATIENCE
    }

    /// Offers an event to whoever asks, or waits already.
    pub(super) fn offer(&self, event: InvocationEvent) {
        let mut desk = self.shared.held();
        desk.extensions.offer(&event);
        desk.phase = FunctionPhase::Offered(event);
        drop(desk);
        self.shared.change.notify_all();
    }

    /// The names of the extensions that keep a runtime waiting that has asked for its
    /// next event.
    pub(super) fn busy_extensions(&self) -> Vec<String> {
        let desk = self.shared.held();
        match desk.phase {
            FunctionPhase::Ready => desk.extensions.busy(),
            _ => Vec::new(),
        }
    }

    /// What the function does next, if it does anything until then.
    pub(super) fn hear(&self, patience: Duration) -> Option<RuntimeEvent> {
        match self.heard.recv_timeout(patience) {
            Ok(heard) => Some(heard),
            Err(RecvTimeoutError::Timeout) => None,
            // The desk has a sender as long as we have the desk.
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.shared.held().closed = true;
        self.shared.change.notify_all();
    }
}

const PREFIX: &str = "/2018-06-01/runtime/";

impl SharedState {
    fn held(&self) -> MutexGuard<'_, InvocationState> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something changes.
    fn wait<'a>(&self, desk: MutexGuard<'a, InvocationState>) -> MutexGuard<'a, InvocationState> {
        self.change
            .wait(desk)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, head: &RequestHead, body: RequestBody) -> Option<Response> {
        if let Some(path) = head.path.strip_prefix(extensions::PREFIX) {
            return self.extension(path, head, &body);
        }
        let path = head.path.strip_prefix(PREFIX).unwrap_or_default();
        let of_event = path.strip_prefix("invocation/").unwrap_or_default();
        match (&*head.method, path, of_event.split_once('/')) {
            ("GET", "invocation/next", _) => self.next(),
            ("POST", "init/error", _) => Some(self.init_error(head, &body)),
            ("POST", _, Some((id, "response"))) => {
                Some(self.done(id, |at| response(head, body, at)))
            }
            ("POST", _, Some((id, "error"))) => {
                let error = FunctionError::of(error_type(head), &body.bytes);
                Some(self.done(id, |at| (accepted(), RuntimeEvent::Error(at, error))))
            }
            _ => Some(not_found(head)),
        }
    }

    /// Waits for an event. `None` where nobody is to be answered: somebody asked
    /// since, or all is over.
    fn next(&self) -> Option<Response> {
        let mut desk = self.held();
        // Who has lost the answer asks again, and is given the same event. AWS's own
        // emulator does so, too: `RuntimeRunningState` in its `core/states.go`.
        if let FunctionPhase::Busy(event, deadline) = &desk.phase {
            return Some(given(event.clone(), *deadline));
        }
        desk.asked += 1;
        let ours = desk.asked;
        if !matches!(desk.phase, FunctionPhase::Offered(_)) {
            desk.phase = FunctionPhase::Ready;
        }
        if desk.extensions.are_ready() {
            desk.tell(RuntimeEvent::Next(Instant::now()));
        }
        self.change.notify_all();
        loop {
            if desk.closed || desk.asked != ours {
                return None;
            }
            if let FunctionPhase::Offered(event) = &desk.phase {
                let event = event.clone();
                // First the clock by which lateness is judged: an answer at the deadline
                // that the function is told of is then always too late.
                let at = Instant::now();
                let deadline = SystemTime::now() + event.timeout;
                let answer = given(event.clone(), deadline);
                desk.phase = FunctionPhase::Busy(event, deadline);
                desk.tell(RuntimeEvent::Given(at));
                return Some(answer);
            }
            desk = self.wait(desk);
        }
    }

    fn init_error(&self, head: &RequestHead, body: &RequestBody) -> Response {
        let desk = self.held();
        if !matches!(desk.phase, FunctionPhase::Init) {
            return not_allowed("it has begun already");
        }
        let error = FunctionError::of(error_type(head), &body.bytes);
        desk.tell(RuntimeEvent::InitError(error));
        accepted()
    }

    fn done(&self, id: &str, what: impl FnOnce(Instant) -> (Response, RuntimeEvent)) -> Response {
        let mut desk = self.held();
        match &desk.phase {
            FunctionPhase::Busy(event, _) if event.id == id => {}
            FunctionPhase::Answered(known) if known == id => {
                return not_allowed("it has answered this event already");
            }
            _ => return refused(400, "InvalidRequestID", "Invalid request ID"),
        }
        let (answer, heard) = what(Instant::now());
        desk.phase = FunctionPhase::Answered(id.to_owned());
        desk.tell(heard);
        answer
    }
}

impl InvocationState {
    /// Nobody listens any more when all is over.
    fn tell(&self, heard: RuntimeEvent) {
        let _ = self.heard.send(heard);
    }
}

#[cfg(test)]
mod tests;
