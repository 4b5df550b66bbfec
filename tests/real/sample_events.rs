//! Every sample event matches its service. It is read into the type that AWS's libraries for Rust
//! and Go have for it, and written again. A field that is lost, renamed, or changed on the way is
//! a difference, except for those in [`GAPS`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::support::{command, ok, repository, tool};
use super::toolchain::{host_arch, rust};
use super::watching::target_dir;

/// Documented fields that the type of a library lacks or changes: the library, the event, and
/// the path. A gap that a library has closed fails the test.
const GAPS: &[(&str, &str, &str)] = &[
    ("go", "appsync-authorizer", "/requestHeaders"),
    ("go", "cloudformation", "/ServiceToken"),
    ("go", "connect", "/Details/ContactData/CustomerId"),
    ("go", "connect", "/Details/ContactData/Description"),
    ("go", "connect", "/Details/ContactData/LanguageCode"),
    ("go", "connect", "/Details/ContactData/MediaStreams"),
    ("go", "connect", "/Details/ContactData/Name"),
    (
        "go",
        "connect",
        "/Details/ContactData/Queue/OutboundCallerId",
    ),
    ("go", "connect", "/Details/ContactData/References"),
    ("rust", "apigw-rest", "/requestContext/extendedRequestId"),
    // The crate reads the identity of a user pool as one of IAM, because all fields are optional.
    ("rust", "appsync", "/identity/claims"),
    ("rust", "appsync", "/identity/defaultAuthStrategy"),
    ("rust", "appsync", "/identity/groups"),
    ("rust", "appsync", "/identity/issuer"),
    ("rust", "appsync", "/identity/sub"),
    ("rust", "appsync-authorizer", "/requestHeaders"),
    // Compressed again by another library.
    ("rust", "cloudwatch-logs", "/awslogs/data"),
    ("rust", "connect", "/Details/ContactData/CustomerId"),
    ("rust", "connect", "/Details/ContactData/Description"),
    ("rust", "connect", "/Details/ContactData/LanguageCode"),
    ("rust", "connect", "/Details/ContactData/MediaStreams"),
    ("rust", "connect", "/Details/ContactData/Name"),
    (
        "rust",
        "connect",
        "/Details/ContactData/Queue/OutboundCallerId",
    ),
    ("rust", "connect", "/Details/ContactData/References"),
    ("rust", "documentdb", "/events/0/event/fullDocument"),
    ("rust", "secretsmanager", "/RotationToken"),
];

fn events_dir() -> PathBuf {
    repository().join("templates/events")
}

#[test]
fn sample_events_match_the_types_of_aws_lambda_go() {
    let Some(go) = tool("go") else { return };
    let dir = repository().join("tests/real/sample-events/go");
    let mut read = command(go, &dir);
    read.args(["run", "-mod=readonly", "."]).arg(events_dir());
    assert_complete("go", &ok(&mut read));
}

#[test]
fn sample_events_match_the_types_of_aws_lambda_events() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let mut read = rust.cargo(&repository().join("tests/real/sample-events/rust"));
    read.args(["run", "--quiet", "--locked", "--target-dir"]);
    read.arg(target_dir()).arg(events_dir());
    assert_complete("rust", &ok(&mut read));
}

/// Compares the events that a program has printed with the files.
#[track_caller]
fn assert_complete(library: &str, printed: &str) {
    let mut differences = BTreeSet::new();
    let mut read = BTreeSet::new();
    for line in printed.lines() {
        let printed: Value = serde_json::from_str(line).unwrap();
        let name = printed["name"].as_str().unwrap().to_owned();
        let file = events_dir().join(format!("{name}.json"));
        let sample = serde_json::from_str(&fs_err::read_to_string(file).unwrap()).unwrap();
        let mut paths = Vec::new();
        compare(&sample, &printed["event"], "", &mut paths);
        differences.extend(paths.into_iter().map(|path| (name.clone(), path)));
        read.insert(name);
    }
    let gaps = GAPS.iter().filter(|(of, ..)| *of == library);
    let gaps: BTreeSet<_> = gaps
        .map(|(_, name, path)| ((*name).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(differences, gaps);
    let files = fs_err::read_dir(events_dir()).unwrap();
    let stem = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    let files: BTreeSet<_> = files.map(|file| stem(&file.unwrap().path())).collect();
    assert_eq!(read, files);
}

/// Adds the paths at which a value differs from the sample.
fn compare(sample: &Value, read: &Value, path: &str, differences: &mut Vec<String>) {
    match (sample, read) {
        (Value::Object(sample), Value::Object(read)) => {
            // The names of headers have no case, and the crate `http` writes them in lowercase.
            let is_headers = path.to_lowercase().ends_with("headers");
            let (sample, read) = if is_headers {
                (&lowercase(sample), &lowercase(read))
            } else {
                (sample, read)
            };
            for (key, value) in sample {
                let empty = Value::Null;
                let other = read.get(key).unwrap_or(&empty);
                compare(value, other, &format!("{path}/{key}"), differences);
            }
        }
        (Value::Array(sample), Value::Array(read)) if sample.len() == read.len() => {
            for (index, (value, other)) in sample.iter().zip(read).enumerate() {
                compare(value, other, &format!("{path}/{index}"), differences);
            }
        }
        _ if !is_same(sample, read) => differences.push(path.to_owned()),
        _ => {}
    }
}

fn lowercase(headers: &Map<String, Value>) -> Map<String, Value> {
    let headers = headers.iter();
    headers
        .map(|(name, value)| (name.to_lowercase(), value.clone()))
        .collect()
}

fn is_same(sample: &Value, read: &Value) -> bool {
    match (sample, read) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        // The Rust crate writes the numbers of times as strings.
        (Value::Number(number), Value::String(text)) => number.to_string() == *text,
        (Value::String(a), Value::String(b)) => a == b || is_same_time(a, b) || is_same_json(a, b),
        // One value instead of a list of one.
        (Value::String(_), Value::Array(list)) if list.len() == 1 => *sample == list[0],
        // A missing field and one with its default value.
        _ => sample == read || is_default(sample) && is_default(read),
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.values().all(is_default),
    }
}

fn is_same_time(sample: &str, read: &str) -> bool {
    let parse = |text: &str| -> Option<Timestamp> {
        let with_offset = || Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text);
        text.parse().or_else(|_| with_offset()).ok()
    };
    parse(sample).is_some_and(|time| parse(read) == Some(time))
}

/// JSON in a string.
fn is_same_json(sample: &str, read: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<BTreeMap<String, Value>>(text).ok();
    let (Some(sample), Some(read)) = (parse(sample), parse(read)) else {
        return false;
    };
    let mut differences = Vec::new();
    for (key, value) in &sample {
        let other = read.get(key).unwrap_or(&Value::Null);
        compare(value, other, key, &mut differences);
    }
    differences.is_empty()
}
