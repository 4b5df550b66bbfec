//! Decides how a Rust function is linked on this machine, and for which libc.
//!
//! In: [`LinkRequest`] and [`LinkEnvironment`]. Out: [`LinkPlan`]: the target, the variables
//! for Cargo, the reason, and the missing tools. `auto` chooses the first compatible linker in
//! this order: the linker in Cargo's configuration; the system's own; a GNU cross compiler;
//! zig; and, if nothing links for glibc and the user did not request it, musl with rustup's
//! rust-lld.
//! Nothing is run or installed here.

mod advice;
mod choice;
pub(super) mod compatibility;
mod host_linker;
mod link_plan;
mod missing;
mod planner;

pub(crate) use crate::build::plan::linker::link_plan::UsedLinker;
pub(super) use crate::build::plan::linker::link_plan::{LinkEnvironment, LinkPlan, LinkRequest};
pub(super) use crate::build::plan::linker::planner::{is_linux, plan_linking};

#[cfg(test)]
mod tests;
