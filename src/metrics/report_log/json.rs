//! Parses the JSON around reports: of CloudWatch, Logs Insights, `Invoke`, and Lambda.
//!
//! Left to others: the fields of a report itself, which `platform.rs` parses.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::metrics::report_log::event::{EventSink, LogEvent};
use crate::metrics::report_log::prefix::MessageOrigin;
use crate::metrics::report_log::time::Timestamp;
use crate::metrics::report_log::{platform, text};

/// The keys of lists of events, in the responses of `filter-log-events` and
/// `get-log-events`, in subscriptions, in Logs Insights, and in live tails.
const LISTS: [&str; 4] = ["events", "logEvents", "results", "sessionResults"];

/// The other keys that are needed.
const FIELDS: [&str; 12] = [
    "type",
    "record",
    "time",
    "timestamp",
    "message",
    "logGroup",
    "logGroupName",
    "logGroupIdentifier",
    "logStream",
    "logStreamName",
    "LogResult",
    "functionName",
];

/// Parses a value that is in memory.
pub(super) fn parse_value(value: &Value, origin: &MessageOrigin, emit: &mut EventSink<'_>) {
    match value {
        Value::String(message) => emit(LogEvent::Message(message.clone(), origin.clone())),
        Value::Array(items) => match insights_row(items) {
            Some(row) => parse_object(&row, origin, emit),
            None => {
                for item in items {
                    parse_value(item, origin, emit);
                }
            }
        },
        Value::Object(object) => parse_object(object, origin, emit),
        _ => {}
    }
}

/// Parses JSON of any length. Lists of events are parsed one by one, and fields that are
/// not needed are not kept in memory.
pub(super) fn parse_stream(
    input: impl Read,
    origin: &MessageOrigin,
    emit: &mut EventSink<'_>,
) -> serde_json::Result<()> {
    let stream = JsonStream {
        origin: origin.clone(),
        emit,
    };
    stream.deserialize(&mut serde_json::Deserializer::from_reader(input))
}

fn parse_object(object: &Map<String, Value>, origin: &MessageOrigin, emit: &mut EventSink<'_>) {
    let mut origin = origin.clone();
    learn_origin(object, &mut origin);
    let kind = object.get("type").and_then(Value::as_str);
    if let (Some(kind), Some(record)) = (kind, object.get("record"))
        && kind.starts_with("platform.")
    {
        return platform::parse_record(kind, record, &origin, emit);
    }
    for list in LISTS {
        if let Some(Value::Array(items)) = object.get(list) {
            for item in items {
                parse_value(item, &origin, emit);
            }
        }
    }
    match object.get("message").or_else(|| object.get("@message")) {
        Some(message) => parse_value(message, &origin, emit),
        None => platform::parse_insights_row(object, &origin, emit),
    }
    if let Some(Value::String(base64)) = object.get("LogResult") {
        emit(match text::decode_base64(base64) {
            Some(log) => LogEvent::Message(log, origin),
            None => LogEvent::Unreadable("its `LogResult` is not base64".to_owned()),
        });
    }
}

/// Converts a row of Logs Insights, which is a list of `{"field": …, "value": …}`. Returns
/// `None` for any other list.
fn insights_row(items: &[Value]) -> Option<Map<String, Value>> {
    if items.is_empty() {
        return None;
    }
    items
        .iter()
        .map(|item| {
            let name = item.get("field")?.as_str()?.to_owned();
            Some((name, item.get("value")?.clone()))
        })
        .collect()
}

/// Adds the metadata that an object has for its messages to `origin`.
fn learn_origin(object: &Map<String, Value>, origin: &mut MessageOrigin) {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    for name in ["logGroup", "logGroupName", "logGroupIdentifier", "@log"] {
        if let Some(group) = text(name) {
            origin.learn_group(group);
        }
    }
    for name in ["logStream", "logStreamName", "@logStream"] {
        if let Some(stream) = text(name) {
            origin.learn_stream(stream);
        }
    }
    for name in ["timestamp", "@timestamp", "time"] {
        let time = match object.get(name) {
            Some(Value::Number(ms)) => ms.as_i64().and_then(Timestamp::from_unix_millis),
            Some(Value::String(text)) => Timestamp::parse(text),
            _ => None,
        };
        origin.time = time.or(origin.time);
    }
}

struct JsonStream<'a, 'b> {
    origin: MessageOrigin,
    emit: &'a mut EventSink<'b>,
}

impl<'de> DeserializeSeed<'de> for JsonStream<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonStream<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut object = Map::new();
        let Self { mut origin, emit } = self;
        while let Some(name) = map.next_key::<String>()? {
            if LISTS.contains(&name.as_str()) {
                // The keys before the list can name the log group of its events.
                learn_origin(&object, &mut origin);
                map.next_value_seed(JsonStream {
                    origin: origin.clone(),
                    emit: &mut *emit,
                })?;
            } else if FIELDS.contains(&name.as_str()) || name.starts_with('@') {
                object.insert(name, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        parse_object(&object, &origin, emit);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element::<Value>()? {
            parse_value(&item, &self.origin, self.emit);
        }
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.emit)(LogEvent::Message(text.to_owned(), self.origin));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
}
