//! Runs the plan, and learns from the compilers where the binaries are.
//!
//! In: [`Plan`]. Out: one [`Binary`] for each of its functions.
//! Absent: guessing a path, and reading a binary.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use cargo_metadata::Message;

use crate::console::Console;
use crate::failure::{Failure, Kind, Problem};
use crate::plan::{Plan, Product, Step};
use crate::process;
use crate::request::Language;

/// A binary that a compiler says it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// Its function's place in [`Plan::functions`].
    pub function: usize,
    /// Where it is.
    pub path: PathBuf,
}

/// Compiles.
///
/// # Errors
/// Exit 101 when a compiler fails (it has said why), 96 when it cannot be
/// started, 103 when a binary is not where the compiler said.
pub fn compile(plan: &Plan, console: &Console) -> anyhow::Result<Vec<Binary>> {
    let mut binaries = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        console.detail("Running", &step.command.to_string());
        let made = match step.language {
            Language::Rust => cargo(step, console)?,
            Language::Go => go(step)?,
        };
        for (function, planned) in plan.functions.iter().enumerate() {
            if planned.step != index {
                continue;
            }
            let path = match &planned.product {
                Product::File(path) => Some(path.clone()),
                message => made.get(message).cloned(),
            };
            if let Some(path) = path {
                binaries.push(Binary { function, path });
            }
        }
    }
    refuse_absent(plan, &binaries)?;
    binaries.sort_by_key(|binary| binary.function);
    Ok(binaries)
}

fn cargo(step: &Step, console: &Console) -> anyhow::Result<BTreeMap<Product, PathBuf>> {
    let mut made = BTreeMap::new();
    let status = process::stream(&step.command, |line| {
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

fn go(step: &Step) -> anyhow::Result<BTreeMap<Product, PathBuf>> {
    if let Some(out) = step
        .command
        .args
        .iter()
        .skip_while(|arg| *arg != "-o")
        .nth(1)
    {
        fs_err::create_dir_all(out)?;
        ignore(out.as_ref())?;
    }
    let status = process::stream(&step.command, |_| {})?;
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

fn refuse_absent(plan: &Plan, binaries: &[Binary]) -> anyhow::Result<()> {
    let mut problems = Vec::new();
    for (index, function) in plan.functions.iter().enumerate() {
        let compiler = match function.language {
            Language::Rust => "cargo",
            Language::Go => "go",
        };
        match binaries.iter().find(|binary| binary.function == index) {
            None => problems.push(
                Problem::new(format!(
                    "{compiler} built {} without saying where its binary is",
                    function.name
                ))
                .help("run again with -v to see the command, and report it if it persists"),
            ),
            Some(binary) if !binary.path.is_file() => problems.push(
                Problem::new(format!(
                    "{compiler} says that it made {}, and it is not there",
                    binary.path.display()
                ))
                .help("see whether another program removes it, and run again"),
            ),
            Some(_) => {}
        }
    }
    Failure::unless_empty(Kind::Packaging, problems).context("after compiling")
}
