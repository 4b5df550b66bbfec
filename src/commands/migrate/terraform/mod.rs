//! Migrates Terraform: `aws_lambda_function` resources and the Lambda module of
//! terraform-aws-modules.
//!
//! In: all files of a folder, because a local or a variable may be defined in any of them. Out: the
//! edits and the remarks. Edited lines stay formatted as `terraform fmt` would format them.
//! Left to others: what other modules do with a runtime that they receive. That is only reported.

mod architectures;
mod archive;
pub(crate) mod deployed;
mod folder;
mod function;
mod migration;
mod obstacle;

pub(crate) use crate::commands::migrate::terraform::migration::analyze;
