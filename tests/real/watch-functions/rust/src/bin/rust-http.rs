//! Streams its responses with `lambda_http`; see `go-http` as well.

use std::time::Duration;

use lambda_http::lambda_runtime::streaming::{Body, channel};
use lambda_http::{Error, Request, Response, run_with_streaming_response, service_fn};

async fn handle(request: Request) -> Result<Response<Body>, Error> {
    let (mut sender, body) = channel();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = Response::builder()
        .status(201)
        .header("content-type", "text/plain")
        .header("x-method", method.as_str())
        .header("set-cookie", "a=1; Path=/")
        .header("set-cookie", "b=2")
        .body(body)?;
    tokio::spawn(async move {
        if path.starts_with("/slow/") {
            for number in 0..10 {
                if sender.send_data(format!("{number}\n").into()).await.is_err() {
                    println!("the response was not read to its end");
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            println!("finished {path}");
        } else {
            let text = format!("{method} {path} ").into_bytes();
            let body = [&text, request.body().as_ref()].concat();
            // There is a reader, unless the function ends.
            let _ = sender.send_data(body.into()).await;
        }
    });
    Ok(response)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run_with_streaming_response(service_fn(handle)).await
}
