//! Turns a request and the projects that were read into a [`Plan`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::build::plan::function_build::{ProjectContext, TargetedFunction};
use crate::build::plan::select::SelectedFunctions;
use crate::build::plan::step::PlanPart;
use crate::build::plan::{
    BuildStep, FoundTool, FunctionId, FunctionPlan, OutputFolder, extension, go, rust, select,
};
use crate::build::project::{Function, Project, Projects};
use crate::build::request::{BuildDestination, Request};
use crate::lambda::{Arch, Runtime};
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// The plan of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Plan {
    /// The compilers to run, in order.
    pub steps: Vec<Arc<BuildStep>>,
    /// The functions to pack, sorted by name, architecture, and target path.
    pub functions: Vec<FunctionPlan>,
    /// The folders that results are written to, one for each project.
    pub outputs: Vec<Arc<OutputFolder>>,
    /// One line for each group of binaries that is not packed, with the reason and the
    /// option that packs them.
    pub skipped: Vec<String>,
    /// Non-fatal problems to report to the user.
    pub warnings: Vec<String>,
    /// Decisions that the user did not ask for.
    pub notes: Vec<String>,
    /// The tools of the build, for `doctor`.
    pub tools: Vec<FoundTool>,
    /// Tools, targets, and linkers that are not installed. If there are any, nothing is run.
    pub missing: Vec<Problem>,
    /// Functions that cannot be built, with the reason. The others are packed.
    pub faults: Vec<Problem>,
    /// Whether a folder could not be read because a tool is missing: it may contain more
    /// functions.
    pub unread: bool,
    /// Explanations for `-v`.
    pub details: Vec<String>,
}

impl Plan {
    pub(crate) fn new(request: &Request, projects: &Projects, host: &Host) -> anyhow::Result<Self> {
        let selection = select::select(request, projects)?;
        refuse_ambiguous_arguments(request, &selection)?;
        let (request, extension_note) = extension::resolve(request, &selection.functions)?;
        let request = &*request;
        let mut targeted = Vec::new();
        for selected in &selection.functions {
            targeted.push(TargetedFunction {
                project: selected.project,
                function: selected.function,
                archs: archs(
                    request,
                    projects.project(selected.project),
                    selected.function,
                )?,
            });
        }
        let mut outputs = Vec::new();
        let mut parts = Vec::new();
        for (id, project) in projects.projects_by_id() {
            let functions: Vec<_> = targeted
                .iter()
                .filter(|function| function.project == id)
                .collect();
            if functions.is_empty() {
                continue;
            }
            let output = Arc::new(OutputFolder::new(request, project));
            let context = ProjectContext {
                request,
                project,
                host,
                output: &output,
            };
            parts.extend(rust::plan(&context, &functions)?);
            parts.extend(go::plan(&context, &functions)?);
            outputs.push(output);
        }
        let all = PlanPart::concat(parts);
        let missing = [projects.missing.clone(), all.missing].concat();
        if all.functions.is_empty() && missing.is_empty() {
            Failure::unless_empty(ExitKind::Compiler, all.faults.clone())?;
        }
        let mut functions = all.functions;
        functions.sort_by(|a, b| (&a.name, a.arch, &a.target).cmp(&(&b.name, b.arch, &b.target)));
        refuse_shared_targets(request, &functions)?;
        let runtimes: BTreeSet<_> = functions.iter().map(|function| function.runtime).collect();
        let deprecations = runtimes.into_iter().filter_map(Runtime::deprecation);
        let mut warnings = dedup(all.warnings);
        warnings.extend(deprecations.map(str::to_owned));
        Ok(Self {
            steps: all.steps,
            functions,
            outputs,
            skipped: selection.skipped,
            warnings,
            notes: dedup(extension_note.into_iter().chain(all.notes)),
            tools: dedup(all.tools),
            missing: dedup(missing),
            faults: all.faults,
            unread: !projects.missing.is_empty(),
            details: all.details,
        })
    }

    /// The function with this ID.
    pub(crate) fn function(&self, id: FunctionId) -> &FunctionPlan {
        id.function_in(&self.functions)
    }

    /// The functions, each with its ID.
    pub(crate) fn functions_by_id(&self) -> impl Iterator<Item = (FunctionId, &FunctionPlan)> {
        FunctionId::enumerate(&self.functions)
    }

    /// The functions that a step of this plan builds.
    pub(crate) fn functions_of<'a>(
        &'a self,
        step: &'a Arc<BuildStep>,
    ) -> impl Iterator<Item = (FunctionId, &'a FunctionPlan)> {
        self.functions_by_id()
            .filter(|(_, function)| function.is_built_by(step))
    }
}

/// The architectures of a function: that of this machine, or those of the command line, else
/// those of its settings, else the default.
fn archs(
    request: &Request,
    project: &Project,
    function: &Function,
) -> anyhow::Result<BTreeSet<Arch>> {
    if request.destination == BuildDestination::Host {
        // Compilers choose the architecture themselves here. The value is not passed to them, so
        // any one works if Lambda does not support this machine's.
        let arch = Arch::native().unwrap_or(Arch::X86_64);
        return Ok(BTreeSet::from([arch]));
    }
    let archs = match (&request.archs[..], &function.settings.arch) {
        ([], Some(archs)) => archs.to_vec(),
        ([], None) => vec![rust::default_arch(project, function)?],
        (archs, _) => archs.to_vec(),
    };
    Ok(archs.into_iter().collect())
}

/// Refuses two results at one path: `--out` with several functions, or projects that share
/// an output folder.
fn refuse_shared_targets(request: &Request, functions: &[FunctionPlan]) -> Result<(), Failure> {
    if request.output.out.is_some() && functions.len() != 1 {
        let all: Vec<_> = functions
            .iter()
            .map(|f| format!("{} ({})", f.name, f.arch))
            .collect();
        return Err(Failure::new(
            ExitKind::Usage,
            format!(
                "`--out` is for a single zip, but this run would package several: {}",
                all.join(", ")
            ),
        )
        .help("select one with `--bin` and `--arch`, or pass `--out-dir`"));
    }
    let mut seen = BTreeMap::new();
    for function in functions {
        // File names on Windows and macOS are case-insensitive.
        let target = function.target.to_string_lossy().to_lowercase();
        if let Some(other) = seen.insert(target, function) {
            return Err(Failure::new(
                ExitKind::Project,
                format!(
                    "two functions are called `{}`: one in `{}` and one in `{}`",
                    function.name,
                    other.source_root.display(),
                    function.source_root.display()
                ),
            )
            .help(
                "omit `--out-dir`, or list both folders in `paths` in a `lambdapack.toml` above \
                 them, so that they get different names",
            ));
        }
    }
    Ok(())
}

/// Refuses arguments after `--` if both cargo and go are run, because they could be for
/// either.
fn refuse_ambiguous_arguments(
    request: &Request,
    selection: &SelectedFunctions<'_>,
) -> Result<(), Failure> {
    let languages: BTreeSet<_> = selection
        .functions
        .iter()
        .map(|selected| selected.function.language())
        .collect();
    if !request.rest.is_empty() && languages.len() > 1 {
        return Err(Failure::new(
            ExitKind::Usage,
            "arguments after `--` are ambiguous because this run invokes both cargo and go",
        )
        .help("use `--cargo-arg ARG` or `--go-arg ARG`, or select a language with `--lang`"));
    }
    Ok(())
}

/// Removes values that occurred before, and keeps the order of the rest.
fn dedup<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut unique = Vec::new();
    for value in values {
        if !unique.contains(&value) {
            unique.push(value);
        }
    }
    unique
}
