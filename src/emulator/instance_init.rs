//! The init of an instance.
//!
//! In: the commands of external extensions, and the process of the function. Out: the running
//! extensions, and the time at which the runtime and all extensions waited for their first event.
//! Left to others: ending the processes if the init fails.

use std::time::Instant;

use anyhow::Context;

use crate::emulator::extension_process::{
    ExtensionCommand, ExtensionListener, ExtensionProcess, ExtensionStart, any_crashed,
};
use crate::emulator::instance::ARRIVAL_TIME;
use crate::emulator::instance_telemetry::InstanceTelemetry;
use crate::emulator::runtime_api::{RuntimeApi, RuntimeEvent};
use crate::emulator::start::StartFailureReason;
use crate::system::process::ProcessGroup;

/// The outcome of starting external extensions.
pub(super) enum ExtensionsStart {
    Registered(Vec<ExtensionProcess>),
    Failed(StartFailureReason),
}

/// Starts external extensions, and waits until they have registered, as Lambda does before it
/// starts the runtime.
pub(super) async fn start_extensions(
    api: &RuntimeApi,
    commands: Vec<ExtensionCommand>,
    listener: &ExtensionListener,
    deadline: Instant,
) -> anyhow::Result<ExtensionsStart> {
    let mut extensions = Vec::new();
    let names: Vec<_> = commands
        .iter()
        .map(|command| command.name.clone())
        .collect();
    api.set_external_extensions(names.clone());
    for command in commands {
        match ExtensionProcess::start(command, listener).await? {
            ExtensionStart::Started(extension) => extensions.push(extension),
            ExtensionStart::Failed(error) => {
                return Ok(ExtensionsStart::Failed(StartFailureReason::Reported(error)));
            }
        }
    }
    if extensions.is_empty() {
        return Ok(ExtensionsStart::Registered(extensions));
    }
    let failure = tokio::select! {
        () = api.extensions_registered() => None,
        error = any_crashed(&mut extensions) => Some(StartFailureReason::Reported(error)),
        () = tokio::time::sleep_until(deadline.into()) => Some(StartFailureReason::TimedOut(names)),
    };
    Ok(match failure {
        None => ExtensionsStart::Registered(extensions),
        Some(reason) => ExtensionsStart::Failed(reason),
    })
}

/// The outcome of waiting for the first request for an event.
pub(super) enum FirstRequest {
    Received(Instant),
    Failed {
        reason: StartFailureReason,
        /// Whether the runtime asked for its first event, so that the init failed because of an
        /// extension.
        has_runtime_asked: bool,
    },
}

pub(super) async fn wait_for_first_request(
    api: &mut RuntimeApi,
    group: &mut ProcessGroup,
    extensions: &mut [ExtensionProcess],
    telemetry: &InstanceTelemetry,
    deadline: Instant,
) -> anyhow::Result<FirstRequest> {
    let mut exit = None;
    let mut has_runtime_asked = false;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let wait = if exit.is_some() { ARRIVAL_TIME } else { left };
        let event = tokio::select! {
            biased;
            event = api.next_event(wait) => event,
            status = group.exited(), if exit.is_none() => {
                let status = status.context("cannot get the status of the function's process")?;
                exit = Some((status, Instant::now()));
                continue;
            }
            // After the events, so that an error that the extension has reported takes precedence.
            error = any_crashed(extensions), if !extensions.is_empty() => {
                return Ok(FirstRequest::Failed {
                    reason: StartFailureReason::Reported(error),
                    has_runtime_asked,
                });
            }
        };
        let reason = match (event, exit) {
            (Some(RuntimeEvent::RuntimeReady(_)), _) => {
                has_runtime_asked = true;
                telemetry.init_runtime_done(None);
                continue;
            }
            (Some(RuntimeEvent::Ready(at)), _) => return Ok(FirstRequest::Received(at)),
            (Some(RuntimeEvent::InitError(error) | RuntimeEvent::ExtensionError(error)), _) => {
                StartFailureReason::Reported(error)
            }
            (Some(_), _) => continue,
            // First receive everything that it sent before it ended.
            (None, Some((status, at))) if api.is_drained(at) => StartFailureReason::Ended(status),
            (None, Some(_)) => continue,
            (None, None) => StartFailureReason::TimedOut(api.busy_extensions()),
        };
        return Ok(FirstRequest::Failed {
            reason,
            has_runtime_asked,
        });
    }
}
