//! Folders with a manifest.

use std::path::{Path, PathBuf};

use crate::lambda::Language;

/// A folder with a Cargo.toml, or with go.mod or go.work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceRoot {
    pub language: Language,
    pub dir: PathBuf,
}

/// The manifests in a folder, one for each language.
pub(super) fn source_roots_in(dir: &Path) -> Vec<SourceRoot> {
    let source_root = |language| SourceRoot {
        language,
        dir: dir.to_owned(),
    };
    let mut source_roots = Vec::new();
    if dir.join("Cargo.toml").is_file() {
        source_roots.push(source_root(Language::Rust));
    }
    if dir.join("go.mod").is_file() || dir.join("go.work").is_file() {
        source_roots.push(source_root(Language::Go));
    }
    source_roots
}
