//! The events that wait for an extension.
//!
//! In: events from any thread, which never wait. Out: batches, as soon as a limit of the
//! subscription is reached. The number of waiting bytes is limited; further events are dropped
//! and counted.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::{self, Instant};

use crate::emulator::telemetry::subscription::Buffering;

/// The maximum number of waiting bytes. It allows for several batches, so that a function can
/// print faster than the extension reads for a short time.
pub(super) const MAX_QUEUED: usize = 8 << 20;

/// The reason that AWS's emulator gives for events that a slow receiver loses.
const SLOW_RECEIVER: &str = "Some logs were dropped because the downstream consumer is slower \
                             than the logs production rate";

#[derive(Debug)]
pub(super) struct Queue {
    buffering: Buffering,
    state: Mutex<QueueState>,
    /// Notified when a batch may have become due.
    changed: Notify,
    /// Notified when all events have been delivered or dropped.
    idle: Notify,
}

#[derive(Debug, Default)]
struct QueueState {
    events: VecDeque<QueuedEvent>,
    bytes: usize,
    /// Events that have been lost since the last batch.
    dropped: Dropped,
    /// Whether a batch has been taken and its delivery has not ended.
    is_delivering: bool,
    /// Whether batches are sent before they are due.
    is_flushing: bool,
}

#[derive(Debug)]
struct QueuedEvent {
    json: Bytes,
    since: Instant,
}

/// Events that an extension does not receive.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Dropped {
    pub records: usize,
    pub bytes: usize,
    /// Why the last of them were dropped.
    pub reason: String,
}

/// Events that are sent together.
#[derive(Debug)]
pub(super) struct Batch {
    pub events: Vec<Bytes>,
    /// The events that were lost before.
    pub dropped: Dropped,
}

impl Dropped {
    pub(super) fn add(&mut self, records: usize, bytes: usize, reason: &str) {
        self.records += records;
        self.bytes += bytes;
        reason.clone_into(&mut self.reason);
    }

    pub(super) fn add_event_for_slow_receiver(&mut self, event: &Bytes) {
        self.add(1, event.len(), SLOW_RECEIVER);
    }
}

impl Queue {
    pub(super) fn new(buffering: Buffering) -> Self {
        Self {
            buffering,
            state: Mutex::default(),
            changed: Notify::new(),
            idle: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event, or drops it if too many wait.
    pub(super) fn push(&self, json: Bytes) {
        let mut state = self.lock();
        if state.bytes + json.len() > MAX_QUEUED {
            state.dropped.add_event_for_slow_receiver(&json);
            return;
        }
        state.bytes += json.len();
        let since = Instant::now();
        state.events.push_back(QueuedEvent { json, since });
        // The first event starts the timer.
        if state.events.len() == 1 || state.is_full(&self.buffering) {
            self.changed.notify_one();
        }
    }

    /// Notes events that were lost elsewhere.
    pub(super) fn add_dropped(&self, records: usize, bytes: usize, reason: &str) {
        if records > 0 {
            self.lock().dropped.add(records, bytes, reason);
        }
    }

    /// Waits for the next batch. [`Queue::end_delivery`] must be called after it.
    pub(super) async fn next_batch(&self) -> Batch {
        loop {
            let due = {
                let mut state = self.lock();
                let oldest = state.events.front().map(|event| event.since);
                match oldest {
                    None => {
                        state.is_flushing = false;
                        None
                    }
                    Some(since) => {
                        let due = since + self.buffering.timeout;
                        if state.is_flushing
                            || state.is_full(&self.buffering)
                            || due <= Instant::now()
                        {
                            return state.take_batch(&self.buffering);
                        }
                        Some(due)
                    }
                }
            };
            match due {
                Some(due) => {
                    let _ = time::timeout_at(due, self.changed.notified()).await;
                }
                None => {
                    self.idle.notify_waiters();
                    self.changed.notified().await;
                }
            }
        }
    }

    pub(super) fn end_delivery(&self) {
        self.lock().is_delivering = false;
    }

    /// Makes all events due.
    pub(super) fn start_flush(&self) {
        self.lock().is_flushing = true;
        self.changed.notify_one();
    }

    /// Waits until all events have been delivered or dropped.
    pub(super) async fn wait_until_idle(&self) {
        loop {
            let idle = self.idle.notified();
            // A notification after the call of `notified` is not missed.
            if self.lock().is_idle() {
                return;
            }
            idle.await;
        }
    }
}

impl QueueState {
    fn is_full(&self, buffering: &Buffering) -> bool {
        self.events.len() >= buffering.max_items || self.bytes >= buffering.max_bytes
    }

    fn is_idle(&self) -> bool {
        self.events.is_empty() && !self.is_delivering
    }

    /// Takes events up to the limits, but at least one.
    fn take_batch(&mut self, buffering: &Buffering) -> Batch {
        let mut events = Vec::new();
        let mut bytes = 0;
        while events.len() < buffering.max_items
            && let Some(event) = self.events.front()
            && (events.is_empty() || bytes + event.json.len() <= buffering.max_bytes)
        {
            bytes += event.json.len();
            events.extend(self.events.pop_front().map(|event| event.json));
        }
        self.bytes -= bytes;
        self.is_delivering = true;
        Batch {
            events,
            dropped: std::mem::take(&mut self.dropped),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn queue() -> Queue {
        Queue::new(Buffering {
            max_items: 3,
            max_bytes: 100,
            timeout: Duration::from_secs(1),
        })
    }

    fn event(len: usize) -> Bytes {
        vec![b'x'; len].into()
    }

    /// The sizes of the events in the next batch, and the time until it.
    async fn next(queue: &Queue) -> (Vec<usize>, u128) {
        let start = Instant::now();
        let batch = queue.next_batch().await;
        queue.end_delivery();
        let sizes = batch.events.iter().map(Bytes::len).collect();
        (sizes, start.elapsed().as_millis())
    }

    fn block_on(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(test);
    }

    #[test]
    fn a_batch_is_due_when_it_has_enough_events_or_bytes() {
        block_on(async {
            let queue = queue();
            for size in [10, 20, 30, 99, 2, 150] {
                queue.push(event(size));
            }
            let mut batches = Vec::new();
            for _ in 0..4 {
                let (sizes, wait) = next(&queue).await;
                assert!(wait < 900, "{wait}");
                batches.push(sizes);
            }
            assert_eq!(batches, [vec![10, 20, 30], vec![99], vec![2], vec![150]]);
        });
    }

    #[test]
    fn a_batch_is_due_when_its_first_event_has_waited_long_enough() {
        block_on(async {
            let queue = queue();
            queue.push(event(1));
            let (sizes, wait) = next(&queue).await;
            assert_eq!(sizes, [1]);
            assert!(wait >= 900, "{wait}");
        });
    }

    #[test]
    fn events_beyond_the_limit_are_dropped_and_counted() {
        block_on(async {
            let queue = queue();
            for _ in 0..10 {
                queue.push(event(1 << 20));
            }
            let batch = queue.next_batch().await;
            assert_eq!(batch.events.len(), 1);
            assert_eq!((batch.dropped.records, batch.dropped.bytes), (2, 2 << 20));
            assert_eq!(queue.next_batch().await.dropped, Dropped::default());
        });
    }

    #[test]
    fn a_flush_sends_events_before_they_are_due() {
        block_on(async {
            let queue = queue();
            queue.wait_until_idle().await;
            queue.push(event(1));
            queue.start_flush();
            let start = Instant::now();
            let deliver = async {
                loop {
                    queue.next_batch().await;
                    queue.end_delivery();
                }
            };
            tokio::select! {
                () = queue.wait_until_idle() => {}
                () = deliver => {}
            }
            assert!(start.elapsed() < Duration::from_millis(900));
        });
    }
}
