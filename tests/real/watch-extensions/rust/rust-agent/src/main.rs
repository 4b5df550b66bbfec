//! An extension that prints its events and the telemetry that it receives.

use std::net::{Ipv4Addr, TcpListener};

use lambda_extension::{
    Error, Extension, LambdaEvent, LambdaTelemetry, LambdaTelemetryRecord, NextEvent,
    SharedService, service_fn,
};

async fn handle_event(event: LambdaEvent) -> Result<(), Error> {
    match event.next {
        NextEvent::Invoke(invoke) => println!("INVOKE {}", invoke.request_id),
        NextEvent::Shutdown(shutdown) => println!("SHUTDOWN {}", shutdown.shutdown_reason),
    }
    Ok(())
}

async fn handle_telemetry(events: Vec<LambdaTelemetry>) -> Result<(), Error> {
    for event in events {
        match event.record {
            LambdaTelemetryRecord::Function(line) => println!("function {line}"),
            record => println!("{}", serde_json::to_string(&record)?),
        }
    }
    Ok(())
}

/// A port for the telemetry of this instance. Several instances run on the same machine.
fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    Ok(listener.local_addr()?.port())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    Extension::new()
        .with_events_processor(service_fn(handle_event))
        .with_telemetry_processor(SharedService::new(service_fn(handle_telemetry)))
        .with_telemetry_port_number(free_port()?)
        .run()
        .await
}
