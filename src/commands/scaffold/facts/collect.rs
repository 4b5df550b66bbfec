//! Collects the facts about a project and rejects those that the templates cannot express.

use crate::build::plan::Plan;
use crate::build::project::Projects;
use crate::commands::scaffold::facts::project_facts::ProjectFacts;
use crate::commands::scaffold::facts::validate::problems;
use crate::commands::scaffold::template::Template;
use crate::ui::failure::{ExitKind, Failure};

pub(in crate::commands::scaffold) fn collect<'a>(
    templates: &[&Template],
    projects: &'a Projects,
    plan: &'a Plan,
) -> anyhow::Result<ProjectFacts<'a>> {
    let facts = ProjectFacts::new(projects, plan)?;
    Failure::unless_empty(ExitKind::Project, problems(&facts, templates))?;
    Ok(facts)
}
