//! The event for a request with a route.

use serde_json::{Map, Value};

use crate::emulator::api::route::Route;
use crate::emulator::api::routes::RouteMatch;
use crate::emulator::api::{alb_event, event_1};
use crate::emulator::function_url::{self, EventOrigin};
use crate::emulator::http_request::{HttpRequest, MultiValues};
use crate::emulator::{ids, percent};
use crate::lambda::{DEFAULT_STAGE, PayloadFormat};

/// The event in the format of the route. The request's path is the one without a stage.
pub(in crate::emulator) fn event(request: &HttpRequest<'_>, found: &RouteMatch<'_>) -> Value {
    match found.route.payload() {
        PayloadFormat::HttpApi2 => http_api_2(request, found),
        PayloadFormat::HttpApi1 => event_1::http_api_event(request, found),
        PayloadFormat::RestApi => event_1::rest_api_event(request, found),
        PayloadFormat::FunctionUrl => function_url::event(request),
        PayloadFormat::Alb => alb_event::event(request, found.route.function()),
        PayloadFormat::AlbMultiValue => {
            alb_event::multi_value_event(request, found.route.function())
        }
    }
}

/// Unlike function URLs, HTTP APIs decode the path, have no `cookie` header, and always have a
/// `content-length`.
///
/// Sources: the events that hotsock/voker recorded in `vokerhttp/testdata/`, those in
/// `Tools/LambdaTestTool-v2/tests/Amazon.Lambda.TestTool.UnitTests/Snapshots/` of
/// aws/aws-lambda-dotnet, and <https://github.com/honojs/hono/issues/2156>
fn http_api_2(request: &HttpRequest<'_>, found: &RouteMatch<'_>) -> Value {
    let mut headers = http_api_headers(request);
    headers.remove("cookie");
    let origin = EventOrigin {
        account_id: ids::ACCOUNT,
        route_key: &found.route.key(),
        stage: &found.route.stage,
        path: &path_with_stage(found.route, &percent::decode(request.raw_path)),
        request_id: &ids::extended_request_id(request.request_id),
        headers,
    };
    let mut event = function_url::format_2(request, &origin);
    if !found.path_parameters.is_empty() {
        let parameters = found.decoded_parameters();
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.into()));
        event["pathParameters"] = parameters.collect::<Map<_, _>>().into();
    }
    event
}

/// The headers that functions behind an HTTP API receive.
pub(super) fn http_api_headers(request: &HttpRequest<'_>) -> MultiValues {
    let mut headers = request.proxied_header_values();
    let length = request.body.len().to_string();
    headers.insert("content-length".to_owned(), vec![length]);
    headers
}

/// A path as the client of AWS sends it.
pub(super) fn path_with_stage(route: &Route, path: &str) -> String {
    if route.stage == DEFAULT_STAGE {
        path.to_owned()
    } else {
        format!("/{}{path}", route.stage)
    }
}

#[cfg(test)]
mod tests {
    use hyper::http::HeaderMap;
    use serde_json::json;

    use super::*;
    use crate::emulator::api::fixture::{event_of, route};
    use crate::emulator::http_request::fixture::headers;

    #[test]
    fn http_apis_have_every_field_of_the_documentation() {
        let headers = headers(&[
            ("Host", b"api.localhost:9000"),
            ("User-Agent", b"test/1"),
            ("Content-Type", b"application/json"),
            ("X-Probe", b"first"),
            ("X-Probe", b"second"),
            ("Cookie", b"a=1; b=2"),
            ("Connection", b"keep-alive"),
            ("X-Forwarded-For", b"203.0.113.1"),
        ]);
        let query = "repeat=one&repeat=two&plus=a+b&encoded=a%2Bb&empty=";
        let event = event_of(
            route(
                "POST /a/{id}/{proxy+}",
                PayloadFormat::HttpApi2,
                Some("dev"),
            ),
            "/a/%C3%A9%20x/b%2Fc/d",
            (&headers, query, b"{\"a\":1}"),
        );
        let expected = json!({
            "version": "2.0",
            "routeKey": "POST /a/{id}/{proxy+}",
            "rawPath": "/dev/a/é x/b/c/d",
            "rawQueryString": query,
            "cookies": ["a=1", "b=2"],
            "headers": {
                "content-length": "7",
                "content-type": "application/json",
                "host": "api.localhost:9000",
                "user-agent": "test/1",
                "x-amzn-trace-id": "Root=1-5e6a8f2e-0123456789abcdef01234567",
                "x-forwarded-for": "203.0.113.1, 127.0.0.1",
                "x-forwarded-port": "9000",
                "x-forwarded-proto": "http",
                "x-probe": "first,second",
            },
            "queryStringParameters": {
                "empty": "",
                "encoded": "a+b",
                "plus": "a b",
                "repeat": "one,two",
            },
            "pathParameters": {"id": "é x", "proxy": "b/c/d"},
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "api",
                "domainName": "api.localhost",
                "domainPrefix": "api",
                "http": {
                    "method": "POST",
                    "path": "/dev/a/é x/b/c/d",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "test/1",
                },
                "requestId": "Dx4tPEtaSWiHdpU=",
                "routeKey": "POST /a/{id}/{proxy+}",
                "stage": "dev",
                "time": "12/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_584_039_838_390_u64,
            },
            "body": "{\"a\":1}",
            "isBase64Encoded": false,
        });
        assert_eq!(event, expected, "{event:#}");
    }

    #[test]
    fn http_apis_leave_out_keys_without_a_value() {
        let headers = HeaderMap::new();
        let route = route("$default", PayloadFormat::HttpApi2, None);
        let event = event_of(route, "/", (&headers, "", b""));
        let keys: Vec<_> = event.as_object().unwrap().keys().collect();
        let expected = [
            "headers",
            "isBase64Encoded",
            "rawPath",
            "rawQueryString",
            "requestContext",
            "routeKey",
            "version",
        ];
        assert_eq!(keys, expected);
        assert_eq!(event["rawPath"], "/");
        assert_eq!(event["routeKey"], "$default");
        assert_eq!(event["headers"]["content-length"], "0");
    }

    #[test]
    fn routes_can_have_the_format_of_function_urls() {
        let headers = headers(&[("cookie", b"a=1")]);
        let route = route("/{proxy+}", PayloadFormat::FunctionUrl, None);
        let event = event_of(route, "/a%20b", (&headers, "", b""));
        assert_eq!(event["rawPath"], "/a%20b");
        assert_eq!(event["routeKey"], "$default");
        assert_eq!(event["requestContext"]["accountId"], "anonymous");
        assert_eq!(event["headers"]["cookie"], "a=1");
        assert!(event.get("pathParameters").is_none());
    }
}
