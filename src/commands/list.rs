//! `list`: lists the functions that a build would package.

use crate::build::package::cache::BuildCache;
use crate::build::package::write_caches;
use crate::build::plan::Plan;
use crate::build::project::Projects;
use crate::build::request::Request;
use crate::commands::build::other_programs::FunctionList;
use crate::commands::build::work::Work;
use crate::commands::build::{output, run};
use crate::commands::context::{CommandContext, CommandResult};
use crate::ui::failure::{ExitKind, Failure, OrExit};

/// Lists the selected functions. Nothing is built, so missing linkers do not matter.
pub(crate) fn run(
    request: &Request,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let console = context.console;
    let mut projects = Projects::read(request, context.host, console).or_exit(ExitKind::Project)?;
    let plan = Plan::new(request, &projects, context.host).or_exit(ExitKind::Project);
    run::print_skipped_projects(&projects, request, console);
    run::print_further_projects(&projects, request, plan.is_err(), context);
    let plan = plan?;
    run::print_notes(&plan, console);
    run::print_hints(request, &mut projects, &plan, context);
    if plan.unread {
        // Without cargo or go nothing was read, so there is nothing to list.
        Failure::unless_empty(ExitKind::Tool, plan.missing.clone())?;
    }
    run::print_faults(&plan, console);
    // Reading one project is fast, so its list writes nothing. Many projects would take
    // long each time.
    if projects.has_several() {
        write_caches::write_tool_answers(&projects, console);
    }
    let work = Work::select(plan, request, &mut projects, context)?;
    work.print_missing_keys(console);
    let plan = work.plan;
    let list = FunctionList::new(&plan, &BuildCache::load(&plan));
    if list.functions.is_empty() && work.empty_note.is_none() {
        return Err(list.no_function_failure().into());
    }
    for line in list.lines() {
        console.status("Skipped", &line);
    }
    if let Some(note) = work.empty_note.filter(|_| list.functions.is_empty()) {
        console.note(&note);
    }
    Ok(output::list(&plan, &list, context.style, &context.host.cwd).into())
}
