//! Answers events of HTTP APIs, REST APIs, and load balancers with `lambda_http`, which knows
//! all of their formats.

use lambda_http::http::Method;
use lambda_http::{Body, Error, Request, RequestExt, Response, run, service_fn};
use serde_json::json;

async fn handle(request: Request) -> Result<Response<Body>, Error> {
    let query = request.query_string_parameters();
    if request.method() == Method::PUT {
        let response = Response::builder().status(201);
        return Ok(response
            .header("content-type", "image/png")
            .header("x-many", "1")
            .header("x-many", "2")
            .header("set-cookie", "a=1; Path=/")
            .header("set-cookie", "b=2")
            .body(request.body().clone())?);
    }
    let headers = |name: &str| {
        let values = request.headers().get_all(name).iter();
        values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect::<Vec<_>>()
    };
    let parameters = request.path_parameters();
    let report = json!({
        "method": request.method().as_str(),
        "path": request.raw_http_path(),
        "parameter": parameters.first("proxy"),
        "query": query.all("x"),
        "header": headers("x-many"),
        "cookies": headers("cookie"),
        "body": request.body().as_ref(),
    });
    let response = Response::builder().header("content-type", "application/json");
    Ok(response.body(report.to_string().into())?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}
