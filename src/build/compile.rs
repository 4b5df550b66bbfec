//! Runs the steps of a plan, and learns from the compilers where the binaries are.
//!
//! In: a step of a [`Plan`]. Out: one [`Binary`] for each of its functions, as soon as it is
//! finished. Cargo reports each binary while it goes on with others; for Go, all are finished when
//! go ends.
//! Paths are not guessed, and binaries are not read here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cargo_metadata::Message;

use crate::build::plan::{BinarySource, BuildStep, FunctionId, FunctionPlan, Plan};
use crate::build::project::go::cgo;
use crate::build::zig_shim;
use crate::lambda::{Arch, Language};
use crate::system::command::CommandSpec;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// A binary that a compiler reports as built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binary {
    pub function: FunctionId,
    pub path: PathBuf,
}

/// Runs a step of the plan, and passes each of its binaries to `on_binary` once. A binary that
/// Cargo has reported is not written again before Cargo ends. Binaries must be read before the
/// next step runs, because packages that share a binary name also share its path.
pub(crate) fn compile(
    plan: &Plan,
    step: &Arc<BuildStep>,
    console: &Console,
    on_binary: &mut dyn FnMut(Binary),
) -> anyhow::Result<()> {
    for link in &step.links {
        zig_shim::create_link(link)?;
    }
    console.detail("Running", &step.command.to_string());
    let mut waiting: Vec<_> = plan.functions_of(step).collect();
    let mut missing = BTreeMap::new();
    let mut report = |source: &BinarySource, path: &Path| {
        waiting.retain(|(function, planned)| {
            if planned.binary != *source {
                return true;
            }
            let (function, path) = (*function, path.to_owned());
            if path.is_file() {
                on_binary(Binary { function, path });
                false
            } else {
                missing.insert(function, path);
                true
            }
        });
    };
    match step.language {
        Language::Rust => run_cargo(&step.command, console, &mut report)?,
        Language::Go => {
            let functions: Vec<_> = plan
                .functions_of(step)
                .map(|(_, planned)| planned)
                .collect();
            run_go(&step.command, step.arch, &functions, console)?;
            for planned in functions {
                if let BinarySource::File(path) = &planned.binary {
                    report(&planned.binary, path);
                }
            }
        }
    }
    let problems = waiting
        .into_iter()
        .map(|(function, planned)| no_binary(planned, step.language, missing.remove(&function)));
    Ok(Failure::unless_empty(
        ExitKind::Packaging,
        problems.collect(),
    )?)
}

/// The binaries that were built before.
pub(crate) fn prebuilt(plan: &Plan) -> Vec<Binary> {
    let binary =
        |(function, planned): (FunctionId, &FunctionPlan)| match (&planned.binary, &planned.step) {
            (BinarySource::File(path), None) => Some(Binary {
                function,
                path: path.clone(),
            }),
            _ => None,
        };
    plan.functions_by_id().filter_map(binary).collect()
}

fn run_cargo(
    command: &CommandSpec,
    console: &Console,
    report: &mut dyn FnMut(&BinarySource, &Path),
) -> anyhow::Result<()> {
    let status = process::stream(command, |line| {
        match serde_json::from_str::<Message>(line) {
            Ok(Message::CompilerArtifact(artifact)) => {
                if let Some(executable) = artifact.executable {
                    let source = BinarySource::CargoMessage {
                        package: artifact.package_id.repr,
                        example: artifact.target.is_example(),
                        name: artifact.target.name,
                    };
                    report(&source, executable.as_std_path());
                }
            }
            Ok(_) => {}
            // A wrapper of rustc may print to stdout, which is reserved for our results.
            Err(_) => console.note(line),
        }
    })?;
    Ok(check_status(status, "cargo")?)
}

fn run_go(
    command: &CommandSpec,
    arch: Arch,
    functions: &[&FunctionPlan],
    console: &Console,
) -> anyhow::Result<()> {
    if let Some(out) = command.args.iter().skip_while(|arg| *arg != "-o").nth(1) {
        fs_err::create_dir_all(out)?;
        write_gitignore(out.as_ref())?;
    }
    // Unlike Cargo, go does not report what it compiles.
    let names: Vec<_> = functions
        .iter()
        .map(|planned| planned.name.as_str())
        .collect();
    let what = format!("{} for {arch} with go", names.join(", "));
    let exists = |planned: &&FunctionPlan| match &planned.binary {
        BinarySource::File(path) => path.is_file(),
        BinarySource::CargoMessage { .. } => true,
    };
    if functions.iter().all(exists) {
        console.progress("Building", &what);
    } else {
        // A first build can take minutes, so it is also reported without a terminal.
        console.status("Building", &what);
    }
    let status = process::stream(command, |_| {})?;
    if let Err(failure) = check_status(status, "go") {
        let cgo_enabled = command.env.get("CGO_ENABLED");
        let uses_cgo = cgo_enabled.is_some_and(|value| value.as_deref() == Some("1"));
        if let Some(function) = functions.first().filter(|_| uses_cgo) {
            let compiler = function.build.linker.clone().unwrap_or_default();
            console.note(&format!(
                "cgo is on, and `{}` compiles the C code for {arch} ({}); set `CC` to choose \
                 another compiler",
                compiler.name, compiler.reason
            ));
        } else if let Some(file) = cgo::ignored_files(command)?.first() {
            let file = file.strip_prefix(&command.dir).unwrap_or(file);
            console.note(&format!(
                "`{}` imports \"C\", which requires cgo: {}",
                file.display(),
                cgo::HELP
            ));
        }
        return Err(failure.into());
    }
    Ok(())
}

/// Makes git ignore `target/go`. Unlike Cargo's target folder, Go projects do not ignore it.
fn write_gitignore(out: &Path) -> anyhow::Result<()> {
    let go = out.ancestors().find(|dir| dir.ends_with("go"));
    if let Some(file) = go.map(|dir| dir.join(".gitignore"))
        && !file.exists()
    {
        fs_err::write(file, "*\n")?;
    }
    Ok(())
}

fn check_status(status: std::process::ExitStatus, compiler: &str) -> Result<(), Failure> {
    if status.success() {
        Ok(())
    } else if status.code().is_some() {
        Err(Failure::silent(ExitKind::Compiler))
    } else {
        Err(Failure::new(
            ExitKind::Compiler,
            format!("{compiler} was terminated: {status}"),
        )
        .help("run again; if memory ran out, pass a smaller `--jobs`"))
    }
}

/// Reports a binary that the compiler did not report, or that does not exist.
fn no_binary(function: &FunctionPlan, language: Language, path: Option<PathBuf>) -> Problem {
    let compiler = match language {
        Language::Rust => "cargo",
        Language::Go => "go",
    };
    match path {
        Some(path) => Problem::new(format!(
            "{compiler} reported building `{}`, but the file does not exist",
            path.display()
        ))
        .help("check whether another program removes it, and run again"),
        None => Problem::new(format!(
            "{compiler} built `{}` without reporting the path of its binary",
            function.name
        ))
        .help("run again with `-v` to see the command, and report the problem if it persists"),
    }
}
