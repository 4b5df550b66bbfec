//! The body of a subscription to the Telemetry API.
//!
//! In: the body of `PUT /2022-07-01/telemetry`. Out: a valid [`Subscription`], or all problems
//! of the body in one message, as on AWS: "URI port is not provided; types should not be empty".
//! The names that AWS gives to the execution environment become 127.0.0.1.
//! Unknown properties are ignored, as in the JSON schema of AWS's emulator.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html>, and
//! `aws-lambda-rie/internal/telemetry/schema/telemetry-subscription-schema.json` of
//! aws/aws-lambda-runtime-interface-emulator.

use std::ops::RangeInclusive;
use std::time::Duration;

use hyper::Uri;
use serde::Serialize;
use serde_json::{Map, Value};

/// The versions of the events' schema. Their events are the same here.
const SCHEMA_VERSIONS: [&str; 3] = ["2022-07-01", "2022-12-13", "2025-01-29"];
/// The names of the execution environment in a destination.
const LOCAL_HOSTS: [&str; 4] = ["sandbox.localdomain", "sandbox", "localhost", "127.0.0.1"];

/// What an extension wants to receive, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subscription {
    pub categories: Vec<Category>,
    pub buffering: Buffering,
    pub destination: Destination,
}

/// A kind of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Category {
    /// Events of Lambda itself.
    Platform,
    /// Lines of the function.
    Function,
    /// Lines of extensions.
    Extension,
}

impl Category {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "platform" => Self::Platform,
            "function" => Self::Function,
            "extension" => Self::Extension,
            _ => return None,
        })
    }
}

/// When a batch is sent: as soon as one of these limits is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Buffering {
    pub max_items: usize,
    pub max_bytes: usize,
    pub timeout: Duration,
}

/// Where the events are sent, on 127.0.0.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Destination {
    Http {
        port: u16,
        /// The value of the `Host` header.
        host: String,
        path_and_query: String,
    },
    Tcp {
        port: u16,
    },
}

impl Subscription {
    /// Returns the error message if the body is invalid.
    pub(super) fn parse(body: &[u8]) -> Result<Self, String> {
        let body: Map<String, Value> =
            serde_json::from_slice(body).map_err(|error| format!("invalid JSON: {error}"))?;
        let mut problems = Vec::new();
        match body.get("schemaVersion").map(Value::as_str) {
            Some(Some(version)) if SCHEMA_VERSIONS.contains(&version) => {}
            Some(_) => problems.push(format!(
                "schemaVersion should be one of {}",
                SCHEMA_VERSIONS.join(", ")
            )),
            None => problems.push("schemaVersion is not provided".to_owned()),
        }
        let destination =
            parse_destination(body.get("destination")).map_err(|problem| problems.push(problem));
        let categories =
            parse_categories(body.get("types")).map_err(|problem| problems.push(problem));
        let buffering = parse_buffering(body.get("buffering"), &mut problems);
        match (destination, categories) {
            (Ok(destination), Ok(categories)) if problems.is_empty() => Ok(Self {
                categories,
                buffering,
                destination,
            }),
            _ => Err(problems.join("; ")),
        }
    }
}

fn parse_categories(types: Option<&Value>) -> Result<Vec<Category>, String> {
    let types = match types {
        None => return Err("types is not provided".to_owned()),
        Some(Value::Array(types)) => types,
        Some(_) => return Err("types should be an array".to_owned()),
    };
    if types.is_empty() {
        return Err("types should not be empty".to_owned());
    }
    types
        .iter()
        .map(|name| name.as_str().and_then(Category::parse))
        .collect::<Option<_>>()
        .ok_or_else(|| "types should be platform, function, or extension".to_owned())
}

fn parse_destination(destination: Option<&Value>) -> Result<Destination, String> {
    let destination = match destination {
        None => return Err("destination is not provided".to_owned()),
        Some(Value::Object(destination)) => destination,
        Some(_) => return Err("destination should be an object".to_owned()),
    };
    match destination.get("protocol").and_then(Value::as_str) {
        Some("HTTP") => match destination.get("URI").map(Value::as_str) {
            None | Some(Some("")) => Err("URI is not provided".to_owned()),
            Some(None) => Err("URI should be a string".to_owned()),
            Some(Some(uri)) => parse_uri(uri),
        },
        Some("TCP") => match destination.get("port") {
            None => Err("port is not provided".to_owned()),
            Some(port) => match integer(port).map(u16::try_from) {
                Some(Ok(port)) if port > 0 => Ok(Destination::Tcp { port }),
                _ => Err("port should be an integer from 1 to 65535".to_owned()),
            },
        },
        _ => Err("protocol should be HTTP or TCP".to_owned()),
    }
}

fn parse_uri(uri: &str) -> Result<Destination, String> {
    let uri: Uri = uri
        .parse()
        .map_err(|error| format!("URI is invalid: {error}"))?;
    let (Some("http"), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return Err("URI should start with http://".to_owned());
    };
    if !LOCAL_HOSTS
        .iter()
        .any(|local| host.eq_ignore_ascii_case(local))
    {
        return Err(format!("URI host should be {}", LOCAL_HOSTS[0]));
    }
    // A number that is too large is not a port for `Uri`.
    let has_port = uri
        .authority()
        .is_some_and(|name| name.as_str().contains(':'));
    match uri.port_u16() {
        None if !has_port => Err("URI port is not provided".to_owned()),
        None | Some(0) => Err("URI port should be an integer from 1 to 65535".to_owned()),
        Some(port) => Ok(Destination::Http {
            port,
            host: format!("{host}:{port}"),
            path_and_query: uri
                .path_and_query()
                .map_or_else(|| "/".to_owned(), ToString::to_string),
        }),
    }
}

/// Reads the limits of a batch. The default number of events is that of AWS's emulator and of
/// the Telemetry API's guide; the page of the API itself says 1,000.
fn parse_buffering(buffering: Option<&Value>, problems: &mut Vec<String>) -> Buffering {
    let empty = Map::new();
    let buffering = match buffering {
        None => &empty,
        Some(Value::Object(buffering)) => buffering,
        Some(_) => {
            problems.push("buffering should be an object".to_owned());
            &empty
        }
    };
    let mut limit = |name, default, range: RangeInclusive<u32>| {
        let Some(value) = buffering.get(name) else {
            return default;
        };
        let value = integer(value).and_then(|value| u32::try_from(value).ok());
        value
            .filter(|value| range.contains(value))
            .unwrap_or_else(|| {
                let (min, max) = (range.start(), range.end());
                problems.push(format!("{name} should be an integer from {min} to {max}"));
                default
            })
    };
    let max_items = limit("maxItems", 10_000, 1_000..=10_000);
    let max_bytes = limit("maxBytes", 262_144, 262_144..=1_048_576);
    let timeout = limit("timeoutMs", 1_000, 25..=30_000);
    Buffering {
        max_items: usize::try_from(max_items).unwrap_or(usize::MAX),
        max_bytes: usize::try_from(max_bytes).unwrap_or(usize::MAX),
        timeout: Duration::from_millis(timeout.into()),
    }
}

/// Returns an integer. In JSON schemas, 1.0 is one as well.
fn integer(value: &Value) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is an integer in the range of u32"
    )]
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number))
            .then_some(number as u64)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Parses a valid body with these changes. `null` removes a property.
    fn parse(changes: Value) -> Result<Subscription, String> {
        let mut body = json!({
            "schemaVersion": "2022-07-01",
            "types": ["platform", "function", "extension"],
            "destination": { "protocol": "HTTP", "URI": "http://sandbox.localdomain:8080" },
        });
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(body.as_object_mut().unwrap().remove(name)),
                value => body[name] = value.clone(),
            }
        }
        Subscription::parse(body.to_string().as_bytes())
    }

    fn error(changes: Value) -> String {
        parse(changes).unwrap_err()
    }

    #[test]
    fn a_subscription_without_limits_has_the_defaults() {
        let subscription = parse(json!({})).unwrap();
        assert_eq!(
            subscription,
            Subscription {
                categories: vec![Category::Platform, Category::Function, Category::Extension],
                buffering: Buffering {
                    max_items: 10_000,
                    max_bytes: 262_144,
                    timeout: Duration::from_secs(1),
                },
                destination: Destination::Http {
                    port: 8080,
                    host: "sandbox.localdomain:8080".to_owned(),
                    path_and_query: "/".to_owned(),
                },
            }
        );
        for version in SCHEMA_VERSIONS {
            assert_eq!(
                parse(json!({ "schemaVersion": version, "unknown": 1 })),
                Ok(subscription.clone())
            );
        }
    }

    #[test]
    fn limits_outside_of_their_ranges_are_rejected() {
        let limits = json!({ "maxItems": 1000.0, "maxBytes": 1_048_576, "timeoutMs": 25 });
        let buffering = parse(json!({ "buffering": limits })).unwrap().buffering;
        assert_eq!(
            (
                buffering.max_items,
                buffering.max_bytes,
                buffering.timeout.as_millis()
            ),
            (1000, 1_048_576, 25)
        );
        for (name, value, range) in [
            ("maxItems", json!(999), "1000 to 10000"),
            ("maxItems", json!(10_001), "1000 to 10000"),
            ("maxBytes", json!(262_143), "262144 to 1048576"),
            ("maxBytes", json!(1u64 << 40), "262144 to 1048576"),
            ("timeoutMs", json!(24), "25 to 30000"),
            ("timeoutMs", json!(-1), "25 to 30000"),
            ("timeoutMs", json!(100.5), "25 to 30000"),
            ("timeoutMs", json!("100"), "25 to 30000"),
        ] {
            assert_eq!(
                error(json!({ "buffering": { name: value } })),
                format!("{name} should be an integer from {range}")
            );
        }
        assert_eq!(
            error(json!({ "buffering": [] })),
            "buffering should be an object"
        );
    }

    #[test]
    fn a_destination_must_be_in_the_execution_environment() {
        for host in ["sandbox", "SANDBOX.localdomain", "127.0.0.1", "localhost"] {
            let uri = format!("http://{host}:9003/a?b=c");
            let destination = json!({ "protocol": "HTTP", "URI": uri });
            assert_eq!(
                parse(json!({ "destination": destination })).map(|parsed| parsed.destination),
                Ok(Destination::Http {
                    port: 9003,
                    host: format!("{host}:9003"),
                    path_and_query: "/a?b=c".to_owned(),
                })
            );
        }
        for (uri, expected) in [
            (
                "http://example.com:80",
                "URI host should be sandbox.localdomain",
            ),
            ("http://sandbox/:80", "URI port is not provided"),
            (
                "http://sandbox:99999",
                "URI port should be an integer from 1 to 65535",
            ),
            (
                "http://sandbox:0",
                "URI port should be an integer from 1 to 65535",
            ),
            ("https://sandbox:80", "URI should start with http://"),
            ("sandbox:80", "URI should start with http://"),
            ("", "URI is not provided"),
        ] {
            let destination = json!({ "protocol": "HTTP", "URI": uri });
            assert_eq!(
                error(json!({ "destination": destination })),
                expected,
                "{uri}"
            );
        }
        let destination = json!({ "protocol": "HTTP", "URI": "http://sand box:80" });
        assert!(error(json!({ "destination": destination })).starts_with("URI is invalid: "));
    }

    #[test]
    fn a_tcp_destination_has_a_port() {
        let tcp = |port| parse(json!({ "destination": { "protocol": "TCP", "port": port } }));
        assert_eq!(
            tcp(json!(9000)).map(|parsed| parsed.destination),
            Ok(Destination::Tcp { port: 9000 })
        );
        for port in [json!(0), json!(65536), json!("9000"), json!(null)] {
            assert_eq!(
                tcp(port),
                Err("port should be an integer from 1 to 65535".to_owned())
            );
        }
        assert_eq!(
            error(json!({ "destination": { "protocol": "TCP" } })),
            "port is not provided"
        );
        assert_eq!(
            error(json!({ "destination": { "protocol": "UDP", "port": 1 } })),
            "protocol should be HTTP or TCP"
        );
    }

    #[test]
    fn all_problems_of_a_body_are_reported_together() {
        let destination = json!({ "protocol": "HTTP", "URI": "http://sandbox.localdomain" });
        assert_eq!(
            error(json!({ "destination": destination, "types": [] })),
            "URI port is not provided; types should not be empty"
        );
        assert_eq!(
            error(json!({ "schemaVersion": null, "destination": null, "types": null })),
            "schemaVersion is not provided; destination is not provided; types is not provided"
        );
        assert_eq!(
            error(json!({ "schemaVersion": "2020-08-15", "types": ["platform", "logs"] })),
            "schemaVersion should be one of 2022-07-01, 2022-12-13, 2025-01-29; types should be \
             platform, function, or extension"
        );
    }

    #[test]
    fn a_body_that_is_not_a_json_object_is_rejected() {
        for body in ["", "[]", "null", "{\"types\": ", "\u{1}"] {
            let error = Subscription::parse(body.as_bytes()).unwrap_err();
            assert!(error.starts_with("invalid JSON: "), "{error}");
        }
    }
}
