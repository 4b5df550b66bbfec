//! What stands around a new function: a workspace that does not know of it.
//!
//! Absent: any change of it.

use std::path::{Path, PathBuf};

use crate::fs::path;
use crate::lambda::Language;

/// What has to be said to the workspace around the new function, if there is one.
pub(super) fn surroundings(language: Language, folder: &Path) -> Option<String> {
    match language {
        Language::Rust => workspace_around(folder)
            .filter(|file| !has_member(file, folder))
            .map(|file| {
                let from = file.parent().unwrap_or(&file);
                let member = path::relative(Some(from), folder);
                format!(
                    "add \"{member}\" to the `members` of {}: cargo does not take it for a part of \
                     that workspace otherwise",
                    file.display()
                )
            }),
        Language::Go => { folder.ancestors().skip(1) }
            .map(|above| above.join("go.work"))
            .find(|file| file.is_file())
            .map(|file| {
                format!(
                    "{} does not name it yet: go work use {}",
                    file.display(),
                    folder.display()
                )
            }),
    }
}

/// The manifest of the workspace that the folder lies in, member or not.
pub(super) fn workspace_around(folder: &Path) -> Option<PathBuf> {
    let above = folder.ancestors().skip(1);
    let mut manifests = above.map(|above| above.join("Cargo.toml"));
    manifests.find(|file| workspace(file).is_some())
}

/// A manifest that cannot be read is cargo's to complain of.
fn workspace(manifest: &Path) -> Option<toml::Table> {
    let text = fs_err::read_to_string(manifest).ok()?;
    let mut table: toml::Table = toml::from_str(&text).ok()?;
    match table.remove("workspace") {
        Some(toml::Value::Table(workspace)) => Some(workspace),
        _ => None,
    }
}

/// Whether the workspace has the folder among its members already, or leaves it out.
fn has_member(manifest: &Path, folder: &Path) -> bool {
    let Some(workspace) = workspace(manifest) else {
        return false;
    };
    let root = manifest.parent().unwrap_or(manifest);
    let lists = ["members", "exclude"].map(|key| workspace.get(key).and_then(|v| v.as_array()));
    let mut patterns = { lists.into_iter().flatten() }
        .flatten()
        .filter_map(|v| v.as_str());
    patterns.any(|pattern| {
        let pattern = root.join(pattern);
        glob::Pattern::new(&pattern.to_string_lossy()).is_ok_and(|p| p.matches_path(folder))
    })
}
