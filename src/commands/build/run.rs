//! `cargo lambdapack build`, from the request to the packaged zips.
//!
//! In: a [`Request`]. Out: the hashes and paths for stdout. Messages go to stderr on the way.

use crate::build::assets::Assets;
use crate::build::inputs::InputKeys;
use crate::build::package::Published;
use crate::build::package::cache::{BuildCache, zip_settings};
use crate::build::package::keys::record_keys;
use crate::build::package::output_lock::OutputLock;
use crate::build::package::write_caches;
use crate::build::pipeline;
use crate::build::plan::Plan;
use crate::build::project::{Projects, further};
use crate::build::request::{Partition, Request};
use crate::build::write_access::{self, BuildFolders};
use crate::commands::build::other_programs::OtherPrograms;
use crate::commands::build::{hints, output};
use crate::commands::context::{CommandContext, CommandResult};
use crate::lambda::MAX_ZIPPED;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure, OrExit};

/// Builds and packages the selected functions.
pub(crate) fn run(
    request: &Request,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let console = context.console;
    let mut projects = Projects::read(request, context.host, console).or_exit(ExitKind::Project)?;
    let plan = Plan::new(request, &projects, context.host).or_exit(ExitKind::Project);
    print_skipped_projects(&projects, request, console);
    // If no tool was asked, nothing has changed since this was last printed.
    if plan.is_err() || projects.tool_cache.is_new() {
        print_further_projects(&projects, request, plan.is_err(), context);
    }
    let plan = plan?.partitioned(request.partition);
    print_notes(&plan, console);
    print_hints(request, &mut projects, &plan, context);
    if request.dry_run {
        print_faults(&plan, console);
    }
    Failure::unless_empty(ExitKind::Tool, plan.missing.clone())?;
    let empty_partition = request.partition.filter(|_| plan.functions.is_empty());
    if let Some(partition) = empty_partition {
        print_empty_partition(partition, console);
    }
    if request.dry_run {
        return Ok(output::plan(&plan, context.style, &context.host.cwd).into());
    }
    let packed = if empty_partition.is_some() {
        output::packed(&plan, &[], context.style, &context.host.cwd).into()
    } else {
        let folders = write_access::folders(request, &projects, &plan);
        let assets = Assets::list(&plan)?;
        let mut keys = InputKeys::read(&plan, &mut projects, &assets, context.host, zip_settings)?;
        let partition = request.partition;
        let packed = build_and_pack(&plan, &assets, &mut keys, partition, &folders, context)?;
        write_caches::write_tool_answers(&projects, console);
        packed
    };
    Ok(CommandResult {
        verdict: Failure::unless_empty(ExitKind::Compiler, plan.faults),
        ..packed
    })
}

/// Compiles, validates, and packages every function of a plan, which may be for a partition.
pub(crate) fn build_and_pack(
    plan: &Plan,
    assets: &Assets,
    keys: &mut InputKeys,
    partition: Option<Partition>,
    folders: &BuildFolders,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let console = context.console;
    for warning in &assets.warnings {
        console.warning(warning);
    }
    let explain = |error| write_access::explain(error, folders);
    let lock = OutputLock::open(plan, console).map_err(explain)?;
    let cache = BuildCache::load(plan);
    let mut made = pipeline::run(plan, assets, &cache, &lock, console).map_err(explain)?;
    record_keys(keys, plan, &mut made.packed, context.host, console);
    let published = lock.publish(plan, made.packed, &made.not_functions, cache, console)?;
    let others = OtherPrograms::from_run(plan, &made.not_functions);
    if published.is_empty() && partition.is_none() {
        return Err(others.no_function_failure().into());
    }
    for line in others.lines() {
        console.status("Skipped", &line);
    }
    if let Some(partition) = partition.filter(|_| published.is_empty()) {
        print_empty_partition(partition, console);
    }
    for Published { packed, is_written } in &published {
        let function = plan.function(packed.function);
        let verb = if *is_written { "Packed" } else { "Fresh" };
        console.status(verb, &output::summary(function, packed));
        if let Some(size) = packed.arch_entry.zip_size.filter(|size| *size > MAX_ZIPPED) {
            console.warning(&format!(
                "the zip of {} has {size} bytes, but a direct upload allows only {MAX_ZIPPED}; \
                 upload it \
                 through S3",
                function.name
            ));
        }
    }
    Ok(output::packed(plan, &published, context.style, &context.host.cwd).into())
}

/// Notes that a partition contains no functions, which is no failure: other parts contain them.
pub(crate) fn print_empty_partition(partition: Partition, console: &Console) {
    console.note(&format!("partition `{partition}` contains no functions"));
}

/// Reports the folders of the command line and the discovered projects that are left out.
pub(crate) fn print_skipped_projects(projects: &Projects, request: &Request, console: &Console) {
    if let Some(line) = projects.passed_over_line(request) {
        console.status("Skipped", &line);
    }
    for project in &projects.unreadable {
        console.warning(&project.warning());
    }
}

/// Names the projects below the one that was read, unless the user named the functions and
/// the plan succeeded.
pub(crate) fn print_further_projects(
    projects: &Projects,
    request: &Request,
    plan_failed: bool,
    context: &CommandContext<'_>,
) {
    if request.select.names_functions() && !plan_failed {
        return;
    }
    if let Some(line) = further::line(projects, request, &context.host.cwd) {
        context.console.note(&line);
    }
}

/// Prints the messages of the plan before anything runs.
pub(crate) fn print_notes(plan: &Plan, console: &Console) {
    for warning in &plan.warnings {
        console.warning(warning);
    }
    for skipped in &plan.skipped {
        console.status("Skipped", skipped);
    }
    for note in &plan.notes {
        console.note(note);
    }
    for detail in &plan.details {
        console.detail("Planned", detail);
    }
}

/// Warns about files of the repository that disagree with the plan.
pub(crate) fn print_hints(
    request: &Request,
    projects: &mut Projects,
    plan: &Plan,
    context: &CommandContext<'_>,
) {
    for hint in hints::hints(request, projects, plan, &context.host.cwd) {
        context.console.problem(&hint);
    }
}

/// Reports the packages that cannot be built.
pub(crate) fn print_faults(plan: &Plan, console: &Console) {
    for fault in &plan.faults {
        console.problem(fault);
    }
}
