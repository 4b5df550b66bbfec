//! Runs the plan, and learns from the compilers where the binaries are.
//!
//! In: a step of a [`Plan`]. Out: one [`Binary`] for each of its functions, handed on
//! as soon as it is known to be finished: by cargo's message, while cargo goes on with
//! others; by go's end.
//! Absent: guessing a path, and reading a binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_metadata::Message;

use crate::build::plan::{BinarySource, BuildStep, FunctionPlan, Plan};
use crate::build::project::go::cgo;
use crate::build::zig_shim;
use crate::lambda::Arch;
use crate::lambda::Language;
use crate::system::command::CommandSpec;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// A binary that a compiler says it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binary {
    /// Its function's place in [`Plan::functions`].
    pub function: usize,
    pub path: PathBuf,
}

/// Runs one step of the plan, and hands on each of its binaries once: one that cargo's
/// message names is not written again before cargo ends. They must be read before the
/// next step: packages that share a binary name share its place, too.
pub(crate) fn compile(
    plan: &Plan,
    step: usize,
    console: &Console,
    made: &mut dyn FnMut(Binary),
) -> anyhow::Result<()> {
    let BuildStep {
        command,
        language,
        arch,
        links,
    } = &plan.steps[step];
    for path in links {
        zig_shim::link(path)?;
    }
    console.detail("Running", &command.to_string());
    let mine = plan.functions.iter().enumerate();
    let mut waiting: Vec<_> = mine
        .filter(|(_, planned)| planned.step == Some(step))
        .collect();
    let mut missing = BTreeMap::new();
    let mut found = |product: &BinarySource, path: &Path| {
        waiting.retain(|(function, planned)| {
            let (is_it, function) = (planned.product == *product, *function);
            let is_there = is_it && path.is_file();
            let path = path.to_owned();
            if is_there {
                made(Binary { function, path });
            } else if is_it {
                missing.insert(function, path);
            }
            !is_there
        });
    };
    match language {
        Language::Rust => cargo(command, console, &mut found)?,
        Language::Go => {
            let mine = { plan.functions.iter() }.filter(|planned| planned.step == Some(step));
            let mine: Vec<_> = mine.collect();
            go(command, *arch, &mine, console)?;
            for planned in mine {
                if let BinarySource::File(path) = &planned.product {
                    found(&planned.product, path);
                }
            }
        }
    }
    let problems = { waiting.into_iter() }
        .map(|(function, planned)| absent(planned, *language, missing.remove(&function)));
    Ok(Failure::unless_empty(
        ExitKind::Packaging,
        problems.collect(),
    )?)
}

/// The binaries that somebody else built.
pub(crate) fn prebuilt(plan: &Plan) -> Vec<Binary> {
    let mine = plan.functions.iter().enumerate();
    let path = |planned: &FunctionPlan| match (&planned.product, planned.step) {
        (BinarySource::File(path), None) => Some(path.clone()),
        _ => None,
    };
    mine.filter_map(|(function, planned)| {
        let path = path(planned)?;
        Some(Binary { function, path })
    })
    .collect()
}

fn cargo(
    command: &CommandSpec,
    console: &Console,
    found: &mut dyn FnMut(&BinarySource, &Path),
) -> anyhow::Result<()> {
    let status = process::stream(command, |line| {
        match serde_json::from_str::<Message>(line) {
            Ok(Message::CompilerArtifact(artifact)) => {
                if let Some(executable) = artifact.executable {
                    let product = BinarySource::CargoMessage {
                        package: artifact.package_id.repr,
                        example: artifact.target.is_example(),
                        name: artifact.target.name,
                    };
                    found(&product, executable.as_std_path());
                }
            }
            Ok(_) => {}
            // A wrapper around rustc may print to stdout; ours carries results.
            Err(_) => console.note(line),
        }
    })?;
    Ok(finished(status, "cargo")?)
}

fn go(
    command: &CommandSpec,
    arch: Arch,
    mine: &[&FunctionPlan],
    console: &Console,
) -> anyhow::Result<()> {
    if let Some(out) = command.args.iter().skip_while(|arg| *arg != "-o").nth(1) {
        fs_err::create_dir_all(out)?;
        ignore(out.as_ref())?;
    }
    // cargo tells what it compiles; go does not.
    let names: Vec<_> = mine.iter().map(|planned| planned.name.as_str()).collect();
    let what = format!("{} for {arch} with go", names.join(", "));
    let is_there = |planned: &&FunctionPlan| match &planned.product {
        BinarySource::File(path) => path.is_file(),
        BinarySource::CargoMessage { .. } => true,
    };
    if mine.iter().all(is_there) {
        console.progress("Building", &what);
    } else {
        // A first build can take minutes, also if nobody watches a terminal.
        console.status("Building", &what);
    }
    let status = process::stream(command, |_| {})?;
    if let Err(failure) = finished(status, "go") {
        let cgo = { command.env.get("CGO_ENABLED") }.is_some_and(|cgo| cgo.as_deref() == Some("1"));
        if let Some(function) = mine.first().filter(|_| cgo) {
            let compiler = function.build.linker.clone().unwrap_or_default();
            console.note(&format!(
                "cgo is on, and `{}` compiles the C for {arch} ({}); set `CC` to choose another \
                 compiler",
                compiler.name, compiler.reason
            ));
        } else if let Some(file) = cgo::ignored_files(command)?.first() {
            let file = file.strip_prefix(&command.dir).unwrap_or(file);
            console.note(&format!(
                "`{}` imports \"C\", and cgo is off: {}",
                file.display(),
                cgo::HELP
            ));
        }
        return Err(failure.into());
    }
    Ok(())
}

/// Keeps git away from `target/go`, which, unlike cargo's folder, nobody else ignores.
fn ignore(out: &std::path::Path) -> anyhow::Result<()> {
    let go = out.ancestors().find(|dir| dir.ends_with("go"));
    if let Some(file) = go.map(|dir| dir.join(".gitignore"))
        && !file.exists()
    {
        fs_err::write(file, "*\n")?;
    }
    Ok(())
}

fn finished(status: std::process::ExitStatus, compiler: &str) -> Result<(), Failure> {
    if status.success() {
        Ok(())
    } else if status.code().is_some() {
        Err(Failure::silent(ExitKind::Compiler))
    } else {
        Err(Failure::new(
            ExitKind::Compiler,
            format!("{compiler} was ended: {status}"),
        )
        .help("run again; if it was out of memory, use fewer --jobs"))
    }
}

fn absent(function: &FunctionPlan, language: Language, path: Option<PathBuf>) -> Problem {
    let compiler = match language {
        Language::Rust => "cargo",
        Language::Go => "go",
    };
    match path {
        Some(path) => Problem::new(format!(
            "{compiler} says that it made {}, and it is not there",
            path.display()
        ))
        .help("see whether another program removes it, and run again"),
        None => Problem::new(format!(
            "{compiler} built {} without saying where its binary is",
            function.name
        ))
        .help("run again with -v to see the command, and report it if it persists"),
    }
}
