//! Parses reports that are JSON: Lambda's own records, and the fields that Logs Insights
//! extracts from `REPORT` lines.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html>

use serde_json::{Map, Value};

use crate::metrics::report_log::call::{FailedInit, ReportedCall};
use crate::metrics::report_log::event::{EventSink, LogEvent};
use crate::metrics::report_log::insights::fields;
use crate::metrics::report_log::prefix::MessageOrigin;
use crate::metrics::report_log::report_line::whole;

/// Parses a record of Lambda's Telemetry API. Only records about inits and calls matter.
pub(super) fn parse_record(
    kind: &str,
    record: &Value,
    origin: &MessageOrigin,
    emit: &mut EventSink<'_>,
) {
    match kind {
        "platform.initStart" => {
            if let Some(name) = text(record, "functionName").filter(|name| !name.is_empty()) {
                emit(LogEvent::FunctionName(name, origin.clone()));
            }
        }
        "platform.report" => emit(LogEvent::from_call(parse_call(record), origin)),
        "platform.initReport" => {
            let init = parse_init(record);
            // The report of the call contains an init that succeeded.
            let has_succeeded = |init: &FailedInit| init.status.as_deref() == Some("success");
            if !init.as_ref().is_ok_and(has_succeeded) {
                emit(LogEvent::from_init(init, origin));
            }
        }
        _ => {}
    }
}

/// Parses a row of Logs Insights that has the fields of a report instead of a message.
pub(super) fn parse_insights_row(
    object: &Map<String, Value>,
    origin: &MessageOrigin,
    emit: &mut EventSink<'_>,
) {
    if !fields::is_row(object) {
        return;
    }
    let row = fields::with_insights_names(object);
    if row.get("@type").is_some_and(|kind| kind != "REPORT") {
        return;
    }
    if row.contains_key("@duration") {
        emit(LogEvent::from_call(parse_insights_call(&row), origin));
    } else if fields::is_surely_row(&row) {
        emit(LogEvent::RowWithoutDuration);
    }
}

fn parse_call(record: &Value) -> Result<ReportedCall, String> {
    let metrics = metrics(record)?;
    let number = |name: &str| number(metrics, name);
    Ok(ReportedCall {
        request_id: text(record, "requestId"),
        duration_ms: number("durationMs")?.ok_or("its metrics have no `durationMs`")?,
        billed_ms: number("billedDurationMs")?.and_then(whole),
        memory_mb: number("memorySizeMB")?.and_then(whole),
        max_memory_mb: number("maxMemoryUsedMB")?.and_then(whole),
        init_ms: number("initDurationMs")?,
        restore_ms: number("restoreDurationMs")?,
        billed_restore_ms: number("billedRestoreDurationMs")?.and_then(whole),
        status: text(record, "status"),
        error_type: text(record, "errorType"),
        ..ReportedCall::default()
    })
}

fn parse_init(record: &Value) -> Result<FailedInit, String> {
    let metrics = metrics(record)?;
    Ok(FailedInit {
        init_ms: number(metrics, "durationMs")?.ok_or("its metrics have no `durationMs`")?,
        phase: text(record, "phase"),
        status: text(record, "status"),
        error_type: text(record, "errorType"),
        ..FailedInit::default()
    })
}

/// Parses a row. Logs Insights gives memory in bytes; Lambda's MB is 1,000,000 bytes.
fn parse_insights_call(row: &Map<String, Value>) -> Result<ReportedCall, String> {
    let number = |name: &str| number(row, name);
    let memory = |name: &str| Ok::<_, String>(number(name)?.and_then(|bytes| whole(bytes / 1e6)));
    Ok(ReportedCall {
        request_id: row
            .get("@requestId")
            .and_then(Value::as_str)
            .map(str::to_owned),
        duration_ms: number("@duration")?.ok_or("it has no `@duration`")?,
        billed_ms: number("@billedDuration")?.and_then(whole),
        memory_mb: memory("@memorySize")?,
        max_memory_mb: memory("@maxMemoryUsed")?,
        init_ms: number("@initDuration")?,
        ..ReportedCall::default()
    })
}

fn metrics(record: &Value) -> Result<&Map<String, Value>, String> {
    let metrics = record.get("metrics").and_then(Value::as_object);
    metrics.ok_or_else(|| "its record has no `metrics`".to_owned())
}

fn text(record: &Value, name: &str) -> Option<String> {
    record.get(name)?.as_str().map(str::to_owned)
}

/// The number of a field. Logs Insights has numbers as text. Null and empty text are the
/// same as an absent field.
fn number(object: &Map<String, Value>, name: &str) -> Result<Option<f64>, String> {
    let number = match object.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    number
        .filter(|number| number.is_finite() && *number >= 0.0)
        .map(Some)
        .ok_or_else(|| format!("its `{name}` is not a number"))
}
