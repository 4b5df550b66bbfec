//! Migrates serverless.yml of the Serverless Framework.
//!
//! In: a tree. Out: the edits, and the remarks about its functions. One zip with a program for each
//! handler becomes one zip for each function.
//!
//! Left to others: `${…}`, plug-ins that build, and included files. These are reported.

pub(crate) mod deployed;
mod ignored_patterns;
mod migration;
mod obstacle;
mod other_places;
mod runtime_lists;
mod service;

pub(crate) use crate::commands::migrate::serverless::migration::analyze;
pub(crate) use crate::commands::migrate::serverless::service::{is_service, provider};
