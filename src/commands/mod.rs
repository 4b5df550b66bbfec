//! One module for each subcommand: what `cargo lambdapack NAME` does.

pub(crate) mod build;
pub mod check;
pub(crate) mod coldstart;
pub(crate) mod collect;
pub(crate) mod context;
pub(crate) mod deploy;
pub(crate) mod doctor;
pub(crate) mod invoke;
pub(crate) mod list;
pub(crate) mod migrate;
pub(crate) mod pack;
pub(crate) mod report;
pub(crate) mod scaffold;
pub(crate) mod verify;
pub(crate) mod watch;
