//! Separates names that functions of different workspaces and modules share, by adding their
//! folders.
//!
//! Within one workspace or module, names are already unique or are refused later.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::build::project::name::go::{folders, is_generic, without_generic};
use crate::build::project::name::valid;
use crate::build::project::{Function, FunctionSource};

/// Puts folders in front of names that functions of different workspaces and modules share.
pub(super) fn add_folders(functions: &mut [Function], packed: &[usize], root: &Path) {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for index in packed {
        let name = functions[*index].name.to_lowercase();
        groups.entry(name).or_default().push(*index);
    }
    let mut taken: BTreeSet<_> = groups.keys().cloned().collect();
    for (_, group) in groups {
        let first = &functions[group[0]].source;
        if group
            .iter()
            .all(|index| is_same_source_root(first, &functions[*index].source))
        {
            continue;
        }
        let prefixes: Vec<_> = group
            .iter()
            .map(|index| prefix(&functions[*index], root))
            .collect();
        for (index, prefix) in group.iter().zip(&prefixes) {
            let function = &mut functions[*index];
            let is_unique =
                |end: &[String]| prefixes.iter().filter(|p| p.ends_with(end)).count() == 1;
            function.name = qualified(&function.name, prefix, is_unique, &taken);
            taken.insert(function.name.to_lowercase());
        }
    }
}

/// Renames programs that are skipped if their name is also a function's.
pub(super) fn give_way(
    functions: &mut [Function],
    others: &[usize],
    packed: &[usize],
    root: &Path,
) {
    let names = packed
        .iter()
        .map(|index| functions[*index].name.to_lowercase());
    let mut taken: BTreeSet<_> = names.collect();
    for index in others {
        let function = &mut functions[*index];
        if taken.contains(&function.name.to_lowercase()) {
            let prefix = prefix(function, root);
            function.name = qualified(&function.name, &prefix, |_| true, &taken);
        }
        taken.insert(function.name.to_lowercase());
    }
}

fn is_same_source_root(one: &FunctionSource, other: &FunctionSource) -> bool {
    match (one, other) {
        (
            FunctionSource::Cargo { workspace, .. },
            FunctionSource::Cargo {
                workspace: other, ..
            },
        ) => workspace == other,
        (FunctionSource::Go { module }, FunctionSource::Go { module: other }) => module == other,
        _ => false,
    }
}

/// The folders around a function, without those that its name repeats.
fn prefix(function: &Function, root: &Path) -> Vec<String> {
    let folders = folders(&function.dir, root);
    let mut folders = without_generic(&folders);
    if let Some((last, before)) = folders.split_last()
        && last.eq_ignore_ascii_case(&function.name)
    {
        folders = without_generic(before);
    }
    folders
        .iter()
        .map(|folder| valid::valid_name(folder))
        .collect()
}

/// The name with the fewest folders in front that make it unique. In the project's own folder, the
/// name stays as it is.
fn qualified(
    name: &str,
    folders: &[String],
    is_unique: impl Fn(&[String]) -> bool,
    taken: &BTreeSet<String>,
) -> String {
    let name_with = |end: &[String]| {
        let folders = end.join("-");
        if is_generic(name) {
            folders
        } else {
            format!("{folders}-{name}")
        }
    };
    let mut ends = (1..=folders.len()).map(|n| &folders[folders.len() - n..]);
    let end = ends.find(|end| is_unique(end) && !taken.contains(&name_with(end).to_lowercase()));
    end.map_or_else(|| name.to_owned(), name_with)
}
