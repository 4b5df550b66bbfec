//! Events in payload format 1.0: of REST APIs, and of HTTP APIs that use this format.
//!
//! API Gateway keeps the case in which HTTP/1.1 clients send the names of headers, and receives
//! names in lower case over HTTP/2. hyper does not tell us the case, so that the names are
//! written as most HTTP/1.1 clients write them, such as `Content-Type`.

use serde_json::{Map, Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::emulator::api::event::{http_api_headers, path_with_stage};
use crate::emulator::api::routes::RouteMatch;
use crate::emulator::http_request::{HttpRequest, MultiValues};
use crate::emulator::{ids, percent};

/// The fields in which the two kinds of APIs differ.
struct Differences {
    path: String,
    context_path: String,
    path_parameters: Map<String, Value>,
    resource_id: String,
    request_id: String,
    headers: MultiValues,
    /// `null`, or the body and whether it is encoded.
    body: Option<(String, bool)>,
    user_agent: Option<String>,
}

/// The event of a REST API. The path and its parameters stay encoded. Only the path keeps a
/// slash at its end.
///
/// Sources: the documentation, `test_lambda_aws_proxy_integration` in localstack's
/// `tests/aws/services/apigateway/test_apigateway_lambda.snapshot.json`, and
/// `vokerhttp/testdata/apigwv1-request.json` in hotsock/voker.
pub(super) fn rest_api_event(request: &HttpRequest<'_>, found: &RouteMatch<'_>) -> Value {
    let route = found.route;
    let media_types = &route.binary_media_types;
    let body = if media_types.contain(&request.media_type()) {
        (request.base64_body(), true)
    } else {
        (String::from_utf8_lossy(request.body).into_owned(), false)
    };
    let parameters = found.path_parameters.iter();
    let parameters = parameters.map(|(name, value)| ((*name).to_owned(), value.clone().into()));
    let mut headers = request.proxied_header_values();
    headers.remove("content-length");
    let mut event = event(
        request,
        found,
        Differences {
            path: format!("/{}", request.raw_path.trim_start_matches('/')),
            context_path: path_with_stage(route, request.raw_path),
            path_parameters: parameters.collect(),
            resource_id: short_id(route.path.as_str()),
            request_id: request.request_id.to_owned(),
            headers,
            body: Some(body).filter(|_| !request.body.is_empty()),
            user_agent: request.user_agent(),
        },
    );
    event["requestContext"]["deploymentId"] = short_id(&route.stage).into();
    event
}

/// The event of an HTTP API. Of the two paths, only the one in `requestContext` is decoded.
///
/// Source: recordings in the tests of AWS's .NET tools, in
/// `Tools/LambdaTestTool-v2/tests/Amazon.Lambda.TestTool.UnitTests/Snapshots/` of
/// aws/aws-lambda-dotnet, in files whose names end with `HttpV1`.
pub(super) fn http_api_event(request: &HttpRequest<'_>, found: &RouteMatch<'_>) -> Value {
    let route = found.route;
    let parameters = found.decoded_parameters();
    let mut event = event(
        request,
        found,
        Differences {
            path: path_with_stage(route, request.raw_path),
            context_path: path_with_stage(route, &percent::decode(request.raw_path)),
            path_parameters: parameters
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
            resource_id: route.key(),
            request_id: ids::extended_request_id(request.request_id),
            headers: http_api_headers(request),
            body: (!request.body.is_empty()).then(|| request.encoded_body()),
            user_agent: Some(request.user_agent().unwrap_or_default()),
        },
    );
    event["version"] = "1.0".into();
    event["requestContext"]["identity"]["cognitoAmr"] = Value::Null;
    event
}

/// As in events of AWS, values that do not exist are `null`.
fn event(request: &HttpRequest<'_>, found: &RouteMatch<'_>, differences: Differences) -> Value {
    let route = found.route;
    let method = request.method.as_str();
    let resource = route.path.as_str();
    let query = request.query_values();
    let last_of_query = last_values(&query);
    let all_of_query = query.into_iter();
    let all_of_query = all_of_query.map(|(name, values)| (name, values.into()));
    let headers = differences.headers.into_iter();
    let headers = headers.map(|(name, values)| (title_case(&name), values));
    let headers = headers.collect();
    let (body, is_encoded) = match differences.body {
        Some((body, is_encoded)) => (Some(body), is_encoded),
        None => (None, false),
    };
    json!({
        "resource": resource,
        "path": differences.path,
        "httpMethod": method,
        "headers": last_values(&headers),
        "multiValueHeaders": headers,
        "queryStringParameters": unless_empty(last_of_query),
        "multiValueQueryStringParameters": unless_empty(all_of_query.collect()),
        "requestContext": {
            "accountId": ids::ACCOUNT,
            "apiId": request.api_id,
            "domainName": request.domain_name,
            "domainPrefix": request.api_id,
            "extendedRequestId": ids::extended_request_id(request.request_id),
            "httpMethod": method,
            "identity": {
                "accessKey": null,
                "accountId": null,
                "caller": null,
                "cognitoAuthenticationProvider": null,
                "cognitoAuthenticationType": null,
                "cognitoIdentityId": null,
                "cognitoIdentityPoolId": null,
                "principalOrgId": null,
                "sourceIp": request.source_ip.to_string(),
                "user": null,
                "userAgent": differences.user_agent,
                "userArn": null,
            },
            "path": differences.context_path,
            "protocol": "HTTP/1.1",
            "requestId": differences.request_id,
            "requestTime": request.log_time(),
            "requestTimeEpoch": request.epoch_millis(),
            "resourceId": differences.resource_id,
            "resourcePath": resource,
            "stage": route.stage,
        },
        "pathParameters": unless_empty(differences.path_parameters),
        "stageVariables": null,
        "body": body,
        "isBase64Encoded": is_encoded,
    })
}

fn unless_empty(values: Map<String, Value>) -> Option<Map<String, Value>> {
    Some(values).filter(|values| !values.is_empty())
}

/// The last value of each name.
pub(super) fn last_values(values: &MultiValues) -> Map<String, Value> {
    let last = values.iter();
    last.map(|(name, values)| (name.clone(), values.last().cloned().into()))
        .collect()
}

/// `content-type` as `Content-Type`.
fn title_case(name: &str) -> String {
    let mut starts_word = true;
    let letters = name.chars().map(|c| {
        let letter = if starts_word {
            c.to_ascii_uppercase()
        } else {
            c
        };
        starts_word = c == '-';
        letter
    });
    letters.collect()
}

/// An ID that is the same in every run.
fn short_id(name: &str) -> String {
    const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut hash = xxh3_64(name.as_bytes());
    let digits = (0..6).map(|_| {
        let digit = usize::try_from(hash % 36)
            .ok()
            .and_then(|index| DIGITS.get(index));
        hash /= 36;
        digit.copied().map_or('0', char::from)
    });
    digits.collect()
}

#[cfg(test)]
mod tests {
    use hyper::http::HeaderMap;

    use super::*;
    use crate::emulator::api::fixture::{event_of, route};
    use crate::emulator::api::media_types::BinaryMediaTypes;
    use crate::emulator::api::route::RouteSettings;
    use crate::emulator::http_request::fixture::headers;
    use crate::lambda::PayloadFormat;

    const QUERY: &str = "repeat=one&repeat=two&plus=a+b&encoded=a%2Bb&empty=";

    fn sent_headers() -> HeaderMap {
        headers(&[
            ("Host", b"api.localhost:9000"),
            ("User-Agent", b"test/1"),
            ("Content-Type", b"application/json"),
            ("Content-Length", b"7"),
            ("x-probe", b"first"),
            ("x-probe", b"second"),
            ("cookie", b"a=1; b=2"),
            ("connection", b"keep-alive"),
            ("x-forwarded-for", b"203.0.113.1"),
        ])
    }

    /// The event that both APIs have in common.
    fn expected() -> Value {
        json!({
            "resource": "/a/{id}/{proxy+}",
            "httpMethod": "POST",
            "headers": {
                "Content-Type": "application/json",
                "Cookie": "a=1; b=2",
                "Host": "api.localhost:9000",
                "User-Agent": "test/1",
                "X-Amzn-Trace-Id": "Root=1-5e6a8f2e-0123456789abcdef01234567",
                "X-Forwarded-For": "203.0.113.1, 127.0.0.1",
                "X-Forwarded-Port": "9000",
                "X-Forwarded-Proto": "http",
                "X-Probe": "second",
            },
            "multiValueHeaders": {
                "Content-Type": ["application/json"],
                "Cookie": ["a=1; b=2"],
                "Host": ["api.localhost:9000"],
                "User-Agent": ["test/1"],
                "X-Amzn-Trace-Id": ["Root=1-5e6a8f2e-0123456789abcdef01234567"],
                "X-Forwarded-For": ["203.0.113.1, 127.0.0.1"],
                "X-Forwarded-Port": ["9000"],
                "X-Forwarded-Proto": ["http"],
                "X-Probe": ["first", "second"],
            },
            "queryStringParameters": {
                "empty": "",
                "encoded": "a+b",
                "plus": "a b",
                "repeat": "two",
            },
            "multiValueQueryStringParameters": {
                "empty": [""],
                "encoded": ["a+b"],
                "plus": ["a b"],
                "repeat": ["one", "two"],
            },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "api",
                "domainName": "api.localhost",
                "domainPrefix": "api",
                "extendedRequestId": "Dx4tPEtaSWiHdpU=",
                "httpMethod": "POST",
                "identity": {
                    "accessKey": null,
                    "accountId": null,
                    "caller": null,
                    "cognitoAuthenticationProvider": null,
                    "cognitoAuthenticationType": null,
                    "cognitoIdentityId": null,
                    "cognitoIdentityPoolId": null,
                    "principalOrgId": null,
                    "sourceIp": "127.0.0.1",
                    "user": null,
                    "userAgent": "test/1",
                    "userArn": null,
                },
                "protocol": "HTTP/1.1",
                "requestTime": "12/Mar/2020:19:03:58 +0000",
                "requestTimeEpoch": 1_584_039_838_390_u64,
                "resourcePath": "/a/{id}/{proxy+}",
                "stage": "dev",
            },
            "stageVariables": null,
            "body": "{\"a\":1}",
            "isBase64Encoded": false,
        })
    }

    #[test]
    fn rest_apis_have_every_field_of_the_documentation() {
        let event = event_of(
            route("POST /a/{id}/{proxy+}", PayloadFormat::RestApi, Some("dev")),
            "//a/%C3%A9%20x/b%2Fc/d/",
            (&sent_headers(), QUERY, b"{\"a\":1}"),
        );
        let mut expected = expected();
        expected["path"] = "/a/%C3%A9%20x/b%2Fc/d/".into();
        expected["pathParameters"] = json!({"id": "%C3%A9%20x", "proxy": "b%2Fc/d"});
        let context = &mut expected["requestContext"];
        context["path"] = "/dev//a/%C3%A9%20x/b%2Fc/d/".into();
        context["requestId"] = "0f1e2d3c-4b5a-4968-8776-958473625140".into();
        context["resourceId"] = event["requestContext"]["resourceId"].clone();
        context["deploymentId"] = event["requestContext"]["deploymentId"].clone();
        assert_eq!(event, expected, "{event:#}");
        let id = event["requestContext"]["resourceId"].as_str().unwrap();
        assert_eq!(id.len(), 6);
    }

    #[test]
    fn http_apis_have_every_field_of_the_documentation() {
        let event = event_of(
            route(
                "POST /a/{id}/{proxy+}",
                PayloadFormat::HttpApi1,
                Some("dev"),
            ),
            "/a/%C3%A9%20x/b%2Fc/d",
            (&sent_headers(), QUERY, b"{\"a\":1}"),
        );
        let mut expected = expected();
        expected["version"] = "1.0".into();
        expected["path"] = "/dev/a/%C3%A9%20x/b%2Fc/d".into();
        expected["pathParameters"] = json!({"id": "é x", "proxy": "b/c/d"});
        expected["headers"]["Content-Length"] = "7".into();
        expected["multiValueHeaders"]["Content-Length"] = json!(["7"]);
        let context = &mut expected["requestContext"];
        context["path"] = "/dev/a/é x/b/c/d".into();
        context["requestId"] = "Dx4tPEtaSWiHdpU=".into();
        context["resourceId"] = "POST /a/{id}/{proxy+}".into();
        context["identity"]["cognitoAmr"] = Value::Null;
        assert_eq!(event, expected, "{event:#}");
    }

    #[test]
    fn values_that_do_not_exist_are_null() {
        let no_headers = HeaderMap::new();
        for (payload, user_agent) in [
            (PayloadFormat::RestApi, Value::Null),
            (PayloadFormat::HttpApi1, "".into()),
        ] {
            let event = event_of(route("/", payload, None), "/", (&no_headers, "", b""));
            for key in [
                "queryStringParameters",
                "multiValueQueryStringParameters",
                "pathParameters",
                "stageVariables",
                "body",
            ] {
                assert_eq!(event.get(key), Some(&Value::Null), "{key}");
            }
            assert_eq!(event["isBase64Encoded"], false);
            assert_eq!(event["requestContext"]["identity"]["userAgent"], user_agent);
        }
        let rest = route("/", PayloadFormat::RestApi, None);
        let event = event_of(rest, "/", (&no_headers, "", b""));
        assert_eq!(event["requestContext"]["path"], "/prod/");
    }

    #[test]
    fn binary_bodies_are_encoded() {
        let png = headers(&[("content-type", b"image/PNG; x=y")]);
        let body = |settings| {
            let event = event_of(settings, "/", (&png, "", b"\xff"));
            (event["body"].clone(), event["isBase64Encoded"].clone())
        };
        let rest = route("/", PayloadFormat::RestApi, None);
        let binary = RouteSettings {
            binary_media_types: BinaryMediaTypes::new(["image/png"]),
            ..rest.clone()
        };
        assert_eq!(body(rest), ("\u{fffd}".into(), false.into()));
        assert_eq!(body(binary), ("/w==".into(), true.into()));
        let http = route("/", PayloadFormat::HttpApi1, None);
        assert_eq!(body(http), ("/w==".into(), true.into()));
    }
}
