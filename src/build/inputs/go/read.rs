//! Asks go for the packages of a run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::build::inputs::ProgramInputs;
use crate::build::inputs::go::c_code::{CCode, CodeReaders};
use crate::build::inputs::go::c_toolchain::CToolchain;
use crate::build::inputs::go::checksums::Checksums;
use crate::build::inputs::go::flags::RunFlags;
use crate::build::inputs::go::listed::{FIELDS, ListedPackage};
use crate::build::inputs::go::programs::{ListedPrograms, RunContext};
use crate::build::inputs::go::{answer_inputs, c_toolchain, listed};
use crate::build::plan::{BinarySource, BuildStep, FunctionId, FunctionPlan};
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

/// Lists the inputs of the functions that a run of go builds, by the path of their result.
///
/// go is not allowed to use the network: the build downloads modules if that is necessary.
pub(in crate::build::inputs) fn inputs(
    step: &BuildStep,
    functions: &[(FunctionId, &FunctionPlan)],
    host: &Host,
    tool_cache: &mut ToolCache,
) -> anyhow::Result<HashMap<PathBuf, ProgramInputs>> {
    let build = &step.command;
    // The first folder is the module cache.
    let modules: BTreeSet<PathBuf> = functions
        .iter()
        .flat_map(|(_, function)| function.local_folders.iter().skip(1).cloned())
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
    let answer = tool_cache.get(question, env, |inputs| list(build, &modules, host, inputs));
    // The build itself reports problems, so they are no errors here.
    process::interrupted()?;
    let listed: ListedPrograms =
        answer.unwrap_or_else(|error| ListedPrograms::unaccounted(format!("{error:#}")));
    let import_paths: BTreeMap<_, _> = listed
        .import_paths()
        .map(|path| (exec_name(path), path.as_str()))
        .collect();
    let mut all = HashMap::new();
    for (_, function) in functions {
        let BinarySource::File(path) = &function.binary else {
            continue;
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.strip_suffix(".exe").unwrap_or(&name);
        let import_path = import_paths.get(name).copied().unwrap_or(name);
        all.insert(function.target.clone(), listed.inputs(import_path));
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
    let go_env: BTreeMap<String, String> = match ask(&environment_command(build))? {
        GoAnswer::Output(stdout) => {
            serde_json::from_str(&stdout).context("failed to parse the output of `go env`")?
        }
        GoAnswer::Failed(message) => return Ok(failed(&message, inputs)),
    };
    let value = |name: &str| go_env.get(name).map(String::as_str).unwrap_or_default();
    let go_root = Path::new(value("GOROOT"));
    inputs.file(go_root.join("VERSION"));
    inputs.file(go_root.join("go.env"));
    if !value("GOENV").is_empty() {
        inputs.file(value("GOENV"));
    }
    let flags = RunFlags::new(value("GOFLAGS"), &args);
    if let Some(reason) = flags.unaccounted() {
        return Ok(ListedPrograms::unaccounted(reason));
    }
    answer_inputs::add_modules(modules, inputs);
    let sums = checksums(build, modules, value("GOWORK"), flags.modfile(), inputs);
    let packages = match ask(&list_command(build, &args))? {
        GoAnswer::Output(stdout) => listed::parse(&stdout)?,
        GoAnswer::Failed(message) => return Ok(failed(&message, inputs)),
    };
    // Any change, even in the module cache, may repair it.
    if packages.iter().any(|package| package.error.is_some()) {
        inputs.do_not_cache();
    }
    let module_cache = Path::new(value("GOMODCACHE"));
    let needs_c = flags.need_c_compiler() || packages.iter().any(ListedPackage::uses_cgo);
    let toolchain = if needs_c {
        let has_cpp = packages.iter().any(|package| !package.cxx_files.is_empty());
        c_toolchain::read(&go_env, has_cpp, build, host, inputs)?
    } else {
        CToolchain::default()
    };
    let readers = CodeReaders {
        compilers: toolchain.compilers,
        go_headers: go_root.join("pkg/include"),
    };
    let c_code = c_code(&packages, module_cache, &readers, modules, inputs)?;
    let context = RunContext {
        sums: &sums,
        module_cache,
        profile: &flags.profile(&build.dir),
        facts: facts(&go_env, host),
        c_compiler: toolchain.described,
        links_with_c: flags.need_c_compiler(),
        has_c_compiler_path: [value("CC"), value("CXX")]
            .into_iter()
            .any(|compiler| compiler.contains(std::path::is_separator)),
        c_code: &c_code,
    };
    Ok(ListedPrograms::new(&packages, &context))
}

/// The answer of go to a question.
enum GoAnswer {
    Output(String),
    /// go failed with this message.
    Failed(String),
}

fn ask(spec: &CommandSpec) -> anyhow::Result<GoAnswer> {
    let answer = process::capture(spec)?;
    Ok(if answer.status.success() {
        GoAnswer::Output(answer.stdout)
    } else {
        GoAnswer::Failed(answer.stderr)
    })
}

/// Without an answer of go, nothing is known. Any change may repair it.
fn failed(message: &str, inputs: &mut AnswerInputs) -> ListedPrograms {
    inputs.do_not_cache();
    let message = message.trim();
    ListedPrograms::unaccounted(format!(
        "go cannot list the packages, for which it may not use the network: {message}"
    ))
}

/// The command that prints the variables of go, with those that the build sets.
fn environment_command(build: &CommandSpec) -> CommandSpec {
    let spec = CommandSpec {
        args: ["env", "-json"].map(str::to_owned).into(),
        ..build.clone()
    };
    without_network(spec.args(VARIABLES).args(c_toolchain::FLAGS))
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

/// Reads the C and assembler code of packages outside of the standard library, and adds all
/// packages of local modules to the inputs of the answer.
fn c_code(
    packages: &[ListedPackage],
    module_cache: &Path,
    readers: &CodeReaders,
    modules: &BTreeSet<PathBuf>,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<BTreeMap<PathBuf, CCode>> {
    let mut all = BTreeMap::new();
    for package in packages.iter().filter(|package| !package.standard) {
        let is_cached = package.cached_module(module_cache).is_some();
        if !is_cached {
            answer_inputs::add_package(package, modules, inputs);
        }
        let code = CCode::read(package, readers)?;
        if code == CCode::default() {
            continue;
        }
        answer_inputs::add_headers(&code, inputs);
        if !is_cached {
            answer_inputs::add_c_code(package, &code, inputs);
        }
        all.insert(package.dir.clone(), code);
    }
    Ok(all)
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
