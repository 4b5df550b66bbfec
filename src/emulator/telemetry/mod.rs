//! The Telemetry API, which tells extensions what happens in an execution environment.
//!
//! In: the bodies of `PUT /2022-07-01/telemetry`, and [`Record`]s from every part of an
//! instance. Out: responses to the subscriptions, and batches of events that are sent to the
//! extensions over HTTP or TCP.
//! Left to others: which extension sent a request, and when the init phase ends; there is one
//! [`TelemetryHub`] for each instance. The Logs API is not supported.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>, and
//! `internal/lambda-managed-instances/aws-lambda-rie/internal/telemetry/` of
//! aws/aws-lambda-runtime-interface-emulator.

mod delivery;
mod hub;
mod queue;
mod record;
mod subscription;
#[cfg(test)]
mod tests;

pub(crate) use crate::emulator::telemetry::hub::{SubscribeReply, TelemetryHub};
pub(crate) use crate::emulator::telemetry::record::{
    InitMetrics, InitializationType, Millis, Record, ReportMetrics, RuntimeDoneMetrics, Span,
    TelemetryStatus, Tracing,
};
