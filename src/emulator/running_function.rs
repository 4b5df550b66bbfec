//! A function that runs and waits for events, for callers without an asynchronous runtime.
//!
//! In: a [`Sandbox`] and [`StartOptions`], and then events. Out: [`InvocationResult`]s. A signal
//! that asks us to end ends the wait.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::{Builder, Runtime};

use crate::emulator::environment::variables;
use crate::emulator::instance::{Instance, InstanceCommands, InstanceOptions, InstanceStart};
use crate::emulator::instance_telemetry::InstanceTelemetry;
use crate::emulator::invocation::{InvocationProgress, InvocationResult};
use crate::emulator::runtime_api::InvocationEvent;
use crate::emulator::start::{StartFailure, StartOptions};
use crate::emulator::{Launcher, Sandbox, ids};
use crate::system::process;
use crate::system::process::ResourceUsage;
use crate::ui::failure::Failure;

/// A function that has asked for an event. Dropped, it ends with all of its processes.
#[derive(Debug)]
pub(crate) struct RunningFunction {
    // The order of the fields is the order in which they are dropped: the instance uses the
    // runtime.
    instance: Instance,
    runtime: Runtime,
    function: String,
    next_request_id: String,
}

/// The outcome of a start.
pub(crate) enum StartOutcome {
    Running(Box<RunningFunction>),
    Failed(StartFailure),
}

/// Starts the function in a sandbox, and waits until it requests an event.
pub(crate) fn start(
    sandbox: &Sandbox,
    launcher: &Launcher,
    options: &StartOptions,
) -> anyhow::Result<StartOutcome> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the Runtime API")?;
    let instance_options = InstanceOptions {
        function: &options.function,
        max_events: 1,
        init_limit: options.init_limit,
        listener: options.listener.clone(),
        extension_listener: Arc::new(|_, _| {}),
        telemetry: InstanceTelemetry::unsupported(),
    };
    let started = Instance::start(instance_options, |api| {
        let mut function = launcher.command(&sandbox.bootstrap(), sandbox.root());
        function.env = variables(
            &options.function,
            options.memory_mb,
            sandbox.root(),
            api,
            &options.env,
        );
        InstanceCommands {
            function,
            extensions: Vec::new(),
        }
    });
    Ok(match run_until_interrupted(&runtime, started)? {
        InstanceStart::Running(instance) => StartOutcome::Running(Box::new(RunningFunction {
            instance,
            runtime,
            function: options.function.clone(),
            next_request_id: ids::new_request_id(),
        })),
        InstanceStart::Failed(failure) => StartOutcome::Failed(failure),
    })
}

/// Waits for the result of a future, unless a signal asks us to end.
fn run_until_interrupted<T>(
    runtime: &Runtime,
    future: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    runtime.block_on(async {
        tokio::select! {
            result = future => result,
            interrupted = interruption() => Err(interrupted.into()),
        }
    })
}

/// Waits for a signal that asks us to end.
async fn interruption() -> Failure {
    const POLL_INTERVAL: Duration = Duration::from_millis(10);
    loop {
        if let Err(interrupted) = process::interrupted() {
            return interrupted;
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

impl RunningFunction {
    /// The request ID of the next invocation.
    pub(crate) fn next_request_id(&self) -> &str {
        &self.next_request_id
    }

    /// The time from the start of the process to its first request for an event.
    pub(crate) const fn init(&self) -> Duration {
        self.instance.init()
    }

    /// The resources used so far.
    pub(crate) fn used(&self) -> Option<ResourceUsage> {
        ResourceUsage::for_process(self.instance.process_id()?)
    }

    /// The last lines that the function printed.
    pub(crate) fn last_output(&self) -> Vec<String> {
        self.instance.last_output()
    }

    /// Invokes the function; see [`Instance::invoke`].
    pub(crate) fn invoke(
        &mut self,
        event: &[u8],
        timeout: Duration,
    ) -> anyhow::Result<InvocationResult> {
        let request_id = std::mem::replace(&mut self.next_request_id, ids::new_request_id());
        let event = InvocationEvent {
            request_id,
            function_arn: ids::function_arn(&self.function),
            trace_id: ids::new_trace_id(),
            client_context: None,
            tenant_id: None,
            timeout,
            payload: event.to_vec().into(),
            stream: None,
        };
        let mut on_progress = |_: InvocationProgress<'_>| {};
        let invoked = self.instance.invoke(event, &mut on_progress);
        run_until_interrupted(&self.runtime, async { Ok(invoked.await) })
    }
}
