//! Selects the binaries that this run packs.
//!
//! In: the request, and every binary that was found. Out: [`SelectedFunctions`], or the reason
//! why nothing is selected.

use crate::build::plan::empty_selection::OtherBinary;
use crate::build::plan::{empty_selection, features};
use crate::build::project::alias::{explained, functions_meant};
use crate::build::project::{Function, FunctionStatus, Project, ProjectId, Projects};
use crate::build::request::{FunctionSelector, Request};
use crate::ui::did_you_mean::did_you_mean;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// A function to pack.
#[derive(Debug, Clone, Copy)]
pub(super) struct SelectedFunction<'a> {
    pub(super) project: ProjectId,
    pub(super) function: &'a Function,
}

/// The functions to pack, and messages about the binaries that are not packed.
#[derive(Debug, Default)]
pub(super) struct SelectedFunctions<'a> {
    pub(super) functions: Vec<SelectedFunction<'a>>,
    /// One line for each group of binaries that is not packed.
    pub(super) skipped: Vec<String>,
}

/// Selects functions by the options of the request and by what their dependencies tell. An
/// empty selection is an error.
pub(super) fn select<'a>(
    request: &Request,
    projects: &'a Projects,
) -> anyhow::Result<SelectedFunctions<'a>> {
    let select = &request.select;
    if let Err(failure) = refuse_unknown(select, projects) {
        // A missing tool may be the reason why a name is unknown.
        Failure::unless_empty(ExitKind::Tool, projects.missing.clone())?;
        return Err(failure.into());
    }
    let mut selection = SelectedFunctions::default();
    let mut others = Vec::new();
    let mut disabled = Vec::new();
    for (id, project) in projects.projects_by_id() {
        for function in &project.functions {
            let in_scope = select.workspace
                || select.names_functions()
                || projects
                    .scopes
                    .iter()
                    .any(|scope| scope.project == id && scope.contains(project, function));
            if !in_scope || excluded(select, function) {
                continue;
            }
            let is_wanted = if select.names_functions() {
                is_named(select, function)
            } else {
                function.status.is_candidate()
            };
            let missing_features = features::missing(request, project, function);
            if is_wanted && !missing_features.is_empty() {
                disabled.push(DisabledBinary {
                    name: function.name.clone(),
                    features: missing_features,
                });
            } else if is_wanted && !is_unnamed_tool(request, project, function) {
                selection.functions.push(SelectedFunction {
                    project: id,
                    function,
                });
            } else if !select.names_functions()
                && function.status != FunctionStatus::Example
                && function.status != FunctionStatus::Skipped
            {
                others.push(OtherBinary {
                    name: function.name.clone(),
                    infrastructure: project.describes_infrastructure(function),
                });
            }
        }
    }
    if !select.bins.is_empty() || !select.examples.is_empty() {
        let problems = disabled.iter().map(DisabledBinary::problem).collect();
        Failure::unless_empty(ExitKind::Project, problems)?;
    }
    if selection.functions.is_empty() && !disabled.is_empty() {
        let problems = disabled.iter().map(DisabledBinary::problem).collect();
        return Err(Failure {
            kind: ExitKind::Project,
            problems,
        }
        .into());
    }
    if selection.functions.is_empty() {
        Failure::unless_empty(ExitKind::Tool, projects.missing.clone())?;
        return Err(empty_selection::failure(request, projects, &others).into());
    }
    if let Some(first) = others.first() {
        selection.skipped.push(format!(
            "{}: no Lambda runtime among the dependencies (pass `--bin {}` to package it anyway)",
            OtherBinary::join(&others),
            first.name
        ));
    }
    selection
        .skipped
        .extend(disabled.iter().map(DisabledBinary::line));
    Ok(selection)
}

/// A binary whose required features are not enabled.
struct DisabledBinary {
    name: String,
    features: Vec<String>,
}

impl DisabledBinary {
    fn line(&self) -> String {
        format!(
            "{}: requires features that are not enabled: {} (pass `--features {}` to enable them)",
            self.name,
            self.features.join(", "),
            self.features.join(",")
        )
    }

    fn problem(&self) -> Problem {
        let all = self.features.join(",");
        Problem::new(format!(
            "{} requires features that are not enabled: {}",
            self.name,
            self.features.join(", ")
        ))
        .help(format!("pass `--features {all}`"))
    }
}

/// Whether the Lambda runtime of a binary is an optional dependency that no enabled feature
/// activates, and the binary is not named.
fn is_unnamed_tool(request: &Request, project: &Project, function: &Function) -> bool {
    let select = &request.select;
    let is_named = !select.bins.is_empty() || !select.examples.is_empty();
    !is_named && features::lacks_runtime(request, project, function)
}

/// Whether the options that select functions select this one.
fn is_named(select: &FunctionSelector, function: &Function) -> bool {
    let in_package = select.packages.is_empty() || function.is_among(&select.packages);
    match function.status {
        FunctionStatus::Example => in_package && select.examples.contains(&function.bin),
        _ if select.bins.is_empty() && select.examples.is_empty() => {
            in_package && function.status.is_candidate()
        }
        _ => {
            let mut bins = select.bins.iter();
            in_package && bins.any(|name| *name == function.name || *name == function.bin)
        }
    }
}

fn excluded(select: &FunctionSelector, function: &Function) -> bool {
    function.is_among(&select.exclude)
        || select.lang.is_some_and(|lang| lang != function.language())
}

/// Reports all names of the request that match nothing, with the nearest names.
fn refuse_unknown(select: &FunctionSelector, projects: &Projects) -> Result<(), Failure> {
    let all: Vec<_> = projects
        .projects
        .iter()
        .flat_map(|p| &p.functions)
        .collect();
    let bins: Vec<_> = all
        .iter()
        .filter(|f| f.status != FunctionStatus::Example)
        .collect();
    let packages: Vec<_> = projects.projects.iter().flat_map(packages).collect();
    let names: Vec<_> = bins.iter().map(|f| f.name.as_str()).collect();
    let examples: Vec<_> = all
        .iter()
        .filter(|f| f.status == FunctionStatus::Example)
        .map(|f| f.bin.as_str())
        .collect();
    let mut problems = Vec::new();
    let mut unknown = |option: &str, name: &str, candidates: &[&str]| {
        let help = suggestion(option, name, projects);
        problems.push(
            Problem::new(format!("`{option} {name}` matches nothing in this project"))
                .help(help.unwrap_or_else(|| did_you_mean(name, candidates, "available names:"))),
        );
    };
    for name in &select.packages {
        if !packages.contains(&name.as_str()) && !names.contains(&name.as_str()) {
            unknown("--package", name, &packages);
        }
    }
    for name in &select.exclude {
        if !packages.contains(&name.as_str()) && !names.contains(&name.as_str()) {
            unknown("--exclude", name, &packages);
        }
    }
    for name in &select.bins {
        if !bins.iter().any(|f| f.name == *name || f.bin == *name) {
            unknown("--bin", name, &names);
        }
    }
    for name in &select.examples {
        if !examples.contains(&name.as_str()) {
            unknown("--example", name, &examples);
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)
}

/// Suggests functions for an unknown name that is a folder, a package, or a binary.
fn suggestion(option: &str, name: &str, projects: &Projects) -> Option<String> {
    let mut meant = functions_meant(name, &projects.projects);
    let is_example = |function: &&Function| function.status == FunctionStatus::Example;
    if option == "--exclude" {
        meant.retain(|function| !is_example(function));
        return explained(name, &meant, Some(option));
    }
    // A binary is more likely than an example in the same folder.
    if !meant.iter().all(is_example) {
        meant.retain(|function| !is_example(function));
    }
    let option = if meant.iter().all(is_example) {
        "--example"
    } else {
        "--bin"
    };
    explained(name, &meant, Some(option))
}

/// The names of all packages, including libraries.
fn packages(project: &Project) -> impl Iterator<Item = &str> {
    let rust = project
        .workspaces
        .iter()
        .flat_map(|w| &w.packages)
        .map(|p| p.name.as_str());
    let go = project
        .modules
        .iter()
        .flat_map(|m| &m.packages)
        .map(|p| p.import_path.as_str());
    rust.chain(go)
}
