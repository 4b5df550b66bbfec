//! Finds parts that do not fit together, because they are not from one build.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::build::package::TOOL;
use crate::build::package::deflate::{COMPRESSOR, FORMAT};
use crate::build::package::manifest::{ArchEntry, FunctionEntry};
use crate::build::plan::BuildDescription;
use crate::commands::collect::part::{Part, PartResult};
use crate::lambda::{Arch, Language, Purpose};
use crate::ui::failure::Problem;

/// All problems of these parts. One cause is reported once for each part.
pub(super) fn problems(parts: &[Part]) -> Vec<Problem> {
    let results: Vec<_> = parts.iter().flat_map(Part::results).collect();
    let mut problems: Vec<_> = parts.iter().flat_map(other_versions).collect();
    problems.extend(other_functions(&results));
    problems.extend(other_results(&results));
    problems.extend(other_builds(&results, &LOCK_FILE));
    problems.extend(other_builds(&results, &COMPILER));
    problems
}

/// A property that all functions of a workspace or module share.
struct SharedProperty {
    name: &'static str,
    value: fn(&BuildDescription) -> &str,
    help: &'static str,
}

const LOCK_FILE: SharedProperty = SharedProperty {
    name: "lock file",
    value: |build| build.lock.as_deref().unwrap_or("none"),
    help: "build the same commit with `--locked` on all machines",
};

const COMPILER: SharedProperty = SharedProperty {
    name: "compiler",
    value: |build| &build.toolchain,
    help: "install the same compiler on all machines, and build the part again",
};

/// Other versions of this program, and of the code that writes zips. This version may not know
/// everything that they record.
fn other_versions(part: &Part) -> Vec<Problem> {
    let mut tools = BTreeSet::new();
    let mut writers = BTreeSet::new();
    for result in part.results() {
        let tool = result.entry.build.tool.as_deref();
        tools.insert(tool.unwrap_or("an earlier version of cargo-lambdapack"));
        let packing = result.entry.packing.iter();
        writers.extend(packing.map(|packing| (packing.format, packing.compressor.as_str())));
    }
    tools.remove(TOOL);
    writers.remove(&(FORMAT, COMPRESSOR));
    let manifest = part.manifest_path();
    let tools = tools
        .into_iter()
        .map(|tool| format!("`{manifest}` was written by {tool}, but this is {TOOL}"));
    let writers = writers.into_iter().map(|(format, compressor)| {
        format!(
            "`{manifest}` describes zips of format {format} by {compressor}, but this version \
             writes format {FORMAT} by {COMPRESSOR}"
        )
    });
    let help = "use one version of cargo-lambdapack on all machines, and build the part again";
    let whats = tools.chain(writers);
    whats.map(|what| Problem::new(what).help(help)).collect()
}

/// Functions that the parts describe differently.
fn other_functions(results: &[PartResult<'_>]) -> Vec<Problem> {
    let mut seen: BTreeMap<&str, PartResult<'_>> = BTreeMap::new();
    let mut reported = BTreeSet::new();
    let mut problems = Vec::new();
    for result in results {
        let first = *seen.entry(result.name).or_insert(*result);
        for (what, [then, now]) in facts([first.function, result.function]) {
            if then != now && reported.insert((what, result.name, result.part.manifest_path())) {
                problems.push(
                    Problem::new(format!(
                        "`{}` has the {what} `{then}` in `{}`, but `{now}` in `{}`",
                        result.name,
                        first.part.manifest_path(),
                        result.part.manifest_path()
                    ))
                    .help("build the same commit with the same options on all machines"),
                );
            }
        }
    }
    problems
}

/// The properties of a function that do not depend on the architecture, of two descriptions.
fn facts(functions: [&FunctionEntry; 2]) -> [(&'static str, [String; 2]); 5] {
    let kind = |f: &FunctionEntry| match f.kind {
        Purpose::Function => "function".to_owned(),
        Purpose::Extension => "extension".to_owned(),
    };
    let language = |f: &FunctionEntry| f.language.map_or("none", Language::name).to_owned();
    let handler = |f: &FunctionEntry| f.handler.clone().unwrap_or_else(|| "none".to_owned());
    [
        ("kind", functions.map(kind)),
        ("language", functions.map(language)),
        ("runtime", functions.map(|f| f.runtime.to_string())),
        ("handler", functions.map(handler)),
        ("source", functions.map(|f| f.source.clone())),
    ]
}

/// Results for one architecture that differ.
fn other_results(results: &[PartResult<'_>]) -> Vec<Problem> {
    let mut seen: BTreeMap<(&str, Arch), PartResult<'_>> = BTreeMap::new();
    let mut problems = Vec::new();
    for result in results {
        let first = *seen.entry((result.name, result.arch)).or_insert(*result);
        if !is_same(first.entry, result.entry) {
            let what = format!(
                "{} has different results in `{}` and `{}`",
                result.label(),
                first.part.manifest_path(),
                result.part.manifest_path()
            );
            problems.push(Problem::new(what).help(
                "build the same commit with the same tools and options on all machines, or pass \
                 only one of the folders",
            ));
        }
    }
    problems
}

/// Whether two results have the same files. How they were built does not matter.
fn is_same(one: &ArchEntry, other: &ArchEntry) -> bool {
    let without_build = |entry: &ArchEntry| ArchEntry {
        build: Arc::default(),
        ..entry.clone()
    };
    without_build(one) == without_build(other)
}

/// Functions of one workspace or module that were built with something else. Each part is
/// reported once for each source.
fn other_builds(results: &[PartResult<'_>], property: &SharedProperty) -> Vec<Problem> {
    // A hash is long, and its start tells enough.
    const SHOWN: usize = 40;
    let short = |value: &str| value.chars().take(SHOWN).collect::<String>();
    let mut seen: BTreeMap<_, PartResult<'_>> = BTreeMap::new();
    let mut reported = BTreeSet::new();
    let mut problems = Vec::new();
    for result in results {
        let source = (result.function.language, result.function.source.as_str());
        let first = *seen.entry(source).or_insert(*result);
        let value = |result: &PartResult<'_>| (property.value)(&result.entry.build).to_owned();
        let (then, now) = (value(&first), value(result));
        if then != now && reported.insert((source, result.part.manifest_path())) {
            let what = format!(
                "{} in `{}` was built with the {} `{}`, but {} in `{}` with `{}`",
                result.label(),
                result.part.manifest_path(),
                property.name,
                short(&now),
                first.label(),
                first.part.manifest_path(),
                short(&then),
            );
            problems.push(Problem::new(what).help(property.help));
        }
    }
    problems
}
