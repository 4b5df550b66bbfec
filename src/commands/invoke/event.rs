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
    "activemq", "messages from a queue of Amazon MQ for ActiveMQ";
    "alb", "a request from an Application Load Balancer";
    "alb-multi-value", "a request from an Application Load Balancer with multi-value headers";
    "apigw", "a request from an API Gateway HTTP API (payload format 2.0)";
    "apigw-authorizer", "a request to an authorizer of an HTTP API (format 2.0)";
    "apigw-authorizer-v1", "a request to an authorizer of an HTTP API (format 1.0)";
    "apigw-jwt", "a request from an HTTP API with a JWT authorizer";
    "apigw-rest", "a request from an API Gateway REST API (payload format 1.0)";
    "apigw-rest-authorizer", "a request to a `REQUEST` authorizer of a REST API";
    "apigw-rest-authorizer-token", "a token for a `TOKEN` authorizer of a REST API";
    "appsync", "a field of an AppSync API (direct resolver)";
    "appsync-authorizer", "a request to an authorizer of an AppSync API";
    "bedrock-agent", "an action of a Bedrock agent";
    "cloudformation", "the creation of a custom resource";
    "cloudwatch-alarm", "a state change of a CloudWatch alarm";
    "cloudwatch-logs", "log events from a subscription of CloudWatch Logs";
    "codecommit", "a push to a CodeCommit repository";
    "codepipeline", "a job of a CodePipeline action";
    "cognito-create-auth-challenge", "a challenge to create in a custom sign-in to Cognito";
    "cognito-custom-message", "a message that Cognito is about to send";
    "cognito-define-auth-challenge", "the next step of a custom sign-in to Cognito";
    "cognito-post-authentication", "a user who signed in to Cognito";
    "cognito-post-confirmation", "a user who confirmed the registration with Cognito";
    "cognito-pre-authentication", "a user who wants to sign in to Cognito";
    "cognito-pre-sign-up", "a user who wants to register with Cognito";
    "cognito-pre-token-generation", "a token that Cognito is about to create (version 2)";
    "cognito-user-migration", "a user whom Cognito does not know yet";
    "cognito-verify-auth-challenge", "the answer to a challenge in a custom sign-in to Cognito";
    "config", "a resource for a custom rule of AWS Config";
    "connect", "a contact in a flow of Amazon Connect";
    "documentdb", "document changes from a DocumentDB change stream";
    "dynamodb", "item changes from a table's stream";
    "eventbridge", "an event from an event bus";
    "eventbridge-ec2", "an EC2 instance that changed its state, from EventBridge";
    "eventbridge-s3", "an object created in a bucket, from EventBridge";
    "firehose", "records to transform for Amazon Data Firehose";
    "function-url", "a request to a function URL";
    "iot-authorizer", "a connection to a custom authorizer of AWS IoT Core";
    "kafka", "records from a topic of Amazon MSK";
    "kafka-self-managed", "records from a topic of another Kafka cluster";
    "kinesis", "records from a stream";
    "lex", "a turn of a conversation with a Lex V2 bot";
    "rabbitmq", "messages from a queue of Amazon MQ for RabbitMQ";
    "s3", "an object created in a bucket";
    "s3-batch", "an object of an S3 Batch Operations job";
    "s3-object-lambda", "a request to an S3 Object Lambda access point";
    "schedule", "a scheduled EventBridge rule";
    "secretsmanager", "a step of the rotation of a secret";
    "ses", "an email that SES received";
    "sns", "a notification from a topic";
    "sqs", "messages from a queue";
    "sqs-fifo", "messages from a FIFO queue";
    "sqs-sns", "a notification from a topic, through a queue";
    "vpc-lattice", "a request from a VPC Lattice service (event version 2.0)";
    "websocket", "a message from an API Gateway WebSocket API";
    "websocket-connect", "a new connection to an API Gateway WebSocket API";
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
    fn every_file_is_a_sample() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/events");
        let mut files: Vec<_> = fs_err::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let mut names: Vec<_> = SAMPLES
            .iter()
            .map(|(name, ..)| format!("{name}.json"))
            .collect();
        names.sort();
        assert_eq!(files, names);
    }

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
