//! Assigns a name to every binary of a project.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::build::project::name::{check_name, go, separate, valid};
use crate::build::project::{Function, FunctionSource, FunctionStatus};
use crate::lambda::BOOTSTRAP;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// Gives every binary its name. Names depend on all binaries of the project, so a selection never
/// changes them. Functions are named as if there were no other programs; programs that are skipped
/// get the remaining names. `root` is the project's folder.
pub(crate) fn assign_names(functions: &mut [Function], root: &Path) {
    let indices = |wanted: fn(&Function) -> bool| -> Vec<usize> {
        let all = 0..functions.len();
        all.filter(|index| wanted(&functions[*index])).collect()
    };
    let packed = indices(is_packed);
    let all = indices(|function| function.status != FunctionStatus::Example);
    let others =
        indices(|function| function.status != FunctionStatus::Example && !is_packed(function));
    for (index, name) in base_names(functions, &packed, root) {
        functions[index].name = name;
    }
    for (index, name) in base_names(functions, &all, root) {
        if others.contains(&index) {
            functions[index].name = name;
        }
    }
    separate::add_folders(functions, &packed, root);
    separate::give_way(functions, &others, &packed, root);
    let taken: BTreeSet<_> = all
        .iter()
        .map(|index| functions[*index].name.to_lowercase())
        .collect();
    for example in functions
        .iter_mut()
        .filter(|f| f.status == FunctionStatus::Example)
    {
        let name = valid::valid_name(&example.bin);
        example.name = if taken.contains(&name.to_lowercase()) {
            format!("{name}-example")
        } else {
            name
        };
    }
    for function in functions {
        function.name = valid::shortened(&function.name);
    }
}

/// Whether a binary is packed by default, judging before `[function.NAME]` tables are applied.
fn is_packed(function: &Function) -> bool {
    function.status.is_candidate() && function.settings.skip != Some(true)
}

/// The names of these binaries, regardless of all others. Several may be equal.
fn base_names(functions: &[Function], among: &[usize], root: &Path) -> BTreeMap<usize, String> {
    let mut names = rust_names(functions, among);
    names.extend(go::names(functions, among, root));
    valid::make_valid(&mut names);
    names
}

/// A function is named after its binary, or its package if the binary is called
/// `bootstrap` or another package has a binary of that name.
fn rust_names(functions: &[Function], among: &[usize]) -> BTreeMap<usize, String> {
    let is_rust =
        |index: &&usize| matches!(functions[**index].source, FunctionSource::Cargo { .. });
    let rust: Vec<_> = among.iter().filter(is_rust).collect();
    let bins = count(rust.iter().map(|index| functions[**index].bin.as_str()));
    let mut names = BTreeMap::new();
    for index in rust {
        let Function { bin, package, .. } = &functions[*index];
        let is_shared = bins[bin.as_str()] > 1 || bin == BOOTSTRAP;
        names.insert(*index, if is_shared { package } else { bin }.clone());
    }
    // A package may have several shared binaries, or the name of another binary.
    let assigned: Vec<_> = names.values().cloned().collect();
    let counts = count(assigned.iter().map(String::as_str));
    for (index, name) in &mut names {
        let Function { bin, package, .. } = &functions[*index];
        if counts[name.as_str()] > 1 && package != bin {
            *name = format!("{package}-{bin}");
        }
    }
    names
}

fn count<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// Refuses functions that share a name, because they would overwrite each other's zip, and names
/// that are no file names.
pub(crate) fn refuse_collisions(functions: &[Function]) -> Result<(), Failure> {
    let mut problems = Vec::new();
    let mut seen: BTreeMap<String, &Function> = BTreeMap::new();
    for function in functions.iter().filter(|f| f.status.is_candidate()) {
        if let Err(why) = check_name(&function.name) {
            problems.push(
                Problem::new(format!(
                    "`{}` (`{}`) is not a valid function name: {why}",
                    function.name,
                    function.dir.display()
                ))
                .help(
                    "set its name in `lambdapack.toml` with a `[function.NAME]` table that has \
                     `path`",
                ),
            );
        }
        // File names on Windows and macOS are case-insensitive.
        if let Some(other) = seen.insert(function.name.to_lowercase(), function) {
            problems.push(
                Problem::new(format!(
                    "two functions are called `{}`: one in `{}` and one in `{}`",
                    function.name,
                    other.dir.display(),
                    function.dir.display()
                ))
                .help(
                    "rename one in `lambdapack.toml` with a `[function.NAME]` table that has \
                     `path`",
                ),
            );
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)
}
