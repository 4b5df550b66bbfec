//! Determines what must be copied to build a project elsewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::project::outside::path_dependencies;
use crate::build::project::{Projects, go};
use crate::fs::path;

/// The folders and files that a project is built from. None is inside another. Undeclared inputs,
/// such as a file that a macro reads elsewhere, are unknown.
pub(super) fn roots(projects: &Projects) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    let mut manifests = Vec::new();
    for project in &projects.projects {
        all.insert(project.root.clone());
        for workspace in &project.workspaces {
            manifests.push(workspace.root.clone());
            manifests.extend(workspace.packages.iter().map(|package| package.dir.clone()));
        }
        for module in &project.modules {
            let of_packages = module.packages.iter().map(|package| package.dir.as_path());
            let modules = of_packages.filter_map(module_of).map(Path::to_owned);
            let modules: BTreeSet<_> = modules.chain([module.root.clone()]).collect();
            for module in &modules {
                all.extend(go::replaced_folders(module));
            }
            all.extend(modules);
        }
        let includes = project.functions.iter().flat_map(|function| {
            let include = function.settings.include.as_ref();
            include.map(|include| include.to_vec()).unwrap_or_default()
        });
        let relative = includes.filter(|include| !Path::new(&include.word).is_absolute());
        all.extend(
            relative.map(|include| path::join(&include.base, without_pattern(&include.word))),
        );
    }
    let mut visited = BTreeSet::new();
    while let Some(folder) = manifests.pop() {
        if visited.insert(folder.clone()) {
            manifests.extend(path_dependencies(&folder));
        }
    }
    all.extend(visited);
    all.retain(|path| path.exists());
    outermost(all)
}

/// The workspaces with a path dependency outside of them, each with one such dependency.
pub(super) fn outside_dependencies(projects: &Projects) -> Vec<(PathBuf, PathBuf)> {
    let workspaces = projects
        .projects
        .iter()
        .flat_map(|project| &project.workspaces);
    let dependencies = workspaces.filter_map(|workspace| {
        let (_, path) = workspace.outside.first()?;
        Some((workspace.root.clone(), path.clone()))
    });
    dependencies.collect()
}

/// The nearest folder with a go.mod.
fn module_of(package: &Path) -> Option<&Path> {
    package.ancestors().find(|dir| dir.join("go.mod").is_file())
}

/// The source of an include, without its name in the zip and without a pattern.
pub(super) fn without_pattern(word: &str) -> &str {
    let source = word.split('=').next().unwrap_or(word);
    match source.find(['*', '?', '[']) {
        Some(at) => source[..at]
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder),
        None => source,
    }
}

/// Removes paths that are inside another one.
pub(super) fn outermost(all: BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let inside = |path: &PathBuf| path.ancestors().skip(1).any(|above| all.contains(above));
    all.iter().filter(|path| !inside(path)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outermost_folders_are_kept_and_includes_end_before_patterns() {
        let all = ["/w", "/w/a", "/x/b", "/wide"].map(PathBuf::from);
        let kept = outermost(all.into_iter().collect());
        assert_eq!(kept, ["/w", "/wide", "/x/b"].map(PathBuf::from).into());
        assert_eq!(without_pattern("../a/*.json=x"), "../a");
        assert_eq!(without_pattern("../a/b.json=x"), "../a/b.json");
        assert_eq!(without_pattern("*.json"), "");
    }
}
