//! A Runtime API that listens for one instance of a function.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::emulator::FunctionError;
use crate::emulator::http_server::{self, OpenConnections, ServerLimits};
use crate::emulator::instance_telemetry::{ExtensionReport, InstanceTelemetry};
use crate::emulator::runtime_api::event::{InvocationEvent, RuntimeEvent};
use crate::emulator::runtime_api::extensions::ShutdownReason;
use crate::emulator::runtime_api::state::SharedState;

const LIMITS: ServerLimits = ServerLimits {
    // A function needs only one or two.
    max_connections: 100,
    // The description of an error for X-Ray can have 1 MB.
    max_head: 2 << 20,
    // A function may compute for 15 minutes before it responds.
    head_timeout: None,
};

/// The Runtime API of one instance.
#[derive(Debug)]
pub(in crate::emulator) struct RuntimeApi {
    state: Arc<SharedState>,
    events: mpsc::UnboundedReceiver<RuntimeEvent>,
    address: SocketAddr,
    connections: OpenConnections,
}

/// Ends extensions.
#[derive(Debug, Clone)]
pub(in crate::emulator) struct ExtensionControl(Arc<SharedState>);

impl ExtensionControl {
    /// Reports that an external extension has ended by itself, which ends the instance.
    pub(in crate::emulator) fn report_error(&self, error: &FunctionError) {
        self.0.report_extension_error(error);
    }

    /// Tells external extensions that the instance ends.
    pub(in crate::emulator) fn shut_down(&self, reason: ShutdownReason, limit: Duration) {
        self.0.shut_down(reason, limit);
    }

    /// Waits until an extension asks for another event after SHUTDOWN, so that it has nothing more
    /// to do. An extension that does not receive SHUTDOWN has nothing to do at all.
    pub(in crate::emulator) async fn shutdown_handled(&self, extension: &str) {
        self.0.shutdown_handled(extension).await;
    }
}

/// The server of a Runtime API. It listens until it is dropped.
#[derive(Debug)]
pub(in crate::emulator) struct ApiServer(JoinHandle<()>);

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl RuntimeApi {
    /// Listens on a free port of the loopback interface. The function handles up to `max_events`
    /// events at the same time.
    pub(in crate::emulator) async fn listen(
        function: &str,
        max_events: usize,
        telemetry: InstanceTelemetry,
    ) -> io::Result<(Self, ApiServer)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (sender, events) = mpsc::unbounded_channel();
        let state = Arc::new(SharedState::new(function, max_events, telemetry, sender));
        let connections = OpenConnections::default();
        let handler = {
            let state = Arc::clone(&state);
            move |request| Arc::clone(&state).respond(request)
        };
        let server = http_server::serve(listener, LIMITS, connections.clone(), handler);
        let server = ApiServer(tokio::spawn(server));
        let api = Self {
            state,
            events,
            address,
            connections,
        };
        Ok((api, server))
    }

    pub(in crate::emulator) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether everything that a function sent before it ended has been received. Its
    /// connections end with it, unless another process holds them open.
    pub(in crate::emulator) fn is_drained(&self, ended: Instant) -> bool {
        const PATIENCE: Duration = Duration::from_secs(1);
        self.connections.count() == 0 || ended.elapsed() > PATIENCE
    }

    /// Offers an event to the runtime, which may wait for it already or ask for it later. Returns
    /// everything that happens to it.
    pub(in crate::emulator) fn offer(
        &self,
        event: InvocationEvent,
    ) -> mpsc::UnboundedReceiver<RuntimeEvent> {
        let (sender, events) = mpsc::unbounded_channel();
        self.state.offer(event, sender);
        events
    }

    /// Sets the names of the programs that are external extensions.
    pub(in crate::emulator) fn set_external_extensions(&self, names: Vec<String>) {
        self.state.set_external_extensions(names);
    }

    /// Waits until all external extensions have registered.
    pub(in crate::emulator) async fn extensions_registered(&self) {
        self.state.extensions_registered().await;
    }

    /// The states of all extensions, internal ones as well.
    pub(in crate::emulator) fn extension_reports(&self) -> Vec<ExtensionReport> {
        self.state.extension_reports()
    }

    /// Returns a handle that ends the extensions. It works even after this API was dropped.
    pub(in crate::emulator) fn extension_control(&self) -> ExtensionControl {
        ExtensionControl(Arc::clone(&self.state))
    }

    /// Stops waiting for the response to an event. A late response is accepted and ignored.
    pub(in crate::emulator) fn abandon(&self, request_id: &str) {
        self.state.abandon(request_id);
    }

    /// The names of the extensions that have not asked for their next event, if the
    /// runtime has.
    pub(in crate::emulator) fn busy_extensions(&self) -> Vec<String> {
        self.state.busy_extensions()
    }

    /// Ends the init phase. Events are reported only to their own receivers from now on, because
    /// nothing reads those of the init phase any more.
    pub(in crate::emulator) fn end_init(&mut self) {
        self.events.close();
    }

    /// Waits up to `timeout` for the next thing that the function does in its init phase.
    pub(in crate::emulator) async fn next_event(
        &mut self,
        timeout: Duration,
    ) -> Option<RuntimeEvent> {
        tokio::time::timeout(timeout, self.events.recv())
            .await
            .ok()?
    }
}
