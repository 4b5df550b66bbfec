//! Warns about statements in the repository that this build does not follow.
//!
//! In: a request, the projects, and the plan. Out: warnings, each with the lines to write.
//! `architecture` reads deployment files such as `template.yaml`, and `cargo_lambda` reads the
//! settings of cargo-lambda. Both only warn: only the command line and the configuration
//! determine the build, so that it never changes because of a file for another tool.
//!
//! Left to others: printing, and editing files.

mod architecture;
mod cargo_lambda;
mod collect;
mod packed;

pub(crate) use crate::commands::build::hints::collect::hints;
