//! One run of a compiler, and its additions to a plan.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::build::plan::FunctionPlan;
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
