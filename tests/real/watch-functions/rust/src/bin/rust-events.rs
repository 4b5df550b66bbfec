//! Does what its event says; see `go-events` as well. An event of a function URL is returned with
//! the fields that the types of `aws_lambda_events` and `lambda_http` do not know about it.

use std::time::Duration;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::lambda_function_urls::LambdaFunctionUrlRequest;
use lambda_http::RequestExt;
use lambda_runtime::streaming::{Body, channel};
use lambda_runtime::{Error, FunctionResponse, LambdaEvent, StreamResponse, service_fn};
use serde_json::{Value, json};

type Reply = FunctionResponse<Value, Body>;

async fn handle(event: LambdaEvent<Value>) -> Result<Reply, Error> {
    let (event, context) = (event.payload, event.context);
    if event["rawPath"].is_string() {
        return Ok(FunctionResponse::BufferedResponse(examine(&event)));
    }
    println!("received {event}");
    match event["do"].as_str().unwrap_or_default() {
        "fail" => Err("this event fails".into()),
        "exit" => std::process::exit(3),
        "bytes" => Ok(FunctionResponse::StreamingResponse(bytes())),
        "stream" => Ok(FunctionResponse::StreamingResponse(stream(&event))),
        _ => Ok(FunctionResponse::BufferedResponse(json!({
            "event": event,
            "arn": context.invoked_function_arn,
            "client": context.client_context,
        }))),
    }
}

/// Every byte, which is not text.
fn bytes() -> StreamResponse<Body> {
    let (mut sender, body) = channel();
    tokio::spawn(async move {
        let all: Vec<u8> = (0..=255).collect();
        sender.send_data(all.into()).await
    });
    StreamResponse::from(body)
}

/// Three pieces with pauses between them.
fn stream(event: &Value) -> StreamResponse<Body> {
    let pause = Duration::from_millis(event["pause"].as_u64().unwrap_or_default());
    let (mut sender, body) = channel();
    tokio::spawn(async move {
        for piece in ["one ", "two ", "three "] {
            if sender.send_data(piece.into()).await.is_err() {
                println!("the response was not read to its end");
                return;
            }
            tokio::time::sleep(pause).await;
        }
    });
    StreamResponse::from(body)
}

fn remove(object: &mut Value, key: &str) {
    if let Some(object) = object.as_object_mut() {
        object.remove(key);
    }
}

fn examine(event: &Value) -> Value {
    let mut problems = Vec::new();
    match serde_json::from_value::<ApiGatewayV2httpRequest>(event.clone()) {
        Ok(request) => {
            let context = &request.request_context;
            for other in [&request.other, &context.other, &context.http.other] {
                problems.extend(other.keys().map(|key| format!("HTTP API: {key}")));
            }
        }
        Err(error) => problems.push(format!("HTTP API: {error}")),
    }
    // AWS sends these three fields, but the type for function URLs lacks them.
    let mut rest = event.clone();
    remove(&mut rest, "routeKey");
    remove(&mut rest["requestContext"], "routeKey");
    remove(&mut rest["requestContext"], "stage");
    match serde_json::from_value::<LambdaFunctionUrlRequest>(rest) {
        Ok(request) => {
            let context = &request.request_context;
            for other in [&request.other, &context.other, &context.http.other] {
                problems.extend(other.keys().map(|key| format!("function URL: {key}")));
            }
        }
        Err(error) => problems.push(format!("function URL: {error}")),
    }
    let request = match lambda_http::request::from_str(&event.to_string()) {
        Ok(request) => request,
        Err(error) => return json!({ "event": event, "problems": [error.to_string()] }),
    };
    let query = request.query_string_parameters();
    let query: Vec<_> = query.iter().collect();
    json!({
        "event": event,
        "problems": problems,
        "method": request.method().as_str(),
        "url": request.uri().to_string(),
        "query": query,
        "cookies": request.headers().get_all("cookie").iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect::<Vec<_>>(),
        "body": request.body().as_ref(),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handle)).await
}
