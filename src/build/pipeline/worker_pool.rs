//! The threads: one runs the compilers, the others work on what is made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;

use crate::build::compile;
use crate::build::compile::Binary;
use crate::build::pipeline::{BinaryOutcome, PipelineContext, ProcessedBinary};
use crate::ui::console::Console;

/// Runs the compilers of a plan, and meanwhile works on the binaries that they made;
/// returns what came of each of them.
pub(super) fn side_by_side(
    work: &PipelineContext<'_>,
    console: &Console,
) -> anyhow::Result<Vec<ProcessedBinary>> {
    let (jobs, queue) = channel();
    let (tell, news) = channel();
    let floor = SharedQueue {
        work,
        queue: Mutex::new(queue),
        given_up: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        let crew = WorkerPool {
            scope,
            floor: &floor,
            most: std::thread::available_parallelism().map_or(1, usize::from),
            started: 0,
            jobs,
            tell,
            news,
            unread: BTreeSet::new(),
            unfinished: BTreeSet::new(),
            long: BTreeMap::new(),
            done: Vec::new(),
        };
        crew.run(console)
    })
}

/// What the workers share.
struct SharedQueue<'a> {
    work: &'a PipelineContext<'a>,
    queue: Mutex<Receiver<Binary>>,
    /// Nothing will come of it: what is not begun need not be.
    given_up: AtomicBool,
}

/// What a worker tells.
enum WorkerEvent {
    /// A function's binary may be overwritten; what packing it is announced as.
    Read(usize, Option<String>),
    Done(Box<ProcessedBinary>),
}

impl SharedQueue<'_> {
    fn worker(&self, tell: &Sender<WorkerEvent>) {
        loop {
            let next = self.queue.lock();
            let next = next.unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(binary) = next else { return };
            if self.given_up.load(Ordering::SeqCst) {
                return;
            }
            let function = binary.function;
            // Nobody listens where nothing will come of it.
            let read = |announced| {
                let _ = tell.send(WorkerEvent::Read(function, announced));
            };
            let _ = tell.send(WorkerEvent::Done(Box::new(self.work.follow(binary, read))));
        }
    }
}

/// The workers, as the thread sees them that runs the compilers.
struct WorkerPool<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    floor: &'env SharedQueue<'env>,
    /// One worker for each processor.
    most: usize,
    started: usize,
    jobs: Sender<Binary>,
    tell: Sender<WorkerEvent>,
    news: Receiver<WorkerEvent>,
    unread: BTreeSet<usize>,
    unfinished: BTreeSet<usize>,
    /// What is announced once no compiler writes to the terminal.
    long: BTreeMap<usize, String>,
    done: Vec<ProcessedBinary>,
}

impl WorkerPool<'_, '_> {
    fn run(mut self, console: &Console) -> anyhow::Result<Vec<ProcessedBinary>> {
        let plan = self.floor.work.plan;
        for binary in compile::prebuilt(plan) {
            self.hand_over(binary);
        }
        for step in 0..plan.steps.len() {
            let compiled = compile::compile(plan, step, console, &mut |made| self.hand_over(made));
            if let Err(error) = compiled {
                self.floor.given_up.store(true, Ordering::SeqCst);
                return Err(error);
            }
            // The next step may write to the same places.
            self.wait_until(console, |crew| crew.unread.is_empty());
            let failed = |done: &ProcessedBinary| matches!(done.became, BinaryOutcome::Unread(_));
            if self.done.iter().any(failed) {
                break;
            }
        }
        self.wait_until(console, |crew| crew.unfinished.is_empty());
        Ok(self.done)
    }

    /// As many workers are started as there are processors and something to do.
    fn hand_over(&mut self, binary: Binary) {
        if let Some(done) = self.floor.work.glance(&binary) {
            self.done.push(done);
            return;
        }
        self.unread.insert(binary.function);
        self.unfinished.insert(binary.function);
        let _ = self.jobs.send(binary);
        if self.started < self.most {
            self.started += 1;
            let (floor, tell) = (self.floor, self.tell.clone());
            self.scope.spawn(move || floor.worker(&tell));
        }
    }

    fn wait_until(&mut self, console: &Console, is_so: impl Fn(&Self) -> bool) {
        loop {
            while let Ok(news) = self.news.try_recv() {
                self.hear(news);
            }
            for what in std::mem::take(&mut self.long).into_values() {
                console.progress("Packing", &what);
            }
            if is_so(self) {
                return;
            }
            if let Ok(news) = self.news.recv() {
                self.hear(news);
            }
        }
    }

    fn hear(&mut self, news: WorkerEvent) {
        match news {
            WorkerEvent::Read(function, announced) => {
                self.unread.remove(&function);
                self.long.extend(announced.map(|what| (function, what)));
            }
            WorkerEvent::Done(done) => {
                self.unread.remove(&done.function);
                self.unfinished.remove(&done.function);
                self.long.remove(&done.function);
                self.done.push(*done);
            }
        }
    }
}
