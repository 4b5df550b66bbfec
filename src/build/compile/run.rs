//! Runs one step of a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::compile::compiled_packages::PackagesSoFar;
use crate::build::compile::compiler::{CompilerMessages, CompilerOutcome};
use crate::build::compile::{cargo, go};
use crate::build::plan::{BinarySource, BuildStep, FunctionId, FunctionPlan, Plan};
use crate::build::zig_shim;
use crate::lambda::Language;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// A binary that a compiler reports as built.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    pub function: FunctionId,
    pub path: PathBuf,
    /// The packages of Cargo's run; empty for other compilers.
    pub packages: PackagesSoFar,
}

/// Runs a step of the plan, and passes each of its binaries to `on_binary` once, also if the
/// compiler fails for others. A binary that Cargo has reported is not written again before Cargo
/// ends. Binaries must be read before the next step runs, because packages that share a binary
/// name also share its path.
pub(crate) fn compile(
    plan: &Plan,
    step: &Arc<BuildStep>,
    console: &Console,
    messages: CompilerMessages<'_>,
    on_binary: &mut dyn FnMut(Binary),
) -> anyhow::Result<CompilerOutcome> {
    for link in &step.links {
        zig_shim::create_link(link)?;
    }
    console.detail("Running", &step.command.to_string());
    let mut by_source: BTreeMap<&BinarySource, Vec<FunctionId>> = BTreeMap::new();
    for (function, planned) in plan.functions_of(step) {
        by_source.entry(&planned.binary).or_default().push(function);
    }
    let (mut reported, mut missing) = (BTreeSet::new(), BTreeMap::new());
    let mut report = |source: &BinarySource, path: &Path, packages: &PackagesSoFar| {
        for function in by_source.get(source).into_iter().flatten().copied() {
            let path = path.to_owned();
            if reported.contains(&function) {
                continue;
            }
            if path.is_file() {
                reported.insert(function);
                on_binary(Binary {
                    function,
                    path,
                    packages: packages.clone(),
                });
            } else {
                missing.insert(function, path);
            }
        }
    };
    let outcome = match step.language {
        Language::Rust => cargo::run(step, console, messages, &mut report)?,
        Language::Go => {
            let functions = plan.functions_of(step).map(|(_, planned)| planned);
            let functions: Vec<_> = functions.collect();
            let none = PackagesSoFar::default();
            let mut report = |source: &BinarySource, path: &Path| report(source, path, &none);
            go::run(step, &functions, console, messages, &mut report)?
        }
    };
    if outcome == CompilerOutcome::Failed {
        return Ok(outcome);
    }
    let problems = plan
        .functions_of(step)
        .filter(|(function, _)| !reported.contains(function))
        .map(|(function, planned)| no_binary(planned, step.language, missing.remove(&function)));
    Failure::unless_empty(ExitKind::Packaging, problems.collect())?;
    Ok(outcome)
}

/// The binaries that were built before.
pub(crate) fn prebuilt(plan: &Plan) -> Vec<Binary> {
    let binary =
        |(function, planned): (FunctionId, &FunctionPlan)| match (&planned.binary, &planned.step) {
            (BinarySource::File(path), None) => Some(Binary {
                function,
                path: path.clone(),
                packages: PackagesSoFar::default(),
            }),
            _ => None,
        };
    plan.functions_by_id().filter_map(binary).collect()
}

/// Reports a binary that the compiler did not report, or that does not exist.
fn no_binary(function: &FunctionPlan, language: Language, path: Option<PathBuf>) -> Problem {
    let compiler = match language {
        Language::Rust => "cargo",
        Language::Go => "go",
    };
    match (path, language) {
        (Some(path), _) => Problem::new(format!(
            "{compiler} reported building `{}`, but the file does not exist",
            path.display()
        ))
        .help("check whether another program removes it, and run again"),
        (None, Language::Rust) => Problem::new(format!(
            "cargo built `{}` without reporting the path of its binary",
            function.name
        ))
        .help("run again with `-v` to see the command, and report the problem if it persists"),
        (None, Language::Go) => Problem::new(format!(
            "go built no program for `{}`, because its package is no longer `main`",
            function.name
        ))
        .help("change the package clause to `package main`"),
    }
}
