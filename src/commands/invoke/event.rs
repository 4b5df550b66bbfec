//! Reads the event for an invocation.
//!
//! In: an [`EventSource`]. Out: JSON that is not larger than Lambda allows.

use std::io::Read;
use std::path::PathBuf;

use anyhow::Context;

use crate::emulator::MAX_RESPONSE;
use crate::ui::failure::{ExitKind, Failure};

/// Where an event comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventSource {
    /// The text of `--data`.
    Text(String),
    /// The absolute path of a file.
    File(PathBuf),
    Stdin,
    /// The name of one of [`SAMPLES`].
    Sample(String),
}

macro_rules! samples {
    ($($name:literal, $description:literal;)+) => {
        /// The name, the description, and the JSON of each sample event.
        pub(crate) const SAMPLES: &[(&str, &str, &str)] = &[
            $(($name, $description, include_str!(concat!("../../../templates/events/", $name, ".json"))),)+
        ];
    };
}

samples! {
    "alb", "a request from an Application Load Balancer";
    "apigw", "a request from an API Gateway HTTP API (payload format 2.0)";
    "apigw-rest", "a request from an API Gateway REST API (payload format 1.0)";
    "dynamodb", "item changes from a table's stream";
    "eventbridge", "an event from an event bus";
    "function-url", "a request to a function URL";
    "kinesis", "records from a stream";
    "s3", "an object created in a bucket";
    "schedule", "a scheduled EventBridge rule";
    "sns", "a notification from a topic";
    "sqs", "messages from a queue";
    "websocket", "a message from an API Gateway WebSocket API";
}

/// Reads an event.
pub(crate) fn read(source: &EventSource) -> anyhow::Result<Vec<u8>> {
    let (source_name, bytes) = match source {
        EventSource::Text(text) => ("`--data`".to_owned(), text.clone().into_bytes()),
        EventSource::Sample(name) => {
            let sample = SAMPLES.iter().find(|(sample, ..)| sample == name);
            let (.., text) = sample.with_context(|| format!("unknown sample event `{name}`"))?;
            (format!("`--event {name}`"), text.as_bytes().to_vec())
        }
        EventSource::File(path) => {
            let bytes = fs_err::File::open(path)
                .and_then(read_limited)
                .map_err(|error| {
                    Failure::new(
                        ExitKind::Packaging,
                        format!("cannot read the event: {error}"),
                    )
                    .help("check that it is a file and that you can read it")
                })?;
            (format!("`{}`", path.display()), bytes)
        }
        EventSource::Stdin => {
            let bytes = read_limited(std::io::stdin().lock())
                .context("cannot read the event from stdin")?;
            ("stdin".to_owned(), bytes)
        }
    };
    if bytes.len() as u64 > MAX_RESPONSE {
        let what =
            format!("{source_name} exceeds Lambda's limit of {MAX_RESPONSE} bytes for an event");
        let help = "store large data in S3, and refer to the object in the event";
        return Err(Failure::new(ExitKind::Limit, what).help(help).into());
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let what = format!("{source_name} is UTF-16, but an event must be JSON in UTF-8");
        let help = "save it as UTF-8; in PowerShell, use `Out-File -Encoding utf8`";
        return Err(Failure::new(ExitKind::Usage, what).help(help).into());
    }
    // Editors on Windows write a byte order mark, which Lambda does not accept in JSON.
    let event = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => rest.to_vec(),
        None => bytes,
    };
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&event) {
        let what = format!("{source_name} is not valid JSON: {error}");
        let help = "put strings in double quotes, as in `--data '\"text\"'`; to read the event \
                    from a file, pass `--data @FILE`";
        return Err(Failure::new(ExitKind::Usage, what).help(help).into());
    }
    Ok(event)
}

/// Reads up to one byte more than the limit, so that the caller can tell that there is more.
fn read_limited(input: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(MAX_RESPONSE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_json() {
        for (name, ..) in SAMPLES {
            read(&EventSource::Sample((*name).to_owned())).unwrap();
        }
    }

    #[test]
    fn a_byte_order_mark_is_dropped_and_utf_16_is_rejected() {
        let marked = read(&EventSource::Text("\u{feff}{\"a\": 1}\n".to_owned())).unwrap();
        assert_eq!(marked, b"{\"a\": 1}\n");
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("event.json");
        fs_err::write(&file, b"\xff\xfe{\0}\0").unwrap();
        let error = read(&EventSource::File(file)).unwrap_err();
        let failure = Failure::from_error(&error, ExitKind::Bug);
        assert_eq!(failure.kind, ExitKind::Usage);
        assert!(failure.problems[0].what.contains("is UTF-16"));
    }

    #[test]
    fn invalid_json_and_large_events_are_rejected() {
        for (text, kind) in [
            ("{", ExitKind::Usage),
            ("hello", ExitKind::Usage),
            ("", ExitKind::Usage),
            ("{} {}", ExitKind::Usage),
            (&format!("\"{}\"", "x".repeat(6_291_556)), ExitKind::Limit),
        ] {
            let error = read(&EventSource::Text(text.to_owned())).unwrap_err();
            assert_eq!(Failure::from_error(&error, ExitKind::Bug).kind, kind);
        }
        let largest = format!("\"{}\"", "x".repeat(6_291_554));
        assert!(read(&EventSource::Text(largest)).is_ok());
    }
}
