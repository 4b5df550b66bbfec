//! A Lambda function that greets the person in the event.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};

/// The event: `{"name": "Ada"}`.
#[derive(Deserialize)]
struct Request {
    name: String,
}

/// The response: `{"message": "Hello, Ada"}`.
#[derive(Serialize)]
struct Response {
    message: String,
}

/// Handles one invocation. It does not need Lambda, so tests can call it directly.
fn handle(request: Request) -> Result<Response, Error> {
    if request.name.is_empty() {
        return Err("the event has an empty \"name\"".into());
    }
    Ok(Response {
        message: format!("Hello, {}", request.name),
    })
}

// One thread is enough, because Lambda sends one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<Request>| async move {
        handle(event.payload)
    }))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(json: &str) -> serde_json::Result<Request> {
        serde_json::from_str(json)
    }

    #[test]
    fn greets_by_name() {
        let response = handle(request(r#"{"name": "Ada"}"#).unwrap()).unwrap();
        let json = serde_json::to_string(&response).unwrap();
        assert_eq!(json, r#"{"message":"Hello, Ada"}"#);
    }

    #[test]
    fn refuses_an_event_without_a_name() {
        assert!(request("{}").is_err());
        assert!(handle(request(r#"{"name": ""}"#).unwrap()).is_err());
    }
}
