//! The processes of an instance: the function and its external extensions.
//!
//! In: running processes. Out: the end of the function, which several invocations can wait for. A
//! task owns the processes, so that waiting for their end and killing them are possible at the
//! same time.

use std::process::ExitStatus;
use std::sync::Arc;

use tokio::sync::watch;

use crate::emulator::extension_process::{self, ExtensionProcess, SHUTDOWN_LIMIT, any_crashed};
use crate::emulator::instance_telemetry::InstanceTelemetry;
use crate::emulator::runtime_api::{ApiServer, ExtensionControl, ShutdownReason};
use crate::system::process::{OutputReader, ProcessGroup};

/// A running function. Dropped, it ends with all processes that it started.
#[derive(Debug)]
pub(super) struct InstanceProcess {
    id: u32,
    has_extensions: bool,
    output: Arc<OutputReader>,
    state: watch::Receiver<ProcessState>,
    /// Ends the instance if a reason is sent or if it is dropped.
    end: watch::Sender<ShutdownReason>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProcessState {
    Running,
    /// It has ended by itself.
    Ended(ExitStatus),
    /// An extension has ended, so that Lambda ends the instance.
    Broken,
    /// It was killed.
    Killed,
}

/// The processes that the task owns. The order of the fields is the order in which they are
/// dropped. The processes must end before the server does. Otherwise, they would print errors about
/// the closed connection.
pub(super) struct SupervisedProcesses {
    pub(super) group: ProcessGroup,
    /// The output of the function, which is read until its processes have ended.
    pub(super) output: Arc<OutputReader>,
    pub(super) extensions: Vec<ExtensionProcess>,
    pub(super) control: ExtensionControl,
    pub(super) telemetry: InstanceTelemetry,
    #[expect(dead_code, reason = "the server ends when it is dropped")]
    pub(super) server: ApiServer,
}

impl InstanceProcess {
    /// Takes over the processes of an instance and the server of its Runtime API.
    pub(super) fn supervise(processes: SupervisedProcesses) -> Self {
        let id = processes.group.id();
        let has_extensions = !processes.extensions.is_empty();
        let output = Arc::clone(&processes.output);
        let (sender, state) = watch::channel(ProcessState::Running);
        let (end, ended) = watch::channel(ShutdownReason::Spindown);
        tokio::spawn(supervise(processes, sender, ended));
        Self {
            id,
            has_extensions,
            output,
            state,
            end,
        }
    }

    pub(super) const fn id(&self) -> u32 {
        self.id
    }

    /// The last lines that the process printed.
    pub(super) fn last_output(&self) -> Vec<String> {
        self.output.last()
    }

    /// Whether the function can get events.
    pub(super) fn is_alive(&self) -> bool {
        *self.state.borrow() == ProcessState::Running
    }

    /// Waits until the function ends by itself.
    pub(super) async fn exited(&self) -> ExitStatus {
        let mut state = self.state.clone();
        loop {
            if let ProcessState::Ended(status) = *state.borrow_and_update() {
                return status;
            }
            if state.changed().await.is_err() {
                // It was killed. The caller that killed it knows.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Kills the function with all processes that it started, and waits for their end. External
    /// extensions learn the reason, and may run a little longer.
    pub(super) async fn kill(&self, reason: ShutdownReason) {
        self.end.send_replace(reason);
        let mut state = self.state.clone();
        // An error means that the task has ended.
        let _ = state.wait_for(|state| *state == ProcessState::Killed).await;
    }

    /// Ends the function and its external extensions, and waits for their end.
    pub(super) async fn end(&self) {
        self.kill(ShutdownReason::Spindown).await;
        InstanceEnd(self.state.clone()).wait().await;
    }

    /// The end of external extensions, if there are any.
    pub(super) fn extensions_end(&self) -> Option<InstanceEnd> {
        self.has_extensions.then(|| InstanceEnd(self.state.clone()))
    }

    /// Waits a short time until all output so far has been passed on.
    pub(super) async fn settle(&self) {
        settle(&self.output).await;
    }
}

/// The end of all processes of an instance. Extensions run longer than the function.
#[derive(Debug, Clone)]
pub(super) struct InstanceEnd(watch::Receiver<ProcessState>);

impl InstanceEnd {
    /// Returns true if all processes have ended.
    pub(super) fn is_over(&self) -> bool {
        self.0.has_changed().is_err()
    }

    /// Waits until all processes have ended.
    pub(super) async fn wait(mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

async fn supervise(
    mut processes: SupervisedProcesses,
    state: watch::Sender<ProcessState>,
    mut ended: watch::Receiver<ShutdownReason>,
) {
    tokio::select! {
        status = processes.group.exited() => {
            state.send_replace(ProcessState::Ended(status.unwrap_or_default()));
            // Other processes of the group may still run.
            let _ = ended.changed().await;
        }
        error = any_crashed(&mut processes.extensions), if !processes.extensions.is_empty() => {
            state.send_replace(ProcessState::Broken);
            processes.control.report_error(&error);
            let _ = ended.changed().await;
        }
        _ = ended.changed() => {}
    }
    let reason = *ended.borrow();
    if reason == ShutdownReason::Spindown && !processes.extensions.is_empty() {
        // With extensions, a function can finish its work. Without, Lambda kills it at once.
        processes.group.terminate();
        let _ = tokio::time::timeout(SHUTDOWN_LIMIT, processes.group.exited()).await;
    }
    processes.group.kill();
    state.send_replace(ProcessState::Killed);
    if !processes.extensions.is_empty() {
        processes.end_extensions(reason).await;
    }
}

impl SupervisedProcesses {
    /// Ends the external extensions after the function.
    pub(super) async fn end_extensions(mut self, reason: ShutdownReason) {
        // They receive everything about the function before SHUTDOWN.
        settle(&self.output).await;
        self.telemetry.flush().await;
        self.control.shut_down(reason, SHUTDOWN_LIMIT);
        extension_process::all_ended(&mut self.extensions, &self.control).await;
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
