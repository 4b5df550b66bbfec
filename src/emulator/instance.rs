//! One execution environment of a function: a process and its own Runtime API.
//!
//! In: a command, and then events, one at a time. Out: an [`InvocationResult`] for each event.
//! As on Lambda, an invocation ends when the function asks for the next event.
//! An instance costs nothing while it waits, because nothing is polled.
//! Left to others: Ctrl-C, and the number of instances.

use std::io;
use std::net::SocketAddr;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::emulator::invocation::{InvocationOutcome, InvocationProgress, InvocationResult};
use crate::emulator::runtime_api::{InvocationEvent, RuntimeApi, RuntimeEvent};
use crate::emulator::start::{StartFailure, StartFailureReason};
use crate::system::command::CommandSpec;
use crate::system::process::{GroupStart, Listener, OutputReader, ProcessGroup};

/// How long what a function sent before its end or its deadline may take to arrive.
const ARRIVAL_TIME: Duration = Duration::from_millis(10);

/// A function that has asked for an event. Dropped, it ends with all of its processes.
#[derive(Debug)]
pub(crate) struct Instance {
    // The order of the fields is the order in which they are dropped: the process must end
    // before the API does.
    /// `None` if the user starts the function, for example in a debugger.
    process: Option<InstanceProcess>,
    api: RuntimeApi,
    init: Duration,
    /// How long an event may wait for the function to receive it.
    delivery_limit: Duration,
}

/// The process of an instance.
#[derive(Debug)]
struct InstanceProcess {
    group: ProcessGroup,
    output: Arc<OutputReader>,
}

/// The outcome of a start.
pub(crate) enum InstanceStart {
    Running(Instance),
    Failed(StartFailure),
}

impl Instance {
    /// Starts a function, and waits until it requests its first event. `command` gets the
    /// address of the Runtime API. `listener` receives each line that the function prints.
    pub(crate) async fn start(
        function: &str,
        init_limit: Duration,
        listener: Listener,
        command: impl FnOnce(SocketAddr) -> CommandSpec,
    ) -> anyhow::Result<InstanceStart> {
        let mut api = RuntimeApi::listen(function)
            .await
            .context("cannot listen on 127.0.0.1")?;
        let spec = command(api.address());
        let before = Instant::now();
        let started = tokio::task::spawn_blocking(move || ProcessGroup::start(&spec)).await;
        let mut group = match started.context("cannot start the function")?? {
            GroupStart::Started(group) => group,
            GroupStart::NotStarted(error) => {
                return Ok(InstanceStart::Failed(StartFailure {
                    reason: StartFailureReason::NotStarted(error),
                    init: before.elapsed(),
                    last_output: Vec::new(),
                }));
            }
        };
        let pipe = group.output().context("the process has no output pipe")?;
        let output = OutputReader::listen(pipe, listener)
            .context("cannot read the output of the function")?;
        let output = Arc::new(output);
        let reason = match wait_for_first_request(&mut api, &mut group, init_limit).await? {
            FirstRequest::Received(at) => {
                let init = at.saturating_duration_since(group.started());
                // The output of the init must not be mixed with that of the first event.
                settle(&output).await;
                return Ok(InstanceStart::Running(Self {
                    process: Some(InstanceProcess { group, output }),
                    api,
                    init,
                    delivery_limit: Duration::MAX,
                }));
            }
            FirstRequest::Failed(reason) => reason,
        };
        let init = group.started().elapsed();
        group.kill();
        settle(&output).await;
        Ok(InstanceStart::Failed(StartFailure {
            reason,
            init,
            last_output: output.last(),
        }))
    }

    /// The time from the start of the process to its first request for an event.
    pub(crate) const fn init(&self) -> Duration {
        self.init
    }

    /// Listens for a function that the user starts. Its events wait for it up to
    /// `delivery_limit`. Returns the address of the Runtime API as well.
    pub(crate) async fn listen(
        function: &str,
        delivery_limit: Duration,
    ) -> anyhow::Result<(Self, SocketAddr)> {
        let api = RuntimeApi::listen(function)
            .await
            .context("cannot listen on 127.0.0.1")?;
        let address = api.address();
        let instance = Self {
            process: None,
            api,
            init: Duration::ZERO,
            delivery_limit,
        };
        Ok((instance, address))
    }

    /// The ID of the function's process, unless the user started it.
    pub(crate) fn process_id(&self) -> Option<u32> {
        Some(self.group()?.id())
    }

    /// The function's process group, unless the user started it.
    pub(crate) fn group(&self) -> Option<&ProcessGroup> {
        Some(&self.process.as_ref()?.group)
    }

    /// The last lines that the function printed.
    pub(crate) fn last_output(&self) -> Vec<String> {
        let process = self.process.as_ref();
        process.map_or_else(Vec::new, |process| process.output.last())
    }

    /// Whether the process still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        let process = self.process.as_mut();
        process.is_none_or(|process| matches!(process.group.exit_status(), Ok(None)))
    }

    /// Invokes the function, and waits until it asks for the next event, ends, or exceeds the
    /// timeout. A function that does not ask for the next event is killed, as on Lambda, and
    /// cannot be invoked again. `on_progress` learns about the response before that.
    pub(in crate::emulator) async fn invoke(
        &mut self,
        event: InvocationEvent,
        on_progress: &mut (dyn FnMut(InvocationProgress<'_>) + Send),
    ) -> anyhow::Result<InvocationResult> {
        let (request_id, timeout) = (event.request_id.clone(), event.timeout);
        self.api.offer(event);
        let offered = Instant::now();
        let mut delivery = None;
        let mut response: Option<(Instant, InvocationOutcome)> = None;
        let mut exit = None;
        let (waits, end) = loop {
            let delivered = delivery.unwrap_or(offered);
            // A response from before the deadline may not have been received yet.
            let limit = if delivery.is_some() {
                timeout
            } else {
                timeout.max(self.delivery_limit)
            };
            let left = limit
                .saturating_add(ARRIVAL_TIME)
                .saturating_sub(delivered.elapsed());
            let wait = if exit.is_some() { ARRIVAL_TIME } else { left };
            let event = tokio::select! {
                biased;
                event = self.api.next_event(wait) => event,
                status = exited(&mut self.process), if exit.is_none() => {
                    let status = status.context("cannot get the status of the function's process")?;
                    let now = Instant::now();
                    if now.saturating_duration_since(delivered) >= timeout {
                        break (false, delivered + timeout);
                    }
                    exit = Some((status, now));
                    continue;
                }
            };
            let is_late = |at: Instant| at.saturating_duration_since(delivered) >= timeout;
            // A response at the deadline or later does not count.
            if event
                .as_ref()
                .and_then(RuntimeEvent::time)
                .is_some_and(is_late)
            {
                break (false, delivered + timeout);
            }
            let (at, outcome) = match event {
                Some(RuntimeEvent::Delivered(at)) => {
                    delivery = Some(at);
                    continue;
                }
                Some(RuntimeEvent::Streaming { content_type }) => {
                    on_progress(InvocationProgress::Streaming { content_type });
                    continue;
                }
                Some(RuntimeEvent::Ready(at)) if response.is_some() => break (true, at),
                Some(RuntimeEvent::Response { at, body, streamed }) => {
                    let bytes = body.bytes.into();
                    (at, InvocationOutcome::Response { bytes, streamed })
                }
                Some(RuntimeEvent::ResponseTooLarge { at, size }) => {
                    (at, InvocationOutcome::TooLarge(size))
                }
                Some(RuntimeEvent::Error(at, error)) => (at, InvocationOutcome::Error(error)),
                // Lambda ends the execution environment.
                Some(RuntimeEvent::ExtensionError(error)) => {
                    let now = Instant::now();
                    response.get_or_insert((now, InvocationOutcome::ExtensionError(error)));
                    break (false, now);
                }
                // The runtime asked again before it responded.
                Some(RuntimeEvent::Ready(_) | RuntimeEvent::InitError(_)) => continue,
                None => match exit {
                    // First receive everything that it sent before it ended.
                    Some((_, at)) if self.api.is_drained(at) => break (false, at),
                    Some(_) => continue,
                    None => break (false, delivered + timeout),
                },
            };
            on_progress(InvocationProgress::Finished(&outcome));
            response = Some((at, outcome));
        };
        let delivered = delivery.unwrap_or(offered);
        let peak_memory = self.group().and_then(ProcessGroup::peak_memory);
        let busy_extensions = self.api.busy_extensions();
        match &mut self.process {
            Some(process) => {
                if !waits {
                    process.group.kill();
                }
                settle(&process.output).await;
            }
            // It is not ours to kill. Its response comes too late.
            None if response.is_none() => self.api.abandon(&request_id),
            None => {}
        }
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
            waits: waits || self.process.is_none(),
            busy_extensions,
            was_delivered: delivery.is_some(),
        })
    }
}

/// Waits a short time until all output so far has been passed on.
async fn settle(output: &Arc<OutputReader>) {
    if !output.settle_at_once() {
        let output = Arc::clone(output);
        // It fails only if the runtime ends.
        let _ = tokio::task::spawn_blocking(move || output.settle()).await;
    }
}

/// Waits for the end of a process. Without one, it waits forever.
async fn exited(process: &mut Option<InstanceProcess>) -> io::Result<ExitStatus> {
    match process {
        Some(process) => process.group.exited().await,
        None => std::future::pending().await,
    }
}

/// The outcome of waiting for the first request for an event.
enum FirstRequest {
    Received(Instant),
    Failed(StartFailureReason),
}

async fn wait_for_first_request(
    api: &mut RuntimeApi,
    group: &mut ProcessGroup,
    limit: Duration,
) -> anyhow::Result<FirstRequest> {
    let mut exit = None;
    loop {
        let left = limit.saturating_sub(group.started().elapsed());
        let wait = if exit.is_some() { ARRIVAL_TIME } else { left };
        let event = tokio::select! {
            biased;
            event = api.next_event(wait) => event,
            status = group.exited(), if exit.is_none() => {
                let status = status.context("cannot get the status of the function's process")?;
                exit = Some((status, Instant::now()));
                continue;
            }
        };
        let reason = match (event, exit) {
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
        return Ok(FirstRequest::Failed(reason));
    }
}
