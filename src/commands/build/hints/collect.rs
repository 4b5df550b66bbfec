//! Collects the warnings about all projects.

use std::path::Path;

use crate::build::plan::Plan;
use crate::build::project::Projects;
use crate::build::request::Request;
use crate::commands::build::hints::{architecture, cargo_lambda};
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
