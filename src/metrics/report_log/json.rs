//! JSON in which reports are: of CloudWatch, Insights, `Invoke`, and Lambda itself.
//!
//! Absent: what a report says, which is `platform.rs`.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::metrics::report_log::input::LogReader;
use crate::metrics::report_log::prefix::MessageOrigin;
use crate::metrics::report_log::text;
use crate::metrics::report_log::time::Timestamp;

/// Lists of events: of `filter-log-events` and `get-log-events`, of subscriptions, of
/// Insights, and of live tails.
const LISTS: [&str; 4] = ["events", "logEvents", "results", "sessionResults"];

/// The fields of an object that matter here.
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

impl LogReader<'_> {
    /// Takes a value that is in memory.
    pub(super) fn value(&mut self, value: &Value, origin: &MessageOrigin) {
        match value {
            Value::String(message) => self.message(message, origin),
            Value::Array(items) => match insight(items) {
                Some(row) => self.object(&row, origin),
                None => items.iter().for_each(|item| self.value(item, origin)),
            },
            Value::Object(object) => self.object(object, origin),
            _ => {}
        }
    }

    fn object(&mut self, object: &Map<String, Value>, origin: &MessageOrigin) {
        let mut origin = origin.clone();
        learn(object, &mut origin);
        let kind = object.get("type").and_then(Value::as_str);
        if let (Some(kind), Some(record)) = (kind, object.get("record"))
            && kind.starts_with("platform.")
        {
            return self.platform(kind, record, &origin);
        }
        for list in LISTS {
            if let Some(Value::Array(items)) = object.get(list) {
                items.iter().for_each(|item| self.value(item, &origin));
            }
        }
        match object.get("message").or_else(|| object.get("@message")) {
            Some(message) => self.value(message, &origin),
            None => self.discovered(object, &origin),
        }
        if let Some(Value::String(base64)) = object.get("LogResult") {
            match text::decoded(base64) {
                Some(bytes) => self.message(&String::from_utf8_lossy(&bytes), &origin),
                None => self.cannot_read("its LogResult is not base64".to_owned()),
            }
        }
    }
}

/// A row of Insights: a list of fields, each with its value.
fn insight(items: &[Value]) -> Option<Map<String, Value>> {
    if items.is_empty() {
        return None;
    }
    let field = |item: &Value| {
        let name = item.get("field")?.as_str()?.to_owned();
        Some((name, item.get("value")?.clone()))
    };
    items.iter().map(field).collect()
}

/// What an object says of the messages in it.
fn learn(object: &Map<String, Value>, origin: &mut MessageOrigin) {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    for name in ["logGroup", "logGroupName", "logGroupIdentifier", "@log"] {
        text(name).into_iter().for_each(|group| origin.group(group));
    }
    for name in ["logStream", "logStreamName", "@logStream"] {
        text(name)
            .into_iter()
            .for_each(|stream| origin.stream(stream));
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

/// JSON of any size: lists of events are taken one by one, and what does not matter is
/// not kept.
pub(super) struct JsonDocument<'a, 'b> {
    pub(super) reader: &'a mut LogReader<'b>,
    pub(super) origin: MessageOrigin,
}

impl<'de> DeserializeSeed<'de> for JsonDocument<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonDocument<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut object = Map::new();
        let Self { reader, mut origin } = self;
        while let Some(name) = map.next_key::<String>()? {
            if LISTS.contains(&name.as_str()) {
                learn(&object, &mut origin);
                let origin = origin.clone();
                map.next_value_seed(JsonDocument { reader, origin })?;
            } else if FIELDS.contains(&name.as_str()) || name.starts_with('@') {
                object.insert(name, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        reader.value(&Value::Object(object), &origin);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element::<Value>()? {
            self.reader.value(&item, &self.origin);
        }
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.reader.message(text, &self.origin);
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
