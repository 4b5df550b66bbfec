//! The formats of events and responses.

use std::fmt;

use hyper::http::StatusCode;

/// How a request becomes an event, and how a function's response becomes an HTTP response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayloadFormat {
    /// Format 2.0 of an HTTP API.
    HttpApi2,
    /// Format 1.0 of an HTTP API, which differs from that of a REST API.
    HttpApi1,
    /// The proxy integration of a REST API.
    RestApi,
    FunctionUrl,
    /// An application load balancer, which sends the last one of several values.
    Alb,
    /// An application load balancer whose target group has multi-value headers enabled.
    AlbMultiValue,
}

impl PayloadFormat {
    #[cfg(test)]
    pub(super) const ALL: [Self; 6] = [
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

    pub(super) const fn is_load_balancer(self) -> bool {
        matches!(self, Self::Alb | Self::AlbMultiValue)
    }

    /// The status of the answer to a preflight request. REST APIs and load balancers have no
    /// such answer of their own.
    pub(crate) const fn preflight_status(self) -> StatusCode {
        match self {
            Self::FunctionUrl => StatusCode::OK,
            _ => StatusCode::NO_CONTENT,
        }
    }

    /// The header in which the client receives the ID of its request.
    pub(crate) const fn request_id_header(self) -> Option<&'static str> {
        match self {
            Self::HttpApi2 | Self::HttpApi1 => Some("apigw-requestid"),
            Self::RestApi | Self::FunctionUrl => Some("x-amzn-requestid"),
            Self::Alb | Self::AlbMultiValue => None,
        }
    }
}

impl fmt::Display for PayloadFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
