//! Reports that are JSON: Lambda's own records, and the fields that Insights makes of
//! `REPORT` lines.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html>

use serde_json::{Map, Value};

use crate::metrics::report_log::call::{FailedInit, ReportedCall};
use crate::metrics::report_log::fields::whole;
use crate::metrics::report_log::input::LogReader;
use crate::metrics::report_log::insights::fields as insights;
use crate::metrics::report_log::prefix::MessageOrigin;

impl LogReader<'_> {
    /// Takes a record of Lambda; of those that are no reports nothing is said.
    pub(super) fn platform(&mut self, kind: &str, record: &Value, origin: &MessageOrigin) {
        match kind {
            "platform.initStart" => {
                if let Some(name) = text(record, "functionName").filter(|name| !name.is_empty()) {
                    self.names.learn(name, origin);
                }
            }
            "platform.report" => match call(record) {
                Ok(call) => self.call(call, origin),
                Err(why) => self.cannot_read(why),
            },
            "platform.initReport" => match init(record) {
                // An init that went well is told with its call.
                Ok(init) if init.status.as_deref() != Some("success") => self.init(init, origin),
                Ok(_) => {}
                Err(why) => self.cannot_read(why),
            },
            _ => {}
        }
    }

    /// Takes a row of Insights that has no message, but the fields made of one.
    pub(super) fn discovered(&mut self, object: &Map<String, Value>, origin: &MessageOrigin) {
        if !insights::is_row(object) {
            return;
        }
        let row = insights::own_names(object);
        if row.get("@type").is_some_and(|kind| kind != "REPORT") {
            return;
        }
        if !row.contains_key("@duration") {
            return self.lacks_duration(&row);
        }
        match of_insight(&row) {
            Ok(call) => self.call(call, origin),
            Err(why) => self.cannot_read(why),
        }
    }
}

fn call(record: &Value) -> Result<ReportedCall, String> {
    let metrics = record.get("metrics").and_then(Value::as_object);
    let metrics = metrics.ok_or("its record has no metrics")?;
    let number = |name: &str| number(metrics, name);
    Ok(ReportedCall {
        request_id: text(record, "requestId"),
        duration_ms: number("durationMs")?.ok_or("its metrics have no durationMs")?,
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

fn init(record: &Value) -> Result<FailedInit, String> {
    let metrics = record.get("metrics").and_then(Value::as_object);
    let metrics = metrics.ok_or("its record has no metrics")?;
    Ok(FailedInit {
        init_ms: number(metrics, "durationMs")?.ok_or("its metrics have no durationMs")?,
        phase: text(record, "phase"),
        status: text(record, "status"),
        error_type: text(record, "errorType"),
        ..FailedInit::default()
    })
}

/// Insights has memory in bytes, of which 1,000,000 make what Lambda calls a MB.
fn of_insight(row: &Map<String, Value>) -> Result<ReportedCall, String> {
    let number = |name: &str| number(row, name);
    let memory = |name: &str| Ok::<_, String>(number(name)?.and_then(|bytes| whole(bytes / 1e6)));
    Ok(ReportedCall {
        request_id: row
            .get("@requestId")
            .and_then(Value::as_str)
            .map(str::to_owned),
        duration_ms: number("@duration")?.ok_or("it has no @duration")?,
        billed_ms: number("@billedDuration")?.and_then(whole),
        memory_mb: memory("@memorySize")?,
        max_memory_mb: memory("@maxMemoryUsed")?,
        init_ms: number("@initDuration")?,
        ..ReportedCall::default()
    })
}

fn text(record: &Value, name: &str) -> Option<String> {
    record.get(name)?.as_str().map(str::to_owned)
}

/// A number, or text that is one, as Insights has it; absent where null or empty.
fn number(object: &Map<String, Value>, name: &str) -> Result<Option<f64>, String> {
    let number = match object.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    match number.filter(|number| number.is_finite() && *number >= 0.0) {
        Some(number) => Ok(Some(number)),
        None => Err(format!("its {name} is no number")),
    }
}
