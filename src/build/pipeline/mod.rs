//! Compiles, checks, and packs functions in parallel.
//!
//! In: [`Plan`](crate::build::plan::Plan). Out: [`Packed`](crate::build::package::Packed), one
//! for each function, or all problems at once. A binary goes to a worker as soon as its
//! compiler reports it. The worker looks into the cache, or else reads, checks, and packs the
//! binary, and drops its bytes. The plan alone decides what is printed, and in which order.
//! Left to others: writing to final paths (`package/output_lock.rs`).

mod check_and_pack;
mod run;
mod worker_pool;

pub(crate) use crate::build::pipeline::run::run;
