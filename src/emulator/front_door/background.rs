//! Asynchronous invocations: events that are handled after their caller got a response.
//!
//! Lambda sends an event that failed two more times, after one and two minutes. Here it waits
//! only seconds, because the developer is watching.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use std::sync::Arc;
use std::time::Duration;

use crate::emulator::FunctionError;
use crate::emulator::front_door::door::{DoorEvent, DoorObserver};
use crate::emulator::front_door::failure_page::{BUILD_FAILED, UNAVAILABLE};
use crate::emulator::pool::{Call, CallReply};
use crate::emulator::served_function::{NotServed, ServedFunction};

/// The time before each further attempt.
const RETRIES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// Handles an event in the background. The call must be one that waits while all instances are
/// busy.
pub(super) fn start(function: Arc<ServedFunction>, call: Call, observer: DoorObserver) {
    tokio::spawn(async move {
        for attempt in 0.. {
            let Some(error) = attempt_once(&function, &call).await else {
                return;
            };
            let retry_after = RETRIES.get(attempt).copied();
            observer(DoorEvent::BackgroundFailed {
                function: function.name(),
                request_id: &call.request_id,
                error: &error,
                attempt: u32::try_from(attempt).unwrap_or(u32::MAX) + 1,
                retry_after,
            });
            match retry_after {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return,
            }
        }
    });
}

/// Sends the event once. Returns the error if the function failed.
async fn attempt_once(function: &ServedFunction, call: &Call) -> Option<FunctionError> {
    match function.call(call.clone()).await {
        // A call that waits is not throttled.
        Ok(CallReply::Response(..) | CallReply::Throttled) => None,
        Ok(CallReply::Stream(mut stream)) => {
            while stream.pieces.recv().await.is_some() {}
            stream.end.await.ok()?.error
        }
        Ok(CallReply::Error(end)) => end.error,
        Ok(CallReply::Unavailable(why)) => Some(FunctionError::new(UNAVAILABLE, why)),
        // The messages of the compiler were reported before.
        Err(NotServed::BuildFailed(_)) => {
            let why = "the function could not be built";
            Some(FunctionError::new(BUILD_FAILED, why))
        }
        Err(NotServed::StillBuilding(_)) => {
            let why = "the function is still being built";
            Some(FunctionError::new(BUILD_FAILED, why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::pool::PoolOptions;

    #[tokio::test]
    async fn a_function_that_cannot_be_run_has_an_error_type_and_a_reason() {
        let second = Duration::from_secs(1);
        let options = PoolOptions {
            function: "f".to_owned(),
            memory_mb: 128,
            timeout: second,
            init_limit: second,
            concurrency: 1,
            events_per_instance: 1,
        };
        let function = ServedFunction::new(options, second, Arc::new(|_| {}));
        function.set_ready();
        let error = attempt_once(&function, &Call::default()).await.unwrap();
        assert_eq!(error.kind, UNAVAILABLE);
        assert_eq!(error.message, "the function has no program");
    }
}
