//! Answers requests until a signal asks to stop.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::commands::watch::event::WatchEvent;
use crate::commands::watch::observers::door_observer;
use crate::commands::watch::options::WatchOptions;
use crate::commands::watch::output::WatchOutput;
use crate::commands::watch::project_functions::ProjectFunctions;
use crate::emulator::front_door::{AllowedHosts, FrontDoor};
use crate::emulator::http_server::{self, OpenConnections, ServerLimits};
use crate::ui::failure::{ExitKind, Failure};

const LIMITS: ServerLimits = ServerLimits {
    // Many systems allow a process 1,024 open files, and instances need some of them.
    max_connections: 512,
    max_head: 256 << 10,
    head_timeout: Some(Duration::from_secs(60)),
};

/// Listens on the host and port of the options.
pub(super) async fn listen(options: &WatchOptions) -> Result<TcpListener, Failure> {
    let (host, port) = (&*options.host, options.port);
    TcpListener::bind((host.trim_matches(['[', ']']), port))
        .await
        .map_err(|error| {
            Failure::new(
                ExitKind::Tool,
                format!("cannot listen on {host}:{port}: {error}"),
            )
            .help("pass another `--port`; `--port 0` picks a free one")
        })
}

/// Serves requests. The first signal lets running requests finish; the second does not.
pub(super) async fn serve(
    listener: TcpListener,
    options: &WatchOptions,
    functions: &ProjectFunctions,
    output: WatchOutput,
) -> anyhow::Result<()> {
    let port = listener
        .local_addr()
        .context("the server has no address")?
        .port();
    let door = Arc::new(FrontDoor {
        functions: Arc::clone(&functions.served),
        hosts: AllowedHosts::new(&options.host),
        port,
        observer: door_observer(output),
    });
    let (stop, stopped) = watch::channel(false);
    let server = http_server::serve_until(
        listener,
        LIMITS,
        OpenConnections::default(),
        move |request| Arc::clone(&door).handle(request),
        stopped,
    );
    tokio::pin!(server);
    let mut signals = Signals::new()?;
    tokio::select! {
        () = &mut server => return Ok(()),
        () = signals.next() => {}
    }
    output.print(&WatchEvent::ShuttingDown);
    // The receiver is the server, which still exists.
    let _ = stop.send(true);
    tokio::select! {
        () = &mut server => {}
        () = signals.next() => {}
    }
    Ok(())
}

/// Signals that ask to stop.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).context("cannot watch for signals")?,
            terminate: signal(SignalKind::terminate()).context("cannot watch for signals")?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> anyhow::Result<Self> {
        let ctrl_c = tokio::signal::windows::ctrl_c().context("cannot watch for Ctrl-C")?;
        Ok(Self(ctrl_c))
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
