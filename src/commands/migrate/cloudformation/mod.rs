//! Migrates CloudFormation and SAM templates, in YAML and JSON.
//!
//! In: a tree. Out: the edits, and the remarks about its functions. A value is edited where it is
//! defined: in a function, in Globals, or behind an anchor. It is edited only if every function
//! that uses it moves.
//!
//! Left to others: the values of parameters and conditions, which are unknown before a deployment.

mod build;
mod code;
mod computed_runtimes;
pub(crate) mod deployed;
mod document;
mod folders;
mod function;
mod migration;
mod obstacles;
mod value_sources;

pub(crate) use crate::commands::migrate::cloudformation::folders::CodeFolders;
pub(crate) use crate::commands::migrate::cloudformation::function::{TemplateFunction, functions};
pub(crate) use crate::commands::migrate::cloudformation::migration::{analyze, is_template};
