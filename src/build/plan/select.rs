//! Which of the binaries that were found this run packs.

use crate::build::plan::{SelectedFunction, empty_selection, features};
use crate::build::project::alias::{explained, functions_meant};
use crate::build::project::{Function, FunctionStatus, Project, Projects};
use crate::build::request::{FunctionSelector, Request};
use crate::ui::did_you_mean::did_you_mean;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// What is packed, and what is passed over.
#[derive(Debug, Default)]
pub(crate) struct SelectedFunctions {
    pub selected: Vec<SelectedFunction>,
    /// Lines for what was passed over.
    pub skipped: Vec<String>,
}

pub(crate) fn select(
    request: &Request,
    projects: &Projects,
    missing: &[Problem],
) -> anyhow::Result<SelectedFunctions> {
    let select = &request.select;
    if let Err(failure) = refuse_unknown(select, projects) {
        Failure::unless_empty(ExitKind::Tool, missing.to_vec())?;
        return Err(failure.into());
    }
    let mut found = SelectedFunctions::default();
    let mut others = Vec::new();
    let mut disabled = Vec::new();
    for (index, project) in projects.projects.iter().enumerate() {
        for function in &project.functions {
            let in_scope = select.workspace
                || select.names_functions()
                || projects
                    .scopes
                    .iter()
                    .any(|scope| scope.holds(index, project, function));
            if !in_scope || excluded(select, function) {
                continue;
            }
            let wanted = if select.names_functions() {
                named(select, function)
            } else {
                function.status.is_candidate()
            };
            let lacking = features::missing(request, project, function);
            if wanted && !lacking.is_empty() {
                disabled.push(DisabledBinary {
                    name: function.name.clone(),
                    features: lacking,
                });
            } else if wanted && !is_unnamed_tool(request, project, function) {
                found.selected.push(SelectedFunction {
                    project: index,
                    function: function.clone(),
                    archs: Vec::new(),
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
    if found.selected.is_empty() && !disabled.is_empty() {
        let problems = disabled.iter().map(DisabledBinary::problem).collect();
        return Err(Failure {
            kind: ExitKind::Project,
            problems,
        }
        .into());
    }
    if found.selected.is_empty() {
        Failure::unless_empty(ExitKind::Tool, missing.to_vec())?;
        return Err(empty_selection::nothing(request, projects, &others).into());
    }
    if !others.is_empty() {
        found.skipped.push(format!(
            "{}: no Lambda runtime among the dependencies (--bin {} packs it all the same)",
            OtherBinary::join(&others),
            others[0].name
        ));
    }
    found
        .skipped
        .extend(disabled.iter().map(DisabledBinary::line));
    Ok(found)
}

/// A binary that is not a function, by its dependencies.
pub(super) struct OtherBinary {
    pub(super) name: String,
    infrastructure: bool,
}

impl OtherBinary {
    /// The names, with what they look like.
    pub(super) fn join(others: &[Self]) -> String {
        let shown = others.iter().map(|other| {
            if other.infrastructure {
                format!("{} (an infrastructure program)", other.name)
            } else {
                other.name.clone()
            }
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// A binary whose required features are not enabled.
struct DisabledBinary {
    name: String,
    features: Vec<String>,
}

impl DisabledBinary {
    fn line(&self) -> String {
        format!(
            "{} requires features that are not enabled: {} (`--features {}` enables them)",
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
        .help(format!("enable them: --features {all}"))
    }
}

/// Whether no enabled feature brings the runtime that a package could depend on.
fn is_unnamed_tool(request: &Request, project: &Project, function: &Function) -> bool {
    let select = &request.select;
    let named = !select.bins.is_empty() || !select.examples.is_empty();
    !named && features::lacks_runtime(request, project, function)
}

fn named(select: &FunctionSelector, function: &Function) -> bool {
    let is = |name: &String| *name == function.name || *name == function.bin;
    let in_package = select.packages.is_empty() || function.is_among(&select.packages);
    match function.status {
        FunctionStatus::Example => in_package && select.examples.contains(&function.bin),
        _ if select.bins.is_empty() && select.examples.is_empty() => {
            in_package && function.status.is_candidate()
        }
        _ => in_package && select.bins.iter().any(is),
    }
}

fn excluded(select: &FunctionSelector, function: &Function) -> bool {
    function.is_among(&select.exclude)
        || select.lang.is_some_and(|lang| lang != function.language())
}

/// Every name that means nothing, at once.
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
    let mut unknown = |option: &str, word: &str, there_are: &[&str]| {
        let help = meant(option, word, projects);
        problems.push(
            Problem::new(format!(
                "{option} {word}: nothing in this project is called that"
            ))
            .help(help.unwrap_or_else(|| did_you_mean(word, there_are, "there are"))),
        );
    };
    for word in &select.packages {
        if !packages.contains(&word.as_str()) && !names.contains(&word.as_str()) {
            unknown("--package", word, &packages);
        }
    }
    for word in &select.exclude {
        if !packages.contains(&word.as_str()) && !names.contains(&word.as_str()) {
            unknown("--exclude", word, &packages);
        }
    }
    for word in &select.bins {
        if !bins.iter().any(|f| f.name == *word || f.bin == *word) {
            unknown("--bin", word, &names);
        }
    }
    for word in &select.examples {
        if !examples.contains(&word.as_str()) {
            unknown("--example", word, &examples);
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)
}

/// What was probably meant by a word that is a folder, a package, or a binary.
fn meant(option: &str, word: &str, projects: &Projects) -> Option<String> {
    let mut meant = functions_meant(word, &projects.projects);
    let is_example = |function: &&Function| function.status == FunctionStatus::Example;
    if option == "--exclude" {
        meant.retain(|function| !is_example(function));
        return explained(word, &meant, Some(option));
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
    explained(word, &meant, Some(option))
}

/// The names of all packages, libraries too.
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
