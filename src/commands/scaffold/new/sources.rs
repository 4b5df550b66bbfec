//! The source files of a new function or extension, for each language.

use crate::commands::scaffold::new::event_kind::EventKind;
use crate::lambda::Language;

/// The kind of project that `new` creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewKind {
    Function(EventKind),
    Extension,
}

/// The code, and the other Go files. The tests of a Rust function are in its code.
pub(super) struct Sources {
    pub(super) code: &'static str,
    /// Paths and contents.
    pub(super) others: &'static [(&'static str, &'static str)],
}

macro_rules! rust {
    ($name:literal) => {
        Sources {
            code: include_str!(concat!("../../../../templates/new/rust/", $name, ".rs")),
            others: &[],
        }
    };
}

macro_rules! go_file {
    ($name:expr) => {
        include_str!(concat!("../../../../templates/new/go/", $name, ".go"))
    };
}

macro_rules! go {
    ($name:literal $(, $path:literal: $file:literal)?) => {
        Sources {
            code: go_file!($name),
            others: &[
                $(($path, go_file!($file)),)?
                ("main_test.go", go_file!(concat!($name, "_test"))),
            ],
        }
    };
}

impl NewKind {
    /// The name of its sample event.
    pub(super) const fn sample(self) -> Option<&'static str> {
        match self {
            Self::Function(event) => event.sample(),
            Self::Extension => None,
        }
    }

    pub(super) const fn sources(self, language: Language) -> Sources {
        let event = match self {
            Self::Function(event) => event,
            Self::Extension => {
                return match language {
                    Language::Rust => rust!("extension"),
                    Language::Go => go!("extension"),
                };
            }
        };
        match (language, event) {
            (Language::Rust, EventKind::Apigw | EventKind::FunctionUrl) => rust!("apigw"),
            (Language::Rust, EventKind::Http) => rust!("http"),
            (Language::Rust, EventKind::Sqs) => rust!("sqs"),
            (Language::Rust, EventKind::Sns) => rust!("sns"),
            (Language::Rust, EventKind::S3) => rust!("s3"),
            (Language::Rust, EventKind::Dynamodb) => rust!("dynamodb"),
            (Language::Rust, EventKind::Eventbridge) => rust!("eventbridge"),
            (Language::Rust, EventKind::Schedule) => rust!("schedule"),
            (Language::Rust, EventKind::None) => rust!("none"),
            (Language::Go, EventKind::Apigw) => go!("apigw"),
            (Language::Go, EventKind::Http) => go!("http", "adapter.go": "http_adapter"),
            (Language::Go, EventKind::FunctionUrl) => go!("function-url"),
            (Language::Go, EventKind::Sqs) => go!("sqs"),
            (Language::Go, EventKind::Sns) => go!("sns"),
            (Language::Go, EventKind::S3) => go!("s3"),
            (Language::Go, EventKind::Dynamodb) => go!("dynamodb"),
            (Language::Go, EventKind::Eventbridge) => go!("eventbridge"),
            (Language::Go, EventKind::Schedule) => go!("schedule"),
            (Language::Go, EventKind::None) => Sources {
                code: include_str!("../../../../templates/go-function/main.go"),
                others: &[(
                    "main_test.go",
                    include_str!("../../../../templates/go-function/main_test.go"),
                )],
            },
        }
    }
}
