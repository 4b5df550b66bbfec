//! Warns about functions that are deployed for arm64 but built for x86_64, the default.
//!
//! In: the plan, and the deployment files of the repository. Out: one warning with a file and a
//! line for each function. It is only given if nothing selects an architecture: neither the command
//! line, nor the configuration, nor Cargo's `build.target`.
//!
//! The files are read once, and again if one of them, or a folder, has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::plan::Plan;
use crate::build::project::config;
use crate::build::project::{Function, FunctionSource, Project, Projects};
use crate::build::request::Request;
use crate::commands::build::hints::packed::packed;
use crate::commands::migrate::deployed;
use crate::commands::migrate::deployed::matching::{
    DescribedFunction, DescriptionMatch, MatchSubject,
};
use crate::commands::migrate::deployed::{DeclaredArch, DeployedFunction, DeploymentFiles};
use crate::fs::path;
use crate::lambda::Arch;
use crate::system::tool_cache::ToolCache;
use crate::ui::failure::Problem;

/// The maximum number of places in the warning.
const MAX_NAMED: usize = 6;

/// Makes one warning for all projects.
pub(super) fn hint<'a>(
    request: &Request,
    projects: &'a mut Projects,
    plan: &'a Plan,
    cwd: &Path,
) -> Option<Problem> {
    if !request.archs.is_empty() {
        return None;
    }
    let (all, tool_cache) = (&projects.projects, &mut projects.tool_cache);
    let defaults = |project: &'a Project| -> Vec<&'a Function> {
        let packed = packed(project, plan);
        packed
            .filter(|function| is_default(project, function))
            .collect()
    };
    // Many projects may be in one repository, which is read once.
    let mut roots: BTreeMap<PathBuf, Vec<&Path>> = BTreeMap::new();
    for project in all.iter().filter(|project| !defaults(project).is_empty()) {
        let projects_of_root = roots.entry(root(request, project)).or_default();
        projects_of_root.push(&project.root);
    }
    let deployed_by_root: BTreeMap<PathBuf, Vec<DeployedFunction>> = roots
        .into_iter()
        .map(|(root, projects)| {
            let deployed = read(&root, &projects, tool_cache);
            // The answer is stored in the cache of the first project.
            if let Some(first) = projects.first() {
                tool_cache.assign(first);
            }
            (root, deployed)
        })
        .collect();
    let mut named = Vec::new();
    let mut is_whole = true;
    let mut is_metadata = false;
    for project in all {
        let Some(deployed) = deployed_by_root.get(&root(request, project)) else {
            continue;
        };
        let arm = functions_on_arm64(project, &defaults(project), deployed);
        is_whole &= arm.len() == packed(project, plan).count();
        is_metadata |= !arm.is_empty() && has_metadata(project);
        named.extend(arm);
    }
    let first = named.first()?.0.name.clone();
    let what = format!(
        "built for the default architecture x86_64, but deployed for arm64: {}",
        evidence(&named, cwd)
    );
    let file = if is_metadata {
        "[workspace.metadata.lambdapack] of Cargo.toml"
    } else {
        config::FILE
    };
    let place = if is_whole {
        format!("at the top of {file}")
    } else {
        format!("below [function.{first}] in {file}, and so on")
    };
    let help = format!(
        "write `arch = \"arm64\"` {place}, or pass `--arch arm64`; if x86_64 is correct, \
         write `arch = \"x86_64\"` instead"
    );
    Some(Problem::new(what).help(help))
}

/// Returns true if nothing selects an architecture for a function.
fn is_default(project: &Project, function: &Function) -> bool {
    let is_unset = function.settings.arch.is_none();
    is_unset
        && match function.source {
            FunctionSource::Cargo { workspace, .. } => {
                project.workspace(workspace).config.build_targets.is_empty()
            }
            FunctionSource::Go { .. } => true,
        }
}

fn has_metadata(project: &Project) -> bool {
    let mut tables = project.workspaces.iter();
    tables.any(|workspace| {
        let table = workspace.metadata.as_ref();
        table.is_some_and(|table| table.get("lambdapack").is_some())
    })
}

/// The folder in which deployment files are searched. A path on the command line may extend it to a
/// parent folder.
fn root(request: &Request, project: &Project) -> PathBuf {
    let root = deployed::root(&project.root);
    let paths = request.paths.iter().map(PathBuf::as_path);
    let above = paths.filter(|path| root.starts_with(path));
    let highest = above.min_by_key(|path| path.components().count());
    highest.unwrap_or(&root).to_owned()
}

/// The described functions, from the cache if the files have not changed.
fn read(root: &Path, projects: &[&Path], tool_cache: &mut ToolCache) -> Vec<DeployedFunction> {
    let cache_key = format!("deployed {} {projects:?}", root.display());
    let answer = tool_cache.get(cache_key, BTreeMap::new(), |inputs| {
        let files = DeploymentFiles::find(root, projects);
        for input in files.inputs() {
            if input.is_dir() {
                inputs.listing(input);
            } else {
                inputs.file(input);
            }
        }
        Ok(deployed::deployed(&files))
    });
    // Reading cannot fail, because files that cannot be read are ignored.
    answer.unwrap_or_default()
}

/// `orders, users (template.yaml:7), report (infra/main.tf:3)`.
fn evidence(named: &[(&Function, &DeployedFunction)], cwd: &Path) -> String {
    let mut places: Vec<(String, Vec<&str>)> = Vec::new();
    for (function, deployed) in named {
        let file = path::relative(Some(cwd), &deployed.file);
        let place = format!("{file}:{}", deployed.line);
        match places.iter_mut().find(|(other, _)| *other == place) {
            Some((_, names)) => names.push(&function.name),
            None => places.push((place, vec![&function.name])),
        }
    }
    let mut shown: Vec<_> = places
        .iter()
        .map(|(place, names)| format!("{} ({place})", names.join(", ")))
        .collect();
    if shown.len() > MAX_NAMED {
        let more = format!("and {} more", shown.len() - MAX_NAMED);
        shown.truncate(MAX_NAMED);
        shown.push(more);
    }
    shown.join(", ")
}

/// The functions that the files deploy for arm64, each with the description that says so.
fn functions_on_arm64<'a>(
    project: &'a Project,
    functions: &[&'a Function],
    all: &'a [DeployedFunction],
) -> Vec<(&'a Function, &'a DeployedFunction)> {
    let folders: BTreeSet<_> = project.functions.iter().map(|f| f.dir.clone()).collect();
    let folders: Vec<_> = folders.into_iter().collect();
    let subject = |function: &'a Function| MatchSubject {
        function,
        folders: &folders,
    };
    let all: Vec<_> = all.iter().map(DescribedFunction::new).collect();
    // A description that definitely belongs to one function does not apply to the others.
    let is_claimed = |described: &DescribedFunction<'_>| {
        let mut all = project.functions.iter();
        all.any(|function| subject(function).matches(described) > DescriptionMatch::Possible)
    };
    let claimed: Vec<bool> = all.iter().map(is_claimed).collect();
    let arm = |function: &&'a Function| {
        let subject = subject(function);
        let matches = all.iter().zip(&claimed).map(|(described, claimed)| {
            let how = match subject.matches(described) {
                DescriptionMatch::Possible if *claimed => DescriptionMatch::Other,
                how => how,
            };
            (
                (how, subject.nearness(described.deployed)),
                described.deployed,
            )
        });
        let matches: Vec<_> = matches
            .filter(|((how, _), _)| *how > DescriptionMatch::Other)
            .collect();
        let best = matches.iter().map(|(rank, _)| *rank).max()?;
        let mut meant = matches.into_iter().filter(|(rank, _)| *rank == best);
        let (_, first) = meant.next()?;
        let is_arm = |deployed: &DeployedFunction| deployed.arch == DeclaredArch::Arch(Arch::Arm64);
        // Several stages or files may describe a function. They must agree.
        (is_arm(first) && meant.all(|(_, deployed)| is_arm(deployed))).then_some((*function, first))
    };
    functions.iter().filter_map(arm).collect()
}

#[cfg(test)]
mod tests;
