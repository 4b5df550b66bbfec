//! Starts instances, and sends events to them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;

use crate::emulator::instance::{Instance, InstanceCommands, InstanceOptions, InstanceStart};
use crate::emulator::instance_log::InstanceLog;
use crate::emulator::instance_telemetry::InstanceTelemetry;
use crate::emulator::invocation::{InvocationOutcome, InvocationProgress, InvocationResult};
use crate::emulator::pool::call::{Call, CallReply, EndOfCall, WhenBusy};
use crate::emulator::pool::pool_event::{Observer, PoolEvent};
use crate::emulator::pool::responder::CallResponder;
use crate::emulator::pool::state::{Attempt, PATIENCE, PoolState, PooledInstance, USERS_PROGRAM};
use crate::emulator::runtime_api::InvocationEvent;
use crate::emulator::{ids, log_lines};

/// How long a new instance waits for the extensions of removed ones: a second for their last
/// telemetry, and two seconds each for the function and the extensions.
const END_LIMIT: Duration = Duration::from_secs(5);

/// The settings of a pool.
#[derive(Debug, Clone)]
pub(crate) struct PoolOptions {
    pub function: String,
    /// `MemorySize` as reported to the function, in MB. It is not enforced.
    pub memory_mb: u32,
    /// How long the function may take to respond.
    pub timeout: Duration,
    /// How long a start may take.
    pub init_limit: Duration,
    /// The maximum number of instances.
    pub concurrency: usize,
    /// The maximum number of events that an instance handles at the same time.
    pub events_per_instance: usize,
}

/// A program that a pool starts.
#[derive(Clone)]
pub(crate) struct Program {
    /// Creates the commands from the address of the Runtime API.
    pub commands: Arc<dyn Fn(SocketAddr) -> InstanceCommands + Send + Sync>,
    /// A later program has a larger number.
    pub number: u64,
}

/// The instances of one function.
pub(crate) struct InstancePool {
    options: PoolOptions,
    observer: Observer,
    state: Mutex<PoolState>,
    /// Notified when an instance becomes free or ends.
    freed: Notify,
    next_instance: AtomicU32,
}

/// The place of a call in the pool.
enum Acquired {
    Instance(Arc<PooledInstance>),
    /// No instance is free, and the call may start this program.
    Start(Program),
}

impl InstancePool {
    pub(crate) fn new(options: PoolOptions, observer: Observer) -> Arc<Self> {
        Arc::new(Self {
            options,
            observer,
            state: Mutex::default(),
            freed: Notify::new(),
            next_instance: AtomicU32::new(1),
        })
    }

    /// The settings of the pool.
    pub(crate) const fn options(&self) -> &PoolOptions {
        &self.options
    }

    /// Starts this program from now on. Idle instances of the previous one end.
    pub(crate) fn replace_program(&self, program: Option<Program>) {
        let idle = self.lock().replace_program(program);
        // Ending a process takes a moment, so the lock is not held.
        drop(idle);
        self.freed.notify_waiters();
    }

    /// Ends all idle instances, and waits for their end and for the extensions of instances that
    /// were removed before. No instance is started afterwards.
    pub(crate) async fn shut_down(&self) {
        let idle = self.lock().replace_program(None);
        let ends = idle
            .into_iter()
            .map(|pooled| async move { pooled.instance.end().await });
        JoinSet::from_iter(ends).join_all().await;
        self.wait_for_extensions().await;
    }

    /// Uses only an instance that the user starts, for example in a debugger. Events wait while it
    /// is busy.
    pub(crate) fn use_external(&self, instance: Instance) {
        self.lock().set_external(PooledInstance {
            instance,
            number: self.next_instance.fetch_add(1, Ordering::Relaxed),
            program: USERS_PROGRAM,
            tenant_id: None,
            log: Arc::default(),
        });
    }

    /// Starts an instance if there is none, so that the first event does not have to wait. If the
    /// program is replaced during the start, the new one is started.
    pub(crate) async fn start_one(&self) {
        loop {
            let Some(program) = self.lock().acquire_first() else {
                return;
            };
            // The observer reports a failure.
            let _ = self.start(&program, None, &ids::new_request_id(), 0).await;
            if self.lock().is_current(program.number) {
                return;
            }
        }
    }

    /// Sends an event to an instance, and waits for the reply.
    pub(crate) async fn call(self: &Arc<Self>, call: Call) -> CallReply {
        let (sender, reply) = oneshot::channel();
        tokio::spawn(Arc::clone(self).run(call, sender));
        let gone = || CallReply::Unavailable("the server is shutting down".to_owned());
        reply.await.unwrap_or_else(|_| gone())
    }

    fn lock(&self) -> MutexGuard<'_, PoolState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>, call: Call, reply: oneshot::Sender<CallReply>) {
        let mut reply = CallResponder::new(reply, &call);
        // An idle instance may have ended just before it received the event. Then another one
        // gets the event.
        loop {
            let pooled = match self.acquire(&call).await {
                Ok(Acquired::Instance(pooled)) => pooled,
                Ok(Acquired::Start(program)) => {
                    let tenant = call.tenant_id.clone();
                    match self.start(&program, tenant, &call.request_id, 1).await {
                        Ok(pooled) => pooled,
                        Err(end) => return reply.send(end),
                    }
                }
                Err(refused) => return reply.send(refused),
            };
            let result = self.invoke(&pooled, &call, &mut reply).await;
            if result.waits || result.was_delivered || reply.is_sent() {
                return;
            }
        }
    }

    /// Gets an instance, or permission to start one. If there is neither, it waits as the call
    /// demands.
    async fn acquire(&self, call: &Call) -> Result<Acquired, CallReply> {
        let mut when_busy = call.when_busy;
        let _place = match when_busy {
            WhenBusy::WaitUntil(end) => Some(BacklogPlace::new(self, end)),
            WhenBusy::Reject | WhenBusy::Wait => None,
        };
        let started = Instant::now();
        loop {
            // Created before the attempt, so that no notification is missed.
            let freed = self.freed.notified();
            let tenant = call.tenant_id.as_deref();
            let waited = started.elapsed();
            let attempt = self.lock().acquire(&self.options, tenant, waited);
            match attempt {
                Attempt::Instance(pooled) => return Ok(Acquired::Instance(pooled)),
                Attempt::Ended(pooled) => {
                    (self.observer)(PoolEvent::Ended {
                        instance: pooled.number,
                    });
                    continue;
                }
                Attempt::Start { program, removed } => {
                    drop(removed);
                    return Ok(Acquired::Start(program));
                }
                Attempt::NoProgram => {
                    let why = "the function has no program".to_owned();
                    return Err(CallReply::Unavailable(why));
                }
                Attempt::Full => {}
                Attempt::Finishing => {
                    let _ = tokio::time::timeout(PATIENCE, freed).await;
                    continue;
                }
                Attempt::Busy => {
                    freed.await;
                    continue;
                }
            }
            if when_busy == WhenBusy::Reject
                && let Some((end, _)) = self.lock().backlog.last_key_value()
            {
                when_busy = WhenBusy::WaitUntil(*end);
            }
            match when_busy {
                WhenBusy::Reject => return Err(CallReply::Throttled),
                WhenBusy::Wait => freed.await,
                WhenBusy::WaitUntil(end) => {
                    if tokio::time::timeout_at(end.into(), freed).await.is_err() {
                        return Err(CallReply::Throttled);
                    }
                }
            }
        }
    }

    /// Starts an instance in a place that was acquired, for this number of events.
    async fn start(
        &self,
        program: &Program,
        tenant_id: Option<String>,
        request_id: &str,
        events: usize,
    ) -> Result<Arc<PooledInstance>, CallReply> {
        let started = self.try_start(program, tenant_id, request_id).await;
        let started = started.map(Arc::new);
        let mut state = self.lock();
        match &started {
            Ok(pooled) => state.add_started(pooled, events),
            Err(_) => state.note_failed_start(),
        }
        drop(state);
        self.freed.notify_waiters();
        started
    }

    async fn try_start(
        &self,
        program: &Program,
        tenant_id: Option<String>,
        request_id: &str,
    ) -> Result<PooledInstance, CallReply> {
        self.wait_for_extensions().await;
        let number = self.next_instance.fetch_add(1, Ordering::Relaxed);
        let log = Arc::new(InstanceLog::default());
        let telemetry = InstanceTelemetry::new(
            &self.options.function,
            self.options.memory_mb,
            self.options.events_per_instance > 1,
        );
        let listener = {
            let (log, observer) = (Arc::clone(&log), Arc::clone(&self.observer));
            let telemetry = telemetry.clone();
            Arc::new(move |line: &str| {
                telemetry.function_line(line);
                let request_id = log.add(line);
                observer(PoolEvent::Printed {
                    instance: number,
                    request_id: request_id.as_deref(),
                    line,
                });
            })
        };
        let extension_listener = {
            let observer = Arc::clone(&self.observer);
            let telemetry = telemetry.clone();
            Arc::new(move |extension: &str, line: &str| {
                telemetry.extension_line(line);
                observer(PoolEvent::ExtensionPrinted {
                    instance: number,
                    extension,
                    line,
                });
            })
        };
        let options = InstanceOptions {
            function: &self.options.function,
            max_events: self.options.events_per_instance,
            init_limit: self.options.init_limit,
            listener,
            extension_listener,
            telemetry,
        };
        let commands = Arc::clone(&program.commands);
        let started = Instance::start(options, move |api| commands(api)).await;
        let instance = match started {
            Ok(InstanceStart::Running(instance)) => instance,
            Ok(InstanceStart::Failed(failure)) => {
                let error = failure.error(request_id);
                (self.observer)(PoolEvent::StartFailed {
                    request_id,
                    error: &error,
                    lines: vec![log_lines::init_report_line(&failure, &error)],
                });
                let end = EndOfCall {
                    error: Some(error),
                    log: Some(log.take()),
                };
                return Err(CallReply::Error(end));
            }
            Err(error) => return Err(CallReply::Unavailable(format!("{error:#}"))),
        };
        (self.observer)(PoolEvent::Started {
            instance: number,
            process_id: instance.process_id(),
            init: instance.init(),
        });
        Ok(PooledInstance {
            instance,
            number,
            program: program.number,
            tenant_id,
            log,
        })
    }

    /// Waits until the extensions of removed instances have ended. Most extensions listen on a fixed
    /// port for telemetry, which those of a new instance need.
    async fn wait_for_extensions(&self) {
        let ending = self.lock().ending();
        let all = async {
            for end in ending {
                end.wait().await;
            }
        };
        // An instance that still handles events ends later.
        let _ = tokio::time::timeout(END_LIMIT, all).await;
    }

    /// Sends the event to an instance, and gives the instance back.
    async fn invoke(
        &self,
        pooled: &Arc<PooledInstance>,
        call: &Call,
        reply: &mut CallResponder,
    ) -> InvocationResult {
        let mut has_responded = false;
        let result = self
            .try_invoke(pooled, call, reply, &mut has_responded)
            .await;
        self.lock().end_event(pooled, has_responded, result.waits);
        self.freed.notify_waiters();
        result
    }

    async fn try_invoke(
        &self,
        pooled: &Arc<PooledInstance>,
        call: &Call,
        reply: &mut CallResponder,
        has_responded: &mut bool,
    ) -> InvocationResult {
        let request_id = &*call.request_id;
        let start_line = log_lines::start_line(request_id);
        pooled.log.begin(request_id, &start_line);
        (self.observer)(PoolEvent::Invoked {
            instance: pooled.number,
            request_id,
            line: start_line,
        });
        let event = InvocationEvent {
            request_id: call.request_id.clone(),
            function_arn: call.function_arn.clone(),
            trace_id: call.trace_id.clone(),
            client_context: call.client_context.clone(),
            tenant_id: call.tenant_id.clone(),
            timeout: self.options.timeout,
            payload: call.payload.clone(),
            stream: reply.stream(call.stream),
        };
        let mut on_progress = |progress: InvocationProgress<'_>| {
            if matches!(progress, InvocationProgress::Finished(_)) && !*has_responded {
                // Before the client can send its next request.
                *has_responded = true;
                self.lock().note_response(pooled);
            }
            reply.note(progress, request_id);
        };
        let result = pooled.instance.invoke(event, &mut on_progress).await;
        let has_failed = matches!(result.outcome, InvocationOutcome::ExtensionError(_));
        if !result.was_delivered && !has_failed {
            pooled.log.end(request_id, &[]);
            if result.waits {
                let why = "no function has asked for the event; start it with the variables that \
                           `--only-api` printed";
                reply.send(CallReply::Unavailable(why.to_owned()));
            }
            return result;
        }
        let lines = log_lines::end_lines(&result, self.options.memory_mb, false);
        let error = result.error();
        (self.observer)(PoolEvent::Finished {
            instance: pooled.number,
            result: &result,
            error: error.as_ref(),
            lines: &lines,
        });
        let log = pooled.log.end(request_id, &lines);
        reply.finish(&result.outcome, error, log);
        result
    }
}

/// The place of a call in the backlog until it is dropped.
struct BacklogPlace<'a> {
    pool: &'a InstancePool,
    end: Instant,
}

impl<'a> BacklogPlace<'a> {
    fn new(pool: &'a InstancePool, end: Instant) -> Self {
        *pool.lock().backlog.entry(end).or_default() += 1;
        Self { pool, end }
    }
}

impl Drop for BacklogPlace<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        if let Some(count) = state.backlog.get_mut(&self.end) {
            *count -= 1;
            if *count == 0 {
                state.backlog.remove(&self.end);
            }
        }
    }
}
