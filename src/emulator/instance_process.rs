//! The process of an instance.
//!
//! In: a process group. Out: its end, which several invocations can wait for. A task owns the
//! group, so that waiting for its end and killing it are possible at the same time.

use std::process::ExitStatus;
use std::sync::Arc;

use tokio::sync::watch;

use crate::emulator::runtime_api::ApiServer;
use crate::system::process::{OutputReader, ProcessGroup};

/// A running process. Dropped, it ends with all processes that it started.
#[derive(Debug)]
pub(super) struct InstanceProcess {
    id: u32,
    output: Arc<OutputReader>,
    exit: watch::Receiver<Option<ExitStatus>>,
    /// Kills the process if something is sent or if it is dropped.
    kill: watch::Sender<()>,
}

/// What the task owns. The order of the fields is the order in which they are dropped: the
/// process must end before its API does, or it would report that.
struct Supervised {
    group: ProcessGroup,
    _server: ApiServer,
}

impl InstanceProcess {
    /// Takes over a process and the server of its Runtime API.
    pub(super) fn supervise(
        group: ProcessGroup,
        server: ApiServer,
        output: Arc<OutputReader>,
    ) -> Self {
        let id = group.id();
        let (exit_sender, exit) = watch::channel(None);
        let (kill, mut killed) = watch::channel(());
        let supervised = Supervised {
            group,
            _server: server,
        };
        tokio::spawn(async move {
            // The task owns all of it. Otherwise it would own only the fields that it uses.
            let mut supervised = supervised;
            tokio::select! {
                status = supervised.group.exited() => {
                    exit_sender.send_replace(Some(status.unwrap_or_default()));
                    // Other processes of the group may still run.
                    let _ = killed.changed().await;
                }
                _ = killed.changed() => {}
            }
            supervised.group.kill();
        });
        Self {
            id,
            output,
            exit,
            kill,
        }
    }

    pub(super) const fn id(&self) -> u32 {
        self.id
    }

    /// The last lines that the process printed.
    pub(super) fn last_output(&self) -> Vec<String> {
        self.output.last()
    }

    /// Whether the process still runs.
    pub(super) fn is_alive(&self) -> bool {
        self.exit.borrow().is_none()
    }

    /// Waits for the end of the process.
    pub(super) async fn exited(&self) -> ExitStatus {
        let mut exit = self.exit.clone();
        let status = exit.wait_for(Option::is_some).await.map(|status| *status);
        match status {
            Ok(status) => status.unwrap_or_default(),
            // It was killed. The caller that killed it knows.
            Err(_) => std::future::pending().await,
        }
    }

    /// Kills the process with all processes that it started, and waits for their end.
    pub(super) async fn kill(&self) {
        self.kill.send_replace(());
        let mut exit = self.exit.clone();
        while exit.changed().await.is_ok() {}
    }

    /// Waits a short time until all output so far has been passed on.
    pub(super) async fn settle(&self) {
        settle(&self.output).await;
    }
}

/// Waits a short time until all output so far has been passed on.
pub(super) async fn settle(output: &Arc<OutputReader>) {
    if !output.settle_at_once() {
        let output = Arc::clone(output);
        // It fails only if the runtime ends.
        let _ = tokio::task::spawn_blocking(move || output.settle()).await;
    }
}
