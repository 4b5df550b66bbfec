//! The files that this program keeps in a project, and the repository around it.

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

/// The file with the hashes of sources.
pub(crate) fn file_hashes_file(root: &Path) -> PathBuf {
    own_dir(root).join(".hashes.json")
}

/// The root of the Git repository that a folder belongs to, or the folder itself.
pub(crate) fn repository_root(dir: &Path) -> PathBuf {
    let mut folders = dir.ancestors();
    let root = folders.find(|folder| folder.join(".git").exists());
    root.unwrap_or(dir).to_owned()
}
