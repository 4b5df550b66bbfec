//! The instances of a pool and the calls that wait for them, without their processes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::emulator::instance::Instance;
use crate::emulator::instance_log::InstanceLog;
use crate::emulator::instance_process::InstanceEnd;
use crate::emulator::pool::instance_pool::{PoolOptions, Program};

/// How long a call waits for an instance that has just responded before it starts another one.
pub(super) const PATIENCE: Duration = Duration::from_millis(50);

/// The same if no further instance may be started.
const PATIENCE_AT_LIMIT: Duration = Duration::from_secs(1);

/// The number of the program of an instance that the user starts. It is never replaced.
pub(super) const USERS_PROGRAM: u64 = 0;

/// An instance of a pool. Its processes end when the last reference is dropped.
pub(super) struct PooledInstance {
    pub(super) instance: Instance,
    pub(super) number: u32,
    pub(super) program: u64,
    pub(super) tenant_id: Option<String>,
    pub(super) log: Arc<InstanceLog>,
}

/// An instance and its events.
struct Entry {
    pooled: Arc<PooledInstance>,
    /// The number of its events.
    running: usize,
    /// The number of them to which it has responded. It will soon ask for others, or end.
    finishing: usize,
}

/// All instances of a pool.
#[derive(Default)]
pub(super) struct PoolState {
    pub(super) program: Option<Program>,
    /// The ends of instances that were removed and had extensions.
    ending: Vec<InstanceEnd>,
    /// The number of the current program. Instances of others are not kept.
    current: u64,
    /// Whether the user starts the only instance.
    is_external: bool,
    entries: Vec<Entry>,
    /// The number of instances that start.
    starting: usize,
    /// The number of calls that came during a build and wait for an instance, by the time at which
    /// they give up.
    pub(super) backlog: BTreeMap<Instant, usize>,
}

/// The outcome of an attempt to get an instance for a call.
pub(super) enum Attempt {
    /// The event can be sent to this instance.
    Instance(Arc<PooledInstance>),
    /// This instance was free, but has ended. Another attempt can find a place.
    Ended(Arc<PooledInstance>),
    /// No instance is free, and the call may start this program.
    Start {
        program: Program,
        /// An instance that makes room for the new one.
        removed: Option<Arc<PooledInstance>>,
    },
    /// There are as many instances as allowed.
    Full,
    /// An instance will be free in a moment.
    Finishing,
    /// The only instance starts or is busy, and will be free later.
    Busy,
    NoProgram,
}

impl PoolState {
    /// Finds a place for an event. An instance that has just responded is preferred to a new one:
    /// otherwise a client that sends one request after the other would start several. Dropping
    /// an instance takes a moment, which is left to the caller.
    pub(super) fn acquire(
        &mut self,
        options: &PoolOptions,
        tenant_id: Option<&str>,
        waited: Duration,
    ) -> Attempt {
        let (is_external, current) = (self.is_external, self.current);
        let has_place = |entry: &Entry| {
            entry.running < options.events_per_instance
                && entry.pooled.program == current
                && (is_external || entry.pooled.tenant_id.as_deref() == tenant_id)
        };
        if let Some(index) = self.entries.iter().rposition(has_place) {
            let entry = &mut self.entries[index];
            if entry.running > 0 || entry.pooled.instance.is_alive() {
                entry.running += 1;
                return Attempt::Instance(Arc::clone(&entry.pooled));
            }
            return Attempt::Ended(self.remove(index));
        }
        if is_external {
            return Attempt::Busy;
        }
        let is_full = self.count() >= options.concurrency;
        if is_full && options.events_per_instance > 1 && self.starting > 0 {
            return Attempt::Busy;
        }
        let patience = if is_full { PATIENCE_AT_LIMIT } else { PATIENCE };
        if waited < patience && self.entries.iter().any(|entry| entry.finishing > 0) {
            return Attempt::Finishing;
        }
        let Some(program) = self.program.clone() else {
            return Attempt::NoProgram;
        };
        let mut removed = None;
        if is_full {
            // An idle instance of another tenant is ended, so that a new one can start.
            let Some(index) = self.entries.iter().position(|entry| entry.running == 0) else {
                return Attempt::Full;
            };
            removed = Some(self.remove(index));
        }
        self.starting += 1;
        Attempt::Start { program, removed }
    }

    /// Takes a place for an instance if there is none. Returns the program to start.
    pub(super) fn acquire_first(&mut self) -> Option<Program> {
        let program = self.program.clone().filter(|_| self.count() == 0)?;
        self.starting += 1;
        Some(program)
    }

    /// Whether new instances have the program with this number.
    pub(super) const fn is_current(&self, program: u64) -> bool {
        self.current == program
    }

    /// The number of instances that start, run, or are idle.
    fn count(&self) -> usize {
        self.entries.len() + self.starting
    }

    /// Adds an instance that was started, with this number of events. Without events, it is not
    /// kept if its program was replaced during the start.
    pub(super) fn add_started(&mut self, pooled: &Arc<PooledInstance>, running: usize) {
        self.starting -= 1;
        if running == 0 && pooled.program != self.current {
            self.note_end(pooled);
            return;
        }
        self.entries.push(Entry {
            pooled: Arc::clone(pooled),
            running,
            finishing: 0,
        });
    }

    pub(super) fn note_failed_start(&mut self) {
        self.starting -= 1;
    }

    /// Uses only this instance, which the user starts.
    pub(super) fn set_external(&mut self, pooled: PooledInstance) {
        self.is_external = true;
        self.entries.push(Entry {
            pooled: Arc::new(pooled),
            running: 0,
            finishing: 0,
        });
    }

    /// Notes that an instance has responded to an event.
    pub(super) fn note_response(&mut self, pooled: &Arc<PooledInstance>) {
        if let Some(entry) = self.entry(pooled) {
            entry.finishing += 1;
        }
    }

    /// Ends an event of an instance. It is kept for others, unless it has ended or its program was
    /// replaced.
    pub(super) fn end_event(
        &mut self,
        pooled: &Arc<PooledInstance>,
        has_responded: bool,
        is_usable: bool,
    ) {
        let current = self.current;
        let Some(entry) = self.entry(pooled) else {
            return;
        };
        entry.running -= 1;
        entry.finishing -= usize::from(has_responded);
        let is_old = entry.running == 0 && pooled.program != current;
        if !is_usable || is_old {
            self.note_end(pooled);
            self.entries
                .retain(|entry| !Arc::ptr_eq(&entry.pooled, pooled));
        }
    }

    fn remove(&mut self, index: usize) -> Arc<PooledInstance> {
        let pooled = self.entries.remove(index).pooled;
        self.note_end(&pooled);
        pooled
    }

    /// Notes that an instance ends as soon as its last reference is dropped.
    fn note_end(&mut self, pooled: &PooledInstance) {
        self.ending.extend(pooled.instance.extensions_end());
    }

    /// The ends of removed instances whose extensions still run.
    pub(super) fn ending(&mut self) -> Vec<InstanceEnd> {
        self.ending.retain(|end| !end.is_over());
        self.ending.clone()
    }

    /// Starts this program from now on. Returns the idle instances of the previous one.
    pub(super) fn replace_program(&mut self, program: Option<Program>) -> Vec<Arc<PooledInstance>> {
        self.current = program.as_ref().map_or(u64::MAX, |program| program.number);
        self.program = program;
        let (idle, running) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition(|entry| entry.running == 0);
        self.entries = running;
        let idle: Vec<Entry> = idle;
        let idle: Vec<_> = idle.into_iter().map(|entry| entry.pooled).collect();
        for pooled in &idle {
            self.note_end(pooled);
        }
        idle
    }

    fn entry(&mut self, pooled: &Arc<PooledInstance>) -> Option<&mut Entry> {
        self.entries
            .iter_mut()
            .find(|entry| Arc::ptr_eq(&entry.pooled, pooled))
    }
}
