//! Turns events of the emulator into events of `watch`.

use std::sync::Arc;
use std::time::Duration;

use crate::commands::watch::event::{EventError, WatchEvent};
use crate::commands::watch::output::WatchOutput;
use crate::emulator::FunctionError;
use crate::emulator::front_door::{DoorEvent, DoorObserver};
use crate::emulator::log_lines;
use crate::emulator::pool::{Observer, PoolEvent};

/// Observes the instances of a function.
pub(super) fn pool_observer(function: &str, output: WatchOutput) -> Observer {
    let function = function.to_owned();
    Arc::new(move |event| output.print(&pool_event(&function, event)))
}

fn pool_event(function: &str, event: PoolEvent<'_>) -> WatchEvent {
    let function = function.to_owned();
    match event {
        PoolEvent::Started {
            instance,
            process_id,
            init,
        } => WatchEvent::InstanceStarted {
            function,
            instance,
            process_id,
            init_ms: milliseconds(init),
        },
        PoolEvent::StartFailed {
            request_id,
            error,
            lines,
        } => WatchEvent::InstanceFailed {
            function,
            request_id: request_id.to_owned(),
            error: event_error(error),
            lines,
        },
        PoolEvent::Ended { instance } => WatchEvent::InstanceEnded { function, instance },
        PoolEvent::Printed {
            instance,
            request_id,
            line,
        } => WatchEvent::Log {
            function,
            instance,
            request_id: request_id.map(str::to_owned),
            line: line.to_owned(),
        },
        PoolEvent::ExtensionPrinted {
            instance,
            extension,
            line,
        } => WatchEvent::ExtensionLog {
            function,
            instance,
            extension: extension.to_owned(),
            line: line.to_owned(),
        },
        PoolEvent::Invoked {
            instance,
            request_id,
            line,
        } => WatchEvent::InvocationStarted {
            function,
            instance,
            request_id: request_id.to_owned(),
            lines: vec![line],
        },
        PoolEvent::Finished {
            instance,
            result,
            error,
            lines,
        } => WatchEvent::InvocationFinished {
            function,
            instance,
            request_id: result.request_id.clone(),
            duration_ms: milliseconds(result.duration),
            max_memory_mb: result.peak_memory.map(log_lines::mb),
            error: error.map(event_error),
            lines: lines.to_vec(),
        },
    }
}

/// Observes the server.
pub(super) fn door_observer(output: WatchOutput) -> DoorObserver {
    Arc::new(move |event| output.print(&door_event(event)))
}

fn door_event(event: DoorEvent<'_>) -> WatchEvent {
    match event {
        DoorEvent::Answered {
            method,
            path,
            function,
            request_id,
            status,
            duration,
        } => WatchEvent::Answered {
            method: method.to_owned(),
            path: path.to_owned(),
            function: function.map(str::to_owned),
            request_id: request_id.to_owned(),
            status,
            duration_ms: milliseconds(duration),
        },
        DoorEvent::BackgroundFailed {
            function,
            request_id,
            error,
            attempt,
            retry_after,
        } => WatchEvent::AsyncAttemptFailed {
            function: function.to_owned(),
            request_id: request_id.to_owned(),
            error: event_error(error),
            attempt,
            retry_after_ms: retry_after.map(milliseconds),
        },
        DoorEvent::InvalidResponse {
            function,
            request_id,
            reason,
        } => WatchEvent::InvalidResponse {
            function: function.to_owned(),
            request_id: request_id.to_owned(),
            reason: reason.to_owned(),
        },
    }
}

fn event_error(error: &FunctionError) -> EventError {
    EventError {
        kind: error.kind.clone(),
        message: error.message.clone(),
    }
}

/// Converts to milliseconds with two digits after the point, as in Lambda's REPORT line.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}
