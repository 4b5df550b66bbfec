//! Marks generated folders, so that git and backups skip them.

use std::path::Path;

use crate::build::plan::{OutputFolder, Plan};
use crate::build::project::own_dir;
use crate::fs::atomic_write::replace;
use crate::lambda::Language;

/// The tag that Cargo writes when it creates the target folder, which this program may do first.
/// Source: <https://bford.info/cachedir/>
const CACHEDIR_TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n\
# This file is a cache directory tag created by cargo-lambdapack.\n\
# For information about cache directory tags see https://bford.info/cachedir/\n";

/// Marks the projects' own folders, and the target folders around them.
pub(super) fn mark_all(plan: &Plan) -> anyhow::Result<()> {
    for output in &plan.outputs {
        let dir = output.root.as_deref().map(own_dir);
        if let Some(dir) = dir.filter(|dir| dir.is_dir()) {
            mark_own_dir(&dir, is_cargo_target(output))?;
        }
    }
    Ok(())
}

/// Marks the folder of `--cache`. Its parent may be any folder of the user.
pub(super) fn mark_cache(dir: &Path) -> anyhow::Result<()> {
    fs_err::create_dir_all(dir)?;
    write_if_missing(&dir.join(".gitignore"), b"*\n")?;
    write_if_missing(&dir.join("CACHEDIR.TAG"), CACHEDIR_TAG)
}

/// Marks a project's own folder, and the target folder around it if it is Cargo's.
pub(super) fn mark_own_dir(dir: &Path, is_cargo_target: bool) -> anyhow::Result<()> {
    write_if_missing(&dir.join(".gitignore"), b"*\n")?;
    // Go projects do not ignore the target folder, so git would list the file.
    if let Some(target) = dir.parent().filter(|_| is_cargo_target) {
        write_if_missing(&target.join("CACHEDIR.TAG"), CACHEDIR_TAG)?;
    }
    Ok(())
}

fn is_cargo_target(output: &OutputFolder) -> bool {
    output
        .source_roots
        .iter()
        .any(|(language, _)| *language == Language::Rust)
}

fn write_if_missing(file: &Path, text: &[u8]) -> anyhow::Result<()> {
    if file.exists() {
        Ok(())
    } else {
        replace(file, text)
    }
}
