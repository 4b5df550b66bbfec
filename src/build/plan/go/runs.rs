//! The runs of go, with their flags and environment.
//!
//! Functions with the same flags and the same output folder are built by one run of go. The
//! flags of all sources are merged, because go uses only the last of two.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::build::plan::function_build::{
    FunctionBuild, ProjectContext, TargetedFunction, with_recipe,
};
use crate::build::plan::go::arguments;
use crate::build::plan::go::destination::{GoDefaults, GoEnvironment};
use crate::build::plan::output::target_dir;
use crate::build::plan::step::PlanPart;
use crate::build::plan::{BinarySource, BuildDescription, BuildStep, FoundTool, ProgramArgs};
use crate::build::project::config::FunctionSettings;
use crate::build::project::go;
use crate::build::project::go::{GoModule, GoPackage, PackageError, cgo};
use crate::build::project::one_or_many::OneOrMany;
use crate::build::project::{Function, FunctionSource, goflags, variant};
use crate::build::request::Request;
use crate::lambda::{Arch, Language};
use crate::system::host::Host;
use crate::ui::failure::Problem;

/// Plans the go runs that build the selected functions of a project.
pub(in crate::build::plan) fn plan(
    context: &ProjectContext<'_>,
    selected: &[&TargetedFunction<'_>],
) -> anyhow::Result<Vec<PlanPart>> {
    let defaults = GoDefaults::new(context.request, context.host);
    let mut parts = Vec::new();
    for (id, module) in context.project.modules_by_id() {
        let in_module = selected
            .iter()
            .copied()
            .filter(|selected| selected.function.source == FunctionSource::Go { module: id });
        let (buildable, faulty): (Vec<_>, Vec<_>) =
            in_module.partition(|s| defaults.builds_faulty || !is_faulty(module, s.function));
        parts.push(PlanPart {
            faults: faults(module, &faulty),
            warnings: stubs(context.request, module, &buildable),
            ..PlanPart::default()
        });
        for arch in Arch::ALL {
            let mut runs: BTreeMap<RunKey, Vec<&TargetedFunction<'_>>> = BTreeMap::new();
            for selected in buildable.iter().filter(|s| s.archs.contains(&arch)) {
                let function = selected.function;
                let key = RunKey {
                    flags: flags(context.request, module, function, defaults)?,
                    cgo: defaults.sets_platform && uses_cgo(context.request, function),
                    out_dir: out_dir(context, function, &defaults.folder(arch)),
                    alone: is_faulty(module, function).then(|| function.name.clone()),
                };
                runs.entry(key).or_default().push(selected);
            }
            for (key, functions) in runs {
                parts.push(plan_run(context, module, arch, &key, &functions, defaults)?);
            }
        }
        if defaults.sets_platform && !buildable.is_empty() {
            parts.push(PlanPart {
                details: overridden_variables(context.host),
                ..PlanPart::default()
            });
        }
    }
    Ok(parts)
}

/// The common properties of the functions in one run of go.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RunKey {
    flags: Vec<String>,
    cgo: bool,
    out_dir: PathBuf,
    /// The name of a faulty function: go would build none of the others.
    alone: Option<String>,
}

fn plan_run(
    context: &ProjectContext<'_>,
    module: &GoModule,
    arch: Arch,
    key: &RunKey,
    functions: &[&TargetedFunction<'_>],
    defaults: GoDefaults,
) -> anyhow::Result<PlanPart> {
    let request = context.request;
    let go = go::command(&module.root, context.host)?;
    let environment = if defaults.sets_platform {
        GoEnvironment::for_lambda(context, module, arch, key.cgo, functions)
    } else {
        GoEnvironment::for_host(module)
    };
    // A trailing separator makes go write into a folder.
    let out = format!("{}{}", key.out_dir.display(), std::path::MAIN_SEPARATOR);
    let mut command = go
        .args(["build".to_owned(), "-o".to_owned(), out])
        .args(request.rust.jobs.iter().map(|jobs| format!("-p={jobs}")))
        .args(key.flags.clone());
    let mut programs = ProgramArgs::default();
    for function in functions {
        let program = binary_source(function.function, key, defaults);
        programs.add(command.args.len(), 1, program);
        command = command.args([&function.function.package]);
    }
    for (name, value) in &environment.env {
        command = command.env(name, value);
    }
    let mut tools = environment.tools;
    tools.push(FoundTool {
        name: "go".to_owned(),
        purpose: "builds Go".to_owned(),
        path: Some(command.program.clone()),
        version: module.version.clone(),
    });
    let step = Arc::new(BuildStep {
        command,
        programs,
        language: Language::Go,
        arch,
        links: Vec::new(),
        target: None,
        graph: None,
        tree: None,
    });
    let description = BuildDescription {
        toolchain: module.version.clone(),
        target: environment.target,
        args: key.flags.clone(),
        linker: environment.linker,
        settings: environment.settings,
        ..BuildDescription::default()
    };
    let description = with_recipe(description, request, Language::Go, &module.root, arch)?;
    let plan = |function: &&TargetedFunction<'_>| {
        function.plan(
            context,
            FunctionBuild {
                step: &step,
                source_root: &module.root,
                binary: binary_source(function.function, key, defaults),
                description: &description,
                local_folders: &module.places,
                glibc_advice: &environment.glibc_advice,
            },
        )
    };
    Ok(PlanPart {
        functions: functions.iter().map(plan).collect(),
        steps: vec![step],
        tools,
        missing: environment.missing,
        ..PlanPart::default()
    })
}

/// The path that go writes the program of a function to.
fn binary_source(function: &Function, key: &RunKey, defaults: GoDefaults) -> BinarySource {
    let program = format!("{}{}", function.bin, defaults.exe_suffix);
    BinarySource::File(key.out_dir.join(program))
}

/// The package of a function, as go reports it.
fn package<'a>(module: &'a GoModule, function: &Function) -> Option<&'a GoPackage> {
    let mut packages = module.packages.iter();
    packages.find(|package| package.import_path == function.package)
}

fn is_faulty(module: &GoModule, function: &Function) -> bool {
    package(module, function).is_some_and(|package| package.fault.is_some())
}

/// The functions that go cannot build, grouped by reason.
fn faults(module: &GoModule, faulty: &[&TargetedFunction<'_>]) -> Vec<Problem> {
    let mut names: BTreeMap<&PackageError, Vec<&str>> = BTreeMap::new();
    for selected in faulty {
        let package = package(module, selected.function);
        if let Some(fault) = package.and_then(|package| package.fault.as_ref()) {
            names
                .entry(fault)
                .or_default()
                .push(&selected.function.name);
        }
    }
    let problem = |(fault, names): (&PackageError, Vec<&str>)| Problem {
        what: format!("go cannot build {}: {}", names.join(", "), fault.message),
        help: fault.help.clone(),
    };
    names.into_iter().map(problem).collect()
}

fn uses_cgo(request: &Request, function: &Function) -> bool {
    request.go.cgo || function.settings.cgo == Some(true)
}

/// Warns about programs that build without cgo but fail when they run.
fn stubs(request: &Request, module: &GoModule, selected: &[&TargetedFunction<'_>]) -> Vec<String> {
    let mut warnings = Vec::new();
    for function in selected.iter().map(|selected| selected.function) {
        let package = package(module, function).filter(|_| !uses_cgo(request, function));
        for stub in package.iter().flat_map(|package| &package.stubs) {
            warnings.push(format!(
                "`{}` contains a stub instead of `{}` because cgo is off; the stub's message is: \
                 {}; {}",
                function.name,
                stub.import_path,
                stub.message,
                cgo::HELP
            ));
        }
    }
    warnings
}

/// The folder that a program is built into. It depends on the whole project, not on the
/// selection, so that go finds the program of an earlier run.
fn out_dir(context: &ProjectContext<'_>, function: &Function, folder: &str) -> PathBuf {
    let project = context.project;
    let has_same_name = |other: &&Function| {
        matches!(other.source, FunctionSource::Go { .. })
            && other.bin.eq_ignore_ascii_case(&function.bin)
    };
    let is_shared = project.functions.iter().filter(has_same_name).count() > 1;
    let dir = target_dir(context.request, project).join("go").join(folder);
    if is_shared {
        dir.join("apart").join(&function.name)
    } else {
        dir.join("together")
    }
}

/// All flags that decide the bytes: ours, then those of GOFLAGS, the configuration, options,
/// and `--`. go uses the last of two, so the user's takes precedence.
fn flags(
    request: &Request,
    module: &GoModule,
    function: &Function,
    defaults: GoDefaults,
) -> anyhow::Result<Vec<String>> {
    let settings = &function.settings;
    let user = goflags::parse(&[request.go.args.clone(), request.rest.clone()].concat());
    arguments::refuse(&user.rest)?;
    let mut tags = variant::tags(request, settings);
    let inherited = module.tags.iter().filter(|tag| !tags.contains(tag));
    tags.extend(inherited.cloned().collect::<Vec<_>>());
    let stamp = request.go.vcs_stamp || settings.vcs_stamp == Some(true);
    let mut flags: Vec<_> = defaults
        .flags
        .iter()
        .map(|flag| (*flag).to_owned())
        .collect();
    flags.push(format!("-buildvcs={stamp}"));
    flags.push(format!("-tags={}", tags.join(",")));
    let keep = request.go.keep_symbols || settings.keep_symbols == Some(true);
    let our_ldflags = defaults.ldflags.filter(|_| !keep);
    flags.extend(ldflags(
        request,
        module,
        settings,
        &user.ldflags,
        our_ldflags,
    ));
    flags.extend(user.rest);
    Ok(flags)
}

/// Merges our linker flags and all others, in ascending order of precedence, because the
/// linker uses the last value of a variable. A value may name the packages it is for
/// (`pattern=flags`). go uses only the last value that matches a package, so each value
/// repeats the flags that are for all packages.
fn ldflags(
    request: &Request,
    module: &GoModule,
    settings: &FunctionSettings,
    arguments: &[String],
    ours: Option<&str>,
) -> Vec<String> {
    let configured = settings
        .ldflags
        .as_ref()
        .map(OneOrMany::to_vec)
        .unwrap_or_default();
    let mut plain: Vec<_> = ours.into_iter().collect();
    let mut patterns: Vec<(&str, Vec<&str>)> = Vec::new();
    for flags in [&module.ldflags, &configured, &request.go.ldflags, arguments]
        .into_iter()
        .flatten()
    {
        match flags.split_once('=') {
            // Flags start with a dash, patterns do not.
            Some((pattern, flags)) if !pattern.trim_start().starts_with('-') => {
                match patterns.iter_mut().find(|(other, _)| *other == pattern) {
                    Some((_, pattern_flags)) => pattern_flags.push(flags),
                    None => patterns.push((pattern, vec![flags])),
                }
            }
            _ => plain.push(flags),
        }
    }
    let all = plain.join(" ");
    let mut merged = Vec::new();
    if !plain.is_empty() {
        merged.push(format!("-ldflags={all}"));
    }
    for (pattern, flags) in patterns {
        let flags = [&plain[..], &flags].concat().join(" ");
        merged.push(format!("-ldflags={pattern}={flags}"));
    }
    merged
}

/// The variables of the environment that are overridden.
fn overridden_variables(host: &Host) -> Vec<String> {
    ["GOOS", "GOARCH", "GOARM64", "GOAMD64", "CGO_ENABLED"]
        .into_iter()
        .filter_map(|name| Some((name, host.var(name)?)))
        .map(|(name, value)| {
            format!(
                "ignoring `{name}={value}` in the environment, because each function sets its own \
                 value"
            )
        })
        .collect()
}
