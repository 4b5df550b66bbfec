//! The threads of the pipeline: one runs the compilers, the others process the binaries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;

use crate::build::compile;
use crate::build::compile::{Binary, CompilerMessages};
use crate::build::pipeline::check_and_pack::{BinaryOutcome, PipelineContext, ProcessedBinary};
use crate::build::plan::FunctionId;
use crate::ui::console::Console;

/// Runs the compilers of a plan, and processes the binaries at the same time.
pub(super) fn process_all(
    context: &PipelineContext<'_>,
    console: &Console,
) -> anyhow::Result<Vec<ProcessedBinary>> {
    let (jobs, queue) = channel();
    let (event_sender, events) = channel();
    let shared = SharedQueue {
        context,
        queue: Mutex::new(queue),
        canceled: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        let pool = WorkerPool {
            scope,
            shared: &shared,
            max_workers: std::thread::available_parallelism().map_or(1, usize::from),
            workers: 0,
            jobs,
            event_sender,
            events,
            unread: BTreeSet::new(),
            unfinished: BTreeSet::new(),
            announcements: BTreeMap::new(),
            processed: Vec::new(),
        };
        pool.run(console)
    })
}

/// The state that the workers share.
struct SharedQueue<'a> {
    context: &'a PipelineContext<'a>,
    queue: Mutex<Receiver<Binary>>,
    /// Whether a compiler failed, so that queued binaries need not be processed.
    canceled: AtomicBool,
}

/// A message from a worker.
enum WorkerEvent {
    /// The function's binary was read and may be overwritten. If packing it takes long, there is an
    /// announcement.
    Read(FunctionId, Option<String>),
    Done(Box<ProcessedBinary>),
}

impl SharedQueue<'_> {
    fn run_worker(&self, events: &Sender<WorkerEvent>) {
        loop {
            let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            let next = queue.recv();
            drop(queue);
            let Ok(binary) = next else { return };
            if self.canceled.load(Ordering::SeqCst) {
                return;
            }
            let function = binary.function;
            // Sending fails only if a compiler failed and the receiver is gone.
            let on_released = |announcement| {
                let _ = events.send(WorkerEvent::Read(function, announcement));
            };
            let processed = self.context.process(binary, on_released);
            let _ = events.send(WorkerEvent::Done(Box::new(processed)));
        }
    }
}

/// The workers, as the thread that runs the compilers sees them.
struct WorkerPool<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    shared: &'env SharedQueue<'env>,
    /// One worker for each processor, so that many functions need no more memory than a few.
    max_workers: usize,
    workers: usize,
    jobs: Sender<Binary>,
    event_sender: Sender<WorkerEvent>,
    events: Receiver<WorkerEvent>,
    unread: BTreeSet<FunctionId>,
    unfinished: BTreeSet<FunctionId>,
    /// Announcements to print when no compiler writes to the terminal.
    announcements: BTreeMap<FunctionId, String>,
    processed: Vec<ProcessedBinary>,
}

impl WorkerPool<'_, '_> {
    fn run(mut self, console: &Console) -> anyhow::Result<Vec<ProcessedBinary>> {
        let plan = self.shared.context.plan;
        for binary in compile::prebuilt(plan) {
            self.submit(binary);
        }
        for step in &plan.steps {
            let messages = CompilerMessages::Stderr;
            let compiled = compile::compile(plan, step, console, messages, &mut |binary| {
                self.submit(binary);
            });
            if let Err(error) = compiled.and_then(|outcome| Ok(outcome.or_silent_failure()?)) {
                self.shared.canceled.store(true, Ordering::SeqCst);
                return Err(error);
            }
            // The next step may write to the same paths.
            self.wait_until(console, |pool| pool.unread.is_empty());
            let read_failed =
                |binary: &ProcessedBinary| matches!(binary.outcome, BinaryOutcome::ReadFailed(_));
            if self.processed.iter().any(read_failed) {
                break;
            }
        }
        self.wait_until(console, |pool| pool.unfinished.is_empty());
        Ok(self.processed)
    }

    /// Passes a binary to the workers, unless it is unchanged. A worker is started only if there is
    /// work for it.
    fn submit(&mut self, binary: Binary) {
        if let Some(processed) = self.shared.context.find_unchanged(&binary) {
            self.processed.push(processed);
            return;
        }
        self.unread.insert(binary.function);
        self.unfinished.insert(binary.function);
        let _ = self.jobs.send(binary);
        if self.workers < self.max_workers {
            self.workers += 1;
            let (shared, events) = (self.shared, self.event_sender.clone());
            self.scope.spawn(move || shared.run_worker(&events));
        }
    }

    /// Handles events and prints announcements until the condition is true.
    fn wait_until(&mut self, console: &Console, is_done: impl Fn(&Self) -> bool) {
        loop {
            while let Ok(event) = self.events.try_recv() {
                self.handle_event(event);
            }
            for announcement in std::mem::take(&mut self.announcements).into_values() {
                console.progress("Packing", &announcement);
            }
            if is_done(self) {
                return;
            }
            if let Ok(event) = self.events.recv() {
                self.handle_event(event);
            }
        }
    }

    fn handle_event(&mut self, event: WorkerEvent) {
        match event {
            WorkerEvent::Read(function, announcement) => {
                self.unread.remove(&function);
                if let Some(announcement) = announcement {
                    self.announcements.insert(function, announcement);
                }
            }
            WorkerEvent::Done(processed) => {
                self.unread.remove(&processed.function);
                self.unfinished.remove(&processed.function);
                self.announcements.remove(&processed.function);
                self.processed.push(*processed);
            }
        }
    }
}
