//! A Lambda function for the stream of a DynamoDB table. It greets the person in each new item.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;

/// An item of the table. Other attributes are ignored.
#[derive(Deserialize)]
struct Item {
    name: String,
}

/// Handles one change. A removed item has no greeting.
fn greet(record: &EventRecord) -> Result<Option<String>, Error> {
    let item = &record.change.new_image;
    if item.is_empty() {
        return Ok(None);
    }
    let item: Item = serde_dynamo::from_item(item.clone())?;
    Ok(Some(format!("Hello, {}", item.name)))
}

/// Handles a batch of changes. It does not need Lambda, so tests can call it directly.
///
/// If the event source mapping has `FunctionResponseTypes: [ReportBatchItemFailures]`, the
/// stream continues with the change that failed. Without it, failures are ignored.
fn handle(event: &Event) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    for record in &event.records {
        match greet(record) {
            Ok(Some(text)) => println!("{text}"),
            Ok(None) => {}
            Err(error) => {
                eprintln!("change {}: {error}", record.event_id);
                let mut failure = DynamoDbBatchItemFailure::default();
                failure.item_identifier = record.change.sequence_number.clone();
                response.batch_item_failures.push(failure);
                // Later changes wait, because they may depend on this one.
                break;
            }
        }
    }
    response
}

// One thread is enough, because Lambda sends one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<Event>| async move {
        Ok::<_, Error>(handle(&event.payload))
    }))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event from DynamoDB. To send it: `cargo lambdapack invoke --data @FILE`.
    const EVENT: &str = include_str!("../events/dynamodb.json");

    fn event(json: &str) -> Event {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn greets_by_name() {
        let event = event(EVENT);
        let greeting = greet(&event.records[0]).unwrap();
        assert_eq!(greeting.as_deref(), Some("Hello, Ada"));
        assert_eq!(greet(&event.records[1]).unwrap(), None);
        assert!(handle(&event).batch_item_failures.is_empty());
    }

    #[test]
    fn the_stream_continues_with_the_change_that_failed() {
        let event = event(&EVENT.replacen("\"name\"", "\"nothing\"", 1));
        let failures = handle(&event).batch_item_failures;
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[0].item_identifier.as_deref(), Some("111"));
    }
}
