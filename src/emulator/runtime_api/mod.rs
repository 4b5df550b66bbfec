//! The Runtime API, which a function asks for events and sends its responses to.
//!
//! In: events. Out: [`RuntimeEvent`]s for each of them, in the order in which they happened.
//! Every request is handled under one lock, so that two connections cannot both respond
//! to the same event.
//! Left to others: what telemetry contains and how it is sent.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

mod api;
mod event;
mod extensions;
mod methods;
mod response;
mod state;

pub(super) use crate::emulator::runtime_api::api::{ApiServer, ExtensionControl, RuntimeApi};
pub(super) use crate::emulator::runtime_api::event::{
    InvocationEvent, ResponseStream, RuntimeEvent,
};
pub(super) use crate::emulator::runtime_api::extensions::ShutdownReason;

#[cfg(test)]
mod tests;
