//! Go builds.
//!
//! One `go build` for all mains whose binaries have different names, one each
//! for the others; each is told a lasting place, because go relinks what it
//! does not find. Everything that decides the bytes is set here, never taken
//! from the environment; tags and linker flags are merged from all places.
//!
//! Programs of one name cannot share a run: `go build -o DIR/` names each after its last path
//! element and overwrites the first with the second, and without `-o` it links all and keeps none.

mod arguments;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::build::plan::cgo::CCompiler;
use crate::build::plan::output::target_dir;
use crate::build::plan::reproducible_env;
use crate::build::plan::selected::told;
use crate::build::plan::{
    BinarySource, BuildDescription, BuildStep, FoundTool, Plan, SelectedFunction,
};
use crate::build::project::config::FunctionSettings;
use crate::build::project::go;
use crate::build::project::go::{GoModule, GoPackage, PackageError, cgo};
use crate::build::project::one_or_many::OneOrMany;
use crate::build::project::{Function, FunctionSource, Project};
use crate::build::project::{goflags, variant};
use crate::build::request::Request;
use crate::lambda::Arch;
use crate::lambda::Language;
use crate::system::host::Host;
use crate::ui::failure::Problem;

/// Plans the go builds of a project and the functions that come of them.
pub(crate) fn plan(
    request: &Request,
    project: &Project,
    host: &Host,
    selected: &[&SelectedFunction],
    plan: &mut Plan,
    missing: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    for (index, module) in project.modules.iter().enumerate() {
        let mine = |function: &Function| function.source == FunctionSource::Go(index);
        let selected: Vec<_> = selected.iter().filter(|s| mine(&s.function)).collect();
        let (selected, faulty): (Vec<_>, Vec<_>) = { selected.into_iter() }.partition(|selected| {
            package(module, &selected.function).is_none_or(|p| p.fault.is_none())
        });
        plan.faults.extend(faults(module, &faulty));
        plan.warnings.extend(stubs(request, module, &selected));
        for arch in Arch::ALL {
            let mut runs: BTreeMap<(Vec<String>, bool, PathBuf), Vec<&SelectedFunction>> =
                BTreeMap::new();
            for function in selected.iter().filter(|s| s.archs.contains(&arch)) {
                let flags = flags(request, module, &function.function)?;
                let cgo = uses_cgo(request, &function.function);
                let place = place(request, project, &function.function, arch);
                runs.entry((flags, cgo, place)).or_default().push(function);
            }
            for ((flags, cgo, place), functions) in runs {
                let command = go::command(&module.root, host)?;
                let (level, value) = arch.go_level();
                // A trailing separator makes go write into a folder.
                let out = format!("{}{}", place.display(), std::path::MAIN_SEPARATOR);
                let command = command
                    .args(["build".to_owned(), "-o".to_owned(), out])
                    .args(request.rust.jobs.iter().map(|jobs| format!("-p={jobs}")))
                    .args(flags.clone())
                    .args(functions.iter().map(|f| f.function.package.clone()))
                    .env("GOOS", "linux")
                    .env("GOARCH", arch.goarch())
                    .env(level, value)
                    .env("CGO_ENABLED", if cgo { "1" } else { "0" });
                let runtimes =
                    { functions.iter() }.map(|f| request.runtime.or(f.function.settings.runtime));
                let oldest = runtimes
                    .map(Option::unwrap_or_default)
                    .min()
                    .unwrap_or_default();
                let c = CCompiler::choose(arch, oldest, module, &project.linkers, host);
                let mut command = command;
                if cgo {
                    command = { c.env.iter() }
                        .fold(command, |command, (name, value)| command.env(name, value));
                    plan.tools.extend(c.tool(arch));
                    missing.extend(c.missing.clone());
                }
                let same = reproducible_env::everywhere(host);
                let command = { same.iter() }
                    .fold(command, |command, (name, value)| command.env(name, value));
                plan.tools.push(FoundTool {
                    name: "go".to_owned(),
                    purpose: "builds Go".to_owned(),
                    path: Some(command.program.clone()),
                    version: module.version.clone(),
                });
                plan.steps.push(BuildStep {
                    command,
                    language: Language::Go,
                    arch,
                    links: Vec::new(),
                });
                let build = BuildDescription {
                    toolchain: module.version.clone(),
                    target: format!("linux/{} {level}={value}", arch.goarch()),
                    args: flags.clone(),
                    linker: cgo.then(|| c.used.clone()),
                    settings: { module.settings.clone().into_iter() }
                        .chain(same.clone())
                        .collect(),
                    ..BuildDescription::default()
                };
                let root = &module.root;
                let build = told(build, request, Language::Go, root, arch);
                for function in functions {
                    let product = BinarySource::File(place.join(&function.function.bin));
                    let mut planned = function.plan(request, plan, root, arch, product, &build);
                    planned.places.clone_from(&module.places);
                    planned.older_glibc.clone_from(&c.older_glibc);
                    plan.functions.push(planned);
                }
            }
        }
        if !selected.is_empty() {
            plan.details.extend(overruled(host));
        }
    }
    Ok(())
}

/// What go reports about the package of a function.
fn package<'a>(module: &'a GoModule, function: &Function) -> Option<&'a GoPackage> {
    { module.packages.iter() }.find(|package| package.import_path == function.package)
}

/// The functions that go cannot build, each reason once.
fn faults(module: &GoModule, faulty: &[&&SelectedFunction]) -> Vec<Problem> {
    let mut names: BTreeMap<&PackageError, Vec<&str>> = BTreeMap::new();
    for selected in faulty {
        let package = package(module, &selected.function);
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

/// Programs that build without cgo and fail when they run.
fn stubs(request: &Request, module: &GoModule, selected: &[&&SelectedFunction]) -> Vec<String> {
    let mut warnings = Vec::new();
    for function in selected.iter().map(|selected| &selected.function) {
        let package = package(module, function).filter(|_| !uses_cgo(request, function));
        for stub in package.iter().flat_map(|package| &package.stubs) {
            warnings.push(format!(
                "{} contains a stub instead of `{}`, because cgo is off; the stub says: {}; {}",
                function.name,
                stub.import_path,
                stub.message,
                cgo::HELP
            ));
        }
    }
    warnings
}

/// The folder a main is built into: the same, whatever else is built.
fn place(request: &Request, project: &Project, function: &Function, arch: Arch) -> PathBuf {
    let same = |other: &&Function| {
        matches!(other.source, FunctionSource::Go(_))
            && other.bin.eq_ignore_ascii_case(&function.bin)
    };
    let shared = project.functions.iter().filter(same).count() > 1;
    let dir = target_dir(request, project)
        .join("go")
        .join(format!("linux_{}", arch.goarch()));
    if shared {
        dir.join("apart").join(&function.name)
    } else {
        dir.join("together")
    }
}

/// All flags that decide the bytes: ours, then those of GOFLAGS, configuration,
/// options and `--`, so that of two the user's holds.
fn flags(request: &Request, module: &GoModule, function: &Function) -> anyhow::Result<Vec<String>> {
    let settings = &function.settings;
    let said = goflags::parse(&[request.go.args.clone(), request.rest.clone()].concat());
    arguments::refuse(&said.rest)?;
    let mut tags = variant::tags(request, settings);
    let inherited = module.tags.iter().filter(|tag| !tags.contains(tag));
    tags.extend(inherited.cloned().collect::<Vec<_>>());
    let stamp = request.go.vcs_stamp || settings.vcs_stamp == Some(true);
    let mut flags = vec![
        "-trimpath".to_owned(),
        format!("-buildvcs={stamp}"),
        format!("-tags={}", tags.join(",")),
    ];
    flags.extend(ldflags(request, module, settings, &said.ldflags));
    flags.extend(said.rest);
    Ok(flags)
}

/// Our linker flags and all others, the strongest last: of two values for one
/// variable, the linker takes the last. A value may name the packages it is for
/// (`pattern=flags`); go takes the last value that fits a package, so each has
/// to repeat what holds for all.
fn ldflags(
    request: &Request,
    module: &GoModule,
    settings: &FunctionSettings,
    said: &[String],
) -> Vec<String> {
    let keep = request.go.keep_symbols || settings.keep_symbols == Some(true);
    let configured = settings
        .ldflags
        .as_ref()
        .map(OneOrMany::to_vec)
        .unwrap_or_default();
    let mut plain = if keep { Vec::new() } else { vec!["-s -w"] };
    let mut patterns: Vec<(&str, Vec<&str>)> = Vec::new();
    for flags in [&module.ldflags, &configured, &request.go.ldflags, said]
        .into_iter()
        .flatten()
    {
        match flags.split_once('=') {
            // Flags start with a dash, patterns do not.
            Some((pattern, flags)) if !pattern.trim_start().starts_with('-') => {
                match patterns.iter_mut().find(|(known, _)| *known == pattern) {
                    Some((_, known)) => known.push(flags),
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

/// What the environment says and is not heard.
fn overruled(host: &Host) -> Vec<String> {
    ["GOOS", "GOARCH", "GOARM64", "GOAMD64", "CGO_ENABLED"]
        .into_iter()
        .filter_map(|name| Some((name, host.var(name)?)))
        .map(|(name, value)| {
            format!("go without {name}={value} of the environment: the function's own is set")
        })
        .collect()
}
