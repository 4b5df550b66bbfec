//! One execution environment of a function: a process and its own Runtime API.
//!
//! In: a command, and then events. Out: an [`InvocationResult`] for each event.
//! As on Lambda, an invocation ends when the function asks for the next event. If the function
//! handles several events at the same time, an invocation ends with its response.
//! An instance costs nothing while it waits, because nothing is polled.
//! Left to others: Ctrl-C, and the number of instances.

use std::net::SocketAddr;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::emulator::extension_process::{ExtensionCommand, ExtensionListener};
use crate::emulator::instance_init::{
    ExtensionsStart, FirstRequest, start_extensions, wait_for_first_request,
};
use crate::emulator::instance_process::{
    InstanceEnd, InstanceProcess, SupervisedProcesses, settle,
};
use crate::emulator::instance_telemetry::InstanceTelemetry;
use crate::emulator::invocation::{InvocationOutcome, InvocationProgress, InvocationResult};
use crate::emulator::runtime_api::{
    ApiServer, InvocationEvent, RuntimeApi, RuntimeEvent, ShutdownReason,
};
use crate::emulator::start::{StartFailure, StartFailureReason};
use crate::system::command::CommandSpec;
use crate::system::process::{GroupStart, Listener, OutputReader, ProcessGroup};

/// A function may send a response just before its end or its deadline. The response may arrive
/// this much later.
pub(super) const ARRIVAL_TIME: Duration = Duration::from_millis(10);

/// A function that has asked for an event. Dropped, it ends with all of its processes.
#[derive(Debug)]
pub(crate) struct Instance {
    runner: Runner,
    api: RuntimeApi,
    init: Duration,
    /// The duration of the init, which the report of the first event takes.
    unreported_init: Mutex<Option<Duration>>,
    telemetry: InstanceTelemetry,
    /// Whether it handles several events at the same time, as on Lambda Managed Instances.
    is_concurrent: bool,
    /// How long an event may wait for the function to receive it.
    delivery_limit: Duration,
}

/// How the function was started.
#[derive(Debug)]
enum Runner {
    Process(InstanceProcess),
    /// The user, for example in a debugger.
    User(#[expect(dead_code, reason = "the server ends when it is dropped")] ApiServer),
}

/// How an instance is started.
pub(crate) struct InstanceOptions<'a> {
    pub function: &'a str,
    /// The maximum number of events at the same time.
    pub max_events: usize,
    /// How long the start may take.
    pub init_limit: Duration,
    /// Receives each line that the function prints.
    pub listener: Listener,
    /// Receives each line that an external extension prints.
    pub extension_listener: ExtensionListener,
    pub telemetry: InstanceTelemetry,
}

/// The programs of an instance.
#[derive(Debug, Clone)]
pub(crate) struct InstanceCommands {
    pub function: CommandSpec,
    pub extensions: Vec<ExtensionCommand>,
}

/// The outcome of a start.
pub(crate) enum InstanceStart {
    Running(Instance),
    Failed(StartFailure),
}

impl Instance {
    /// Starts a function with its extensions, and waits until it requests its first event.
    /// `commands` gets the address of the Runtime API.
    pub(crate) async fn start(
        options: InstanceOptions<'_>,
        commands: impl FnOnce(SocketAddr) -> InstanceCommands,
    ) -> anyhow::Result<InstanceStart> {
        let telemetry = options.telemetry.clone();
        let (mut api, server) =
            RuntimeApi::listen(options.function, options.max_events, telemetry.clone())
                .await
                .context("cannot listen on 127.0.0.1")?;
        let commands = commands(api.address());
        if !commands.extensions.is_empty() {
            telemetry.begin();
        }
        let before = Instant::now();
        let failed = |reason| {
            Ok(InstanceStart::Failed(StartFailure {
                reason,
                init: before.elapsed(),
                last_output: Vec::new(),
            }))
        };
        let listener = &options.extension_listener;
        let deadline = before + options.init_limit;
        let starting = start_extensions(&api, commands.extensions, listener, deadline);
        let extensions = match starting.await? {
            ExtensionsStart::Registered(extensions) => extensions,
            ExtensionsStart::Failed(reason) => return failed(reason),
        };
        let spec = commands.function;
        let started = tokio::task::spawn_blocking(move || ProcessGroup::start(&spec)).await;
        let mut group = match started.context("cannot start the function")?? {
            GroupStart::Started(group) => group,
            GroupStart::NotStarted(error) => {
                return failed(StartFailureReason::NotStarted(error));
            }
        };
        // The init begins with the first process. Extensions and the function share the limit.
        let began = if extensions.is_empty() {
            group.started()
        } else {
            before
        };
        let deadline = began + options.init_limit;
        let pipe = group.output().context("the process has no output pipe")?;
        let output = OutputReader::listen(pipe, options.listener)
            .context("cannot read the output of the function")?;
        let mut processes = SupervisedProcesses {
            group,
            output: Arc::new(output),
            extensions,
            control: api.extension_control(),
            telemetry: telemetry.clone(),
            server,
        };
        let (group, extensions) = (&mut processes.group, &mut processes.extensions);
        let first_request =
            wait_for_first_request(&mut api, group, extensions, &telemetry, deadline);
        match first_request.await? {
            FirstRequest::Received(at) => {
                let init = at.saturating_duration_since(began);
                // The output of the init must not be mixed with that of the first event.
                settle(&processes.output).await;
                api.end_init();
                telemetry.init_ended(init, None, &api.extension_reports());
                Ok(InstanceStart::Running(Self {
                    runner: Runner::Process(InstanceProcess::supervise(processes)),
                    api,
                    init,
                    unreported_init: Mutex::new(Some(init)),
                    telemetry,
                    is_concurrent: options.max_events > 1,
                    delivery_limit: Duration::MAX,
                }))
            }
            FirstRequest::Failed {
                reason,
                has_runtime_asked,
            } => {
                let init = began.elapsed();
                group.kill();
                settle(&processes.output).await;
                let failure = StartFailure {
                    reason,
                    init,
                    last_output: processes.output.last(),
                };
                if !has_runtime_asked {
                    telemetry.init_runtime_done(Some(&failure));
                }
                telemetry.init_ended(init, Some(&failure), &api.extension_reports());
                if !processes.extensions.is_empty() {
                    // The caller does not wait for extensions.
                    tokio::spawn(processes.end_extensions(ShutdownReason::Failure));
                }
                Ok(InstanceStart::Failed(failure))
            }
        }
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
        let telemetry = InstanceTelemetry::unsupported();
        let (mut api, server) = RuntimeApi::listen(function, 1, telemetry.clone())
            .await
            .context("cannot listen on 127.0.0.1")?;
        api.end_init();
        let address = api.address();
        let instance = Self {
            runner: Runner::User(server),
            api,
            init: Duration::ZERO,
            unreported_init: Mutex::default(),
            telemetry,
            is_concurrent: false,
            delivery_limit,
        };
        Ok((instance, address))
    }

    fn process(&self) -> Option<&InstanceProcess> {
        match &self.runner {
            Runner::Process(process) => Some(process),
            Runner::User(_) => None,
        }
    }

    /// Ends the function and its external extensions, and waits for their end.
    pub(crate) async fn end(&self) {
        if let Some(process) = self.process() {
            process.end().await;
        }
    }

    /// The end of its external extensions, if there are any.
    pub(super) fn extensions_end(&self) -> Option<InstanceEnd> {
        self.process().and_then(InstanceProcess::extensions_end)
    }

    /// The ID of the function's process, unless the user started it.
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.process().map(InstanceProcess::id)
    }

    /// The last lines that the function printed.
    pub(crate) fn last_output(&self) -> Vec<String> {
        let process = self.process();
        process.map_or_else(Vec::new, InstanceProcess::last_output)
    }

    /// Whether the function can get events.
    pub(crate) fn is_alive(&self) -> bool {
        self.process().is_none_or(InstanceProcess::is_alive)
    }

    /// Invokes the function, and waits until it asks for the next event, ends, or exceeds the
    /// timeout. A function that does not ask for the next event is killed, as on Lambda, and
    /// cannot be invoked again. `on_progress` learns about the response before that.
    pub(in crate::emulator) async fn invoke(
        &self,
        event: InvocationEvent,
        on_progress: &mut (dyn FnMut(InvocationProgress<'_>) + Send),
    ) -> InvocationResult {
        let (request_id, timeout) = (event.request_id.clone(), event.timeout);
        let trace_id = event.trace_id.clone();
        let mut telemetry = self.telemetry.invocation(&request_id, &trace_id);
        let mut events = self.api.offer(event);
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
                event = next_event(&mut events, wait) => event,
                status = self.exited(), if exit.is_none() => {
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
                    telemetry.started(at);
                    continue;
                }
                Some(RuntimeEvent::Streaming { content_type }) => {
                    on_progress(InvocationProgress::Streaming { content_type });
                    continue;
                }
                Some(RuntimeEvent::RuntimeReady(at)) => {
                    if let Some((_, outcome)) = &response {
                        telemetry.runtime_done(at, outcome);
                    }
                    continue;
                }
                Some(RuntimeEvent::Ready(at)) if response.is_some() => break (true, at),
                Some(RuntimeEvent::Response {
                    began,
                    at,
                    body,
                    streamed,
                }) => {
                    telemetry.responded(began, at, body.size);
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
            if self.is_concurrent {
                break (true, at);
            }
        };
        let delivered = delivery.unwrap_or(offered);
        let process_id = self.process_id();
        let peak_memory = process_id.and_then(ProcessGroup::peak_memory_of);
        let busy_extensions = self.api.busy_extensions();
        let has_ended = exit.is_some();
        // Lambda ends the execution environment if an extension fails.
        let has_failed_extension =
            matches!(response, Some((_, InvocationOutcome::ExtensionError(_))));
        // A function that the user started is not ours to kill. On Lambda Managed Instances, a
        // function goes on after a timeout.
        let is_kept =
            self.process().is_none() || (self.is_concurrent && !has_ended && !has_failed_extension);
        let shutdown_reason = if response.is_none() && !has_ended {
            ShutdownReason::Timeout
        } else {
            ShutdownReason::Failure
        };
        if response.is_none() && is_kept {
            // Its response comes too late.
            self.api.abandon(&request_id);
        }
        let answered = response
            .as_ref()
            .map(|(at, _)| at.saturating_duration_since(delivered));
        let outcome = match (response, exit) {
            (Some((_, outcome)), _) => outcome,
            (None, Some((status, _))) => InvocationOutcome::Ended(status),
            (None, None) => InvocationOutcome::TimedOut(timeout),
        };
        let unreported_init = self.unreported_init.lock();
        let init = unreported_init
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let result = InvocationResult {
            request_id: request_id.clone(),
            outcome,
            answered,
            duration: end.saturating_duration_since(delivered),
            peak_memory,
            waits: waits || is_kept,
            busy_extensions,
            was_delivered: delivery.is_some(),
            init,
        };
        let process = self.process();
        if let Some(process) = process.filter(|_| !result.waits) {
            // Extensions receive the report before SHUTDOWN.
            telemetry.ended(&result);
            process.kill(shutdown_reason).await;
            process.settle().await;
        } else {
            if let Some(process) = process {
                process.settle().await;
            }
            telemetry.ended(&result);
        }
        result
    }

    /// Waits for the end of the process. Without one, it waits forever.
    async fn exited(&self) -> ExitStatus {
        match self.process() {
            Some(process) => process.exited().await,
            None => std::future::pending().await,
        }
    }
}

async fn next_event(
    events: &mut UnboundedReceiver<RuntimeEvent>,
    timeout: Duration,
) -> Option<RuntimeEvent> {
    let event = async {
        match events.recv().await {
            Some(event) => event,
            // Nothing more will happen.
            None => std::future::pending().await,
        }
    };
    tokio::time::timeout(timeout, event).await.ok()
}
