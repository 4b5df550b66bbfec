//! Deploys the selected functions.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::aws::Aws;
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::deploy::candidates::{Candidate, check_targets};
use crate::commands::deploy::deployment::Deployment;
use crate::commands::deploy::in_parallel::in_parallel;
use crate::commands::deploy::options::{DeployOptions, TargetNames};
use crate::commands::deploy::outcome::{self, Outcome};
use crate::commands::deploy::plan::DeploymentPlan;
use crate::commands::deploy::target::find_targets;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::{ExitKind, Failure};

/// Deploys the functions, and prints the changes.
pub(crate) fn run(
    options: &DeployOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let (host, console) = (context.host, context.console);
    let targets = find_targets(&options.functions, host)?;
    let candidates = check_targets(&targets, &options.update, options.jobs, console)?;
    if matches!(options.functions.names, TargetNames::Single(_))
        && let [candidate] = &candidates[..]
    {
        let aws = Aws::find(&options.account, host, console)?;
        let deployment = deploy_one(&aws, candidate, options, console)?;
        return Ok(deployment.text(context.style).into());
    }
    // The table has one line for each function. Messages of many functions at once would be
    // hard to read.
    let quiet = if console.verbosity() == Verbosity::Verbose {
        *console
    } else {
        Console::new(Verbosity::Quiet)
    };
    let aws = Aws::find(&options.account, host, &quiet)?;
    let finished = AtomicUsize::new(0);
    let outcomes = in_parallel(&candidates, options.jobs, |candidate| {
        let outcome = deploy_among_others(&aws, candidate, options, &quiet);
        let count = finished.fetch_add(1, Ordering::Relaxed) + 1;
        let progress = format!("{count}/{}: {}", candidates.len(), candidate.function);
        console.progress_line("Deploying", &progress);
        outcome
    });
    console.clear_progress_line();
    for outcome in &outcomes {
        if let Ok(Some(warning)) = outcome.result.as_ref().map(|d| d.warning) {
            console.warning(&format!("{}: {warning}", outcome.function));
        }
    }
    let verb = if options.dry_run {
        "Planned"
    } else {
        "Finished"
    };
    console.status(verb, &outcome::summary(&outcomes));
    Ok(CommandResult {
        stdout: outcome::text(&outcomes, options.dry_run, context.style),
        verdict: outcome::verdict(&outcomes),
    })
}

/// Deploys the only function, and prints each step.
fn deploy_one(
    aws: &Aws,
    candidate: &Candidate,
    options: &DeployOptions,
    console: &Console,
) -> anyhow::Result<Deployment> {
    let plan = DeploymentPlan::new(aws, candidate, &options.update)?;
    if let Some(warning) = plan.warning {
        console.warning(warning);
    }
    if options.dry_run {
        Ok(plan.dry_run())
    } else {
        plan.apply(aws, console)
    }
}

fn deploy_among_others(
    aws: &Aws,
    candidate: &Candidate,
    options: &DeployOptions,
    console: &Console,
) -> Outcome {
    let failure = |error: &anyhow::Error| Failure::from_error(error, ExitKind::Packaging);
    let (was, result) = match DeploymentPlan::new(aws, candidate, &options.update) {
        Ok(plan) => {
            let result = if options.dry_run {
                Ok(plan.dry_run())
            } else {
                plan.apply(aws, console)
            };
            (Some(plan.before.code_sha256.clone()), result)
        }
        Err(error) => (None, Err(error)),
    };
    Outcome {
        name: candidate.name.clone(),
        function: candidate.function.clone(),
        was,
        result: result.map_err(|error| failure(&error)),
    }
}
