//! Runs the plan, and learns from the compilers where the binaries are.
//!
//! In: a step of a [`Plan`]. Out: one [`Binary`] for each of its functions.
//! Absent: guessing a path, and reading a binary.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cargo_metadata::Message;

use crate::command::CommandSpec;
use crate::console::Console;
use crate::failure::{Failure, Kind, Problem};
use crate::plan::{FunctionPlan, Plan, Product, Step};
use crate::process;
use crate::request::Language;
use crate::zig;

/// A binary that a compiler says it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// Its function's place in [`Plan::functions`].
    pub function: usize,
    /// Where it is.
    pub path: PathBuf,
}

/// Runs one step of the plan. Its binaries must be read before the next step:
/// packages that share a binary name share its place, too.
///
/// # Errors
/// Exit 101 when a compiler fails (it has said why), 96 when it cannot be
/// started, 103 when a binary is not where the compiler said, or a link that
/// plays the linker cannot be made.
pub fn compile(plan: &Plan, step: usize, console: &Console) -> anyhow::Result<Vec<Binary>> {
    let Step {
        command,
        language,
        arch,
        links,
    } = &plan.steps[step];
    for path in links {
        zig::link(path)?;
    }
    console.detail("Running", &command.to_string());
    // cargo tells what it compiles; go does not.
    if *language == Language::Go {
        let mine = plan
            .functions
            .iter()
            .filter(|function| function.step == Some(step));
        let names: Vec<_> = mine.map(|function| function.name.as_str()).collect();
        console.progress(
            "Building",
            &format!("{} for {arch} with go", names.join(", ")),
        );
    }
    let mut made = match language {
        Language::Rust => cargo(command, console)?,
        Language::Go => go(command).inspect_err(|_| {
            let mut mine = plan.functions.iter().filter(|f| f.step == Some(step));
            let cgo = command
                .env
                .get("CGO_ENABLED")
                .is_some_and(|cgo| cgo.as_deref() == Some("1"));
            if let Some(function) = mine.next().filter(|_| cgo) {
                console.note(&format!(
                    "cgo is on, and CC has to compile for {arch}: {}",
                    function.older_glibc
                ));
            }
        })?,
    };
    let mut binaries = Vec::new();
    let mut problems = Vec::new();
    let mine = plan.functions.iter().enumerate();
    for (function, planned) in mine.filter(|(_, planned)| planned.step == Some(step)) {
        let path = match &planned.product {
            Product::File(path) => Some(path.clone()),
            message => made.remove(message),
        };
        match path {
            Some(path) if path.is_file() => binaries.push(Binary { function, path }),
            path => problems.push(absent(planned, *language, path)),
        }
    }
    Failure::unless_empty(Kind::Packaging, problems)?;
    Ok(binaries)
}

/// The binaries that somebody else built.
#[must_use]
pub fn prebuilt(plan: &Plan) -> Vec<Binary> {
    let mine = plan.functions.iter().enumerate();
    let path = |planned: &FunctionPlan| match (&planned.product, planned.step) {
        (Product::File(path), None) => Some(path.clone()),
        _ => None,
    };
    mine.filter_map(|(function, planned)| {
        let path = path(planned)?;
        Some(Binary { function, path })
    })
    .collect()
}

fn cargo(command: &CommandSpec, console: &Console) -> anyhow::Result<BTreeMap<Product, PathBuf>> {
    let mut made = BTreeMap::new();
    let status = process::stream(command, |line| {
        match serde_json::from_str::<Message>(line) {
            Ok(Message::CompilerArtifact(artifact)) => {
                if let Some(executable) = artifact.executable {
                    let product = Product::CargoMessage {
                        package: artifact.package_id.repr,
                        example: artifact.target.is_example(),
                        name: artifact.target.name,
                    };
                    made.insert(product, executable.into_std_path_buf());
                }
            }
            Ok(_) => {}
            // A wrapper around rustc may print to stdout; ours carries results.
            Err(_) => console.note(line),
        }
    })?;
    finished(status, "cargo")?;
    Ok(made)
}

fn go(command: &CommandSpec) -> anyhow::Result<BTreeMap<Product, PathBuf>> {
    if let Some(out) = command.args.iter().skip_while(|arg| *arg != "-o").nth(1) {
        fs_err::create_dir_all(out)?;
        ignore(out.as_ref())?;
    }
    let status = process::stream(command, |_| {})?;
    finished(status, "go")?;
    Ok(BTreeMap::new())
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
        Err(Failure::silent(Kind::Compiler))
    } else {
        Err(
            Failure::new(Kind::Compiler, format!("{compiler} was ended: {status}"))
                .help("run again; if it was out of memory, use fewer --jobs"),
        )
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
