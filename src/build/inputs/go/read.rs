//! Asks go for the packages of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::build::inputs::ProgramInputs;
use crate::build::inputs::go::c_code::CCode;
use crate::build::inputs::go::checksums::Checksums;
use crate::build::inputs::go::flags::RunFlags;
use crate::build::inputs::go::listed::{FIELDS, ListedPackage};
use crate::build::inputs::go::programs::{ListedPrograms, RunContext};
use crate::build::inputs::go::{answer_inputs, c_toolchain, listed};
use crate::build::plan::{BinarySource, BuildStep, FunctionPlan};
use crate::build::project::name::exec_name;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::process;
use crate::system::tool_cache;
use crate::system::tool_cache::{AnswerInputs, ToolCache};

/// The variables of `go env` that decide the inputs.
const VARIABLES: [&str; 10] = [
    "CC",
    "CXX",
    "GOENV",
    "GOEXPERIMENT",
    "GOFIPS140",
    "GOFLAGS",
    "GOMODCACHE",
    "GOROOT",
    "GOWORK",
    "GO_EXTLINK_ENABLED",
];

/// Variables of the environment that change what the compiler does. They are not part of `go env`.
///
/// Source: `buildActionID` in
/// <https://github.com/golang/go/blob/master/src/cmd/go/internal/work/exec.go>.
const COMPILER_VARIABLES: [&str; 5] = [
    "GOCLOBBERDEADHASH",
    "GOCOMPILEDEBUG",
    "GODEBUG",
    "GOSSADIR",
    "GOSSAFUNC",
];

/// Lists the inputs of the functions that a run of go builds, by the path of their binary.
///
/// go is not allowed to use the network: the build downloads modules if that is necessary.
pub(crate) fn inputs(
    step: &BuildStep,
    functions: &[&FunctionPlan],
    host: &Host,
    tool_cache: &mut ToolCache,
) -> anyhow::Result<BTreeMap<PathBuf, ProgramInputs>> {
    let build = &step.command;
    // The first folder is the module cache.
    let modules: BTreeSet<PathBuf> = functions
        .iter()
        .flat_map(|function| function.local_folders.iter().skip(1).cloned())
        .collect();
    let question = format!(
        "go inputs {} {:?} {:?} {modules:?}",
        build.dir.display(),
        build.args,
        build.env
    );
    let mut env = tool_cache::go_env(host);
    env.extend(host.vars_with_prefixes(&["CC", "CXX"]));
    env.extend(c_toolchain::variables(host));
    let listed: ListedPrograms =
        tool_cache.get(question, env, |inputs| list(build, &modules, host, inputs))?;
    let import_paths: BTreeMap<_, _> = listed
        .import_paths()
        .map(|path| (exec_name(path), path.as_str()))
        .collect();
    let mut all = BTreeMap::new();
    for function in functions {
        let BinarySource::File(path) = &function.binary else {
            continue;
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.strip_suffix(".exe").unwrap_or(&name);
        let import_path = import_paths.get(name).copied().unwrap_or(name);
        all.insert(path.clone(), listed.inputs(import_path));
    }
    Ok(all)
}

fn list(
    build: &CommandSpec,
    modules: &BTreeSet<PathBuf>,
    host: &Host,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<ListedPrograms> {
    let args = build.args.iter().skip_while(|arg| *arg != "-o").skip(2);
    let args: Vec<_> = args.cloned().collect();
    inputs.file(&build.program);
    for folder in build.dir.ancestors() {
        inputs.file(folder.join("go.work"));
    }
    let go_env = match environment(build)? {
        Ok(go_env) => go_env,
        Err(reason) => {
            inputs.do_not_cache();
            return Ok(ListedPrograms::unaccounted(reason));
        }
    };
    let value = |name: &str| go_env.get(name).map(String::as_str).unwrap_or_default();
    let go_root = Path::new(value("GOROOT"));
    inputs.file(go_root.join("VERSION"));
    if !value("GOENV").is_empty() {
        inputs.file(value("GOENV"));
    }
    let flags = RunFlags::new(value("GOFLAGS"), &args);
    if let Some(reason) = flags.unaccounted() {
        return Ok(ListedPrograms::unaccounted(reason));
    }
    answer_inputs::add_modules(modules, inputs);
    let sums = checksums(build, modules, value("GOWORK"), flags.modfile(), inputs);
    let answer = process::capture(&list_command(build, &args))?;
    let packages = match listed::parse(&answer.stdout) {
        Ok(packages) if answer.status.success() => packages,
        _ => {
            inputs.do_not_cache();
            let message = answer.stderr.trim();
            let reason = format!("go cannot list its packages without the network: {message}");
            return Ok(ListedPrograms::unaccounted(reason));
        }
    };
    // Any change, even in the module cache, may repair it.
    if packages.iter().any(|package| package.error.is_some()) {
        inputs.do_not_cache();
    }
    let module_cache = Path::new(value("GOMODCACHE"));
    let c_code = c_code(&packages, module_cache, go_root, modules, inputs);
    let needs_c = flags.need_c_compiler() || packages.iter().any(ListedPackage::uses_cgo);
    let c_compiler = if needs_c {
        c_toolchain::read(&go_env, &build.dir, host, inputs)?
    } else {
        ProgramInputs::default()
    };
    let context = RunContext {
        sums: &sums,
        module_cache,
        profile: &flags.profile(&build.dir),
        facts: facts(&go_env, host),
        c_compiler,
        links_with_c: flags.need_c_compiler(),
        c_code: &c_code,
    };
    Ok(ListedPrograms::new(&packages, &context))
}

/// The variables of go, with those that the run sets; or why go does not print them.
fn environment(build: &CommandSpec) -> anyhow::Result<Result<BTreeMap<String, String>, String>> {
    let spec = CommandSpec {
        args: ["env", "-json"].map(str::to_owned).into(),
        ..build.clone()
    };
    let spec = spec.args(VARIABLES).args(c_toolchain::FLAGS);
    let answer = process::capture(&without_network(spec))?;
    if !answer.status.success() {
        return Ok(Err(answer.stderr.trim().to_owned()));
    }
    let parsed = serde_json::from_str(&answer.stdout);
    Ok(Ok(parsed.context("failed to parse the output of `go env`")?))
}

/// The command that lists the packages of a build.
fn list_command(build: &CommandSpec, args: &[String]) -> CommandSpec {
    let list = CommandSpec {
        // With -e a package that go cannot load does not hide the others. With a profile, go
        // would list the packages once for each program. Flags of the build follow.
        args: ["list", "-e", "-deps", FIELDS, "-pgo=off"]
            .map(str::to_owned)
            .into(),
        ..build.clone()
    };
    without_network(list.args(args.to_vec()))
}

/// Source: <https://go.dev/ref/mod#environment-variables>
fn without_network(spec: CommandSpec) -> CommandSpec {
    spec.env("GOPROXY", "off")
        .env("GONOPROXY", "none")
        .env("GOVCS", "*:off")
}

/// Reads the checksums of all modules that the run may use.
fn checksums(
    build: &CommandSpec,
    modules: &BTreeSet<PathBuf>,
    work: &str,
    modfile: Option<&str>,
    inputs: &mut AnswerInputs,
) -> Checksums {
    let mut sums = Checksums::default();
    let mut files: Vec<_> = modules.iter().map(|dir| dir.join("go.sum")).collect();
    let work = Path::new(work);
    if work.is_absolute() {
        inputs.file(work);
        files.push(work.with_extension("work.sum"));
    }
    if let Some(modfile) = modfile {
        let modfile = build.dir.join(modfile);
        files.push(modfile.with_extension("sum"));
        // It can name folders that are not inputs.
        inputs.do_not_cache();
    }
    for file in files {
        sums.add_file(&file);
        inputs.file(file);
    }
    sums
}

/// Reads the C code of packages outside of the standard library, and adds all packages of local
/// modules to the inputs of the answer.
fn c_code(
    packages: &[ListedPackage],
    module_cache: &Path,
    go_root: &Path,
    modules: &BTreeSet<PathBuf>,
    inputs: &mut AnswerInputs,
) -> BTreeMap<PathBuf, CCode> {
    let mut all = BTreeMap::new();
    let go_headers = go_root.join("pkg/include");
    for package in packages.iter().filter(|package| !package.standard) {
        let is_cached = package.cached_module(module_cache).is_some();
        if !is_cached {
            answer_inputs::add_package(package, modules, inputs);
        }
        let code = CCode::read(package, &go_headers);
        if code == CCode::default() {
            continue;
        }
        if !is_cached {
            answer_inputs::add_c_code(package, &code, inputs);
        }
        all.insert(package.dir.clone(), code);
    }
    all
}

/// The facts of all programs of a run.
fn facts(go_env: &BTreeMap<String, String>, host: &Host) -> BTreeSet<String> {
    let from_go = ["GOEXPERIMENT", "GOFIPS140", "GO_EXTLINK_ENABLED"]
        .into_iter()
        .filter_map(|name| Some((name, go_env.get(name)?.as_str())));
    let from_host = COMPILER_VARIABLES
        .into_iter()
        .filter_map(|name| Some((name, host.var(name)?)));
    from_go
        .chain(from_host)
        .filter(|(_, value)| !["", "off"].contains(value))
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}
