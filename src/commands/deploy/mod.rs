//! `deploy`: updates the code of an existing Lambda function.
//!
//! In: a zip, by path or name, and the name of the function. Out: a [`Deployment`], which
//! describes the changes. The zip must first pass `check`. A zip for another architecture,
//! or for a function that runs something else, is rejected before anything is uploaded. A
//! zip with the function's current hash is not uploaded. After the update, the hash that
//! Lambda reports is compared with ours.
//! Left to others: creating functions and roles, which Terraform, SAM, and CDK do; and the
//! function's configuration, which is not changed.
//!
//! [`Deployment`]: crate::commands::deploy::deployment::Deployment

mod aws_commands;
mod deployment;
mod options;
mod run;
mod validated_zip;

pub(crate) use crate::commands::deploy::options::DeployOptions;
pub(crate) use crate::commands::deploy::run::run;
