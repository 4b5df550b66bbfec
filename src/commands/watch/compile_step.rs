//! Runs one compiler, and copies the programs that it builds.
//!
//! In: a step of a plan. Out: a [`CompiledStep`]. The compiler's messages are printed as they come.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::build::compile::{self, Binary, CompilerMessages, CompilerOutcome};
use crate::build::dep_info;
use crate::build::plan::BuildStep;
use crate::commands::watch::event::WatchEvent;
use crate::commands::watch::output::WatchOutput;
use crate::commands::watch::planned_build::PlannedBuild;
use crate::commands::watch::program_store::ProgramStore;
use crate::lambda::Language;
use crate::ui::console::Console;

/// The result of a step.
#[derive(Debug, Default)]
pub(super) struct CompiledStep {
    /// The functions that have a program.
    pub(super) built: BTreeSet<String>,
    /// The programs of extensions, by name.
    pub(super) extensions: BTreeMap<String, PathBuf>,
    /// The files that the compiler read, as far as it reports them.
    pub(super) inputs: BTreeSet<PathBuf>,
    /// The messages of the compiler, and the reasons why programs could not be copied.
    pub(super) text: String,
    pub(super) has_failed: bool,
    /// Why the compiler could not be run.
    pub(super) error: Option<anyhow::Error>,
}

/// Runs the compiler of a step.
pub(super) fn run(
    step: &Arc<BuildStep>,
    planned: &PlannedBuild,
    store: &mut ProgramStore,
    output: WatchOutput,
    console: &Console,
) -> CompiledStep {
    let plan = &planned.plan;
    let names = plan.functions_of(step).map(|(_, function)| &function.name);
    output.print(&WatchEvent::Building {
        functions: names
            .filter(|name| planned.includes(name))
            .cloned()
            .collect(),
    });
    let mut text = String::new();
    let mut on_line = |line: &str| {
        text += &anstream::adapter::strip_str(line).to_string();
        text.push('\n');
        output.print(&WatchEvent::CompilerOutput {
            line: line.to_owned(),
        });
    };
    let mut result = CompiledStep::default();
    let mut copy_errors = String::new();
    let mut on_binary = |binary: Binary| {
        let function = plan.function(binary.function);
        if !planned.includes(&function.name) {
            return;
        }
        if step.language == Language::Rust {
            let files = dep_info::inputs(&binary.path, &function.source_root);
            result.inputs.extend(files);
        }
        match store.store(&function.name, &binary.path) {
            Ok(path) if planned.is_extension(&function.name) => {
                result.extensions.insert(function.name.clone(), path);
            }
            Ok(_) => {
                result.built.insert(function.name.clone());
            }
            Err(error) => {
                let message = format!("cannot copy `{}`: {error:#}", binary.path.display());
                copy_errors += &format!("{message}\n");
                let help = None;
                output.print(&WatchEvent::Warning { message, help });
            }
        }
    };
    let messages = CompilerMessages::Lines(&mut on_line);
    let outcome = compile::compile(plan, step, console, messages, &mut on_binary);
    result.text = text + &copy_errors;
    result.has_failed = !copy_errors.is_empty();
    match outcome {
        Ok(CompilerOutcome::Succeeded) => {}
        Ok(CompilerOutcome::Failed) => result.has_failed = true,
        Err(error) => {
            result.has_failed = true;
            result.error = Some(error);
        }
    }
    result
}
