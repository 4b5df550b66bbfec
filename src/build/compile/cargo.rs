//! Runs Cargo, which reports each binary.

use std::path::Path;

use cargo_metadata::Message;

use crate::build::compile::compiled_packages::PackagesSoFar;
use crate::build::compile::compiler;
use crate::build::compile::compiler::{CompilerMessages, CompilerOutcome};
use crate::build::plan::{BinarySource, BuildStep};
use crate::ui::console::Console;

/// Runs Cargo, and reports each binary as soon as it is finished, with the packages so far.
pub(super) fn run(
    step: &BuildStep,
    console: &Console,
    messages: CompilerMessages<'_>,
    report: &mut dyn FnMut(&BinarySource, &Path, &PackagesSoFar),
) -> anyhow::Result<CompilerOutcome> {
    let mut command = step.command.clone();
    let target = step.target.as_deref();
    let packages = PackagesSoFar::default();
    if matches!(messages, CompilerMessages::Lines(_)) {
        // The configuration can ask for a progress bar even without a terminal.
        command = command.env("CARGO_TERM_PROGRESS_WHEN", "never");
    }
    let status = compiler::run(&command, messages, |line| {
        match message(line) {
            Ok(Message::CompilerArtifact(artifact)) => {
                packages.add(&artifact, target);
                if let Some(executable) = artifact.executable {
                    let source = BinarySource::CargoMessage {
                        package: artifact.package_id.repr,
                        example: artifact.target.is_example(),
                        name: artifact.target.name,
                    };
                    report(&source, executable.as_std_path(), &packages);
                }
            }
            Ok(_) => {}
            // A wrapper of rustc may print to stdout, which is reserved for our results.
            Err(_) => console.note(line),
        }
    })?;
    Ok(compiler::outcome(status, "cargo")?)
}

/// Parses a message of Cargo. Most are artifacts, which are parsed at once; for other messages, the
/// whole line must be read before their kind is known.
fn message(line: &str) -> serde_json::Result<Message> {
    const ARTIFACT: &str = "{\"reason\":\"compiler-artifact\",";
    if line.starts_with(ARTIFACT)
        && let Ok(artifact) = serde_json::from_str(line)
    {
        return Ok(Message::CompilerArtifact(artifact));
    }
    serde_json::from_str(line)
}
