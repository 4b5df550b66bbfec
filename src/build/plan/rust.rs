//! Cargo runs.
//!
//! One run for each architecture names the packages of the project's whole set of
//! functions, because cargo unifies features over the packages of a run: fewer
//! packages could give other bytes. It names the targets of the selected functions
//! only, so nothing else is compiled or linked. Packages whose binaries share
//! a name are built in runs of their own, because cargo would report one
//! executable for both.

use std::collections::{BTreeMap, BTreeSet};

use crate::build::plan::cargo_run::CargoRun;
use crate::build::plan::linker::is_linux;
use crate::build::plan::selected::told;
use crate::build::plan::{BinarySource, BuildStep, FoundTool, Plan, SelectedFunction, features};
use crate::build::project::cargo;
use crate::build::project::cargo::Workspace;
use crate::build::project::{Function, FunctionSource, FunctionStatus, Project};
use crate::build::request::Request;
use crate::lambda::Language;
use crate::lambda::{Arch, Runtime};
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// The architecture of a function for which nobody has said one: cargo's
/// `build.target`, else Lambda's own default. Never the host's.
pub(crate) fn default_arch(project: &Project, function: &Function) -> anyhow::Result<Vec<Arch>> {
    let FunctionSource::Cargo(index, _) = function.source else {
        return Ok(vec![Arch::X86_64]);
    };
    match &project.workspaces[index].config.build_targets[..] {
        [] => Ok(vec![Arch::X86_64]),
        [target] if is_linux(target) => match Arch::of_triple(target) {
            Some(arch) => Ok(vec![arch]),
            None => Err(wrong_target(target).into()),
        },
        targets => Err(wrong_target(&targets.join(", ")).into()),
    }
}

fn wrong_target(targets: &str) -> Failure {
    Failure::new(
        ExitKind::Project,
        format!("cargo's build.target is {targets}, which is not one Linux target of Lambda's"),
    )
    .help("say which architecture to pack for: --arch arm64 or --arch x86_64")
}

/// Plans the cargo runs of a project and the functions that come of them; adds
/// to `missing` what is not there.
pub(crate) fn plan(
    request: &Request,
    project: &Project,
    host: &Host,
    selected: &[&SelectedFunction],
    plan: &mut Plan,
    missing: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    for (index, workspace) in project.workspaces.iter().enumerate() {
        let mine = |function: &Function| matches!(function.source, FunctionSource::Cargo(i, _) if i == index);
        let selected: Vec<_> = selected.iter().filter(|s| mine(&s.function)).collect();
        let archs: BTreeSet<_> = selected.iter().flat_map(|s| s.archs.clone()).collect();
        let together = |function: &&Function| {
            let packed = selected.iter().any(|s| s.function == **function);
            let of_the_set = match &request.select.together[..] {
                [] => function.status.is_candidate() && !request.select.selected_only,
                names => names.contains(&function.name),
            };
            // Cargo would refuse a binary whose features are not enabled.
            mine(function)
                && (packed
                    || of_the_set && features::missing(request, project, function).is_empty())
        };
        let set: Vec<_> = project.functions.iter().filter(together).collect();
        if !selected.is_empty() {
            refuse_args(request)?;
        }
        let runtime = oldest_runtime(request, &set, &selected, plan);
        for arch in archs {
            for run in runs(&set, &project.functions) {
                let packed: Vec<_> = selected
                    .iter()
                    .filter(|s| s.archs.contains(&arch) && run.contains(&&s.function))
                    .collect();
                if packed.is_empty() {
                    continue;
                }
                let mut step = CargoRun::new(request, project, workspace, host, arch, runtime)?;
                missing.append(&mut step.linked.missing.clone());
                let Ok(command) = cargo::command(workspace, host) else {
                    continue;
                };
                let functions: Vec<_> = packed.iter().map(|s| &s.function).collect();
                step.select(&run, &targets(&run, &functions, workspace), workspace);
                plan.details.append(&mut step.details);
                plan.warnings.append(&mut step.warnings);
                plan.notes.append(&mut step.linked.notes.clone());
                plan.tools.extend(tools(&command, workspace, &step));
                plan.steps.push(BuildStep {
                    command: step.command(command),
                    language: Language::Rust,
                    arch,
                    links: step.linked.links.clone(),
                });
                let root = &workspace.root;
                let build = told(step.build.clone(), request, Language::Rust, root, arch);
                for function in packed {
                    let product = product(&function.function);
                    let mut planned = function.plan(request, plan, root, arch, product, &build);
                    planned.places.clone_from(&step.places);
                    planned.older_glibc.clone_from(&step.linked.older_glibc);
                    plan.functions.push(planned);
                }
            }
        }
    }
    Ok(())
}

/// The runtime whose glibc is the oldest of those that the set is for: all of a
/// run is linked alike, whichever functions are packed. Where that is another's
/// than of all that is packed, it is worth a note.
fn oldest_runtime(
    request: &Request,
    set: &[&Function],
    selected: &[&&SelectedFunction],
    plan: &mut Plan,
) -> Runtime {
    let of = |function: &Function| {
        let settings = &function.settings;
        request.runtime.or(settings.runtime).unwrap_or_default()
    };
    let oldest = { set.iter() }.min_by_key(|function| of(function).glibc());
    let Some(oldest) = oldest else {
        return Runtime::default();
    };
    let runtime = of(oldest);
    if !selected.is_empty() && selected.iter().all(|s| of(&s.function) != runtime) {
        plan.notes.push(format!(
            "linked for {runtime}, which {} is for: it is built together with what is packed; \
             --selected-only leaves it out",
            oldest.name
        ));
    }
    runtime
}

/// What a run uses, for those who want to look at it.
fn tools(cargo: &CommandSpec, workspace: &Workspace, run: &CargoRun<'_>) -> Vec<FoundTool> {
    let target = &run.build.target;
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
    // One that cargo's configuration names and that does not exist is reported as missing.
    let absent = workspace.config.absent_linkers.get(target);
    let linker = run.build.linker.as_ref();
    if let Some(used) = linker.filter(|used| absent != Some(&used.name)) {
        tools.push(FoundTool {
            name: used.name.clone(),
            purpose: format!("links for {target}: {}", used.reason),
            path: run.linked.program.clone(),
            version: used.version.clone(),
        });
    }
    tools
}

/// The set, split so that no two packages of a run have a binary of one name,
/// packed or not: cargo builds what `--bin` fits in any package of the run.
fn runs<'a>(set: &[&'a Function], all: &[Function]) -> Vec<Vec<&'a Function>> {
    let packages: BTreeSet<&str> = set.iter().map(|f| f.package.as_str()).collect();
    let mut owners: BTreeMap<(bool, &str), BTreeSet<&str>> = BTreeMap::new();
    for function in all.iter().filter(|f| packages.contains(f.package.as_str())) {
        let example = function.status == FunctionStatus::Example;
        owners
            .entry((example, &function.bin))
            .or_default()
            .insert(&function.package);
    }
    let shared = owners.values().filter(|owners| owners.len() > 1);
    let apart: BTreeSet<_> = shared.flatten().copied().collect();
    let of = |wanted: &dyn Fn(&str) -> bool| {
        let mut run: Vec<_> = set.iter().copied().filter(|f| wanted(&f.package)).collect();
        run.sort_by(|a, b| (&a.package, &a.bin).cmp(&(&b.package, &b.bin)));
        run
    };
    let mut runs = vec![of(&|package| !apart.contains(package))];
    runs.extend(apart.iter().map(|alone| of(&|package| package == *alone)));
    runs.retain(|run| !run.is_empty());
    runs
}

/// The functions of a run whose targets cargo must build: the selected ones, and
/// those without which the selected ones would have other bytes.
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
) -> Vec<&'a Function> {
    let whole_run = workspace.packages.iter().any(|p| p.foreign_library);
    let is_built = |function: &&Function| {
        whole_run || function.status == FunctionStatus::Example || selected.contains(function)
    };
    run.iter().copied().filter(is_built).collect()
}

fn product(function: &Function) -> BinarySource {
    BinarySource::CargoMessage {
        package: match &function.source {
            FunctionSource::Cargo(_, id) => id.clone(),
            FunctionSource::Go(_) => String::new(),
        },
        name: function.bin.clone(),
        example: function.status == FunctionStatus::Example,
    }
}

/// Options that would change what we rely on.
fn refuse_args(request: &Request) -> Result<(), Failure> {
    let ours = [
        ("--target", "use --arch"),
        (
            "--message-format",
            "leave it out: what cargo says is read here",
        ),
        ("--profile", "use --profile before `--`"),
        ("--release", "use --profile release before `--`"),
        ("--target-dir", "use --target-dir before `--`"),
        ("--manifest-path", "use --manifest-path before `--`"),
    ];
    let problems = [&request.rust.args, &request.rest]
        .into_iter()
        .flatten()
        .filter_map(|arg| {
            let name = arg.split('=').next().unwrap_or(arg);
            let (_, help) = ours.iter().find(|(option, _)| *option == name)?;
            Some(
                Problem::new(format!(
                    "{arg} cannot be handed to cargo: it is decided here"
                ))
                .help(*help),
            )
        })
        .collect();
    Failure::unless_empty(ExitKind::Usage, problems)
}
