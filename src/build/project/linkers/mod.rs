//! The linkers of this machine.
//!
//! In: the tools on PATH, and the configured path of zig. Out: [`AvailableLinkers`], plain data,
//! which is kept for the next run.
//! Left to others: which of them links a target (`plan/linker`).

mod available;
mod read;
mod zig;

pub(crate) use crate::build::project::linkers::available::{
    AvailableLinkers, CompilerDriver, DetectedLibc,
};
pub(super) use crate::build::project::linkers::read::read;
pub(crate) use crate::build::project::linkers::zig::{CACHE, ZigInstallation};
