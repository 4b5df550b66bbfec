//! The events of the Telemetry API.
//!
//! In: what happened. Out: the JSON of an event, in the schema that AWS documents. Optional
//! properties without a value are left out.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::emulator::telemetry::subscription::Category;

/// Something that happened. It is serialized as the properties `type` and `record`.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", content = "record", rename_all_fields = "camelCase")]
pub(crate) enum Record<'a> {
    /// The init phase began.
    #[serde(rename = "platform.initStart")]
    InitStart {
        function_name: &'a str,
        function_version: &'a str,
        initialization_type: InitializationType,
        /// In MB.
        instance_max_memory: u32,
        /// `init`. On Lambda, `invoke` is the repetition of a failed init.
        phase: &'a str,
    },
    /// The runtime asked for its first event, or failed before.
    #[serde(rename = "platform.initRuntimeDone")]
    InitRuntimeDone {
        initialization_type: InitializationType,
        phase: &'a str,
        status: TelemetryStatus,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_type: Option<&'a str>,
    },
    /// The init phase ended.
    #[serde(rename = "platform.initReport")]
    InitReport {
        initialization_type: InitializationType,
        phase: &'a str,
        status: TelemetryStatus,
        metrics: InitMetrics,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_type: Option<&'a str>,
    },
    /// An invocation began.
    #[serde(rename = "platform.start")]
    Start {
        request_id: &'a str,
        version: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        tracing: Option<Tracing<'a>>,
    },
    /// The runtime responded to an event and asked for the next one, or failed.
    #[serde(rename = "platform.runtimeDone")]
    RuntimeDone {
        request_id: &'a str,
        status: TelemetryStatus,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_type: Option<&'a str>,
        metrics: RuntimeDoneMetrics,
        #[serde(skip_serializing_if = "<[Span]>::is_empty")]
        spans: &'a [Span],
        #[serde(skip_serializing_if = "Option::is_none")]
        tracing: Option<Tracing<'a>>,
    },
    /// An invocation ended, and all extensions are ready for the next one.
    #[serde(rename = "platform.report")]
    Report {
        request_id: &'a str,
        status: TelemetryStatus,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_type: Option<&'a str>,
        metrics: ReportMetrics,
        #[serde(skip_serializing_if = "Option::is_none")]
        tracing: Option<Tracing<'a>>,
    },
    /// The state of an extension at the end of the init phase, such as `Ready`.
    #[serde(rename = "platform.extension")]
    ExtensionState {
        name: &'a str,
        state: &'a str,
        events: &'a [&'a str],
        #[serde(skip_serializing_if = "Option::is_none")]
        error_type: Option<&'a str>,
    },
    /// An extension subscribed to telemetry.
    #[serde(rename = "platform.telemetrySubscription")]
    TelemetrySubscription {
        name: &'a str,
        state: &'a str,
        types: &'a [Category],
    },
    /// Events were not delivered.
    #[serde(rename = "platform.logsDropped")]
    LogsDropped {
        reason: &'a str,
        dropped_records: usize,
        dropped_bytes: usize,
    },
    /// A line of the function.
    #[serde(rename = "function")]
    Function(&'a str),
    /// A line of an extension.
    #[serde(rename = "extension")]
    Extension(&'a str),
}

impl Record<'_> {
    pub(crate) const fn category(&self) -> Category {
        match self {
            Self::Function(_) => Category::Function,
            Self::Extension(_) => Category::Extension,
            _ => Category::Platform,
        }
    }

    /// The JSON of the event.
    pub(super) fn to_event(&self, time: SystemTime) -> serde_json::Result<Vec<u8>> {
        #[derive(Serialize)]
        struct Event<'a> {
            time: String,
            #[serde(flatten)]
            record: &'a Record<'a>,
        }
        serde_json::to_vec(&Event {
            time: format_time(time),
            record: self,
        })
    }
}

/// Writes a time as RFC 3339, always with three digits of milliseconds.
fn format_time(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).unwrap_or_default();
    format!("{time:.3}")
}

/// Why an execution environment was initialized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum InitializationType {
    OnDemand,
    LambdaManagedInstances,
}

/// How an init or an invocation ended. Lambda also has `failure`, for its own failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TelemetryStatus {
    Success,
    /// The function reported an error or ended, or an extension did.
    Error,
    Timeout,
}

/// A duration in milliseconds, with the precision of microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Millis(pub Duration);

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "durations have fewer than 2^53 microseconds"
        )]
        let micros = self.0.as_micros() as f64;
        serializer.serialize_f64(micros / 1000.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitMetrics {
    pub duration_ms: Millis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RuntimeDoneMetrics {
    pub duration_ms: Millis,
    /// The size of the response.
    pub produced_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportMetrics {
    pub duration_ms: Millis,
    pub billed_duration_ms: u64,
    #[serde(rename = "memorySizeMB")]
    pub memory_size_mb: u64,
    #[serde(rename = "maxMemoryUsedMB")]
    pub max_memory_used_mb: u64,
    /// Only if the invocation is the first after the init phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init_duration_ms: Option<Millis>,
}

/// A part of an invocation: `responseLatency` until the first byte of the response,
/// `responseDuration` until its last one, and `runtimeOverhead` until the runtime asks for the
/// next event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Span {
    pub name: &'static str,
    #[serde(serialize_with = "serialize_time")]
    pub start: SystemTime,
    pub duration_ms: Millis,
}

fn serialize_time<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_time(*time))
}

/// The X-Ray trace of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "X-Amzn-Trace-Id", rename_all = "camelCase")]
pub(crate) struct Tracing<'a> {
    pub value: &'a str,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn millis(micros: u64) -> Millis {
        Millis(Duration::from_micros(micros))
    }

    fn event(record: &Record) -> Value {
        let time = SystemTime::UNIX_EPOCH + Duration::from_micros(1_665_532_815_064_999);
        let event = record.to_event(time).unwrap();
        let event: Value = serde_json::from_slice(&event).unwrap();
        assert_eq!(event["time"], "2022-10-12T00:00:15.064Z");
        assert_eq!(event.as_object().unwrap().len(), 3, "{event}");
        json!([event["type"], event["record"]])
    }

    #[test]
    fn times_always_have_three_digits_of_milliseconds() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_665_532_815);
        assert_eq!(format_time(time), "2022-10-12T00:00:15.000Z");
    }

    #[test]
    fn events_of_the_init_phase_have_awss_schema() {
        let (initialization_type, phase) = (InitializationType::OnDemand, "init");
        let start = Record::InitStart {
            function_name: "orders",
            function_version: "$LATEST",
            initialization_type,
            instance_max_memory: 256,
            phase,
        };
        let done = Record::InitRuntimeDone {
            initialization_type,
            phase,
            status: TelemetryStatus::Error,
            error_type: Some("Runtime.ExitError"),
        };
        let report = Record::InitReport {
            initialization_type,
            phase,
            status: TelemetryStatus::Success,
            metrics: InitMetrics {
                duration_ms: millis(125_330),
            },
            error_type: None,
        };
        assert_eq!(
            json!([event(&start), event(&done), event(&report)]),
            json!([
                ["platform.initStart", {
                    "functionName": "orders",
                    "functionVersion": "$LATEST",
                    "initializationType": "on-demand",
                    "instanceMaxMemory": 256,
                    "phase": "init",
                }],
                ["platform.initRuntimeDone", {
                    "initializationType": "on-demand",
                    "phase": "init",
                    "status": "error",
                    "errorType": "Runtime.ExitError",
                }],
                ["platform.initReport", {
                    "initializationType": "on-demand",
                    "phase": "init",
                    "status": "success",
                    "metrics": { "durationMs": 125.33 },
                }],
            ])
        );
    }

    #[test]
    fn events_of_an_invocation_have_awss_schema() {
        let tracing = Some(Tracing {
            value: "Root=1-6352a70e-1e2c502e358361800241fd45",
        });
        let start = Record::Start {
            request_id: "id",
            version: "$LATEST",
            tracing,
        };
        let spans = [Span {
            name: "responseLatency",
            start: SystemTime::UNIX_EPOCH,
            duration_ms: millis(23_020),
        }];
        let done = Record::RuntimeDone {
            request_id: "id",
            status: TelemetryStatus::Success,
            error_type: None,
            metrics: RuntimeDoneMetrics {
                duration_ms: millis(140_000),
                produced_bytes: 16,
            },
            spans: &spans,
            tracing: None,
        };
        let report = Record::Report {
            request_id: "id",
            status: TelemetryStatus::Timeout,
            error_type: None,
            metrics: ReportMetrics {
                duration_ms: millis(3_000_001),
                billed_duration_ms: 3001,
                memory_size_mb: 128,
                max_memory_used_mb: 94,
                init_duration_ms: Some(millis(549_990)),
            },
            tracing: None,
        };
        assert_eq!(
            json!([event(&start), event(&done), event(&report)]),
            json!([
                ["platform.start", {
                    "requestId": "id",
                    "version": "$LATEST",
                    "tracing": {
                        "type": "X-Amzn-Trace-Id",
                        "value": "Root=1-6352a70e-1e2c502e358361800241fd45",
                    },
                }],
                ["platform.runtimeDone", {
                    "requestId": "id",
                    "status": "success",
                    "metrics": { "durationMs": 140.0, "producedBytes": 16 },
                    "spans": [{
                        "name": "responseLatency",
                        "start": "1970-01-01T00:00:00.000Z",
                        "durationMs": 23.02,
                    }],
                }],
                ["platform.report", {
                    "requestId": "id",
                    "status": "timeout",
                    "metrics": {
                        "durationMs": 3000.001,
                        "billedDurationMs": 3001,
                        "memorySizeMB": 128,
                        "maxMemoryUsedMB": 94,
                        "initDurationMs": 549.99,
                    },
                }],
            ])
        );
    }

    #[test]
    fn events_of_extensions_and_lines_have_awss_schema() {
        let extension = Record::ExtensionState {
            name: "my-extension",
            state: "Ready",
            events: &["INVOKE", "SHUTDOWN"],
            error_type: None,
        };
        let subscription = Record::TelemetrySubscription {
            name: "my-extension",
            state: "Subscribed",
            types: &[Category::Platform, Category::Function, Category::Extension],
        };
        let dropped = Record::LogsDropped {
            reason: "slow",
            dropped_records: 123,
            dropped_bytes: 12345,
        };
        let records = [
            extension,
            subscription,
            dropped,
            Record::Function("[ERROR] \"x\""),
            Record::Extension(""),
        ];
        assert_eq!(
            Value::from_iter(records.iter().map(event)),
            json!([
                ["platform.extension", {
                    "name": "my-extension",
                    "state": "Ready",
                    "events": ["INVOKE", "SHUTDOWN"],
                }],
                ["platform.telemetrySubscription", {
                    "name": "my-extension",
                    "state": "Subscribed",
                    "types": ["platform", "function", "extension"],
                }],
                ["platform.logsDropped", {
                    "reason": "slow",
                    "droppedRecords": 123,
                    "droppedBytes": 12345,
                }],
                ["function", "[ERROR] \"x\""],
                ["extension", ""],
            ])
        );
    }
}
