//! An extension of Lambda. It runs next to a function, and logs when it is invoked and stopped.

use lambda_extension::{Error, LambdaEvent, NextEvent, service_fn};

/// The line for one event. It does not need Lambda, so tests can call it directly.
fn line(event: &NextEvent) -> String {
    match event {
        NextEvent::Invoke(event) => format!("invoked with request {}", event.request_id),
        // At most two seconds are left, for example to send data.
        NextEvent::Shutdown(event) => format!("stopping: {}", event.shutdown_reason),
    }
}

/// Handles one event. The function runs at the same time, but Lambda ends the invocation only
/// after this is done as well.
async fn handle(event: LambdaEvent) -> Result<(), Error> {
    println!("{}", line(&event.next));
    Ok(())
}

// One thread is enough, because Lambda sends one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_extension::run(service_fn(handle)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_for(event: &str) -> String {
        line(&serde_json::from_str(event).unwrap())
    }

    #[test]
    fn logs_invocations() {
        let event = r#"{
            "eventType": "INVOKE",
            "deadlineMs": 1767268803000,
            "requestId": "0253c1a0-5544-43ba-8f34-68f84bb92d01",
            "invokedFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:orders",
            "tracing": { "type": "X-Amzn-Trace-Id", "value": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700" }
        }"#;
        let expected = "invoked with request 0253c1a0-5544-43ba-8f34-68f84bb92d01";
        assert_eq!(line_for(event), expected);
    }

    #[test]
    fn logs_the_reason_for_the_end() {
        let event = r#"{
            "eventType": "SHUTDOWN",
            "shutdownReason": "spindown",
            "deadlineMs": 1767268802000
        }"#;
        assert_eq!(line_for(event), "stopping: spindown");
    }
}
