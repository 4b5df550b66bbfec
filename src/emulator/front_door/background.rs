//! Asynchronous invocations: events that are handled after their caller got a response.
//!
//! Lambda sends an event that failed two more times, after one and two minutes. Here it waits
//! only seconds, because the developer is watching.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use std::sync::Arc;
use std::time::Duration;

use crate::emulator::front_door::door::{DoorEvent, DoorObserver};
use crate::emulator::front_door::failure_page::BUILD_FAILED;
use crate::emulator::pool::{Call, CallReply};
use crate::emulator::served_function::{NotServed, ServedFunction};

/// The time before each further attempt.
const RETRIES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// Handles an event in the background. The call must be one that waits while all instances are
/// busy.
pub(super) fn start(function: Arc<ServedFunction>, call: Call, observer: DoorObserver) {
    tokio::spawn(async move {
        for attempt in 0.. {
            let Some(error_type) = attempt_once(&function, &call).await else {
                return;
            };
            let retry_after = RETRIES.get(attempt).copied();
            observer(DoorEvent::BackgroundFailed {
                function: function.name(),
                request_id: &call.request_id,
                error_type: &error_type,
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

/// Sends the event once. Returns the type of the error if the function failed.
async fn attempt_once(function: &ServedFunction, call: &Call) -> Option<String> {
    match function.call(call.clone()).await {
        // A call that waits is not throttled.
        Ok(CallReply::Response(..) | CallReply::Throttled) => None,
        Ok(CallReply::Stream(mut stream)) => {
            while stream.pieces.recv().await.is_some() {}
            let end = stream.end.await.ok()?;
            end.error.map(|error| error.kind)
        }
        Ok(CallReply::Error(end)) => end.error.map(|error| error.kind),
        Ok(CallReply::Unavailable(why)) => Some(why),
        Err(NotServed::BuildFailed(_) | NotServed::StillBuilding(_)) => {
            Some(BUILD_FAILED.to_owned())
        }
    }
}
