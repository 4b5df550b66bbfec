//! The events that invoke a new function, with the sources for each language.

use crate::lambda::Language;

/// What starts a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum EventKind {
    /// A request to an HTTP API of API Gateway.
    Apigw,
    /// Messages from an SQS queue.
    Sqs,
    /// An object created in an S3 bucket.
    S3,
    /// An event from an EventBridge event bus.
    Eventbridge,
    /// A direct invocation with custom JSON.
    None,
}

/// The files that depend on language and event: the code, the tests if they are a separate file,
/// and the sample event.
pub(super) struct FunctionSources {
    pub(super) code: &'static str,
    pub(super) test: Option<&'static str>,
    pub(super) event: Option<&'static str>,
}

macro_rules! sources {
    (rust $name:literal) => {
        FunctionSources {
            code: include_str!(concat!("../../../../templates/new/rust/", $name, ".rs")),
            test: None,
            event: Some(include_str!(concat!(
                "../../../../templates/events/",
                $name,
                ".json"
            ))),
        }
    };
    (go $name:literal) => {
        FunctionSources {
            code: include_str!(concat!("../../../../templates/new/go/", $name, ".go")),
            test: Some(include_str!(concat!(
                "../../../../templates/new/go/",
                $name,
                "_test.go"
            ))),
            event: Some(include_str!(concat!(
                "../../../../templates/events/",
                $name,
                ".json"
            ))),
        }
    };
}

impl EventKind {
    /// Its name on the command line, which is also its module in `aws_lambda_events`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Apigw => "apigw",
            Self::Sqs => "sqs",
            Self::S3 => "s3",
            Self::Eventbridge => "eventbridge",
            Self::None => "none",
        }
    }

    pub(super) const fn sources(self, language: Language) -> FunctionSources {
        match (language, self) {
            (Language::Rust, Self::Apigw) => sources!(rust "apigw"),
            (Language::Rust, Self::Sqs) => sources!(rust "sqs"),
            (Language::Rust, Self::S3) => sources!(rust "s3"),
            (Language::Rust, Self::Eventbridge) => sources!(rust "eventbridge"),
            (Language::Rust, Self::None) => FunctionSources {
                code: include_str!("../../../../templates/new/rust/none.rs"),
                test: None,
                event: None,
            },
            (Language::Go, Self::Apigw) => sources!(go "apigw"),
            (Language::Go, Self::Sqs) => sources!(go "sqs"),
            (Language::Go, Self::S3) => sources!(go "s3"),
            (Language::Go, Self::Eventbridge) => sources!(go "eventbridge"),
            (Language::Go, Self::None) => FunctionSources {
                code: include_str!("../../../../templates/go-function/main.go"),
                test: Some(include_str!(
                    "../../../../templates/go-function/main_test.go"
                )),
                event: None,
            },
        }
    }
}
