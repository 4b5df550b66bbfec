//! Answers requests until a signal asks to stop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

use crate::commands::watch::event::WatchEvent;
use crate::commands::watch::observers::door_observer;
use crate::commands::watch::options::WatchOptions;
use crate::commands::watch::output::WatchOutput;
use crate::commands::watch::project_functions::ProjectFunctions;
use crate::emulator::front_door::{CurrentRoutes, FrontDoor};
use crate::emulator::hosts::AllowedHosts;
use crate::emulator::http_server::{self, OpenConnections, ServerLimits};
use crate::system::process;
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
    bind(host.trim_matches(['[', ']']), port)
        .await
        .map_err(|error| {
            Failure::new(
                ExitKind::Tool,
                format!("cannot listen on {host}:{port}: {error}"),
            )
            .help("pass another `--port`; `--port 0` picks a free one")
        })
}

async fn bind(host: &str, port: u16) -> io::Result<TcpListener> {
    /// The number of connections that wait until they are accepted. With the usual 128, some of
    /// a few hundred clients that connect at once wait for a second.
    const BACKLOG: u32 = 1024;
    let mut result = Err(io::ErrorKind::AddrNotAvailable.into());
    for address in tokio::net::lookup_host((host, port)).await? {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // On Windows, this would let another program use the same port.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        result = socket.bind(address).and_then(|()| socket.listen(BACKLOG));
        if result.is_ok() {
            break;
        }
    }
    result
}

/// Serves requests. The first signal lets running requests finish; the second does not.
pub(super) async fn serve(
    listener: TcpListener,
    options: &WatchOptions,
    functions: &ProjectFunctions,
    routes: CurrentRoutes,
    output: WatchOutput,
) -> anyhow::Result<()> {
    let port = listener
        .local_addr()
        .context("the server has no address")?
        .port();
    let door = Arc::new(FrontDoor {
        functions: Arc::clone(&functions.served),
        hosts: AllowedHosts::new(&options.host),
        routes,
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
    let mut signals = process::signal_count();
    tokio::select! {
        () = &mut server => return Ok(()),
        _ = signals.wait_for(|count| *count >= 1) => {}
    }
    output.print(&WatchEvent::ShuttingDown);
    // The receiver is the server, which still exists.
    let _ = stop.send(true);
    tokio::select! {
        () = &mut server => {}
        _ = signals.wait_for(|count| *count >= 2) => {}
    }
    Ok(())
}
