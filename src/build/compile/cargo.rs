//! Runs Cargo, which reports each binary.

use std::path::Path;

use cargo_metadata::Message;

use crate::build::compile::compiler;
use crate::build::compile::compiler::{CompilerMessages, CompilerOutcome};
use crate::build::plan::BinarySource;
use crate::system::command::CommandSpec;
use crate::ui::console::Console;

/// Runs Cargo, and reports each binary as soon as it is finished.
pub(super) fn run(
    command: &CommandSpec,
    console: &Console,
    messages: CompilerMessages<'_>,
    report: &mut dyn FnMut(&BinarySource, &Path),
) -> anyhow::Result<CompilerOutcome> {
    let mut command = command.clone();
    if matches!(messages, CompilerMessages::Lines(_)) {
        // The configuration can ask for a progress bar even without a terminal.
        command = command.env("CARGO_TERM_PROGRESS_WHEN", "never");
    }
    let status = compiler::run(&command, messages, |line| {
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
    Ok(compiler::outcome(status, "cargo")?)
}
