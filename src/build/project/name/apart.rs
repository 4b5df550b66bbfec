//! Names that several projects share, told apart by the folders of the projects.
//!
//! Within one workspace or module names are unique already, or refused later.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use std::path::Path;

use crate::build::project::name::go::{folders, says_nothing, telling};
use crate::build::project::name::valid;
use crate::build::project::{Function, FunctionSource};

/// Names that functions of different workspaces and modules share get the folders in
/// front that tell them apart.
pub(super) fn separate(functions: &mut [Function], packed: &[usize], root: &Path) {
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
            .all(|index| is_same_unit(first, &functions[*index].source))
        {
            continue;
        }
        let all: Vec<_> = group
            .iter()
            .map(|index| prefix(&functions[*index], root))
            .collect();
        for (index, own) in group.iter().zip(&all) {
            let function = &mut functions[*index];
            let is_unique = |end: &[String]| all.iter().filter(|o| o.ends_with(end)).count() == 1;
            function.name = qualified(&function.name, own, is_unique, &taken);
            taken.insert(function.name.to_lowercase());
        }
    }
}

/// Programs that are skipped leave every name to functions.
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
            let own = prefix(function, root);
            function.name = qualified(&function.name, &own, |_| true, &taken);
        }
        taken.insert(function.name.to_lowercase());
    }
}

fn is_same_unit(one: &FunctionSource, other: &FunctionSource) -> bool {
    let number = |source: &FunctionSource| match source {
        FunctionSource::Cargo(index, _) | FunctionSource::Go(index) => *index,
    };
    discriminant(one) == discriminant(other) && number(one) == number(other)
}

/// The folders around a function that its name does not repeat.
fn prefix(function: &Function, root: &Path) -> Vec<String> {
    let folders = folders(&function.dir, root);
    let mut folders = telling(&folders);
    if let Some((last, before)) = folders.split_last()
        && last.eq_ignore_ascii_case(&function.name)
    {
        folders = telling(before);
    }
    folders.iter().map(|folder| valid::name(folder)).collect()
}

/// The name behind the fewest folders that make it unique; the name itself in the
/// project's own folder.
fn qualified(
    name: &str,
    folders: &[String],
    is_unique: impl Fn(&[String]) -> bool,
    taken: &BTreeSet<String>,
) -> String {
    let with = |end: &[String]| {
        let folders = end.join("-");
        if says_nothing(name) {
            folders
        } else {
            format!("{folders}-{name}")
        }
    };
    let mut ends = (1..=folders.len()).map(|n| &folders[folders.len() - n..]);
    let end = ends.find(|end| is_unique(end) && !taken.contains(&with(end).to_lowercase()));
    end.map_or_else(|| name.to_owned(), with)
}
