//! The functions of a project that a build packages.

use crate::build::plan::Plan;
use crate::build::project::{Function, Project};

/// The functions of a project that a plan packages.
pub(super) fn packed<'a>(
    project: &'a Project,
    plan: &'a Plan,
) -> impl Iterator<Item = &'a Function> {
    project.functions.iter().filter(|function| {
        let mut planned = plan.functions.iter();
        planned.any(|planned| {
            planned.name == function.name && planned.source_root == project.source_root(function)
        })
    })
}
