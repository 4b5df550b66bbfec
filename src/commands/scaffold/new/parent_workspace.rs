//! Detects a workspace around a new function that does not include it.
//!
//! Left to others: changing that workspace.

use std::path::{Path, PathBuf};

use crate::build::project::config;
use crate::fs::path;
use crate::lambda::Language;

/// The note about the surrounding workspace, if there is one that does not include the function.
pub(super) fn workspace_note(language: Language, folder: &Path) -> Option<String> {
    match language {
        Language::Rust => workspace_around(folder)
            .filter(|file| !has_member(file, folder))
            .map(|file| {
                let from = file.parent().unwrap_or(&file);
                let member = path::relative(Some(from), folder);
                format!(
                    "add \"{member}\" to `members` in {}; otherwise cargo does not treat it as \
                     part \
                     of that workspace",
                    file.display()
                )
            }),
        Language::Go => folder
            .ancestors()
            .skip(1)
            .map(|above| above.join("go.work"))
            .find(|file| file.is_file())
            .map(|file| {
                format!(
                    "{} does not list the new module; run `go work use {}`",
                    file.display(),
                    folder.display()
                )
            }),
    }
}

/// The note about the configuration of the surrounding project, which replaces the one in the
/// folder of a new Go extension.
pub(super) fn configuration_note(folder: &Path, name: &str) -> Option<String> {
    let above = folder.ancestors().skip(1);
    let mut files = above.map(|above| above.join(config::FILE));
    let file = files.find(|file| file.is_file())?;
    Some(format!(
        "add `[function.{name}]` with `kind = \"extension\"` to {}; otherwise builds in that folder \
         treat it as a function",
        file.display()
    ))
}

/// The manifest of the surrounding workspace, whether or not the folder is a member.
pub(super) fn workspace_around(folder: &Path) -> Option<PathBuf> {
    let above = folder.ancestors().skip(1);
    let mut manifests = above.map(|above| above.join("Cargo.toml"));
    manifests.find(|file| workspace(file).is_some())
}

/// The `[workspace]` table of a manifest. Cargo reports manifests that cannot be read.
fn workspace(manifest: &Path) -> Option<toml::Table> {
    let text = fs_err::read_to_string(manifest).ok()?;
    let mut table: toml::Table = toml::from_str(&text).ok()?;
    match table.remove("workspace") {
        Some(toml::Value::Table(workspace)) => Some(workspace),
        _ => None,
    }
}

/// Returns true if the workspace already includes or excludes the folder.
fn has_member(manifest: &Path, folder: &Path) -> bool {
    let Some(workspace) = workspace(manifest) else {
        return false;
    };
    let root = manifest.parent().unwrap_or(manifest);
    let lists = ["members", "exclude"].map(|key| workspace.get(key).and_then(|v| v.as_array()));
    let mut patterns = lists
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|v| v.as_str());
    patterns.any(|pattern| {
        let pattern = root.join(pattern);
        glob::Pattern::new(&pattern.to_string_lossy()).is_ok_and(|p| p.matches_path(folder))
    })
}
