//! Keeps git and backups away from what can be made again.

use std::path::Path;

use crate::build::plan::{OutputFolder, Plan};
use crate::build::project::own_dir;
use crate::fs::atomic_write::replace;
use crate::lambda::Language;

/// As cargo writes it where it makes the target folder itself, which we may do before
/// it. Source: <https://bford.info/cachedir/>
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n\
# This file is a cache directory tag created by cargo-lambdapack.\n\
# For information about cache directory tags see https://bford.info/cachedir/\n";

/// Marks the folders that are ours, and the target folder around them.
pub(super) fn keep_away(plan: &Plan) -> anyhow::Result<()> {
    for output in &plan.outputs {
        let own = output.root.as_deref().map(own_dir);
        if let Some(own) = own.filter(|own| own.is_dir()) {
            keep_own_away(&own, is_cargos(output))?;
        }
    }
    Ok(())
}

/// Marks the folder of one project that is ours, and the target folder around it if
/// it is cargo's.
pub(super) fn keep_own_away(own: &Path, is_cargos: bool) -> anyhow::Result<()> {
    mark(&own.join(".gitignore"), b"*\n")?;
    // Go's projects do not know of such a folder: git would see the file.
    if let Some(target) = own.parent().filter(|_| is_cargos) {
        mark(&target.join("CACHEDIR.TAG"), TAG)?;
    }
    Ok(())
}

fn is_cargos(output: &OutputFolder) -> bool {
    output
        .units
        .iter()
        .any(|(language, _)| *language == Language::Rust)
}

fn mark(file: &Path, text: &[u8]) -> anyhow::Result<()> {
    match file.exists() {
        true => Ok(()),
        false => replace(file, text),
    }
}
