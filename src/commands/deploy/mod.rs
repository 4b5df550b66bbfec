//! `deploy`: updates the code of Lambda functions.
//!
//! In: zips, by path or name, and the names of the functions on AWS. Out: a [`Deployment`] for
//! one function, or an [`Outcome`] for each of several. Every zip must first pass `check`. A zip
//! for another architecture, or for a function that runs something else, is rejected before
//! anything is uploaded. A zip with the function's current hash is not uploaded. After the
//! update, the hash that Lambda reports is compared with ours.
//! With `--create`, one function is created. With `--layer`, a version of a layer is published.
//! Left to others: roles, URLs, and triggers, which Terraform, SAM, and CDK create; and the
//! configuration of functions that exist, which is not changed.
//!
//! An update, from the command line to the result:
//!
//! | type | meaning |
//! | --- | --- |
//! | `DeployOptions` | the request: which functions, and an action such as `UpdateOptions` |
//! | `Target` | a function on AWS, and the packaged zips that it could run |
//! | `Candidate` | the same with zips that passed `check` (`ValidatedZip`) |
//! | `DeploymentPlan` | the state of the function on AWS, and the commands for it (`AwsCommands`) |
//! | `Deployment` | the result for one function |
//! | `Outcome` | the result for one of several functions, which can be a failure |
//!
//! A `Job` is an `Update` or a `Rollback` of one function, which runs alone or among others.
//! `LayerDeployment` is the result of `--layer`.
//!
//! [`Deployment`]: crate::commands::deploy::deployment::Deployment
//! [`Outcome`]: crate::commands::deploy::outcome::Outcome

mod alias_command;
mod alias_history;
mod aws_commands;
mod candidates;
mod creation;
mod deployment;
mod job;
mod layer;
mod options;
mod outcome;
mod plan;
mod rollback;
mod run;
mod target;
mod update;
mod validated_zip;
mod version_description;

pub(crate) use crate::commands::deploy::options::{
    CreateOptions, DeployAction, DeployOptions, LayerOptions, RollbackOptions, Selection,
    TargetNames, UpdateOptions, UploadOptions,
};
pub(crate) use crate::commands::deploy::run::run;
