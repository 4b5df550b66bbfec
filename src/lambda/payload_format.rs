//! The formats of events and responses of functions behind APIs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a request becomes an event, and how a function's response becomes an HTTP response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum PayloadFormat {
    /// Format 2.0 of an HTTP API.
    #[default]
    HttpApi2,
    /// Format 1.0 of an HTTP API, which differs from that of a REST API.
    HttpApi1,
    /// The proxy integration of a REST API.
    RestApi,
    FunctionUrl,
    /// An Application Load Balancer, which sends the last one of several values.
    Alb,
    /// An Application Load Balancer that sends headers and parameters as lists.
    AlbMultiValue,
}

impl PayloadFormat {
    pub(crate) const ALL: [Self; 6] = [
        Self::HttpApi2,
        Self::HttpApi1,
        Self::RestApi,
        Self::FunctionUrl,
        Self::Alb,
        Self::AlbMultiValue,
    ];

    /// The name in the configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::HttpApi2 => "2.0",
            Self::HttpApi1 => "http-api-1.0",
            Self::RestApi => "1.0",
            Self::FunctionUrl => "function-url",
            Self::Alb => "alb",
            Self::AlbMultiValue => "alb-multi-value",
        }
    }
}

/// A string, so that the error for `2.0` without quotes names the type.
impl TryFrom<String> for PayloadFormat {
    type Error = String;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        let found = Self::ALL.into_iter().find(|format| format.name() == word);
        found.ok_or_else(|| {
            let names = Self::ALL.map(|format| format!("`{}`", format.name()));
            format!(
                "unknown payload `{word}`, expected one of {}",
                names.join(", ")
            )
        })
    }
}

impl From<PayloadFormat> for &'static str {
    fn from(format: PayloadFormat) -> Self {
        format.name()
    }
}

impl fmt::Display for PayloadFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
