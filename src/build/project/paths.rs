//! The files that this program keeps in a project.

use std::path::{Path, PathBuf};

/// The folder for results and caches, which belongs to one project alone.
pub(crate) fn own_dir(root: &Path) -> PathBuf {
    root.join("target").join("lambdapack")
}

/// The file with the results of earlier builds.
pub(crate) fn cache_file(root: &Path) -> PathBuf {
    own_dir(root).join(".cache.json")
}

/// The file with the answers of tools.
pub(crate) fn tool_cache_file(root: &Path) -> PathBuf {
    own_dir(root).join(".surveys.json")
}
