//! The update of a function's code, alone or among others.

use crate::aws::Aws;
use crate::commands::deploy::candidates::Candidate;
use crate::commands::deploy::job::{Attempt, Job};
use crate::commands::deploy::options::UpdateOptions;
use crate::commands::deploy::plan::DeploymentPlan;
use crate::commands::deploy::version_description::VersionDescription;
use crate::ui::console::Console;

#[derive(Debug)]
pub(super) struct Update<'a> {
    pub(super) candidate: Candidate,
    pub(super) options: &'a UpdateOptions,
    pub(super) description: &'a VersionDescription,
}

impl Job for Update<'_> {
    fn name(&self) -> &str {
        &self.candidate.name
    }

    fn function(&self) -> &str {
        &self.candidate.function
    }

    fn run(&self, aws: &Aws, console: &Console, is_dry_run: bool) -> Attempt {
        let plan = DeploymentPlan::new(aws, &self.candidate, self.options, self.description);
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => {
                return Attempt {
                    was: None,
                    result: Err(error),
                };
            }
        };
        if let Some(warning) = plan.warning {
            console.warning(warning);
        }
        Attempt {
            was: plan.hash_before(),
            result: if is_dry_run {
                plan.dry_run(aws)
            } else {
                plan.apply(aws, console)
            },
        }
    }
}
