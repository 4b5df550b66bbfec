//! A function that runs and waits for events.
//!
//! In: an event. Out: [`InvocationResult`]. As on Lambda, an invocation ends when the
//! function asks for the next event.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::emulator::environment::REGION;
use crate::emulator::runtime_api::{InvocationEvent, RuntimeApi, RuntimeEvent};
use crate::emulator::{FunctionError, MAX_RESPONSE, exit_status, ids};
use crate::system::process;
use crate::system::process::{OutputReader, ProcessGroup, ResourceUsage};

/// How often to check whether the process has ended, and whether the user pressed Ctrl-C.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A function that has asked for an event. Dropped, it ends with all of its processes.
#[derive(Debug)]
pub(crate) struct RunningFunction {
    // The order of the fields is the order in which they are dropped: the process must end
    // before the API does.
    group: ProcessGroup,
    api: RuntimeApi,
    output: OutputReader,
    function: String,
    init: Duration,
    next_request_id: String,
}

/// The result of an invocation.
#[derive(Debug)]
pub(crate) struct InvocationResult {
    pub request_id: String,
    pub outcome: InvocationOutcome,
    /// The time from the event to the response, if there was one.
    pub answered: Option<Duration>,
    /// The time from the event to the request for the next one, or to the end.
    pub duration: Duration,
    /// The peak memory of the function so far, in bytes, if it still ran.
    pub peak_memory: Option<u64>,
    /// Whether the function waits for another event.
    pub waits: bool,
    /// The extensions that did not ask for their next event in time, although the
    /// runtime did.
    pub busy_extensions: Vec<String>,
}

/// How an invocation ended.
#[derive(Debug)]
pub(crate) enum InvocationOutcome {
    Response {
        bytes: Vec<u8>,
        /// A streamed response does not have to be JSON.
        streamed: bool,
    },
    /// The function reported an error.
    Error(FunctionError),
    /// An extension reported an error before the function responded.
    ExtensionError(FunctionError),
    /// The response had this size, which is more than [`MAX_RESPONSE`].
    TooLarge(u64),
    /// The function did not respond within this time.
    TimedOut(Duration),
    /// The function ended before it responded.
    Ended(ExitStatus),
}

impl InvocationResult {
    /// The error that Lambda returns for an invocation that failed.
    pub(crate) fn error(&self) -> Option<FunctionError> {
        let runtime_error = |kind: &str, message: String| {
            let request_id = &self.request_id;
            FunctionError::new(kind, format!("RequestId: {request_id} Error: {message}"))
        };
        match &self.outcome {
            InvocationOutcome::Response { .. } => None,
            InvocationOutcome::Error(error) | InvocationOutcome::ExtensionError(error) => {
                Some(error.clone())
            }
            InvocationOutcome::TooLarge(size) => Some(FunctionError::new(
                "Function.ResponseSizeTooLarge",
                format!(
                    "Response payload size ({size} bytes) exceeded maximum allowed payload size \
                     ({MAX_RESPONSE} bytes)."
                ),
            )),
            InvocationOutcome::TimedOut(after) => {
                let seconds = after.as_secs_f64();
                let message = format!("Task timed out after {seconds:.2} seconds");
                Some(runtime_error("Sandbox.Timedout", message))
            }
            InvocationOutcome::Ended(status) => {
                let message = exit_status::describe(*status);
                Some(runtime_error("Runtime.ExitError", message))
            }
        }
    }
}

impl RunningFunction {
    pub(super) fn new(
        group: ProcessGroup,
        api: RuntimeApi,
        output: OutputReader,
        function: String,
        init: Duration,
    ) -> Self {
        Self {
            group,
            api,
            output,
            function,
            init,
            next_request_id: ids::new_request_id(),
        }
    }

    /// The request ID of the next invocation.
    pub(crate) fn next_request_id(&self) -> &str {
        &self.next_request_id
    }

    /// The time from the start of the process to its first request for an event.
    pub(crate) const fn init(&self) -> Duration {
        self.init
    }

    /// The peak memory so far, in bytes; see [`ProcessGroup::peak_memory`].
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        self.group.peak_memory()
    }

    /// The resources used so far; see [`ProcessGroup::used`].
    pub(crate) fn used(&self) -> Option<ResourceUsage> {
        self.group.used()
    }

    /// The last lines that the function printed.
    pub(crate) fn last_output(&self) -> Vec<String> {
        self.output.last()
    }

    /// Invokes the function, and waits until it asks for the next event, ends, or exceeds the
    /// timeout. A function that does not ask for the next event is killed, as on Lambda, and
    /// cannot be invoked again.
    pub(crate) fn invoke(
        &mut self,
        event: &[u8],
        timeout: Duration,
    ) -> anyhow::Result<InvocationResult> {
        let request_id = std::mem::replace(&mut self.next_request_id, ids::new_request_id());
        self.api.offer(InvocationEvent {
            request_id: request_id.clone(),
            function_arn: format!(
                "arn:aws:lambda:{REGION}:{}:function:{}",
                ids::ACCOUNT,
                self.function
            ),
            trace_id: ids::new_trace_id(),
            timeout,
            payload: event.to_vec(),
        });
        let mut delivered = Instant::now();
        let mut response: Option<(Instant, InvocationOutcome)> = None;
        let mut exit = None;
        let (waits, end) = loop {
            process::interrupted()?;
            let event = self.api.next_event(POLL_INTERVAL);
            let is_late = |at: Instant| at.saturating_duration_since(delivered) >= timeout;
            // A response at the deadline or later does not count.
            if event
                .as_ref()
                .and_then(RuntimeEvent::time)
                .is_some_and(is_late)
            {
                break (false, delivered + timeout);
            }
            match event {
                Some(RuntimeEvent::Delivered(at)) => delivered = at,
                Some(RuntimeEvent::Ready(at)) if response.is_some() => break (true, at),
                Some(RuntimeEvent::Response { at, body, streamed }) => {
                    let bytes = body.bytes;
                    response = Some((at, InvocationOutcome::Response { bytes, streamed }));
                }
                Some(RuntimeEvent::ResponseTooLarge { at, size }) => {
                    response = Some((at, InvocationOutcome::TooLarge(size)))
                }
                Some(RuntimeEvent::Error(at, error)) => {
                    response = Some((at, InvocationOutcome::Error(error)))
                }
                // Lambda ends the execution environment.
                Some(RuntimeEvent::ExtensionError(error)) => {
                    let now = Instant::now();
                    response.get_or_insert((now, InvocationOutcome::ExtensionError(error)));
                    break (false, now);
                }
                // The runtime asked again before it responded.
                Some(RuntimeEvent::Ready(_) | RuntimeEvent::InitError(_)) => {}
                None => match exit {
                    // First receive everything that it sent before it ended.
                    Some((_, at)) if self.api.is_drained(at) => break (false, at),
                    Some(_) => {}
                    None => {
                        let status = self
                            .group
                            .exit_status()
                            .context("cannot get the status of the function's process")?;
                        let now = Instant::now();
                        exit = status.filter(|_| !is_late(now)).map(|status| (status, now));
                    }
                },
            }
            // A response from before the deadline may not have been received yet.
            if exit.is_none() && delivered.elapsed() > timeout + POLL_INTERVAL {
                break (false, delivered + timeout);
            }
        };
        let peak_memory = self.peak_memory();
        let busy_extensions = self.api.busy_extensions();
        if !waits {
            self.group.kill();
        }
        self.output.settle();
        let answered = response
            .as_ref()
            .map(|(at, _)| at.saturating_duration_since(delivered));
        let outcome = match (response, exit) {
            (Some((_, outcome)), _) => outcome,
            (None, Some((status, _))) => InvocationOutcome::Ended(status),
            (None, None) => InvocationOutcome::TimedOut(timeout),
        };
        Ok(InvocationResult {
            request_id,
            outcome,
            answered,
            duration: end.saturating_duration_since(delivered),
            peak_memory,
            waits,
            busy_extensions,
        })
    }
}
