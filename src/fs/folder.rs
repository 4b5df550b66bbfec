//! The contents of folders.

use std::path::{Path, PathBuf};

/// The paths in a folder; none if it does not exist or cannot be read.
pub(crate) fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs_err::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}
