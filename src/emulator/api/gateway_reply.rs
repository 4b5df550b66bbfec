//! The responses that API Gateway and load balancers send themselves.

use crate::lambda::PayloadFormat;
use hyper::http::StatusCode;

/// A response without a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GatewayReply {
    pub status: StatusCode,
    pub content_type: &'static str,
    /// The value of `x-amzn-ErrorType`.
    pub error_type: Option<&'static str>,
    pub body: &'static str,
}

impl GatewayReply {
    /// No route matches. REST APIs answer a path or a method that they do not have with 403.
    ///
    /// Sources: the documentation of routes, and `test_routing_not_found` in localstack's
    /// `tests/aws/services/apigateway/test_apigateway_common.snapshot.json`. A load balancer
    /// applies its default rule, which is 404 without a body here.
    pub(crate) const fn no_route(format: PayloadFormat) -> Self {
        match format {
            PayloadFormat::RestApi => Self {
                error_type: Some("MissingAuthenticationTokenException"),
                ..Self::json(
                    StatusCode::FORBIDDEN,
                    r#"{"message":"Missing Authentication Token"}"#,
                )
            },
            PayloadFormat::Alb | PayloadFormat::AlbMultiValue => {
                Self::text(StatusCode::NOT_FOUND, "")
            }
            _ => Self::json(StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#),
        }
    }

    /// The function failed, or its response is invalid.
    ///
    /// Source: recordings in the tests of AWS's .NET tools from API Gateway, in
    /// `Tools/LambdaTestTool-v2/tests/Amazon.Lambda.TestTool.UnitTests/Snapshots/` of
    /// aws/aws-lambda-dotnet; and <https://github.com/awslabs/aws-lambda-go-api-proxy/issues/79>
    /// for load balancers.
    pub(crate) const fn function_failed(format: PayloadFormat) -> Self {
        match format {
            PayloadFormat::HttpApi2 | PayloadFormat::HttpApi1 => Self::json(
                StatusCode::INTERNAL_SERVER_ERROR,
                r#"{"message":"Internal Server Error"}"#,
            ),
            PayloadFormat::RestApi => Self {
                error_type: Some("InternalServerErrorException"),
                ..Self::json(
                    StatusCode::BAD_GATEWAY,
                    r#"{"message": "Internal server error"}"#,
                )
            },
            PayloadFormat::FunctionUrl => {
                Self::text(StatusCode::BAD_GATEWAY, "Internal Server Error")
            }
            PayloadFormat::Alb | PayloadFormat::AlbMultiValue => Self {
                status: StatusCode::BAD_GATEWAY,
                content_type: "text/html",
                error_type: None,
                body: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                       <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
            },
        }
    }

    /// The body of the request is too large.
    ///
    /// Source: `InvokeResponseExtensions.cs` of the .NET tools above.
    pub(crate) const fn request_too_large(format: PayloadFormat) -> Self {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        match format {
            PayloadFormat::HttpApi2 | PayloadFormat::HttpApi1 => {
                Self::json(status, r#"{"message":"Request Entity Too Large"}"#)
            }
            PayloadFormat::RestApi | PayloadFormat::FunctionUrl => {
                Self::json(status, r#"{"message":"Request Too Long"}"#)
            }
            PayloadFormat::Alb | PayloadFormat::AlbMultiValue => Self::text(status, ""),
        }
    }

    const fn json(status: StatusCode, body: &'static str) -> Self {
        Self {
            status,
            content_type: "application/json",
            error_type: None,
            body,
        }
    }

    const fn text(status: StatusCode, body: &'static str) -> Self {
        Self {
            status,
            content_type: "text/plain",
            error_type: None,
            body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_own_replies() {
        let status = |reply: GatewayReply| reply.status.as_u16();
        let replies = PayloadFormat::ALL.map(|format| {
            let failed = GatewayReply::function_failed(format);
            let too_large = GatewayReply::request_too_large(format);
            assert_eq!(too_large.status, 413);
            if failed.content_type == "application/json" {
                serde_json::from_str::<serde_json::Value>(failed.body).unwrap();
            }
            (status(GatewayReply::no_route(format)), status(failed))
        });
        let expected = [
            (404, 500),
            (404, 500),
            (403, 502),
            (404, 502),
            (404, 502),
            (404, 502),
        ];
        assert_eq!(replies, expected);
    }
}
