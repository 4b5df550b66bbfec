//! Warns about statements in the repository that this build does not follow.
//!
//! In: a request, the projects, and the plan. Out: warnings, each with the lines to write.
//! `architecture` reads deployment files such as `template.yaml`, and `cargo_lambda` reads the
//! settings of cargo-lambda. Both only warn: the command line and the configuration alone decide
//! what is built, so that a build never changes because of a file for another tool.
//!
//! Left to others: printing, and editing files.

mod architecture;
mod cargo_lambda;
mod matching;

use std::path::Path;

use crate::build::plan::Plan;
use crate::build::project::{Function, Project, Projects};
use crate::build::request::Request;
use crate::ui::failure::Problem;

/// Collects all warnings.
pub(crate) fn hints(
    request: &Request,
    projects: &mut Projects,
    plan: &Plan,
    cwd: &Path,
) -> Vec<Problem> {
    let mut hints: Vec<_> = projects
        .projects
        .iter()
        .filter_map(|project| cargo_lambda::hint(request, project, plan, cwd))
        .collect();
    hints.extend(architecture::hint(request, projects, plan, cwd));
    hints
}

/// The functions of a project that a plan packs.
fn packed<'a>(project: &'a Project, plan: &'a Plan) -> impl Iterator<Item = &'a Function> {
    project.functions.iter().filter(|function| {
        let mut planned = plan.functions.iter();
        planned
            .any(|planned| planned.name == function.name && planned.unit == project.unit(function))
    })
}
