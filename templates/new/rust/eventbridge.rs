//! A Lambda function for a rule of EventBridge. It greets the person in the event.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};

/// The detail of an event: `{"name": "Ada"}`. Other fields are ignored.
#[derive(Deserialize, Serialize)]
struct Detail {
    name: String,
}

/// The response. EventBridge ignores it.
#[derive(Serialize)]
struct Response {
    message: String,
}

/// Handles one event. It does not need Lambda, so tests can call it directly.
fn handle(event: EventBridgeEvent<Detail>) -> Result<Response, Error> {
    let detail = event.detail;
    if detail.name.is_empty() {
        // EventBridge retries the event twice, then sends it to the dead-letter queue.
        return Err("the event has an empty \"name\"".into());
    }
    let message = format!("Hello, {}", detail.name);
    println!("{message}");
    Ok(Response { message })
}

// One thread is enough, because Lambda sends one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(
        |event: LambdaEvent<EventBridgeEvent<Detail>>| async move { handle(event.payload) },
    ))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event from EventBridge. To send it: `cargo lambdapack invoke --data @FILE`.
    const EVENT: &str = include_str!("../events/eventbridge.json");

    #[test]
    fn greets_by_name() {
        let response = handle(serde_json::from_str(EVENT).unwrap()).unwrap();
        assert_eq!(response.message, "Hello, Ada");
    }

    #[test]
    fn refuses_an_event_without_a_name() {
        let event = EVENT.replace("\"Ada\"", "\"\"");
        assert!(handle(serde_json::from_str(&event).unwrap()).is_err());
    }
}
