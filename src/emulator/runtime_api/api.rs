//! A Runtime API that listens for one function.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::emulator::runtime_api::event::{InvocationEvent, RuntimeEvent};
use crate::emulator::runtime_api::state::SharedState;
use crate::emulator::server::HttpServer;

/// Listens until it is dropped.
#[derive(Debug)]
pub(in crate::emulator) struct RuntimeApi {
    state: Arc<SharedState>,
    events: Receiver<RuntimeEvent>,
    server: HttpServer,
}

impl RuntimeApi {
    /// Listens on a free port of the loopback interface.
    pub(in crate::emulator) fn listen(function: &str) -> io::Result<Self> {
        let (sender, events) = mpsc::channel();
        let state = Arc::new(SharedState::new(function, sender));
        let handler = Arc::clone(&state);
        let server = HttpServer::listen(move |head, body| handler.respond(head, body))?;
        Ok(Self {
            state,
            events,
            server,
        })
    }

    pub(in crate::emulator) const fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Whether everything that a function sent before it ended has been received. Its
    /// connections end with it, unless another process holds them open.
    pub(in crate::emulator) fn is_drained(&self, ended: Instant) -> bool {
        const PATIENCE: Duration = Duration::from_secs(1);
        self.server.is_idle() || ended.elapsed() > PATIENCE
    }

    /// Offers an event to the runtime, which may wait for it already or ask for it later.
    pub(in crate::emulator) fn offer(&self, event: InvocationEvent) {
        self.state.offer(event);
    }

    /// The names of the extensions that have not asked for their next event, if the
    /// runtime has.
    pub(in crate::emulator) fn busy_extensions(&self) -> Vec<String> {
        self.state.busy_extensions()
    }

    /// Waits up to `timeout` for the next thing that the function does.
    pub(in crate::emulator) fn next_event(&self, timeout: Duration) -> Option<RuntimeEvent> {
        match self.events.recv_timeout(timeout) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            // Impossible: `self.state` owns the sender.
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.state.close();
    }
}
