//! Messages about programs that are not functions.
//!
//! In: names, and what the finished programs look like. Out: lines for stderr, and the
//! failure if nothing else was built.

use std::collections::{BTreeMap, BTreeSet};

use crate::build::package::cache::{BuildCache, SkippedProgram};
use crate::build::plan::{Evidence, FunctionPlan, Plan};
use crate::ui::failure::{ExitKind, Failure};
use crate::validate::program_kind::ProgramKind;

/// The names of programs that are not functions, by what they look like.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OtherPrograms(BTreeMap<ProgramKind, BTreeSet<String>>);

impl OtherPrograms {
    /// The programs that a run built and did not pack.
    pub(crate) fn of_run(plan: &Plan, unpacked: &[SkippedProgram]) -> Self {
        let mut others = Self::default();
        for one in unpacked {
            others.add(&plan.functions[one.function], one.judged.likeness());
        }
        others
    }

    fn add(&mut self, function: &FunctionPlan, likeness: ProgramKind) {
        let names = self.0.entry(likeness).or_default();
        names.insert(function.name.clone());
    }

    /// One line for each kind.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |(likeness, names): (&ProgramKind, &BTreeSet<String>)| {
            format!(
                "{} ({})",
                because(*likeness, names),
                advice(*likeness, names)
            )
        };
        self.0.iter().map(line).collect()
    }

    /// Explains that none of the programs is a function.
    pub(crate) fn nothing(&self) -> Failure {
        let mut failure = Failure::silent(ExitKind::Project);
        for (likeness, names) in &self.0 {
            let what = format!(
                "nothing here is a Lambda function: {}",
                because(*likeness, names)
            );
            let more = Failure::new(ExitKind::Project, what).help(advice(*likeness, names));
            failure.problems.extend(more.problems);
        }
        failure
    }
}

fn because(likeness: ProgramKind, names: &BTreeSet<String>) -> String {
    let all: Vec<_> = names.iter().map(String::as_str).collect();
    let (contains, looks) = match all.len() {
        1 => ("contains", "looks"),
        _ => ("contain", "look"),
    };
    let client = match likeness {
        ProgramKind::Function => "Extensions API",
        _ => "Runtime API",
    };
    format!(
        "{} {contains} no {client} client and {looks} like {}",
        all.join(", "),
        likeness.name()
    )
}

fn advice(likeness: ProgramKind, names: &BTreeSet<String>) -> String {
    let first = names.first().map_or("NAME", String::as_str);
    match likeness {
        ProgramKind::Extension => {
            format!("`--bin {first} --extension` packs it as a layer")
        }
        ProgramKind::Function => {
            format!("`kind = \"function\"` in [function.{first}] packs it as one")
        }
        ProgramKind::Infrastructure | ProgramKind::Tool => {
            format!("`--bin {first}` packs it anyway")
        }
    }
}

/// The functions of a plan that `list` and templates name before anything is built.
#[derive(Debug, Default)]
pub(crate) struct FunctionList {
    /// The places of the functions in [`Plan::functions`].
    pub functions: BTreeSet<usize>,
    /// Programs that the last build did not pack.
    pub others: OtherPrograms,
    /// Programs for which only a build can tell.
    pub unknown: BTreeSet<String>,
}

impl FunctionList {
    /// What dependencies, configuration, and the last build tell about a plan.
    pub(crate) fn new(plan: &Plan, known: &BuildCache) -> Self {
        let mut listed = Self::default();
        for (index, function) in plan.functions.iter().enumerate() {
            match (function.evidence, known.verdict(function)) {
                (Evidence::Named, _) | (_, Some(Ok(()))) | (Evidence::Dependencies, None) => {
                    listed.functions.insert(index);
                }
                (_, Some(Err(likeness))) => listed.others.add(function, likeness),
                (Evidence::Alone, None) => {
                    listed.unknown.insert(function.name.clone());
                }
            }
        }
        listed
    }

    /// Keeps the listed ones of the plan's functions.
    pub(crate) fn of(&self, functions: Vec<FunctionPlan>) -> Vec<FunctionPlan> {
        let all = functions.into_iter().enumerate();
        all.filter(|(index, _)| self.functions.contains(index))
            .map(|(_, function)| function)
            .collect()
    }

    /// One line for each reason why a program is not listed.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.others.lines();
        if let Some(first) = self.unknown.first() {
            lines.push(format!(
                "{}: no Lambda runtime among the dependencies; a build packs it if the program \
                 contains a Runtime API client (`--bin {first}` packs it anyway)",
                join(&self.unknown)
            ));
        }
        lines
    }

    /// Explains that nothing is listed.
    pub(crate) fn nothing(&self) -> Failure {
        let mut failure = self.others.nothing();
        if let Some(first) = self.unknown.first() {
            let unknown = Failure::new(
                ExitKind::Project,
                format!(
                    "nothing here is known to be a Lambda function: no Lambda runtime is among \
                     the dependencies of {}",
                    join(&self.unknown)
                ),
            );
            let unknown = unknown.help(format!(
                "build it: it is packed if the program contains a Runtime API client; \
                 `--bin {first}` packs it anyway"
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
                 (`--bin infra` packs it anyway)",
                "replay, seed contain no Runtime API client and look like a tool \
                 (`--bin replay` packs it anyway)",
            ]
        );
        assert_eq!(others.nothing().problems.len(), 2);
    }
}
