//@ if apigw
//! A Lambda function for an HTTP API of API Gateway. It greets the person in the body.
//@ else
//! A Lambda function for a function URL. It greets the person in the body.
//@ end

use lambda_http::http::StatusCode;
use lambda_http::{Body, Error, Request, RequestPayloadExt, Response, service_fn};
use serde::Deserialize;

/// The body of a request: `{"name": "Ada"}`.
#[derive(Deserialize)]
struct Greeting {
    name: String,
}

/// Handles one request. It does not need Lambda, so tests can call it directly.
async fn handle(request: Request) -> Result<Response<Body>, Error> {
    let (status, text) = match request.json::<Greeting>() {
        Ok(Some(greeting)) if !greeting.name.is_empty() => {
            (StatusCode::OK, format!("Hello, {}", greeting.name))
        }
        // A mistake of the caller is a response. An `Err` here would be our own.
        _ => (
            StatusCode::BAD_REQUEST,
            "the body must be {\"name\": \"…\"}".to_owned(),
        ),
    };
    let response = Response::builder()
        .status(status)
        .header("content-type", "text/plain; charset=utf-8");
    Ok(response.body(Body::from(text))?)
}

// One thread is enough, because Lambda sends one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::run(service_fn(handle)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    //@ if apigw
    /// An event from API Gateway. To send it: `cargo lambdapack invoke --data @FILE`.
    const EVENT: &str = include_str!("../events/apigw.json");
    //@ else
    /// An event from a function URL. To send it: `cargo lambdapack invoke --data @FILE`.
    const EVENT: &str = include_str!("../events/function-url.json");
    //@ end

    async fn answer(event: &str) -> (StatusCode, String) {
        let request = lambda_http::request::from_str(event).unwrap();
        let (parts, body) = handle(request).await.unwrap().into_parts();
        (parts.status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn greets_by_name() {
        let (status, text) = answer(EVENT).await;
        assert_eq!((status, &*text), (StatusCode::OK, "Hello, Ada"));
    }

    #[tokio::test]
    async fn refuses_a_body_without_a_name() {
        let (status, _) = answer(&EVENT.replace("name", "nothing")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}
