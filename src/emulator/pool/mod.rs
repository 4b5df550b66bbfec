//! The instances of one function, and how events reach them.
//!
//! In: a [`Program`], and [`Call`]s. Out: a [`CallReply`] for each call, as soon as the function
//! responds, and [`PoolEvent`]s about everything that happens.
//! An instance handles one event at a time, as on Lambda, or several on Lambda Managed Instances.
//! It is started by an event if no other instance is free, and stays for later events. Instances
//! of an older program finish their events and end.
//! A caller that does not wait for its reply does not disturb the function.
//! Left to others: queues and retries, and where programs come from.

mod call;
mod instance_pool;
mod pool_event;
mod responder;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use crate::emulator::pool::call::{
    Call, CallReply, EndOfCall, StreamMode, StreamedReply, WhenBusy,
};
pub(crate) use crate::emulator::pool::instance_pool::{InstancePool, PoolOptions, Program};
pub(crate) use crate::emulator::pool::pool_event::{Observer, PoolEvent};
