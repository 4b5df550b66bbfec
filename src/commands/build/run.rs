//! `cargo lambdapack build`, from the request to the packaged zips.
//!
//! In: a [`Request`]. Out: the hashes and paths for stdout. Messages go to stderr on the way.

use std::collections::BTreeSet;

use crate::build::assets::Assets;
use crate::build::inputs::InputKeys;
use crate::build::package::cache::{BuildCache, zip_settings};
use crate::build::package::keys::record_keys;
use crate::build::package::output_lock::OutputLock;
use crate::build::package::zip_cache::{CacheLimits, Restored};
use crate::build::package::{Packed, PackedSource, Published, write_caches, zip_cache};
use crate::build::pipeline;
use crate::build::plan::Plan;
use crate::build::project::{Projects, further};
use crate::build::request::Request;
use crate::build::write_access::{self, BuildFolders};
use crate::commands::build::other_programs::OtherPrograms;
use crate::commands::build::work::Work;
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
    let plan = plan?;
    print_notes(&plan, console);
    print_hints(request, &mut projects, &plan, context);
    if request.dry_run {
        print_faults(&plan, console);
    }
    Failure::unless_empty(ExitKind::Tool, plan.missing.clone())?;
    let work = Work::select(plan, request, &mut projects, context)?;
    let is_empty = work.plan.functions.is_empty();
    if let Some(note) = work.empty_note.as_ref().filter(|_| is_empty) {
        console.note(note);
    }
    let (style, cwd) = (context.style, &context.host.cwd);
    if request.dry_run {
        work.print_missing_keys(console);
        let cached = &work.cached;
        let plan = work.plan.clone().building_only(|id| {
            let function = work.plan.function(id);
            !cached.contains_key(&function.target)
        });
        return Ok(output::plan(&plan, style, cwd).into());
    }
    let faults = work.plan.faults.clone();
    let packed = if is_empty && work.empty_note.is_some() {
        output::packed(&work.plan, &[], style, cwd).into()
    } else {
        let folders = write_access::folders(request, &projects, &work.plan);
        let assets = Assets::list(&work.plan)?;
        let keys = match work.keys {
            Some(keys) => keys,
            None => InputKeys::read(
                &work.plan,
                &mut projects,
                &assets,
                context.host,
                zip_settings,
            )?,
        };
        let work = Work {
            keys: Some(keys),
            ..work
        };
        let limits = CacheLimits::new(&work.plan);
        let packed = build_and_pack(work, &assets, &folders, context)?;
        write_caches::write_tool_answers(&projects, console);
        if projects.tool_cache.store_shared() {
            limits.apply(console);
        }
        packed
    };
    Ok(CommandResult {
        verdict: Failure::unless_empty(ExitKind::Compiler, faults),
        ..packed
    })
}

/// Compiles, validates, and packages the functions of a run. Zips in the cache are copied instead.
pub(crate) fn build_and_pack(
    work: Work,
    assets: &Assets,
    folders: &BuildFolders,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let console = context.console;
    for warning in &assets.warnings {
        console.warning(warning);
    }
    let explain = |error| write_access::explain(error, folders);
    let lock = OutputLock::open(&work.plan, console).map_err(explain)?;
    let restored = restore_cached(&work, &lock, console).map_err(explain)?;
    let cached: BTreeSet<_> = restored.iter().map(|packed| packed.function).collect();
    let plan = &work.plan.building_only(|id| !cached.contains(&id));
    let mut keys = work.keys.unwrap_or_default();
    let cache = BuildCache::load(plan);
    let mut made = pipeline::run(plan, assets, &cache, &lock, console).map_err(explain)?;
    record_keys(&mut keys, plan, &mut made.packed, context.host, console);
    made.packed.extend(restored);
    let published = lock.publish(plan, made.packed, &made.not_functions, cache, console)?;
    if zip_cache::store(plan, &keys, &published, console) {
        CacheLimits::new(plan).apply(console);
    }
    keys.keep_hashes(console);
    let others = OtherPrograms::from_run(plan, &made.not_functions);
    if published.is_empty() && work.empty_note.is_none() {
        return Err(others.no_function_failure().into());
    }
    for line in others.lines() {
        console.status("Skipped", &line);
    }
    if let Some(note) = work.empty_note.filter(|_| published.is_empty()) {
        console.note(&note);
    }
    for Published { packed, is_written } in &published {
        let function = plan.function(packed.function);
        let verb = match (packed.source, is_written) {
            (PackedSource::ZipCache, _) => "Cached",
            (_, true) => "Packed",
            (_, false) => "Fresh",
        };
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

/// Copies the zips that are in the cache. One that is damaged or was removed is built again.
fn restore_cached(
    work: &Work,
    lock: &OutputLock,
    console: &Console,
) -> anyhow::Result<Vec<Packed>> {
    let mut restored = Vec::new();
    for (id, function) in work.plan.functions_by_id() {
        let Some(cached) = work.cached.get(&function.target) else {
            continue;
        };
        match zip_cache::restore(function, id, cached, &lock.folders)? {
            Restored::Copied(packed) => restored.push(*packed),
            // Another run keeps the cache below its size.
            Restored::Removed => {}
            Restored::Damaged => console.warning(&format!(
                "the zip of {} in the cache is damaged, so it is built again",
                function.name
            )),
        }
    }
    Ok(restored)
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
