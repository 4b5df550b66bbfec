//! A page with a stream of events, forms, cookies, and a redirect.

use std::time::Duration;

use lambda_http::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use lambda_http::lambda_runtime::streaming::{Body, channel};
use lambda_http::{
    Error, Request, RequestExt, RequestPayloadExt, Response, run_with_streaming_response, service_fn,
};
use serde::Deserialize;

const PAGE: &str = include_str!("../page.html");

#[derive(Deserialize)]
struct Form {
    name: String,
    empty: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_with_streaming_response(service_fn(handle)).await
}

async fn handle(request: Request) -> Result<Response<Body>, Error> {
    let response = Response::builder().header(CONTENT_TYPE, "text/plain; charset=utf-8");
    let method = request.method().as_str();
    Ok(match (method, request.raw_http_path()) {
        ("GET", "/") => Response::builder()
            .header(CONTENT_TYPE, "text/html; charset=utf-8")
            .body(PAGE.into())?,
        ("GET", "/events") => Response::builder()
            .header(CONTENT_TYPE, "text/event-stream")
            .body(events())?,
        ("POST", "/form") => {
            let form: Form = request.payload()?.ok_or("the form is empty")?;
            Response::builder()
                .status(303)
                .header(LOCATION, "/cookies")
                .header(SET_COOKIE, format!("name={}; HttpOnly", encoded(&form.name)))
                .header(SET_COOKIE, format!("empty={}; Path=/; SameSite=Lax", form.empty))
                .body(Body::empty())?
        }
        ("POST", "/file") => {
            let (content_type, file) = file_in_form(&request).ok_or("the form has no file")?;
            Response::builder()
                .header(CONTENT_TYPE, content_type)
                .body(file.into())?
        }
        ("GET", "/cookies") => {
            let cookies = request.headers().get_all(COOKIE).iter();
            let cookies: Vec<_> = cookies.filter_map(|value| value.to_str().ok()).collect();
            response.body(cookies.join("; ").into())?
        }
        ("GET", "/old") => Response::builder()
            .status(302)
            .header(LOCATION, format!("/new?{}", request.uri().query().unwrap_or("")))
            .body(Body::empty())?,
        ("GET", "/new") => {
            let query = request.query_string_parameters();
            let values = query.all("a").unwrap_or_default();
            response.body(values.join("|").into())?
        }
        _ => response.status(404).body("not found".into())?,
    })
}

/// Three events, with pauses.
fn events() -> Body {
    let (mut sender, body) = channel();
    tokio::spawn(async move {
        for number in 1..=3 {
            let event = format!("id: {number}\ndata: event {number}\n\n");
            if sender.send_data(event.into()).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    body
}

/// As in a URL.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The content type and the bytes of the last part of a form.
fn file_in_form(request: &Request) -> Option<(String, Vec<u8>)> {
    let content_type = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let boundary = content_type.split_once("boundary=")?.1;
    let body = request.body().as_ref();
    let end = format!("\r\n--{boundary}--\r\n");
    let body = body.strip_suffix(end.as_bytes())?;
    let boundary = format!("--{boundary}\r\n");
    let start = find_last(body, boundary.as_bytes())? + boundary.len();
    let head_end = start + body[start..].windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&body[start..head_end]).ok()?;
    let content_type = head.lines().find_map(|line| line.strip_prefix("Content-Type: "))?;
    Some((content_type.to_owned(), body[head_end + 4..].to_vec()))
}

fn find_last(body: &[u8], text: &[u8]) -> Option<usize> {
    body.windows(text.len()).rposition(|bytes| bytes == text)
}
