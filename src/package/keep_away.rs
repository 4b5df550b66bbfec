//! Keeps git and backups away from what can be made again.

use std::path::Path;

use crate::package::write::replace;
use crate::plan::Plan;
use crate::project::own_dir;

/// As cargo writes it where it makes the target folder itself, which we may do before
/// it. Source: <https://bford.info/cachedir/>
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n\
# This file is a cache directory tag created by cargo-lambdapack.\n\
# For information about cache directory tags see https://bford.info/cachedir/\n";

/// Marks the folders that are ours, and the target folder around them.
///
/// # Errors
/// When they cannot be written.
pub(super) fn keep_away(plan: &Plan) -> anyhow::Result<()> {
    let roots = plan
        .outputs
        .iter()
        .filter_map(|output| output.root.as_deref());
    for own in roots.map(own_dir).filter(|own| own.is_dir()) {
        mark(&own.join(".gitignore"), b"*\n")?;
        // It is ours alone until a compiler comes.
        if let Some(target) = own.parent() {
            mark(&target.join("CACHEDIR.TAG"), TAG)?;
        }
    }
    Ok(())
}

fn mark(file: &Path, text: &[u8]) -> anyhow::Result<()> {
    match file.exists() {
        true => Ok(()),
        false => replace(file, text),
    }
}
