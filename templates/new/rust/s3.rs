//! A Lambda function for an S3 bucket. It logs the objects that were created.

use aws_lambda_events::s3::{S3Event, S3EventRecord};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use percent_encoding::percent_decode_str;
use serde::Serialize;

/// The response. S3 ignores it.
#[derive(Serialize)]
struct Response {
    objects: Vec<String>,
}

/// The object of one record. Its key is URL-encoded: `an+order.json`.
fn object(record: &S3EventRecord) -> Result<String, Error> {
    let (Some(bucket), Some(key)) = (&record.s3.bucket.name, &record.s3.object.key) else {
        return Err("the event names no object".into());
    };
    let key = key.replace('+', " ");
    let key = percent_decode_str(&key).decode_utf8()?;
    Ok(format!("s3://{bucket}/{key}"))
}

/// Handles changes in a bucket. It does not need Lambda, so tests can call it directly.
fn handle(event: &S3Event) -> Result<Response, Error> {
    let objects = event.records.iter().map(object);
    let objects = objects.collect::<Result<Vec<_>, _>>()?;
    for object in &objects {
        println!("{object}");
    }
    Ok(Response { objects })
}

// One thread is enough, because Lambda sends one event at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<S3Event>| async move {
        handle(&event.payload)
    }))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event from S3. To send it: `cargo lambdapack invoke --data @FILE`.
    const EVENT: &str = include_str!("../events/s3.json");

    #[test]
    fn tells_the_object_with_its_key_decoded() {
        let event = serde_json::from_str(EVENT).unwrap();
        let response = handle(&event).unwrap();
        assert_eq!(response.objects, ["s3://orders/2026/an order.json"]);
    }

    #[test]
    fn tells_a_key_that_is_not_in_ascii() {
        let event = EVENT.replace("an+order.json", "gr%C3%BC%C3%9Fe+1%2B1");
        let response = handle(&serde_json::from_str(&event).unwrap()).unwrap();
        assert_eq!(response.objects, ["s3://orders/2026/grüße 1+1"]);
    }

    #[test]
    fn refuses_an_event_without_an_object() {
        let mut event: S3Event = serde_json::from_str(EVENT).unwrap();
        event.records[0].s3.bucket.name = None;
        assert!(handle(&event).is_err());
    }
}
