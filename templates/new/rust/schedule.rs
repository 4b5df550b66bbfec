//! A Lambda function for a schedule of EventBridge. It logs the time for which it was started.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;

/// The response. EventBridge ignores it.
#[derive(Serialize)]
struct Response {
    message: String,
}

/// Handles one event. It does not need Lambda, so tests can call it directly.
///
/// If it fails, Lambda retries the event twice. EventBridge may also send an event twice, so use
/// the scheduled time, not the current time, to decide whether the work is done.
fn handle(event: &EventBridgeEvent) -> Result<Response, Error> {
    let time = event.time.ok_or("the event has no time")?;
    let message = format!("Scheduled for {time:?}");
    println!("{message}");
    Ok(Response { message })
}

// One thread is enough, because Lambda sends one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(
        |event: LambdaEvent<EventBridgeEvent>| async move { handle(&event.payload) },
    ))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event from EventBridge. To send it: `cargo lambdapack invoke --data @FILE`.
    const EVENT: &str = include_str!("../events/schedule.json");

    fn event() -> EventBridgeEvent {
        serde_json::from_str(EVENT).unwrap()
    }

    #[test]
    fn tells_the_scheduled_time() {
        let response = handle(&event()).unwrap();
        assert_eq!(response.message, "Scheduled for 2026-01-01T12:00:00Z");
    }

    #[test]
    fn refuses_an_event_without_a_time() {
        let mut event = event();
        event.time = None;
        assert!(handle(&event).is_err());
    }
}
