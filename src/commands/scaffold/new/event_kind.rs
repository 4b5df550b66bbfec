//! The events that invoke a new function.

/// The event that starts a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum EventKind {
    /// A request to an HTTP API of API Gateway.
    Apigw,
    /// Requests for a web service: axum in Rust, net/http in Go.
    Http,
    /// A request to a function URL.
    FunctionUrl,
    /// Messages from an SQS queue.
    Sqs,
    /// Notifications from an SNS topic.
    Sns,
    /// An object created in an S3 bucket.
    S3,
    /// Item changes from the stream of a DynamoDB table.
    Dynamodb,
    /// An event from an EventBridge event bus.
    Eventbridge,
    /// A schedule of EventBridge.
    Schedule,
    /// A direct invocation with custom JSON.
    None,
}

impl EventKind {
    /// Its name on the command line.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Apigw => "apigw",
            Self::Http => "http",
            Self::FunctionUrl => "function-url",
            Self::Sqs => "sqs",
            Self::Sns => "sns",
            Self::S3 => "s3",
            Self::Dynamodb => "dynamodb",
            Self::Eventbridge => "eventbridge",
            Self::Schedule => "schedule",
            Self::None => "none",
        }
    }

    /// The name of its sample event.
    pub(super) const fn sample(self) -> Option<&'static str> {
        match self {
            Self::Http => Some("apigw"),
            Self::None => None,
            other => Some(other.name()),
        }
    }

    /// The feature of `aws_lambda_events` with its type, if a Rust function uses this crate.
    pub(super) const fn feature(self) -> Option<&'static str> {
        match self {
            Self::Apigw | Self::Http | Self::FunctionUrl | Self::None => None,
            Self::Schedule => Some("eventbridge"),
            other => Some(other.name()),
        }
    }
}
