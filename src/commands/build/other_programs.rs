//! Messages about programs that are not functions.
//!
//! In: names, and the kinds of the finished programs. Out: lines for stderr, and the
//! failure if nothing else was built.

use std::collections::{BTreeMap, BTreeSet};

use crate::build::package::cache::{BuildCache, LastBuild, SkippedProgram};
use crate::build::plan::{Evidence, FunctionId, FunctionPlan, Plan};
use crate::ui::failure::{ExitKind, Failure};
use crate::validate::program_kind::ProgramKind;

/// The names of programs that are not functions, by kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OtherPrograms(BTreeMap<ProgramKind, BTreeSet<String>>);

impl OtherPrograms {
    /// The programs that a run built and did not package.
    pub(crate) fn from_run(plan: &Plan, skipped: &[SkippedProgram]) -> Self {
        let mut others = Self::default();
        for program in skipped {
            others.add(
                plan.function(program.function),
                program.rejection.likeness(),
            );
        }
        others
    }

    fn add(&mut self, function: &FunctionPlan, kind: ProgramKind) {
        let names = self.0.entry(kind).or_default();
        names.insert(function.name.clone());
    }

    /// One line for each kind.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |(kind, names): (&ProgramKind, &BTreeSet<String>)| {
            format!("{} ({})", reason(*kind, names), advice(*kind, names))
        };
        self.0.iter().map(line).collect()
    }

    /// The failure if none of the programs is a function.
    pub(crate) fn no_function_failure(&self) -> Failure {
        let mut failure = Failure::silent(ExitKind::Project);
        for (kind, names) in &self.0 {
            let what = format!("no Lambda function found: {}", reason(*kind, names));
            let more = Failure::new(ExitKind::Project, what).help(advice(*kind, names));
            failure.problems.extend(more.problems);
        }
        failure
    }
}

fn reason(kind: ProgramKind, names: &BTreeSet<String>) -> String {
    let all: Vec<_> = names.iter().map(String::as_str).collect();
    let (contains, looks) = match all.len() {
        1 => ("contains", "looks"),
        _ => ("contain", "look"),
    };
    let client = match kind {
        ProgramKind::Function => "Extensions API",
        _ => "Runtime API",
    };
    format!(
        "{} {contains} no {client} client and {looks} like {}",
        all.join(", "),
        kind.name()
    )
}

fn advice(kind: ProgramKind, names: &BTreeSet<String>) -> String {
    let first = names.first().map_or("NAME", String::as_str);
    match kind {
        ProgramKind::Extension => {
            format!("pass `--bin {first} --extension` to package it as a layer")
        }
        ProgramKind::Function => {
            format!("set `kind = \"function\"` in `[function.{first}]` to package it as a function")
        }
        ProgramKind::Infrastructure | ProgramKind::Tool => {
            format!("pass `--bin {first}` to package it anyway")
        }
    }
}

/// The functions of a plan that `list` and templates name before anything is built.
#[derive(Debug, Default)]
pub(crate) struct FunctionList {
    pub functions: BTreeSet<FunctionId>,
    /// Programs that the last build did not package.
    pub others: OtherPrograms,
    /// Programs that only a build can classify.
    pub unknown: BTreeSet<String>,
}

impl FunctionList {
    /// Classifies the programs of a plan by dependencies, configuration, and the last build.
    pub(crate) fn new(plan: &Plan, cache: &BuildCache) -> Self {
        let mut list = Self::default();
        for (id, function) in plan.functions_by_id() {
            match (function.evidence, cache.last_build(function)) {
                (Evidence::Named, _)
                | (_, LastBuild::Packed)
                | (Evidence::Dependencies, LastBuild::Unknown) => {
                    list.functions.insert(id);
                }
                (_, LastBuild::Rejected(kind)) => list.others.add(function, kind),
                (Evidence::Alone, LastBuild::Unknown) => {
                    list.unknown.insert(function.name.clone());
                }
            }
        }
        list
    }

    /// The listed functions of the plan.
    pub(crate) fn listed(&self, plan: &Plan) -> Vec<FunctionPlan> {
        plan.functions_by_id()
            .filter(|(id, _)| self.functions.contains(id))
            .map(|(_, function)| function.clone())
            .collect()
    }

    /// One line for each reason why a program is not listed.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.others.lines();
        if let Some(first) = self.unknown.first() {
            lines.push(format!(
                "{}: no Lambda runtime among the dependencies; a build packages it if the program \
                 contains a Runtime API client (pass `--bin {first}` to package it anyway)",
                join(&self.unknown)
            ));
        }
        lines
    }

    /// The failure if nothing is listed.
    pub(crate) fn no_function_failure(&self) -> Failure {
        let mut failure = self.others.no_function_failure();
        if let Some(first) = self.unknown.first() {
            let unknown = Failure::new(
                ExitKind::Project,
                format!(
                    "no known Lambda function found: no Lambda runtime is among the dependencies \
                     of {}",
                    join(&self.unknown)
                ),
            );
            let unknown = unknown.help(format!(
                "run `cargo lambdapack`, which packages a program with a Runtime API client, or \
                 pass `--bin {first}` to package it anyway"
            ));
            failure.problems.extend(unknown.problems);
        }
        failure
    }
}

fn join(names: &BTreeSet<String>) -> String {
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others(all: &[(ProgramKind, &str)]) -> OtherPrograms {
        let mut others = OtherPrograms::default();
        for (likeness, name) in all {
            let names = others.0.entry(*likeness).or_default();
            names.insert((*name).to_owned());
        }
        others
    }

    #[test]
    fn programs_are_named_once_for_each_kind() {
        let others = others(&[
            (ProgramKind::Tool, "seed"),
            (ProgramKind::Tool, "replay"),
            (ProgramKind::Tool, "seed"),
            (ProgramKind::Infrastructure, "infra"),
        ]);
        assert_eq!(
            others.lines(),
            [
                "infra contains no Runtime API client and looks like an infrastructure program \
                 (pass `--bin infra` to package it anyway)",
                "replay, seed contain no Runtime API client and look like a tool \
                 (pass `--bin replay` to package it anyway)",
            ]
        );
        assert_eq!(others.no_function_failure().problems.len(), 2);
    }
}
