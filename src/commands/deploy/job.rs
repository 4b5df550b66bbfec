//! A change of one function on AWS, alone or among others.

use crate::aws::Aws;
use crate::commands::deploy::deployment::Deployment;
use crate::ui::console::Console;

pub(super) trait Job: Sync {
    /// The name of the packaged function.
    fn name(&self) -> &str;

    /// The name or ARN of the function on AWS.
    fn function(&self) -> &str;

    /// Makes the change, and prints each step. A dry run only reads.
    fn run(&self, aws: &Aws, console: &Console, is_dry_run: bool) -> Attempt;
}

/// The result of a change.
#[derive(Debug)]
pub(super) struct Attempt {
    /// The hash before, if the function could be read.
    pub(super) was: Option<String>,
    pub(super) result: anyhow::Result<Deployment>,
}
