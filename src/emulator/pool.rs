//! The instances of one function, and how events reach them.
//!
//! In: a [`Program`], and [`Call`]s. Out: a [`CallReply`] for each call, as soon as the function
//! responds, and [`PoolEvent`]s about everything that happens.
//! An instance handles one event at a time, as on Lambda. It is started by an event if no other
//! instance is idle, and stays for later events. Instances of an older program finish their
//! event and end.
//! A caller that does not wait for its reply does not disturb the function.
//! Left to others: queues and retries, and where programs come from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::emulator::instance::{Instance, InstanceStart};
use crate::emulator::instance_log::InstanceLog;
use crate::emulator::invocation::{InvocationOutcome, InvocationProgress, InvocationResult};
use crate::emulator::runtime_api::{InvocationEvent, ResponseStream};
use crate::emulator::{FunctionError, ids, log_lines};
use crate::system::command::CommandSpec;

/// How many pieces of a streamed response wait for a slow client before the function has to.
const QUEUED_PIECES: usize = 16;

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
}

/// A program that a pool starts.
#[derive(Clone)]
pub(crate) struct Program {
    /// Creates the command from the address of the Runtime API.
    pub command: Arc<dyn Fn(SocketAddr) -> CommandSpec + Send + Sync>,
    /// A later program has a larger number.
    pub number: u64,
}

/// One event for the function.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub request_id: String,
    pub function_arn: String,
    pub trace_id: String,
    /// The client context as JSON.
    pub client_context: Option<String>,
    /// Tenants do not share instances.
    pub tenant_id: Option<String>,
    pub payload: Bytes,
    pub stream: StreamMode,
    /// Whether the reply contains the log, so that it waits for the end of the invocation.
    pub with_log: bool,
    pub when_busy: WhenBusy,
}

/// What a call does while all instances are busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum WhenBusy {
    /// It is rejected, as on Lambda, unless calls that came during a build still wait.
    #[default]
    Reject,
    /// It came during a build, as other calls may have, and waits for an instance until then.
    WaitUntil(Instant),
    /// It waits, as in Lambda's queue of asynchronous invocations.
    Wait,
}

/// Whether the pieces of a response are passed on as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum StreamMode {
    /// Never.
    #[default]
    Buffered,
    /// If the function says that it streams its response.
    IfStreamed,
    Always,
}

/// The reply to a call.
#[derive(Debug)]
pub(crate) enum CallReply {
    Response(Bytes, EndOfCall),
    Stream(StreamedReply),
    Error(EndOfCall),
    /// All instances are busy.
    Throttled,
    /// This program cannot run the function, for this reason.
    Unavailable(String),
}

/// A response that the function still sends.
#[derive(Debug)]
pub(crate) struct StreamedReply {
    /// The content type that the function chose.
    pub content_type: Option<String>,
    pub pieces: mpsc::Receiver<Bytes>,
    /// It arrives after the last piece.
    pub end: oneshot::Receiver<EndOfCall>,
}

/// What is known when the function has responded.
#[derive(Debug, Clone, Default)]
pub(crate) struct EndOfCall {
    pub error: Option<FunctionError>,
    /// The log, if the call asked for it.
    pub log: Option<Vec<u8>>,
}

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

/// The instances of one function.
pub(crate) struct InstancePool {
    options: PoolOptions,
    observer: Observer,
    state: Mutex<PoolState>,
    /// Notified when an instance becomes idle or ends.
    freed: Notify,
    next_instance: AtomicU32,
}

struct PoolState {
    program: Option<Program>,
    idle: Vec<PooledInstance>,
    /// The number of instances that start, run, or are idle.
    count: usize,
    /// The calls that came during a build and wait for an instance, by the end of their patience.
    backlog: BTreeMap<Instant, usize>,
}

/// An instance and its place in the pool.
struct PooledInstance {
    instance: Instance,
    number: u32,
    program: u64,
    tenant_id: Option<String>,
    log: Arc<InstanceLog>,
    /// The duration of the init until it has been reported.
    unreported_init: Option<Duration>,
}

/// What a call gets from the pool.
enum Acquired {
    Idle(Box<PooledInstance>),
    /// It may start this program.
    Place(Program),
    Throttled,
    NoProgram,
}

impl InstancePool {
    pub(crate) fn new(options: PoolOptions, observer: Observer) -> Arc<Self> {
        Arc::new(Self {
            options,
            observer,
            state: Mutex::new(PoolState {
                program: None,
                idle: Vec::new(),
                count: 0,
                backlog: BTreeMap::new(),
            }),
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
        let mut state = self.lock();
        state.program = program;
        let idle = std::mem::take(&mut state.idle);
        state.count -= idle.len();
        drop(state);
        // Ending a process takes a moment, so the lock is not held.
        drop(idle);
        self.freed.notify_waiters();
    }

    /// Starts an instance if there is none, so that the first event does not have to wait.
    pub(crate) async fn start_one(self: &Arc<Self>) {
        let program = {
            let mut state = self.lock();
            match &state.program {
                Some(program) if state.count == 0 => {
                    let program = program.clone();
                    state.count += 1;
                    program
                }
                _ => return,
            }
        };
        let request_id = ids::new_request_id();
        if let Ok(started) = self.start(&program, None, &request_id).await {
            self.put_back(started);
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
            let mut pooled = match self.acquire(&call).await {
                Acquired::Idle(pooled) => *pooled,
                Acquired::Place(program) => {
                    let tenant = call.tenant_id.clone();
                    match self.start(&program, tenant, &call.request_id).await {
                        Ok(pooled) => pooled,
                        Err(end) => return reply.send(end),
                    }
                }
                Acquired::Throttled => return reply.send(CallReply::Throttled),
                Acquired::NoProgram => {
                    let why = "the function has no program".to_owned();
                    return reply.send(CallReply::Unavailable(why));
                }
            };
            match self.invoke(&mut pooled, &call, &mut reply).await {
                Ok(result) if result.waits => return self.put_back(pooled),
                Ok(result) => {
                    self.release(pooled);
                    if result.was_delivered || reply.is_sent() {
                        return;
                    }
                }
                Err(error) => {
                    self.release(pooled);
                    return reply.send(CallReply::Unavailable(format!("{error:#}")));
                }
            }
        }
    }

    /// Gets an instance, or a place for one. Waits for it if the call does.
    async fn acquire(&self, call: &Call) -> Acquired {
        let mut when_busy = call.when_busy;
        let _place = match when_busy {
            WhenBusy::WaitUntil(end) => Some(BacklogPlace::new(self, end)),
            WhenBusy::Reject | WhenBusy::Wait => None,
        };
        loop {
            // Created before the attempt, so that no notification is missed.
            let freed = self.freed.notified();
            match self.try_acquire(call.tenant_id.as_deref()) {
                Acquired::Throttled => {}
                acquired => return acquired,
            }
            if when_busy == WhenBusy::Reject
                && let Some((end, _)) = self.lock().backlog.last_key_value()
            {
                when_busy = WhenBusy::WaitUntil(*end);
            }
            match when_busy {
                WhenBusy::Reject => return Acquired::Throttled,
                WhenBusy::Wait => freed.await,
                WhenBusy::WaitUntil(end) => {
                    if tokio::time::timeout_at(end.into(), freed).await.is_err() {
                        return Acquired::Throttled;
                    }
                }
            }
        }
    }

    fn try_acquire(&self, tenant_id: Option<&str>) -> Acquired {
        let mut ended = Vec::new();
        let acquired = {
            let mut state = self.lock();
            let is_suitable = |pooled: &PooledInstance| pooled.tenant_id.as_deref() == tenant_id;
            loop {
                if let Some(index) = state.idle.iter().rposition(is_suitable) {
                    let mut pooled = state.idle.remove(index);
                    if pooled.instance.is_alive() {
                        break Acquired::Idle(Box::new(pooled));
                    }
                    state.count -= 1;
                    ended.push(pooled);
                    continue;
                }
                if state.count >= self.options.concurrency && !state.idle.is_empty() {
                    // An instance of another tenant makes room.
                    ended.push(state.idle.remove(0));
                    state.count -= 1;
                }
                let Some(program) = state.program.clone() else {
                    break Acquired::NoProgram;
                };
                if state.count >= self.options.concurrency {
                    break Acquired::Throttled;
                }
                state.count += 1;
                break Acquired::Place(program);
            }
        };
        for pooled in ended {
            (self.observer)(PoolEvent::Ended {
                instance: pooled.number,
            });
        }
        acquired
    }

    /// Starts an instance in a place that was acquired.
    async fn start(
        &self,
        program: &Program,
        tenant_id: Option<String>,
        request_id: &str,
    ) -> Result<PooledInstance, CallReply> {
        let number = self.next_instance.fetch_add(1, Ordering::Relaxed);
        let log = Arc::new(InstanceLog::default());
        let listener = {
            let (log, observer) = (Arc::clone(&log), Arc::clone(&self.observer));
            Arc::new(move |line: &str| {
                let request_id = log.add(line);
                observer(PoolEvent::Printed {
                    instance: number,
                    request_id: request_id.as_deref(),
                    line,
                });
            })
        };
        let command = Arc::clone(&program.command);
        let started = Instance::start(
            &self.options.function,
            self.options.init_limit,
            listener,
            move |api| command(api),
        )
        .await;
        let instance = match started {
            Ok(InstanceStart::Running(instance)) => instance,
            Ok(InstanceStart::Failed(failure)) => {
                self.free_place();
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
            Err(error) => {
                self.free_place();
                return Err(CallReply::Unavailable(format!("{error:#}")));
            }
        };
        (self.observer)(PoolEvent::Started {
            instance: number,
            process_id: instance.process_id(),
            init: instance.init(),
        });
        Ok(PooledInstance {
            unreported_init: Some(instance.init()),
            instance,
            number,
            program: program.number,
            tenant_id,
            log,
        })
    }

    async fn invoke(
        &self,
        pooled: &mut PooledInstance,
        call: &Call,
        reply: &mut CallResponder,
    ) -> anyhow::Result<InvocationResult> {
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
        let mut on_progress = |progress: InvocationProgress<'_>| reply.note(progress, request_id);
        let result = pooled.instance.invoke(event, &mut on_progress).await?;
        if !result.was_delivered && !result.waits {
            return Ok(result);
        }
        let init = pooled.unreported_init.take();
        let lines = log_lines::end_lines(&result, init, self.options.memory_mb, false);
        let error = result.error();
        (self.observer)(PoolEvent::Finished {
            instance: pooled.number,
            result: &result,
            error: error.as_ref(),
            lines: &lines,
        });
        let log = pooled.log.end(&lines);
        reply.finish(&result.outcome, error, log);
        Ok(result)
    }

    /// Keeps an instance for later events, unless its program was replaced.
    fn put_back(&self, pooled: PooledInstance) {
        let mut state = self.lock();
        let is_current = state
            .program
            .as_ref()
            .is_some_and(|program| program.number == pooled.program);
        if is_current {
            state.idle.push(pooled);
        } else {
            state.count -= 1;
            drop(state);
            drop(pooled);
        }
        self.freed.notify_waiters();
    }

    /// Ends an instance.
    fn release(&self, pooled: PooledInstance) {
        drop(pooled);
        self.free_place();
    }

    fn free_place(&self) {
        self.lock().count -= 1;
        self.freed.notify_waiters();
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

/// Sends the reply to a call at the earliest moment.
struct CallResponder {
    reply: Option<oneshot::Sender<CallReply>>,
    /// The receiver of the pieces until the function starts to stream.
    pieces: Option<mpsc::Receiver<Bytes>>,
    /// Where the end of a streamed response goes.
    end: Option<oneshot::Sender<EndOfCall>>,
    with_log: bool,
}

impl CallResponder {
    fn new(reply: oneshot::Sender<CallReply>, call: &Call) -> Self {
        Self {
            reply: Some(reply),
            pieces: None,
            end: None,
            with_log: call.with_log,
        }
    }

    fn is_sent(&self) -> bool {
        self.reply.is_none()
    }

    fn send(&mut self, reply: CallReply) {
        if let Some(sender) = self.reply.take() {
            // The caller may have disconnected.
            let _ = sender.send(reply);
        }
    }

    /// Where the function's API sends the pieces of a streamed response.
    fn stream(&mut self, mode: StreamMode) -> Option<ResponseStream> {
        if mode == StreamMode::Buffered {
            return None;
        }
        let (sender, receiver) = mpsc::channel(QUEUED_PIECES);
        self.pieces = Some(receiver);
        Some(ResponseStream {
            pieces: sender,
            always: mode == StreamMode::Always,
        })
    }

    fn note(&mut self, progress: InvocationProgress<'_>, request_id: &str) {
        match progress {
            InvocationProgress::Streaming { content_type } => {
                if let Some(pieces) = self.pieces.take() {
                    let (sender, end) = oneshot::channel();
                    self.end = Some(sender);
                    self.send(CallReply::Stream(StreamedReply {
                        content_type,
                        pieces,
                        end,
                    }));
                }
            }
            InvocationProgress::Finished(outcome) if !self.with_log => {
                self.finish(outcome, outcome.error(request_id), Vec::new());
            }
            InvocationProgress::Finished(_) => {}
        }
    }

    /// Sends the reply, or the end of a stream. Only the first call has an effect.
    fn finish(&mut self, outcome: &InvocationOutcome, error: Option<FunctionError>, log: Vec<u8>) {
        let log = self.with_log.then_some(log);
        let end = EndOfCall { error, log };
        if let Some(sender) = self.end.take() {
            let _ = sender.send(end);
        } else if let (InvocationOutcome::Response { bytes, .. }, None) = (outcome, &end.error) {
            self.send(CallReply::Response(bytes.clone(), end));
        } else {
            self.send(CallReply::Error(end));
        }
    }
}
