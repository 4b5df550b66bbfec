//! Properties of payload formats that only a server needs.

use hyper::http::StatusCode;

use crate::lambda::PayloadFormat;

impl PayloadFormat {
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
