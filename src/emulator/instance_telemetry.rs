//! The telemetry of an instance.
//!
//! In: what happens to an instance and its invocations. Out: [`Record`]s for the extensions that
//! subscribed. Without extensions, no record is created.
//! Left out: events that Lambda sends only for features that do not exist here, such as SnapStart.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::emulator::log_lines::{billed_ms, mb, rounded};
use crate::emulator::telemetry::{
    InitMetrics, InitializationType, Millis, Record, ReportMetrics, RuntimeDoneMetrics, Span,
    SubscribeReply, TelemetryHub, TelemetryStatus, Tracing,
};
use crate::emulator::{InvocationOutcome, InvocationResult, StartFailure, StartFailureReason};

/// How long the end of an instance waits for extensions to receive their last events, as in AWS's
/// emulator.
const FLUSH_LIMIT: Duration = Duration::from_secs(1);

const VERSION: &str = "$LATEST";

/// The telemetry of an instance. Copies share its subscriptions.
#[derive(Debug, Clone)]
pub(crate) struct InstanceTelemetry(Option<Arc<ExecutionEnvironment>>);

#[derive(Debug)]
struct ExecutionEnvironment {
    hub: TelemetryHub,
    function: String,
    memory_mb: u32,
    initialization_type: InitializationType,
    created: SystemTime,
}

/// The state of an extension at the end of the init.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExtensionReport {
    pub(super) name: String,
    pub(super) state: &'static str,
    /// The events for which it registered.
    pub(super) events: Vec<&'static str>,
    /// The error that it reported.
    pub(super) error_type: Option<String>,
}

impl InstanceTelemetry {
    pub(super) fn new(function: &str, memory_mb: u32, is_concurrent: bool) -> Self {
        Self(Some(Arc::new(ExecutionEnvironment {
            hub: TelemetryHub::new(),
            function: function.to_owned(),
            memory_mb,
            initialization_type: if is_concurrent {
                InitializationType::LambdaManagedInstances
            } else {
                InitializationType::OnDemand
            },
            created: SystemTime::now(),
        })))
    }

    /// For an instance to which extensions cannot subscribe.
    pub(super) const fn unsupported() -> Self {
        Self(None)
    }

    pub(super) const fn is_supported(&self) -> bool {
        self.0.is_some()
    }

    /// Creates records from now on, because there is an extension.
    pub(super) fn begin(&self) {
        let Some(environment) = &self.0 else {
            return;
        };
        if environment.hub.activate() {
            let start = Record::InitStart {
                function_name: &environment.function,
                function_version: VERSION,
                initialization_type: environment.initialization_type,
                instance_max_memory: environment.memory_mb,
                phase: "init",
            };
            environment.hub.publish_at(environment.created, &start);
        }
    }

    fn publish(&self, record: &Record) {
        if let Some(environment) = &self.0 {
            environment.hub.publish(record);
        }
    }

    /// The function printed a line.
    pub(super) fn function_line(&self, line: &str) {
        self.publish(&Record::Function(line));
    }

    /// An extension printed a line.
    pub(super) fn extension_line(&self, line: &str) {
        self.publish(&Record::Extension(line));
    }

    /// The runtime asked for its first event, or failed before.
    pub(super) fn init_runtime_done(&self, failure: Option<&StartFailure>) {
        let Some(environment) = &self.0 else {
            return;
        };
        let (status, error_type) = init_status(failure);
        environment.hub.publish(&Record::InitRuntimeDone {
            initialization_type: environment.initialization_type,
            phase: "init",
            status,
            error_type: error_type.as_deref(),
        });
    }

    /// The runtime and all extensions asked for their first event, or one of them failed. No
    /// extension can subscribe any more.
    pub(super) fn init_ended(
        &self,
        duration: Duration,
        failure: Option<&StartFailure>,
        extensions: &[ExtensionReport],
    ) {
        let Some(environment) = &self.0 else {
            return;
        };
        for extension in extensions {
            environment.hub.publish(&Record::ExtensionState {
                name: &extension.name,
                state: extension.state,
                events: &extension.events,
                error_type: extension.error_type.as_deref(),
            });
        }
        let (status, error_type) = init_status(failure);
        environment.hub.publish(&Record::InitReport {
            initialization_type: environment.initialization_type,
            phase: "init",
            status,
            metrics: InitMetrics {
                duration_ms: Millis(rounded(duration)),
            },
            error_type: error_type.as_deref(),
        });
        environment.hub.end_init();
    }

    /// The telemetry of an event that is about to be offered.
    pub(super) fn invocation<'a>(
        &'a self,
        request_id: &'a str,
        trace_id: &'a str,
    ) -> InvocationTelemetry<'a> {
        let environment = self.0.as_deref();
        InvocationTelemetry {
            environment: environment.filter(|environment| environment.hub.is_active()),
            request_id,
            trace_id,
            delivered: None,
            response: None,
            is_runtime_done: false,
        }
    }

    /// Handles the body of an extension's subscription.
    pub(super) async fn subscribe(&self, extension: &str, body: &[u8]) -> Option<SubscribeReply> {
        Some(self.0.as_ref()?.hub.subscribe(extension, body).await)
    }

    /// Sends all events now, and waits a short time for their delivery.
    pub(super) async fn flush(&self) {
        if let Some(environment) = &self.0 {
            environment.hub.flush(FLUSH_LIMIT).await;
        }
    }
}

/// The status and error type of an init.
fn init_status(failure: Option<&StartFailure>) -> (TelemetryStatus, Option<String>) {
    match failure {
        None => (TelemetryStatus::Success, None),
        Some(StartFailure {
            reason: StartFailureReason::TimedOut(_),
            ..
        }) => (TelemetryStatus::Timeout, None),
        Some(failure) => (TelemetryStatus::Error, Some(failure.error("").kind)),
    }
}

/// The telemetry of an invocation.
pub(super) struct InvocationTelemetry<'a> {
    /// `None` if no extension can receive events.
    environment: Option<&'a ExecutionEnvironment>,
    request_id: &'a str,
    trace_id: &'a str,
    delivered: Option<Instant>,
    response: Option<ReceivedResponse>,
    is_runtime_done: bool,
}

/// When a response came, and its size in bytes.
#[derive(Debug, Clone, Copy)]
struct ReceivedResponse {
    began: Instant,
    ended: Instant,
    size: u64,
}

impl InvocationTelemetry<'_> {
    const fn tracing(&self) -> Option<Tracing<'_>> {
        Some(Tracing {
            value: self.trace_id,
        })
    }

    /// The function received the event.
    pub(super) fn started(&mut self, at: Instant) {
        let Some(environment) = self.environment else {
            return;
        };
        self.delivered = Some(at);
        environment.hub.publish(&Record::Start {
            request_id: self.request_id,
            version: VERSION,
            tracing: self.tracing(),
        });
    }

    /// The function sent a response between these times.
    pub(super) const fn responded(&mut self, began: Instant, ended: Instant, size: u64) {
        self.response = Some(ReceivedResponse { began, ended, size });
    }

    /// The runtime asked for the next event, or failed. Extensions may wait for this before they
    /// ask for their next event. Only the first call has an effect.
    pub(super) fn runtime_done(&mut self, at: Instant, outcome: &InvocationOutcome) {
        let (Some(environment), Some(delivered)) = (self.environment, self.delivered) else {
            return;
        };
        if std::mem::replace(&mut self.is_runtime_done, true) {
            return;
        }
        let mut spans = Vec::new();
        if let Some(ReceivedResponse { began, ended, .. }) = self.response {
            spans.push(span("responseLatency", delivered, began));
            spans.push(span("responseDuration", began, ended));
            if at > ended {
                spans.push(span("runtimeOverhead", ended, at));
            }
        }
        let (status, error_type) = self.status(outcome);
        environment.hub.publish(&Record::RuntimeDone {
            request_id: self.request_id,
            status,
            error_type: error_type.as_deref(),
            metrics: RuntimeDoneMetrics {
                duration_ms: Millis(rounded(at.saturating_duration_since(delivered))),
                produced_bytes: self.response.map_or(0, |response| response.size),
            },
            spans: &spans,
            tracing: self.tracing(),
        });
    }

    /// The invocation ended. The clients of the Telemetry API expect a number for the memory, so
    /// memory that is not known is 0.
    pub(super) fn ended(&mut self, result: &InvocationResult) {
        let (Some(environment), Some(delivered)) = (self.environment, self.delivered) else {
            return;
        };
        self.runtime_done(delivered + result.duration, &result.outcome);
        let (status, error_type) = self.status(&result.outcome);
        environment.hub.publish(&Record::Report {
            request_id: self.request_id,
            status,
            error_type: error_type.as_deref(),
            metrics: ReportMetrics {
                duration_ms: Millis(rounded(result.duration)),
                billed_duration_ms: billed_ms(result.duration, result.init),
                memory_size_mb: environment.memory_mb.into(),
                max_memory_used_mb: result.peak_memory.map_or(0, mb),
                init_duration_ms: result.init.map(|init| Millis(rounded(init))),
            },
            tracing: self.tracing(),
        });
    }

    fn status(&self, outcome: &InvocationOutcome) -> (TelemetryStatus, Option<String>) {
        match outcome {
            InvocationOutcome::Response { .. } => (TelemetryStatus::Success, None),
            InvocationOutcome::TimedOut(_) => (TelemetryStatus::Timeout, None),
            failed => {
                let error = failed.error(self.request_id);
                (TelemetryStatus::Error, error.map(|error| error.kind))
            }
        }
    }
}

fn span(name: &'static str, from: Instant, to: Instant) -> Span {
    Span {
        name,
        start: SystemTime::now() - from.elapsed(),
        duration_ms: Millis(rounded(to.saturating_duration_since(from))),
    }
}
