//! What functions are called, and what was probably meant.
//!
//! In: the binaries of a project. Out: a name for each that AWS accepts.
//! Absent: names that configuration gives, which are the user's own (`collect.rs`).

mod apart;
mod go;
mod valid;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::build::project::{Function, FunctionSource, FunctionStatus};
use crate::lambda::BOOTSTRAP;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// Gives every binary its name. Names depend on all binaries of the project, so that no
/// selection ever changes them. Functions are named as if there were nothing else, and
/// programs that are skipped get the names that are left. `root` is the project's folder.
pub(crate) fn name(functions: &mut [Function], root: &Path) {
    let of = |wanted: fn(&Function) -> bool| -> Vec<usize> {
        let indices = 0..functions.len();
        indices.filter(|index| wanted(&functions[*index])).collect()
    };
    let packed = of(is_packed);
    let all = of(|function| function.status != FunctionStatus::Example);
    let others = of(|function| function.status != FunctionStatus::Example && !is_packed(function));
    for (index, name) in base_names(functions, &packed, root) {
        functions[index].name = name;
    }
    for (index, name) in base_names(functions, &all, root) {
        if others.contains(&index) {
            functions[index].name = name;
        }
    }
    apart::separate(functions, &packed, root);
    apart::give_way(functions, &others, &packed, root);
    let taken: BTreeSet<_> = all
        .iter()
        .map(|index| functions[*index].name.to_lowercase())
        .collect();
    for example in functions
        .iter_mut()
        .filter(|f| f.status == FunctionStatus::Example)
    {
        let name = valid::name(&example.bin);
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

/// Whether a binary is packed without being named, as far as is known before names are.
fn is_packed(function: &Function) -> bool {
    function.status.is_candidate() && function.settings.skip != Some(true)
}

/// The names of binaries in which only each other is looked at; several may be equal.
fn base_names(functions: &[Function], among: &[usize], root: &Path) -> BTreeMap<usize, String> {
    let mut names = rust_names(functions, among);
    names.extend(go::names(functions, among, root));
    valid::make_valid(&mut names);
    names
}

/// A function is named after its binary, or its package if the binary is called
/// `bootstrap` or another package has a binary of that name.
fn rust_names(functions: &[Function], among: &[usize]) -> BTreeMap<usize, String> {
    let is_rust = |index: &&usize| matches!(functions[**index].source, FunctionSource::Cargo(..));
    let rust: Vec<_> = among.iter().filter(is_rust).collect();
    let bins = count(rust.iter().map(|index| functions[**index].bin.as_str()));
    let mut names = BTreeMap::new();
    for index in rust {
        let Function { bin, package, .. } = &functions[*index];
        let is_shared = bins[bin.as_str()] > 1 || bin == BOOTSTRAP;
        names.insert(*index, if is_shared { package } else { bin }.clone());
    }
    // A package with several shared binaries, or one called like another binary.
    let equal = names.values().cloned().collect::<Vec<_>>();
    let equal = count(equal.iter().map(String::as_str));
    for (index, name) in &mut names {
        let Function { bin, package, .. } = &functions[*index];
        if equal[name.as_str()] > 1 && package != bin {
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

fn is_major(element: &str) -> bool {
    element.strip_prefix('v').is_some_and(|n| {
        !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) && !n.starts_with('0') && n != "1"
    })
}

/// What `go build -o DIR/` calls the binary of a package.
///
/// Source: `DefaultExecName` of cmd/go.
pub(crate) fn exec_name(import_path: &str) -> &str {
    let mut elements = import_path.rsplit('/');
    let last = elements.next().unwrap_or(import_path);
    match elements.next() {
        Some(before) if is_major(last) => before,
        _ => last,
    }
}

/// Two functions of one name would overwrite each other's zip.
pub(crate) fn refuse_collisions(functions: &[Function]) -> Result<(), Failure> {
    let mut problems = Vec::new();
    let mut seen: BTreeMap<String, &Function> = BTreeMap::new();
    for function in functions.iter().filter(|f| f.status.is_candidate()) {
        if let Err(why) = check_name(&function.name) {
            problems.push(
                Problem::new(format!(
                    "`{}` ({}) cannot be a function's name: {why}",
                    function.name,
                    function.dir.display()
                ))
                .help("name it in lambdapack.toml: [function.NAME] with `path`"),
            );
        }
        // Windows and macOS do not tell upper from lower case.
        if let Some(other) = seen.insert(function.name.to_lowercase(), function) {
            problems.push(
                Problem::new(format!(
                    "two functions are called `{}`: {} and {}",
                    function.name,
                    other.dir.display(),
                    function.dir.display()
                ))
                .help("name one in lambdapack.toml: [function.NAME] with `path`"),
            );
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)
}

/// Whether a file on every system can be called like the function.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    if name.is_empty() {
        Err("it is empty")
    } else if name.starts_with('.') || name.ends_with(['.', ' ']) {
        Err("it starts or ends with a dot or a space")
    } else if name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|'])
        || name.chars().any(char::is_control)
    {
        Err("it has a character that no file name may have")
    } else if DEVICES.contains(&stem.as_str()) {
        Err("it is a device on Windows")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
