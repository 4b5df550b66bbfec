//! Names of Go programs.
//!
//! A function is named after the shortest end of its import path that no other function shares. If
//! that is a generic word, such as `cmd`, it is named after the folder above or the module.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::build::project::name::import_path::is_major;
use crate::build::project::{Function, FunctionSource};

/// Names of folders that describe their role in a repository, and not a function.
const GENERIC: [&str; 8] = [
    "cmd", "pkg", "src", "lambda", "main", "function", "handler", "app",
];

/// Whether a name does not describe a function.
pub(super) fn is_generic(name: &str) -> bool {
    GENERIC.contains(&name)
}

/// A path without the generic folders at its end.
pub(super) fn without_generic(elements: &[String]) -> &[String] {
    let last = elements.iter().rposition(|element| !is_generic(element));
    &elements[..last.map_or(0, |last| last + 1)]
}

/// The folders that lead from the project's root to a folder.
pub(super) fn folders(dir: &Path, root: &Path) -> Vec<String> {
    let inside = dir.strip_prefix(root).unwrap_or(Path::new(""));
    inside
        .components()
        .map(|folder| folder.as_os_str().to_string_lossy().into_owned())
        .collect()
}

/// The names of the Go programs among these.
pub(super) fn names(
    functions: &[Function],
    among: &[usize],
    root: &Path,
) -> BTreeMap<usize, String> {
    let paths: BTreeMap<_, _> = among
        .iter()
        .copied()
        .filter(|index| matches!(functions[*index].source, FunctionSource::Go { .. }))
        .map(|index| (index, elements(&functions[index].package)))
        .collect();
    let all: Vec<_> = paths.values().collect();
    let mut names = BTreeMap::new();
    let mut unnamed = Vec::new();
    for (index, path) in &paths {
        let name = shortest_unique(path, path, &all);
        if is_generic(&name) {
            unnamed.push(*index);
        } else {
            names.insert(*index, name);
        }
    }
    let taken: BTreeSet<_> = names.values().map(|name| name.to_lowercase()).collect();
    // The path of each unnamed function, and the part that distinguishes it.
    let candidates: Vec<_> = unnamed
        .iter()
        .map(|index| {
            let path = &paths[index];
            let specific_path = without_generic(path);
            if specific_path.is_empty() {
                let folders = folders(&functions[*index].dir, root);
                let specific_folders = without_generic(&folders).to_vec();
                // Two modules called `main` differ only in their folders.
                (folders, specific_folders)
            } else {
                (path.clone(), specific_path.to_vec())
            }
        })
        .collect();
    for (index, (path, specific)) in unnamed.iter().zip(&candidates) {
        let others: Vec<_> = candidates
            .iter()
            .filter(|(other, _)| other != path)
            .map(|(_, specific)| specific)
            .collect();
        // If there is a function `orders`, then `orders/cmd` must not be called `orders`.
        let is_free = !all.contains(&specific);
        let name = (1..=specific.len())
            .filter(|_| is_free)
            .map(|n| &specific[specific.len() - n..])
            .find(|end| {
                let is_taken = taken.contains(&end.join("-").to_lowercase());
                !is_taken && !others.iter().any(|other| other.ends_with(end))
            })
            .map(|end| end.join("-"));
        // It is called `orders-cmd`, also if there is an `orders/lambda`.
        let with_generic = || path[specific.len().saturating_sub(1)..].join("-");
        let name = name.unwrap_or_else(with_generic);
        let last = paths[index].last().cloned().unwrap_or_default();
        names.insert(*index, if name.is_empty() { last } else { name });
    }
    names
}

/// The shortest end of a path that only equal paths share.
fn shortest_unique(path: &[String], original: &[String], all: &[&Vec<String>]) -> String {
    let ends = (1..=path.len()).map(|n| &path[path.len() - n..]);
    let is_unique = |end: &&[String]| {
        let mut others = all.iter().filter(|other| ***other != original);
        !others.any(|other| other.ends_with(end))
    };
    let mut ends = ends.filter(is_unique);
    ends.next().unwrap_or(path).join("-")
}

/// The elements of an import path, without a major version at its end.
fn elements(import_path: &str) -> Vec<String> {
    let mut elements: Vec<_> = import_path.split('/').map(str::to_owned).collect();
    if elements.len() > 1 && elements.last().is_some_and(|last| is_major(last)) {
        elements.pop();
    }
    elements
}
