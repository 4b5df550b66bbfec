//! Deploys the selected functions.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::aws::Aws;
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::deploy::candidates::check_targets;
use crate::commands::deploy::job::Job;
use crate::commands::deploy::layer;
use crate::commands::deploy::options::{DeployAction, DeployOptions, TargetNames, UpdateOptions};
use crate::commands::deploy::outcome::{self, Outcome};
use crate::commands::deploy::rollback::find_rollbacks;
use crate::commands::deploy::target::find_targets;
use crate::commands::deploy::update::Update;
use crate::commands::deploy::version_description::VersionDescription;
use crate::system::in_parallel::in_parallel;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::{ExitKind, Failure};

/// Deploys the functions, and prints the changes.
pub(crate) fn run(
    options: &DeployOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    match &options.action {
        DeployAction::Update(update) => run_update(options, update, context),
        DeployAction::Rollback(rollback) => {
            let jobs = find_rollbacks(&options.functions, rollback, context.host)?;
            run_jobs(&jobs, options, context)
        }
        DeployAction::Layer(layer) => layer::run(options, layer, context),
    }
}

fn run_update(
    options: &DeployOptions,
    update: &UpdateOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let targets = find_targets(&options.functions, context.host)?;
    if update.create.is_some() && targets.len() > 1 {
        let what = "`--create` creates one function at a time";
        return Err(Failure::new(ExitKind::Usage, what)
            .help("name one function, and deploy the others without `--create`")
            .into());
    }
    let candidates = check_targets(&targets, update, options.jobs, context.console)?;
    let description = VersionDescription::new(
        update.description.as_deref(),
        update.publishes(),
        context.host,
    )?;
    let job = |candidate| Update {
        candidate,
        options: update,
        description: &description,
    };
    let jobs: Vec<_> = candidates.into_iter().map(job).collect();
    run_jobs(&jobs, options, context)
}

/// Changes a single `--function`, or prints a table of all functions.
fn run_jobs(
    jobs: &[impl Job],
    options: &DeployOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let (host, console) = (context.host, context.console);
    if matches!(options.functions.names, TargetNames::Single(_))
        && let [job] = jobs
    {
        let aws = Aws::find(&options.account, host, console)?;
        let deployment = job.run(&aws, console, options.dry_run).result?;
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
    console.progress_line("Deploying", &format!("0/{}", jobs.len()));
    let outcomes = in_parallel(jobs, options.jobs, |job| {
        let outcome = run_among_others(job, &aws, &quiet, options.dry_run);
        let count = finished.fetch_add(1, Ordering::Relaxed) + 1;
        let progress = format!("{count}/{}: {}", jobs.len(), job.function());
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

fn run_among_others(job: &impl Job, aws: &Aws, console: &Console, is_dry_run: bool) -> Outcome {
    let attempt = job.run(aws, console, is_dry_run);
    Outcome {
        name: job.name().to_owned(),
        function: job.function().to_owned(),
        was: attempt.was,
        result: attempt
            .result
            .map_err(|error| Failure::from_error(&error, ExitKind::Packaging)),
    }
}
