//! Answers events of HTTP APIs, REST APIs, and load balancers with the types of
//! `aws_lambda_events`; see `orders` as well. The query parameter `answer` selects the response.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_lambda_events::alb::{AlbTargetGroupRequest, AlbTargetGroupResponse};
use aws_lambda_events::apigw::{
    ApiGatewayProxyRequest, ApiGatewayProxyResponse, ApiGatewayV2httpRequest,
    ApiGatewayV2httpResponse,
};
use aws_lambda_events::encodings::Body;
use lambda_http::http::{HeaderMap, HeaderValue};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Map, Value, json};

const PNG: [u8; 4] = [0x89, b'P', 0, 0xff];

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let event = event.payload;
    if let Some(count) = event["together"].as_u64() {
        return Ok(together(usize::try_from(count)?).await);
    }
    if event["requestContext"]["elb"].is_object() {
        load_balancer(&event)
    } else if event["version"] == "2.0" {
        http_api(&event)
    } else {
        rest_api(&event)
    }
}

/// Fields that AWS sends and these types lack.
const LACKING: [&str; 4] = [
    "cognitoAmr",
    "deploymentId",
    "extendedRequestId",
    "principalOrgId",
];

fn unknown(others: &[&Map<String, Value>]) -> Vec<String> {
    let names = others.iter().flat_map(|other| other.keys());
    let names = names.filter(|name| !LACKING.contains(&name.as_str()));
    names.cloned().collect()
}

fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(name).iter();
    values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect()
}

fn text_headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

fn http_api(event: &Value) -> Result<Value, Error> {
    let request = serde_json::from_value::<ApiGatewayV2httpRequest>(event.clone())?;
    let query = &request.query_string_parameters;
    let mut response = ApiGatewayV2httpResponse::default();
    match query.first("answer") {
        Some("fail") => return Err("this event fails".into()),
        Some("inferred") => return Ok(json!({ "inferred": true })),
        Some("binary") => {
            response.status_code = 201;
            response.headers = text_headers(&[("content-type", "image/png"), ("x-many", "1,2")]);
            response.cookies = vec!["a=1; Path=/".to_owned(), "b=2".to_owned()];
            response.body = Some(Body::Binary(PNG.to_vec()));
            response.is_base64_encoded = true;
        }
        _ => {
            let context = &request.request_context;
            let report = json!({
                "event": event,
                "unknown": unknown(&[&request.other, &context.other, &context.http.other]),
                "method": context.http.method.as_str(),
                "parameters": request.path_parameters,
                "query": query.all("x"),
                "header": values(&request.headers, "x-many"),
                "cookies": request.cookies,
            });
            response.status_code = 200;
            response.headers = text_headers(&[("content-type", "application/json")]);
            response.body = Some(Body::Text(report.to_string()));
        }
    }
    Ok(serde_json::to_value(response)?)
}

fn rest_api(event: &Value) -> Result<Value, Error> {
    let request = serde_json::from_value::<ApiGatewayProxyRequest>(event.clone())?;
    let query = &request.multi_value_query_string_parameters;
    let mut response = ApiGatewayProxyResponse::default();
    match query.first("answer") {
        Some("fail") => return Err("this event fails".into()),
        Some("inferred") => return Ok(json!({ "inferred": true })),
        Some("binary") => {
            response.status_code = 201;
            response.headers = text_headers(&[("content-type", "image/png")]);
            response.multi_value_headers = text_headers(&[
                ("x-many", "1"),
                ("x-many", "2"),
                ("set-cookie", "a=1; Path=/"),
                ("set-cookie", "b=2"),
            ]);
            response.body = Some(Body::Binary(PNG.to_vec()));
            response.is_base64_encoded = true;
        }
        _ => {
            let context = &request.request_context;
            let others = [&request.other, &context.other, &context.identity.other];
            let mut unknown = unknown(&others);
            // Events of HTTP APIs have it, and those of REST APIs do not.
            unknown.retain(|name| name != "version");
            let report = json!({
                "event": event,
                "unknown": unknown,
                "method": request.http_method.as_str(),
                "parameters": request.path_parameters,
                "query": query.all("x"),
                "header": values(&request.multi_value_headers, "x-many"),
                "cookies": values(&request.multi_value_headers, "cookie"),
            });
            response.status_code = 200;
            response.headers = text_headers(&[("content-type", "application/json")]);
            response.body = Some(Body::Text(report.to_string()));
        }
    }
    Ok(serde_json::to_value(response)?)
}

fn load_balancer(event: &Value) -> Result<Value, Error> {
    let request = serde_json::from_value::<AlbTargetGroupRequest>(event.clone())?;
    let has_lists = !request.multi_value_headers.is_empty();
    let (query, headers) = if has_lists {
        (
            &request.multi_value_query_string_parameters,
            &request.multi_value_headers,
        )
    } else {
        (&request.query_string_parameters, &request.headers)
    };
    let mut response = AlbTargetGroupResponse::default();
    let sent = match query.first("answer") {
        Some("fail") => return Err("this event fails".into()),
        Some("inferred") => return Ok(json!({ "inferred": true })),
        Some("binary") => {
            response.status_code = 201;
            response.status_description = Some("201 Created".to_owned());
            response.body = Some(Body::Binary(PNG.to_vec()));
            response.is_base64_encoded = true;
            text_headers(&[
                ("content-type", "image/png"),
                ("x-many", "1"),
                ("x-many", "2"),
                ("set-cookie", "a=1; Path=/"),
                ("set-cookie", "b=2"),
            ])
        }
        _ => {
            let context = &request.request_context;
            let report = json!({
                "event": event,
                "unknown": unknown(&[&request.other, &context.other, &context.elb.other]),
                "method": request.http_method.as_str(),
                "parameters": null,
                "query": query.all("x"),
                "header": values(headers, "x-many"),
                "cookies": values(headers, "cookie"),
            });
            response.status_code = 200;
            response.status_description = Some("200 OK".to_owned());
            response.body = Some(Body::Text(report.to_string()));
            text_headers(&[("content-type", "application/json")])
        }
    };
    if has_lists {
        response.multi_value_headers = sent;
    } else {
        response.headers = sent;
    }
    Ok(serde_json::to_value(response)?)
}

/// The number of events that this process handles now.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Runs for a second after `count` events run at the same time, or gives up.
async fn together(count: usize) -> Value {
    let mut most = RUNNING.fetch_add(1, Ordering::SeqCst) + 1;
    let start = Instant::now();
    while most < count && start.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        most = most.max(RUNNING.load(Ordering::SeqCst));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    RUNNING.fetch_sub(1, Ordering::SeqCst);
    json!({ "pid": std::process::id(), "together": most })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run_concurrent(service_fn(handle)).await
}
