//! One run of a compiler, and its additions to a plan.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::build::plan::{BinarySource, FunctionPlan};
use crate::lambda::{Arch, Language};
use crate::system::command::CommandSpec;
use crate::ui::failure::Problem;

/// One run of a compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuildStep {
    pub command: CommandSpec,
    /// The language that the compiler is for.
    pub language: Language,
    pub arch: Arch,
    /// Cargo's `--target`.
    pub target: Option<String>,
    /// Prints the graph of Cargo's packages as JSON, for the bill of materials. It must not
    /// use the network unless the build may.
    pub graph: Option<CommandSpec>,
    /// Prints the packages of the run, with the features that the run enables, as a tree. It must
    /// not use the network unless the build may.
    pub tree: Option<CommandSpec>,
    /// Links to this program that must exist before the run; see `zig_shim.rs` and
    /// `rustc_wrapper.rs`.
    pub links: Vec<PathBuf>,
    /// The arguments of the command that name single programs.
    pub programs: ProgramArgs,
}

impl BuildStep {
    /// The same step for these of its functions. Everything else that a command says stays, such
    /// as the packages whose features Cargo unifies, so that the bytes stay the same.
    pub(super) fn narrowed(&self, functions: &[&FunctionPlan]) -> Self {
        let kept: BTreeSet<_> = functions.iter().map(|function| &function.binary).collect();
        let all = &self.command.args;
        let mut args = Vec::new();
        let mut programs = ProgramArgs::default();
        let mut copied = 0;
        for (range, program) in &self.programs.0 {
            args.extend_from_slice(&all[copied..range.start]);
            if kept.contains(program) {
                programs.add(args.len(), range.len(), program.clone());
                args.extend_from_slice(&all[range.clone()]);
            }
            copied = range.end;
        }
        args.extend_from_slice(&all[copied..]);
        Self {
            command: CommandSpec {
                args,
                ..self.command.clone()
            },
            programs,
            ..self.clone()
        }
    }
}

/// The arguments of a compiler's command that name single programs, in their order. Without them
/// the command builds the other programs, with the same bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProgramArgs(Vec<(Range<usize>, BinarySource)>);

impl ProgramArgs {
    /// Adds a program that `count` arguments from `start` name. They follow those before.
    pub(super) fn add(&mut self, start: usize, count: usize, program: BinarySource) {
        self.0.push((start..start + count, program));
    }
}

/// A tool that a build uses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct FoundTool {
    pub name: String,
    pub purpose: String,
    pub path: Option<PathBuf>,
    /// The version, as the tool itself reports it.
    pub version: String,
}

/// A part of a plan: the builds of one language in one workspace or module.
#[derive(Debug, Default)]
pub(super) struct PlanPart {
    pub(super) steps: Vec<Arc<BuildStep>>,
    pub(super) functions: Vec<FunctionPlan>,
    pub(super) tools: Vec<FoundTool>,
    /// Tools, targets, and linkers that are not installed.
    pub(super) missing: Vec<Problem>,
    /// Functions that cannot be built.
    pub(super) faults: Vec<Problem>,
    pub(super) warnings: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) details: Vec<String>,
}

impl PlanPart {
    /// Joins the parts in their order.
    pub(super) fn concat(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.steps.extend(part.steps);
            all.functions.extend(part.functions);
            all.tools.extend(part.tools);
            all.missing.extend(part.missing);
            all.faults.extend(part.faults);
            all.warnings.extend(part.warnings);
            all.notes.extend(part.notes);
            all.details.extend(part.details);
        }
        all
    }
}
