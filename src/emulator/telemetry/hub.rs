//! Distributes the events of one execution environment to the extensions that subscribed.
//!
//! In: subscriptions, and records from any thread. Out: events in the queue of each
//! subscription, and a task for each that sends them. Publishing never waits for a receiver.
//! The events of the init phase are kept until its end, because AWS's emulator also delivers
//! those from before a subscription.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{self, Instant};

use crate::emulator::telemetry::delivery::Receiver;
use crate::emulator::telemetry::queue::{Dropped, MAX_QUEUED, Queue};
use crate::emulator::telemetry::record::Record;
use crate::emulator::telemetry::subscription::{Category, Subscription};

/// The telemetry of one execution environment. Its subscriptions end when it is dropped.
#[derive(Debug)]
pub(crate) struct TelemetryHub {
    /// Whether an event may have a receiver. It makes publishing cheap if there is none.
    is_active: AtomicBool,
    state: Mutex<HubState>,
}

#[derive(Debug)]
struct HubState {
    /// The events so far, until the end of the init phase.
    init: Option<InitEvents>,
    subscribers: Vec<Subscriber>,
}

#[derive(Debug, Default)]
struct InitEvents {
    events: Vec<(Category, Bytes)>,
    bytes: usize,
    dropped: Dropped,
}

#[derive(Debug)]
struct Subscriber {
    extension: String,
    categories: Vec<Category>,
    queue: Arc<Queue>,
    sender: JoinHandle<()>,
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

/// The response to a subscription. The body is JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubscribeReply {
    pub status: u16,
    pub body: String,
}

impl SubscribeReply {
    fn ok(text: &str) -> Self {
        Self {
            status: 200,
            body: json!(text).to_string(),
        }
    }

    fn error(status: u16, error_type: &str, message: &str) -> Self {
        let body = json!({ "errorMessage": message, "errorType": error_type });
        Self {
            status,
            body: body.to_string(),
        }
    }
}

/// The result of adding a subscription.
enum Added {
    Subscribed,
    /// The extension has a subscription, which stays as it is.
    Duplicate,
    /// The init phase has ended.
    Closed,
}

impl TelemetryHub {
    /// Creates a hub in the init phase. Nothing is published until [`TelemetryHub::activate`].
    pub(crate) fn new() -> Self {
        Self {
            is_active: AtomicBool::new(false),
            state: Mutex::new(HubState {
                init: Some(InitEvents::default()),
                subscribers: Vec::new(),
            }),
        }
    }

    /// Keeps the events of the init phase from now on, because there is an extension, which may
    /// subscribe to them. Returns true the first time.
    pub(crate) fn activate(&self) -> bool {
        !self.is_active.swap(true, Ordering::Relaxed)
    }

    /// Whether an event may have a receiver.
    pub(crate) fn is_active(&self) -> bool {
        self.is_active.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, HubState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a record to all extensions that subscribed to its category.
    pub(crate) fn publish(&self, record: &Record) {
        self.publish_at(SystemTime::now(), record);
    }

    /// Like [`TelemetryHub::publish`], for something that happened at an earlier time.
    pub(crate) fn publish_at(&self, time: SystemTime, record: &Record) {
        if !self.is_active() {
            return;
        }
        let category = record.category();
        let mut state = self.lock();
        let is_wanted = |subscriber: &Subscriber| subscriber.categories.contains(&category);
        if state.init.is_none() && !state.subscribers.iter().any(is_wanted) {
            return;
        }
        // Records have no values that JSON does not have.
        let Ok(event) = record.to_event(time) else {
            return;
        };
        let event = Bytes::from(event);
        for subscriber in state.subscribers.iter().filter(|one| is_wanted(one)) {
            subscriber.queue.push(event.clone());
        }
        if let Some(init) = &mut state.init {
            init.add(category, event);
        }
    }

    /// Handles the body of a registered extension's `PUT /2022-07-01/telemetry`. It must be
    /// called in a tokio runtime, in which the events are sent.
    ///
    /// A body is checked before the end of the init phase is, as in AWS's emulator. AWS's
    /// emulator answers 500 to a second subscription; the test of its handler suggests that AWS
    /// answers 200.
    pub(crate) async fn subscribe(&self, extension: &str, body: &[u8]) -> SubscribeReply {
        let invalid = |message: &str| SubscribeReply::error(400, "ValidationError", message);
        let subscription = match Subscription::parse(body) {
            Ok(subscription) => subscription,
            Err(problems) => return invalid(&problems),
        };
        let receiver = match Receiver::connect(subscription.destination.clone()).await {
            Ok(receiver) => receiver,
            Err(error) => return invalid(&format!("Invalid destination: {error}")),
        };
        match self.add(extension, &subscription, receiver) {
            Added::Subscribed => {
                self.publish(&Record::TelemetrySubscription {
                    name: extension,
                    state: "Subscribed",
                    types: &subscription.categories,
                });
                SubscribeReply::ok("OK")
            }
            Added::Duplicate => SubscribeReply::ok("AlreadySubscribed"),
            Added::Closed => SubscribeReply::error(
                403,
                "Telemetry.SubscriptionClosed",
                "Telemetry API subscription is closed",
            ),
        }
    }

    fn add(&self, extension: &str, subscription: &Subscription, receiver: Receiver) -> Added {
        let mut state = self.lock();
        let HubState { init, subscribers } = &mut *state;
        let Some(init) = init else {
            return Added::Closed;
        };
        if subscribers.iter().any(|one| one.extension == extension) {
            return Added::Duplicate;
        }
        let categories = subscription.categories.clone();
        let queue = Arc::new(Queue::new(subscription.buffering));
        for (category, event) in &init.events {
            if categories.contains(category) {
                queue.push(event.clone());
            }
        }
        let Dropped {
            records,
            bytes,
            reason,
        } = &init.dropped;
        queue.add_dropped(*records, *bytes, reason);
        let has_platform = categories.contains(&Category::Platform);
        let sender = tokio::spawn(send_batches(Arc::clone(&queue), receiver, has_platform));
        subscribers.push(Subscriber {
            extension: extension.to_owned(),
            categories,
            queue,
            sender,
        });
        Added::Subscribed
    }

    /// Ends the init phase: the runtime and all extensions have asked for their first event.
    /// From now on, subscriptions are rejected.
    pub(crate) fn end_init(&self) {
        let mut state = self.lock();
        state.init = None;
        let is_active = !state.subscribers.is_empty();
        self.is_active.store(is_active, Ordering::Relaxed);
    }

    /// Sends all events now, and waits for their delivery up to `limit`. AWS's emulator does
    /// this with a limit of one second after the runtime has ended, before it sends SHUTDOWN to
    /// the extensions.
    pub(crate) async fn flush(&self, limit: Duration) {
        let queues: Vec<_> = {
            let state = self.lock();
            state
                .subscribers
                .iter()
                .map(|one| Arc::clone(&one.queue))
                .collect()
        };
        let deadline = Instant::now() + limit;
        for queue in &queues {
            queue.start_flush();
        }
        let flushed = async {
            for queue in &queues {
                queue.wait_until_idle().await;
            }
        };
        let _ = time::timeout_at(deadline, flushed).await;
    }
}

impl InitEvents {
    fn add(&mut self, category: Category, event: Bytes) {
        if self.bytes + event.len() > MAX_QUEUED {
            self.dropped.add_event_for_slow_receiver(&event);
        } else {
            self.bytes += event.len();
            self.events.push((category, event));
        }
    }
}

/// Sends the batches of one subscription until it is aborted. A batch that cannot be delivered
/// is dropped, because AWS's emulator does so. The extension learns of it with the next batch,
/// if it subscribed to events of Lambda.
async fn send_batches(queue: Arc<Queue>, mut receiver: Receiver, has_platform: bool) {
    loop {
        let batch = queue.next_batch().await;
        let mut events = batch.events;
        let size: usize = events.iter().map(Bytes::len).sum();
        let count = events.len();
        let dropped = batch.dropped;
        if has_platform && dropped.records > 0 {
            let record = Record::LogsDropped {
                reason: &dropped.reason,
                dropped_records: dropped.records,
                dropped_bytes: dropped.bytes,
            };
            events.extend(record.to_event(SystemTime::now()).map(Bytes::from));
        }
        if let Err(error) = receiver.deliver(&events).await {
            let (records, bytes) = (count + dropped.records, size + dropped.bytes);
            queue.add_dropped(records, bytes, &format!("could not send events: {error}"));
        }
        queue.end_delivery();
    }
}
