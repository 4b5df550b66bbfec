//! The events of a pool, for its observer.

use std::sync::Arc;
use std::time::Duration;

use crate::emulator::FunctionError;
use crate::emulator::invocation::InvocationResult;

/// Something that happened in a pool.
#[derive(Debug)]
pub(crate) enum PoolEvent<'a> {
    /// An instance waits for its first event.
    Started {
        instance: u32,
        process_id: Option<u32>,
        init: Duration,
    },
    /// An instance could not be started.
    StartFailed {
        request_id: &'a str,
        error: &'a FunctionError,
        lines: Vec<String>,
    },
    /// An instance has ended although it had no event.
    Ended { instance: u32 },
    /// The function printed a line.
    Printed {
        instance: u32,
        request_id: Option<&'a str>,
        line: &'a str,
    },
    /// An external extension printed a line.
    ExtensionPrinted {
        instance: u32,
        extension: &'a str,
        line: &'a str,
    },
    /// An invocation begins.
    Invoked {
        instance: u32,
        request_id: &'a str,
        line: String,
    },
    /// An invocation has ended.
    Finished {
        instance: u32,
        result: &'a InvocationResult,
        error: Option<&'a FunctionError>,
        lines: &'a [String],
    },
}

/// Receives the events of a pool.
pub(crate) type Observer = Arc<dyn Fn(PoolEvent<'_>) + Send + Sync>;
