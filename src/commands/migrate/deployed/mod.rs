//! Lists the Lambda functions that deployment files describe, with their architectures.
//!
//! In: the folder of a repository. Out: a [`DeployedFunction`] for each function with a custom
//! runtime or with one that the file does not name. SAM and CloudFormation templates,
//! `serverless.yml`, Terraform, and the sources of CDK apps are read.
//!
//! Left to others: functions with another runtime, such as Python, and images.

mod cdk;
mod files;
pub(crate) mod function;
pub(crate) mod matching;
mod read;

pub(crate) use crate::commands::migrate::deployed::files::{DeploymentFiles, root};
pub(crate) use crate::commands::migrate::deployed::function::{DeclaredArch, DeployedFunction};
pub(crate) use crate::commands::migrate::deployed::read::{deployed, parse_template};
