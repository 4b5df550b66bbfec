//! Migrates serverless.yml of the Serverless Framework.
//!
//! In: a tree. Out: the edits, and the remarks about its functions. One zip with a program for each
//! handler becomes one zip for each function.
//!
//! Left to others: `${…}`, plug-ins that build, and included files. These are reported.

pub(crate) mod deployed;
mod kept;
mod migration;
mod package;
mod selected;
mod service;
mod unsupported;

pub(crate) use crate::commands::migrate::serverless::migration::study;
pub(crate) use crate::commands::migrate::serverless::service::is_service;
