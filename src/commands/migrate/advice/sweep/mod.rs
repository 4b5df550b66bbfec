//! Searches every file one last time, so that every remaining old runtime is reported.
//!
//! In: a file with its edits and the remarks of its reader. Out: a task for every line with a
//! definite old runtime, and a note for every other line that mentions one.

mod context;
mod leftovers;

pub(super) use crate::commands::migrate::advice::sweep::leftovers::leftover_remarks;
