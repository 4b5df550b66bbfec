//! A web service with axum, as a Lambda function. It greets the person in the body.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use lambda_http::Error;
use serde::Deserialize;

/// The body of a request: `{"name": "Ada"}`.
#[derive(Deserialize)]
struct Greeting {
    name: String,
}

/// The routes. They do not need Lambda, so tests and other servers can use them.
fn routes() -> Router {
    Router::new()
        .route("/", get(|| async { "Hello" }))
        .route("/orders/{id}", post(order))
}

async fn order(
    Path(id): Path<u64>,
    Json(greeting): Json<Greeting>,
) -> Result<String, (StatusCode, &'static str)> {
    if greeting.name.is_empty() {
        return Err((StatusCode::BAD_REQUEST, "the name is empty"));
    }
    Ok(format!("Hello, {}. This is order {id}.", greeting.name))
}

// One thread is enough, because Lambda sends one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::run(routes()).await
}

#[cfg(test)]
mod tests {
    use lambda_http::tower::ServiceExt;

    use super::*;

    /// An event from API Gateway. To send it: `cargo lambdapack invoke --data @FILE`.
    const EVENT: &str = include_str!("../events/apigw.json");

    async fn answer(event: &str) -> (StatusCode, String) {
        let request = lambda_http::request::from_str(event).unwrap();
        let response = routes().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn greets_by_name() {
        let (status, text) = answer(EVENT).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(text, "Hello, Ada. This is order 42.");
    }

    #[tokio::test]
    async fn refuses_a_body_without_a_name() {
        let (status, _) = answer(&EVENT.replace("name", "nothing")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let (status, _) = answer(&EVENT.replace("Ada", "")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn unknown_paths_are_not_found() {
        let (status, _) = answer(&EVENT.replace("/orders/", "/users/")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}
