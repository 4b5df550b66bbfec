//! Plans the Cargo runs of a project.
//!
//! Each run for an architecture names the packages of all functions of the workspace,
//! because Cargo unifies features over the packages of a run: fewer packages could give
//! other bytes. It names only the targets of the selected functions, so nothing else is
//! compiled or linked. Packages that share a binary name are built in separate runs, because
//! Cargo would report one executable for both.

use std::collections::{BTreeMap, BTreeSet};
use std::ptr;
use std::sync::Arc;

use crate::build::plan::cargo_run::{CargoRun, CargoRunScope, CargoTarget, binary_source};
use crate::build::plan::function_build::{
    FunctionBuild, ProjectContext, TargetedFunction, runtime, with_recipe,
};
use crate::build::plan::linker::is_linux;
use crate::build::plan::step::PlanPart;
use crate::build::plan::{BuildStep, FoundTool, auditable, features};
use crate::build::project::cargo;
use crate::build::project::cargo::Workspace;
use crate::build::project::{Function, FunctionSource, FunctionStatus, Project, WorkspaceId};
use crate::build::request::Request;
use crate::lambda::{Arch, Language, Runtime};
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// The architecture of a function if neither the command line nor the configuration names
/// one: Cargo's `build.target`, else Lambda's own default. It is never the host's.
pub(super) fn default_arch(project: &Project, function: &Function) -> anyhow::Result<Arch> {
    let FunctionSource::Cargo { workspace, .. } = function.source else {
        return Ok(Arch::X86_64);
    };
    match &project.workspace(workspace).config.build_targets[..] {
        [] => Ok(Arch::X86_64),
        [target] if is_linux(target) => {
            Arch::from_triple(target).ok_or_else(|| unsupported_target(target).into())
        }
        targets => Err(unsupported_target(&targets.join(", ")).into()),
    }
}

fn unsupported_target(targets: &str) -> Failure {
    Failure::new(
        ExitKind::Project,
        format!(
            "cargo's `build.target` is `{targets}`, which is not a single Linux target that \
             Lambda supports"
        ),
    )
    .help("pass `--arch arm64` or `--arch x86_64`")
}

/// Plans the Cargo runs that build the selected functions of a project.
pub(super) fn plan(
    context: &ProjectContext<'_>,
    selected: &[&TargetedFunction<'_>],
) -> anyhow::Result<Vec<PlanPart>> {
    let mut parts = Vec::new();
    for (id, workspace) in context.project.workspaces_by_id() {
        let selected: Vec<_> = selected
            .iter()
            .copied()
            .filter(|selected| is_in(id, selected.function))
            .collect();
        if selected.is_empty() {
            continue;
        }
        refuse_args(context.request)?;
        let unified = unified_functions(context, id, &selected);
        let (runtime, note) = oldest_runtime(context.request, &unified, &selected);
        parts.push(PlanPart {
            notes: note.into_iter().collect(),
            ..PlanPart::default()
        });
        let archs: BTreeSet<_> = selected.iter().flat_map(|s| s.archs.clone()).collect();
        for arch in archs {
            for functions in runs(&unified, &context.project.functions) {
                let built: Vec<_> = selected
                    .iter()
                    .copied()
                    .filter(|s| s.archs.contains(&arch) && functions.contains(&s.function))
                    .collect();
                if !built.is_empty() {
                    let run = WorkspaceRun {
                        workspace,
                        arch,
                        runtime,
                        functions,
                        built,
                    };
                    parts.push(run.plan(context)?);
                }
            }
        }
    }
    Ok(parts)
}

/// One run of Cargo in a workspace.
struct WorkspaceRun<'a> {
    workspace: &'a Workspace,
    arch: Arch,
    runtime: Runtime,
    /// The functions whose packages are named.
    functions: Vec<&'a Function>,
    /// Those of them that are selected.
    built: Vec<&'a TargetedFunction<'a>>,
}

impl WorkspaceRun<'_> {
    fn plan(&self, context: &ProjectContext<'_>) -> anyhow::Result<PlanPart> {
        let Self {
            workspace, arch, ..
        } = self;
        let selected: Vec<_> = self.built.iter().map(|s| s.function).collect();
        let run = CargoRun::new(
            context,
            &CargoRunScope {
                workspace,
                arch: *arch,
                runtime: self.runtime,
                functions: &self.functions,
                targets: &targets(&self.functions, &selected, workspace),
            },
        )?;
        let missing = run.linking.missing.clone();
        let cargo = match cargo::command(workspace, context.host) {
            Ok(cargo) => cargo,
            // The missing toolchain is among the problems of linking.
            Err(_) if !missing.is_empty() => {
                return Ok(PlanPart {
                    missing,
                    ..PlanPart::default()
                });
            }
            Err(error) => return Err(error),
        };
        let tools = tools(&cargo, workspace, &run, context.host);
        let graph = run.graph_command(cargo.clone());
        let tree = run.tree_command(cargo.clone());
        let (command, programs) = run.command(cargo);
        let step = Arc::new(BuildStep {
            graph,
            tree,
            command,
            programs,
            language: Language::Rust,
            arch: *arch,
            target: run.target().map(str::to_owned),
            links: run.linking.links.clone(),
        });
        let root = &workspace.root;
        let description = run.description.clone();
        let description = with_recipe(description, context.request, Language::Rust, root, *arch)?;
        let plan = |function: &&TargetedFunction<'_>| {
            function.plan(
                context,
                FunctionBuild {
                    step: &step,
                    source_root: root,
                    binary: binary_source(function.function),
                    description: &description,
                    local_folders: &run.local_folders,
                    glibc_advice: &run.linking.glibc_advice,
                },
            )
        };
        let functions = self.built.iter().map(plan).collect();
        Ok(PlanPart {
            functions,
            steps: vec![step],
            tools,
            missing,
            faults: Vec::new(),
            warnings: run.warnings,
            notes: run.linking.notes,
            details: run.details,
        })
    }
}

fn is_in(id: WorkspaceId, function: &Function) -> bool {
    matches!(function.source, FunctionSource::Cargo { workspace, .. } if workspace == id)
}

/// The functions of a workspace whose features are unified: the selected ones, and those that
/// a run without a selection would pack.
fn unified_functions<'a>(
    context: &ProjectContext<'a>,
    id: WorkspaceId,
    selected: &[&TargetedFunction<'_>],
) -> Vec<&'a Function> {
    let select = &context.request.select;
    let is_unified = |function: &&Function| {
        let is_default = match &select.together[..] {
            [] => function.status.is_candidate() && !select.selected_only,
            names => names.contains(&function.name),
        };
        let is_selected = selected.iter().any(|s| ptr::eq(s.function, *function));
        // Cargo fails if the features that a named binary requires are not enabled.
        is_in(id, function)
            && (is_selected
                || is_default
                    && features::missing(context.request, context.project, function).is_empty())
    };
    let functions = context.project.functions.iter();
    functions.filter(is_unified).collect()
}

/// The runtime with the oldest glibc among the unified functions, because all binaries of a
/// run are linked alike, whichever are selected. A note explains it if no selected function
/// has this runtime.
fn oldest_runtime(
    request: &Request,
    unified: &[&Function],
    selected: &[&TargetedFunction<'_>],
) -> (Runtime, Option<String>) {
    let by_glibc = |function: &&&Function| runtime(request, function).glibc();
    let Some(oldest) = unified.iter().min_by_key(by_glibc) else {
        return (Runtime::default(), None);
    };
    let oldest_runtime = runtime(request, oldest);
    let is_selected = selected
        .iter()
        .any(|s| runtime(request, s.function) == oldest_runtime);
    let note = (!is_selected).then(|| {
        format!(
            "linking for {oldest_runtime}, because it is the runtime of `{}`, which is built in \
             the same run; pass `--selected-only` to exclude it",
            oldest.name
        )
    });
    (oldest_runtime, note)
}

/// The tools that a run uses, for `doctor`.
fn tools(
    cargo: &CommandSpec,
    workspace: &Workspace,
    run: &CargoRun<'_>,
    host: &Host,
) -> Vec<FoundTool> {
    let target = &run.description.target;
    let mut tools = vec![FoundTool {
        name: "cargo".to_owned(),
        purpose: "builds Rust".to_owned(),
        path: Some(cargo.program.clone()),
        version: String::new(),
    }];
    if let Some(toolchain) = &workspace.toolchain {
        let lib = toolchain.sysroot.join("lib/rustlib");
        tools.push(FoundTool {
            name: "rustc".to_owned(),
            purpose: "compiles Rust".to_owned(),
            path: Some(toolchain.sysroot.clone()),
            version: toolchain.version.clone(),
        });
        if toolchain.has_std(target) {
            tools.push(FoundTool {
                name: target.clone(),
                purpose: "Rust's standard library".to_owned(),
                path: Some(lib.join(target)),
                version: String::new(),
            });
        }
    }
    let auditable = run.description.auditable.then(|| auditable::find(host));
    if let Some(path) = auditable.flatten() {
        tools.push(FoundTool {
            name: auditable::PROGRAM.to_owned(),
            purpose: "embeds the list of packages".to_owned(),
            path: Some(path),
            version: String::new(),
        });
    }
    // A configured linker that does not exist is reported as missing instead.
    let absent = workspace.config.absent_linkers.get(target);
    let linker = run.description.linker.as_ref();
    if let Some(used) = linker.filter(|used| absent != Some(&used.name)) {
        tools.push(FoundTool {
            name: used.name.clone(),
            purpose: format!("links for {target}: {}", used.reason),
            path: run.linking.program.clone(),
            version: used.version.clone(),
        });
    }
    tools
}

/// Splits the functions into runs in which no two packages have a binary of the same name,
/// selected or not: Cargo builds every binary in the packages of a run that matches `--bin`.
fn runs<'a>(unified: &[&'a Function], all: &[Function]) -> Vec<Vec<&'a Function>> {
    let packages: BTreeSet<&str> = unified.iter().map(|f| f.package.as_str()).collect();
    let mut owners: BTreeMap<(bool, &str), BTreeSet<&str>> = BTreeMap::new();
    for function in all.iter().filter(|f| packages.contains(f.package.as_str())) {
        let is_example = function.status == FunctionStatus::Example;
        owners
            .entry((is_example, &function.bin))
            .or_default()
            .insert(&function.package);
    }
    let shared = owners.values().filter(|owners| owners.len() > 1);
    let separate: BTreeSet<_> = shared.flatten().copied().collect();
    let run_of = |is_in_run: &dyn Fn(&str) -> bool| {
        let functions = unified.iter().copied();
        let mut run: Vec<_> = functions.filter(|f| is_in_run(&f.package)).collect();
        run.sort_by(|a, b| (&a.package, &a.bin).cmp(&(&b.package, &b.bin)));
        run
    };
    let mut runs = vec![run_of(&|package| !separate.contains(package))];
    runs.extend(
        separate
            .iter()
            .map(|separate| run_of(&|package| package == *separate)),
    );
    runs.retain(|run| !run.is_empty());
    runs
}

/// The functions of a run whose targets cargo must build: the selected ones, and those
/// without which the selected ones would have other bytes.
///
/// - An example brings the features of its package's dev-dependencies into the run:
///   <https://doc.rust-lang.org/cargo/reference/resolver.html#feature-resolver-version-2>
/// - A library that is also a `cdylib` or the like needs object code from its
///   dependencies in addition to the bitcode for LTO. Cargo hashes that into the
///   symbol names of these dependencies (`compute_metadata` in
///   <https://github.com/rust-lang/cargo/blob/master/src/cargo/core/compiler/build_runner/compilation_files.rs>).
///   `cargo metadata --no-deps` does not tell which function uses such a library.
fn targets<'a>(
    run: &[&'a Function],
    selected: &[&Function],
    workspace: &Workspace,
) -> Vec<CargoTarget<'a>> {
    let whole_run = workspace.packages.iter().any(|p| p.foreign_library);
    let target = |function: &&'a Function| CargoTarget {
        function,
        required: whole_run || function.status == FunctionStatus::Example,
    };
    let is_selected = |function: &Function| selected.iter().any(|it| ptr::eq(*it, function));
    let targets = run.iter().map(target);
    targets
        .filter(|target| target.required || is_selected(target.function))
        .collect()
}

/// Refuses arguments for Cargo that would change what the plan relies on.
fn refuse_args(request: &Request) -> Result<(), Failure> {
    let refused = [
        ("--target", "pass `--arch`"),
        (
            "--message-format",
            "omit it: cargo's messages are read as JSON",
        ),
        ("--profile", "pass `--profile` before `--`"),
        ("--release", "pass `--profile release` before `--`"),
        ("--target-dir", "pass `--target-dir` before `--`"),
        ("--manifest-path", "pass `--manifest-path` before `--`"),
    ];
    let problems = [&request.rust.args, &request.rest]
        .into_iter()
        .flatten()
        .filter_map(|arg| {
            let name = arg.split('=').next().unwrap_or(arg);
            let (_, help) = refused.iter().find(|(option, _)| *option == name)?;
            Some(
                Problem::new(format!(
                    "`{arg}` cannot be passed to cargo, because cargo-lambdapack sets it"
                ))
                .help(*help),
            )
        })
        .collect();
    Failure::unless_empty(ExitKind::Usage, problems)
}
