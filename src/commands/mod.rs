//! One module for each subcommand: what `cargo lambdapack NAME` does.

pub mod build;
pub mod check;
pub mod coldstart;
pub mod deploy;
pub mod doctor;
pub mod invoke;
pub mod migrate;
pub mod report;
pub mod scaffold;
pub mod verify;
