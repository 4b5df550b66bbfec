//! The HTTP response for the response of a function with a route.

use bytes::Bytes;
use hyper::http::HeaderMap;

use crate::emulator::api::route::Route;
use crate::emulator::api::{alb_response, response_1};
use crate::emulator::function_url::FunctionResponse;
use crate::lambda::PayloadFormat;

/// Reads a response in the format of the route. An invalid one is reported with the reason; the
/// client of AWS receives [`GatewayReply::function_failed`](super::GatewayReply) without it.
pub(in crate::emulator) fn response(
    payload: &Bytes,
    route: &Route,
    request_headers: &HeaderMap,
) -> Result<FunctionResponse, String> {
    match route.payload() {
        PayloadFormat::HttpApi2 => FunctionResponse::from_http_api_payload(payload),
        PayloadFormat::HttpApi1 => response_1::http_api_response(payload),
        PayloadFormat::RestApi => {
            let is_binary = route.binary_media_types.are_accepted(request_headers);
            response_1::rest_api_response(payload, is_binary)
        }
        PayloadFormat::FunctionUrl => FunctionResponse::from_payload(payload),
        PayloadFormat::Alb => alb_response::response(payload),
        PayloadFormat::AlbMultiValue => alb_response::multi_value_response(payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::api::fixture;
    use crate::emulator::api::media_types::BinaryMediaTypes;
    use crate::emulator::http_request::fixture::headers;

    #[test]
    fn responses_are_read_in_the_format_of_their_route() {
        let payload = Bytes::from_static(
            br#"{"statusCode":200,"headers":{"a":"1"},"multiValueHeaders":{"b":["2"]},
                "cookies":["c=3"],"body":"ZA==","isBase64Encoded":true}"#,
        );
        let read = |format, types: BinaryMediaTypes| {
            let mut settings = fixture::route("/", format, None);
            settings.binary_media_types = types;
            let headers = headers(&[("accept", b"image/png")]);
            response(&payload, &Route::new(settings).unwrap(), &headers)
        };
        let shown = |format| {
            let response = read(format, BinaryMediaTypes::default()).unwrap();
            fixture::shown_response(response)
        };
        let text = "content-type: text/plain; charset=utf-8";
        let cookie = "set-cookie: c=3";
        assert_eq!(
            shown(PayloadFormat::HttpApi2),
            format!("200\na: 1\n{text}\n{cookie}\n\nd")
        );
        assert_eq!(
            shown(PayloadFormat::HttpApi1),
            format!("200\na: 1\nb: 2\n{text}\n\nd")
        );
        let json = "content-type: application/json";
        assert_eq!(
            shown(PayloadFormat::FunctionUrl),
            format!("200\na: 1\n{json}\n{cookie}\n\nd")
        );
        let bytes = "content-type: application/octet-stream";
        assert_eq!(
            shown(PayloadFormat::Alb),
            format!("200\na: 1\n{bytes}\n\nd")
        );
        assert_eq!(
            shown(PayloadFormat::AlbMultiValue),
            format!("200\nb: 2\n{bytes}\n\nd")
        );
        let error = read(PayloadFormat::RestApi, BinaryMediaTypes::default()).unwrap_err();
        assert!(error.starts_with("REST APIs reject `cookies`"), "{error}");

        let payload = Bytes::from_static(br#"{"body":"ZA==","isBase64Encoded":true}"#);
        let rest = |types: &[&str]| {
            let mut settings = fixture::route("/", PayloadFormat::RestApi, None);
            settings.binary_media_types = BinaryMediaTypes::new(types);
            let headers = headers(&[("accept", b"image/png")]);
            response(&payload, &Route::new(settings).unwrap(), &headers)
                .unwrap()
                .body
        };
        assert_eq!(rest(&[]), "ZA==");
        assert_eq!(rest(&["image/*"]), "d");
    }
}
