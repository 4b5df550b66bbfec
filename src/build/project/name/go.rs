//! What Go programs are called: after their import path.
//!
//! A function is named after the shortest end of its import path that no other
//! function shares. If that is a word that says nothing, such as `cmd`, the folder above
//! or the module names it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::build::project::name::is_major;
use crate::build::project::{Function, FunctionSource};

/// Folders that are called after their role in a repository, and not after a function.
const SAY_NOTHING: [&str; 8] = [
    "cmd", "pkg", "src", "lambda", "main", "function", "handler", "app",
];

/// Whether a name says nothing about a function.
pub(super) fn says_nothing(name: &str) -> bool {
    SAY_NOTHING.contains(&name)
}

/// Without the folders at its end that say nothing.
pub(super) fn telling(elements: &[String]) -> &[String] {
    let last = elements.iter().rposition(|element| !says_nothing(element));
    &elements[..last.map_or(0, |last| last + 1)]
}

/// The folders that lead from the project's root to a folder.
pub(super) fn folders(dir: &Path, root: &Path) -> Vec<String> {
    let inside = dir.strip_prefix(root).unwrap_or(Path::new(""));
    let folders = inside.components();
    let folders = folders.map(|folder| folder.as_os_str().to_string_lossy().into_owned());
    folders.collect()
}

/// The names of the Go programs among these.
pub(super) fn names(
    functions: &[Function],
    among: &[usize],
    root: &Path,
) -> BTreeMap<usize, String> {
    let go = among.iter().copied();
    let go = go.filter(|index| matches!(functions[*index].source, FunctionSource::Go(..)));
    let paths: BTreeMap<_, _> = go
        .map(|index| (index, elements(&functions[index].package)))
        .collect();
    let all: Vec<_> = paths.values().collect();
    let mut names = BTreeMap::new();
    let mut unnamed = Vec::new();
    for (index, path) in &paths {
        let name = shortest_unique(path, path, &all);
        if says_nothing(&name) {
            unnamed.push(*index);
        } else {
            names.insert(*index, name);
        }
    }
    let taken: BTreeSet<_> = names.values().map(|name| name.to_lowercase()).collect();
    // The import path, and what of it tells the function apart.
    let rivals: Vec<_> = unnamed
        .iter()
        .map(|index| {
            let path = &paths[index];
            let telling_path = telling(path);
            if telling_path.is_empty() {
                let folders = folders(&functions[*index].dir, root);
                let telling_folders = telling(&folders).to_vec();
                // Two modules called `main` differ by their folders alone.
                (folders, telling_folders)
            } else {
                (path.clone(), telling_path.to_vec())
            }
        })
        .collect();
    for (index, (path, tells)) in unnamed.iter().zip(&rivals) {
        let others = rivals.iter().filter(|(other, _)| other != path);
        let others: Vec<_> = others.map(|(_, tells)| tells).collect();
        // Next to `orders` itself, `orders/cmd` is not `orders` with a longer name.
        let is_free = !all.contains(&tells);
        let name = (1..=tells.len())
            .filter(|_| is_free)
            .map(|n| &tells[tells.len() - n..])
            .find(|end| {
                let is_taken = taken.contains(&end.join("-").to_lowercase());
                !is_taken && !others.iter().any(|other| other.ends_with(end))
            })
            .map(|end| end.join("-"));
        // Then it is `orders-cmd`, and so next to `orders/lambda`.
        let whole = || path[tells.len().saturating_sub(1)..].join("-");
        let name = name.unwrap_or_else(whole);
        let word = paths[index].last().cloned().unwrap_or_default();
        names.insert(*index, if name.is_empty() { word } else { name });
    }
    names
}

/// The shortest end of a path that only equal paths share.
fn shortest_unique(path: &[String], own: &[String], all: &[&Vec<String>]) -> String {
    let ends = (1..=path.len()).map(|n| &path[path.len() - n..]);
    let is_unique = |end: &&[String]| {
        let mut others = all.iter().filter(|other| ***other != own);
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
