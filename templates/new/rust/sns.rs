//! A Lambda function for an SNS topic. It greets the person in each notification.

use aws_lambda_events::sns::SnsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};

/// The message of a notification: `{"name": "Ada"}`.
#[derive(Deserialize)]
struct Greeting {
    name: String,
}

/// The response. SNS ignores it.
#[derive(Serialize)]
struct Response {
    messages: Vec<String>,
}

/// Handles notifications. It does not need Lambda, so tests can call it directly.
///
/// If it fails, Lambda retries the event twice, then sends it to the dead-letter queue.
fn handle(event: &SnsEvent) -> Result<Response, Error> {
    let mut messages = Vec::new();
    for record in &event.records {
        let greeting: Greeting = serde_json::from_str(&record.sns.message)?;
        let message = format!("Hello, {}", greeting.name);
        println!("{message}");
        messages.push(message);
    }
    Ok(Response { messages })
}

// One thread is enough, because Lambda sends one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<SnsEvent>| async move {
        handle(&event.payload)
    }))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event from SNS. To send it: `cargo lambdapack invoke --data @FILE`.
    const EVENT: &str = include_str!("../events/sns.json");

    fn event() -> SnsEvent {
        serde_json::from_str(EVENT).unwrap()
    }

    #[test]
    fn greets_by_name() {
        assert_eq!(handle(&event()).unwrap().messages, ["Hello, Ada"]);
    }

    #[test]
    fn refuses_a_notification_without_a_name() {
        let mut event = event();
        event.records[0].sns.message = "no JSON".to_owned();
        assert!(handle(&event).is_err());
    }
}
