//! A function that runs and waits for events.
//!
//! In: an event. Out: [`InvocationResult`]. An event is over when the function asks for the
//! next one, as on Lambda.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::emulator::environment::REGION;
use crate::emulator::runtime_api::{InvocationEvent, RuntimeApi, RuntimeEvent};
use crate::emulator::start::GLANCE;
use crate::emulator::{FunctionError, MAX_RESPONSE, ending, ids};
use crate::system::process;
use crate::system::process::{OutputReader, ProcessGroup, ResourceUsage};

/// A function that has asked for an event. Dropped, it ends with all that it started.
#[derive(Debug)]
pub(crate) struct RunningFunction {
    // In the order in which they go: nobody asks a server that is gone.
    group: ProcessGroup,
    api: RuntimeApi,
    said: OutputReader,
    function: String,
    init: Duration,
    next: String,
}

/// What came of an event.
#[derive(Debug)]
pub(crate) struct InvocationResult {
    /// The ID of the request.
    pub request_id: String,
    /// What the function made of it.
    pub outcome: InvocationOutcome,
    /// From the event to the response, where there is one.
    pub answered: Option<Duration>,
    /// From the event to the question for the next one, or to the end.
    pub duration: Duration,
    /// The most memory that the function has had so far, in bytes, where it still ran.
    pub peak_memory: Option<u64>,
    /// Whether it waits for another event.
    pub waits: bool,
    /// The extensions that did not ask for their next event in time, although the
    /// runtime did.
    pub busy_extensions: Vec<String>,
}

/// What a function made of an event.
#[derive(Debug)]
pub(crate) enum InvocationOutcome {
    Response {
        /// Its bytes, at most [`crate::emulator::MAX_STREAM`].
        bytes: Vec<u8>,
        /// Whether it was streamed: it need not be JSON then.
        streamed: bool,
    },
    /// It reported an error.
    Error(FunctionError),
    /// One of its extensions reported an error before the function responded.
    ExtensionError(FunctionError),
    /// It responded with more than [`MAX_RESPONSE`] bytes: so many.
    TooLarge(u64),
    /// It did not respond in time.
    TimedOut(Duration),
    /// It ended before it responded.
    Ended(ExitStatus),
}

impl InvocationResult {
    /// What Lambda tells whoever invoked a function that failed.
    pub(crate) fn error(&self) -> Option<FunctionError> {
        let of = |kind: &str, what: String| {
            let request = &self.request_id;
            FunctionError::new(kind, format!("RequestId: {request} Error: {what}"))
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
                let what = format!("Task timed out after {seconds:.2} seconds");
                Some(of("Sandbox.Timedout", what))
            }
            InvocationOutcome::Ended(status) => Some(of("Runtime.ExitError", ending(*status))),
        }
    }
}

impl RunningFunction {
    pub(super) fn new(
        group: ProcessGroup,
        api: RuntimeApi,
        said: OutputReader,
        function: String,
        init: Duration,
    ) -> Self {
        Self {
            group,
            api,
            said,
            function,
            init,
            next: ids::request(),
        }
    }

    /// The ID of the request that comes next.
    pub(crate) fn next_request_id(&self) -> &str {
        &self.next
    }

    /// From the start of the process to its first question for an event.
    pub(crate) const fn init(&self) -> Duration {
        self.init
    }

    /// The most memory that it has had so far, in bytes; see [`ProcessGroup::peak_memory`].
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        self.group.peak_memory()
    }

    /// What it has used so far; see [`ProcessGroup::used`].
    pub(crate) fn used(&self) -> Option<ResourceUsage> {
        self.group.used()
    }

    /// The last lines that it said.
    pub(crate) fn last_said(&self) -> Vec<String> {
        self.said.last()
    }

    /// Gives it an event, and waits until it asks for the next one, ends, or takes
    /// longer than it may; then it is killed, as Lambda does. Of a function that no
    /// longer waits nothing more comes.
    pub(crate) fn invoke(
        &mut self,
        event: &[u8],
        timeout: Duration,
    ) -> anyhow::Result<InvocationResult> {
        let request_id = std::mem::replace(&mut self.next, ids::request());
        self.api.offer(InvocationEvent {
            id: request_id.clone(),
            function: format!(
                "arn:aws:lambda:{REGION}:{}:function:{}",
                ids::ACCOUNT,
                self.function
            ),
            trace: ids::trace(),
            timeout,
            payload: event.to_vec(),
        });
        let mut given = Instant::now();
        let mut answer: Option<(Instant, InvocationOutcome)> = None;
        let mut ended = None;
        let (waits, over) = loop {
            process::interrupted()?;
            let heard = self.api.hear(GLANCE);
            let is_late = |at: Instant| at.saturating_duration_since(given) >= timeout;
            // What comes at the deadline or later counts as if it had not come.
            if heard
                .as_ref()
                .and_then(RuntimeEvent::time)
                .is_some_and(is_late)
            {
                break (false, given + timeout);
            }
            match heard {
                Some(RuntimeEvent::Given(at)) => given = at,
                Some(RuntimeEvent::Next(at)) if answer.is_some() => break (true, at),
                Some(RuntimeEvent::Response(at, body, streamed)) => {
                    let bytes = body.bytes;
                    answer = Some((at, InvocationOutcome::Response { bytes, streamed }));
                }
                Some(RuntimeEvent::TooLarge(at, size)) => {
                    answer = Some((at, InvocationOutcome::TooLarge(size)))
                }
                Some(RuntimeEvent::Error(at, error)) => {
                    answer = Some((at, InvocationOutcome::Error(error)))
                }
                // Lambda ends the environment.
                Some(RuntimeEvent::ExtensionError(error)) => {
                    let now = Instant::now();
                    answer.get_or_insert((now, InvocationOutcome::ExtensionError(error)));
                    break (false, now);
                }
                // It asked again without waiting for an answer.
                Some(RuntimeEvent::Next(_) | RuntimeEvent::InitError(_)) => {}
                None => match ended {
                    // What it sent before it ended is heard first.
                    Some((_, at)) if self.api.has_heard_all(at) => break (false, at),
                    Some(_) => {}
                    None => {
                        let status = self.group.ended().context("cannot watch the function")?;
                        let now = Instant::now();
                        ended = status.filter(|_| !is_late(now)).map(|status| (status, now));
                    }
                },
            }
            // What was sent before the deadline may still be on its way.
            if ended.is_none() && given.elapsed() > timeout + GLANCE {
                break (false, given + timeout);
            }
        };
        let peak_memory = self.peak_memory();
        let busy_extensions = self.api.busy_extensions();
        if !waits {
            self.group.kill();
        }
        self.said.settle();
        let answered = answer
            .as_ref()
            .map(|(at, _)| at.saturating_duration_since(given));
        let outcome = match (answer, ended) {
            (Some((_, outcome)), _) => outcome,
            (None, Some((status, _))) => InvocationOutcome::Ended(status),
            (None, None) => InvocationOutcome::TimedOut(timeout),
        };
        Ok(InvocationResult {
            request_id,
            outcome,
            answered,
            duration: over.saturating_duration_since(given),
            peak_memory,
            waits,
            busy_extensions,
        })
    }
}
