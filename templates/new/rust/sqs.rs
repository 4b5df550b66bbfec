//! A Lambda function for an SQS queue. It greets the person in each message.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;

/// The body of a message: `{"name": "Ada"}`.
#[derive(Deserialize)]
struct Greeting {
    name: String,
}

/// Handles one message.
fn greet(message: &SqsMessage) -> Result<String, Error> {
    let body = message.body.as_deref().unwrap_or_default();
    let greeting: Greeting = serde_json::from_str(body)?;
    Ok(format!("Hello, {}", greeting.name))
}

/// Handles a batch of messages. It does not need Lambda, so tests can call it directly.
///
/// If the event source mapping has `FunctionResponseTypes: [ReportBatchItemFailures]`, only
/// the messages that failed are retried. Without it, failures are ignored.
fn handle(event: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        match greet(&message) {
            Ok(text) => println!("{text}"),
            Err(error) => {
                let id = message.message_id.unwrap_or_default();
                eprintln!("message {id}: {error}");
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = id;
                response.batch_item_failures.push(failure);
            }
        }
    }
    response
}

// One thread is enough, because Lambda sends one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, Error>(handle(event.payload))
    }))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event from SQS. To send it: `cargo lambdapack invoke --data @FILE`.
    const EVENT: &str = include_str!("../events/sqs.json");

    fn event(json: &str) -> SqsEvent {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn greets_by_name() {
        let event = event(EVENT);
        assert_eq!(greet(&event.records[0]).unwrap(), "Hello, Ada");
        assert!(handle(event).batch_item_failures.is_empty());
    }

    #[test]
    fn only_the_message_that_failed_comes_again() {
        let mut event = event(EVENT);
        event.records[1].body = Some("no JSON".to_owned());
        let failed = event.records[1].message_id.clone().unwrap();
        let failures = handle(event).batch_item_failures;
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[0].item_identifier, failed);
    }
}
