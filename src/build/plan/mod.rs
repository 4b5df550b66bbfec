//! What will be run, and what will come of it: pure.
//!
//! In: [`Request`], [`Projects`], [`Host`]. Out: [`Plan`]. Every question that
//! can be answered before compiling is answered here, and everything that is
//! missing is said at once.
//! Absent: running anything.

mod arguments;
mod c_flags;
mod cargo_run;
mod cgo;
mod empty_selection;
mod extension;
mod features;
mod function;
pub(crate) mod go;
pub(crate) mod linker;
mod output;
mod path_remap;
mod prebuilt;
pub(crate) mod profile;
mod reproducible_env;
pub(crate) mod rust;
mod rustflags;
pub(crate) mod select;
mod selected;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

pub(crate) use crate::build::plan::function::{
    BinarySource, BuildDescription, Evidence, FunctionPlan,
};
pub(crate) use crate::build::plan::output::OutputFolder;
pub(crate) use crate::build::plan::selected::SelectedFunction;
use crate::build::project::Projects;
use crate::build::request::Request;
use crate::lambda::Language;
use crate::lambda::{Arch, Runtime};
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// Everything that will be done.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// Compilers to run, in order.
    pub steps: Vec<BuildStep>,
    /// What is packed, sorted by folder, name and architecture.
    pub functions: Vec<FunctionPlan>,
    /// Where results are left, one for each project.
    pub outputs: Vec<OutputFolder>,
    /// Binaries that were passed over, each line with the reason and the way to have them.
    pub skipped: Vec<String>,
    /// What works today and should be looked at.
    pub warnings: Vec<String>,
    /// What was decided and not asked for.
    pub notes: Vec<String>,
    /// What is used for building, for those who want to look at it.
    pub tools: Vec<FoundTool>,
    /// Tools, targets and linkers that are not there: nothing can be run.
    pub missing: Vec<Problem>,
    /// Functions that cannot be built and are left out, with the reason.
    pub faults: Vec<Problem>,
    /// Whether a folder could not be read for want of a tool: it may hold more
    /// than is known.
    pub unread: bool,
    /// Why things are as they are, for `-v`.
    pub details: Vec<String>,
}

/// Something that a build uses and that was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct FoundTool {
    pub name: String,
    pub purpose: String,
    pub path: Option<PathBuf>,
    /// Its own word on its version.
    pub version: String,
}

/// One run of a compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuildStep {
    pub command: CommandSpec,
    /// Which compiler it is.
    pub language: Language,
    pub arch: Arch,
    /// Links to this program that have to stand before; see `zig.rs`.
    pub links: Vec<PathBuf>,
}

impl Plan {
    pub(crate) fn new(request: &Request, projects: &Projects, host: &Host) -> anyhow::Result<Self> {
        let mut plan = Self::default();
        let mut missing = projects.missing.clone();
        let mut found = select::select(request, projects, &missing)?;
        check_rest(request, &found)?;
        let request = &*extension::resolve(request, &found.selected, &mut plan.notes)?;
        for selected in &mut found.selected {
            let project = &projects.projects[selected.project];
            selected.archs = match (&request.archs[..], &selected.function.settings.arch) {
                ([], Some(archs)) => archs.to_vec(),
                ([], None) => rust::default_arch(project, &selected.function)?,
                (archs, _) => archs.to_vec(),
            };
            selected.archs.sort();
            selected.archs.dedup();
        }
        for (index, project) in projects.projects.iter().enumerate() {
            let output = OutputFolder::new(request, project);
            let mine: Vec<_> = found
                .selected
                .iter()
                .filter(|selected| selected.project == index)
                .collect();
            if !mine.is_empty() {
                plan.outputs.push(output);
                rust::plan(request, project, host, &mine, &mut plan, &mut missing)?;
                go::plan(request, project, host, &mine, &mut plan, &mut missing)?;
            }
        }
        if plan.functions.is_empty() && missing.is_empty() {
            Failure::unless_empty(ExitKind::Compiler, plan.faults.clone())?;
        }
        plan.tools = dedup(plan.tools);
        plan.missing = dedup(missing);
        plan.unread = !projects.missing.is_empty();
        plan.notes = dedup(plan.notes);
        plan.warnings = dedup(plan.warnings);
        plan.skipped = found.skipped;
        plan.functions
            .sort_by(|a, b| (&a.name, a.arch, &a.target).cmp(&(&b.name, b.arch, &b.target)));
        plan.refuse_shared_targets(request)?;
        let deprecated: BTreeSet<_> = plan.functions.iter().map(|f| f.runtime).collect();
        let deprecated = deprecated.into_iter().filter_map(Runtime::deprecation);
        plan.warnings.extend(deprecated.map(str::to_owned));
        Ok(plan)
    }

    /// Two results at one place: `--out` with several, or projects that share
    /// an output folder.
    fn refuse_shared_targets(&self, request: &Request) -> Result<(), Failure> {
        if request.output.out.is_some() && self.functions.len() != 1 {
            let all: Vec<_> = self
                .functions
                .iter()
                .map(|f| format!("{} ({})", f.name, f.arch))
                .collect();
            return Err(Failure::new(
                ExitKind::Usage,
                format!(
                    "--out is for one zip, and these would be packed: {}",
                    all.join(", ")
                ),
            )
            .help("choose with --bin and --arch, or use --out-dir"));
        }
        let mut seen = BTreeMap::new();
        for function in &self.functions {
            // Windows and macOS do not tell upper from lower case.
            let target = function.target.to_string_lossy().to_lowercase();
            if let Some(other) = seen.insert(target, function) {
                return Err(Failure::new(
                    ExitKind::Project,
                    format!(
                        "two functions are called `{}`: {} and {}",
                        function.name,
                        other.unit.display(),
                        function.unit.display()
                    ),
                )
                .help(
                    "leave out --out-dir, or list both in `paths` of a lambdapack.toml above \
                     them: then their names differ",
                ));
            }
        }
        Ok(())
    }
}

/// What stands after `--` must be for one compiler.
fn check_rest(request: &Request, found: &select::SelectedFunctions) -> Result<(), Failure> {
    let languages: BTreeSet<_> = found
        .selected
        .iter()
        .map(|selected| selected.function.language())
        .collect();
    if !request.rest.is_empty() && languages.len() > 1 {
        return Err(Failure::new(
            ExitKind::Usage,
            "arguments after `--` could be for cargo or for go: both are run",
        )
        .help("use --cargo-arg ARG and --go-arg ARG, or choose with --lang"));
    }
    Ok(())
}

fn dedup<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut unique = Vec::new();
    for one in all {
        if !unique.contains(&one) {
            unique.push(one);
        }
    }
    unique
}

#[cfg(test)]
mod tests;
