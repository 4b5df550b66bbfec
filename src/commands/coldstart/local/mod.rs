//! Measures cold starts of packaged functions on this machine and compares them with each other.
//!
//! In: zips. The others are compared with the first. Out: [`measurement::LocalMeasurement`].
//!
//! The results do not predict the Init Duration on Lambda. They tell two builds apart, as far as a
//! control allows: the first zip takes part twice, and if it differs from itself, no timing leads to
//! a verdict.
//!
//! Every zip is unpacked again, in the same way, because the same bytes start up to 30 % slower or
//! faster depending on their place on the disk. All zips are started in turn, in a random order, each
//! with its file in the page cache and without.
//!
//! Left to others: systems other than Linux, and emulators, which would measure themselves.

mod answer;
mod baseline;
mod export;
mod figures;
mod measure;
mod measurement;
mod page_cache;
mod sample;

pub(crate) use crate::commands::coldstart::local::measure::measure;
pub(crate) use crate::commands::coldstart::local::measurement::LocalColdstartOptions;
