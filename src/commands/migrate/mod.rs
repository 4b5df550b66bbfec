//! Migrates functions from go1.x, provided, and provided.al2 to provided.al2023.
//!
//! In: folders and files. Out: [`result::MigrationResult`], with every edit and all remaining
//! manual tasks. A file is edited only if it definitely describes Lambda functions, and only at the
//! bytes that do. Before anything is written, the edits are verified to change nothing else. Places
//! that are merely likely to matter are reported.
//!
//! Left to others: building, and asking AWS.

mod advice;
mod answer;
pub(crate) mod cloudformation;
pub(crate) mod deployed;
mod diff;
pub(crate) mod edit;
pub(crate) mod find;
pub(crate) mod group;
pub(crate) mod hcl;
pub(crate) mod insert;
pub(crate) mod json;
mod layer;
pub(crate) mod mention;
pub(crate) mod node;
pub(crate) mod old_runtime;
mod result;
mod run;
pub(crate) mod serverless;
pub(crate) mod terraform;
pub(crate) mod yaml;

pub(crate) use crate::commands::migrate::run::{MigrateOptions, run};
