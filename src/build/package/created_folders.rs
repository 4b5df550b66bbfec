//! Removes folders that were created for files that were never written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The folders that this run creates. Those that are empty when this is dropped are removed.
#[derive(Debug, Default)]
pub(crate) struct CreatedFolders(Mutex<BTreeSet<PathBuf>>);

impl CreatedFolders {
    /// Records the folders around a file that do not exist yet. Call this before creating them.
    pub(crate) fn record_missing(&self, file: &Path) {
        let missing: Vec<_> = file
            .ancestors()
            .skip(1)
            .take_while(|dir| !dir.exists())
            .map(Path::to_owned)
            .collect();
        let mut folders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        folders.extend(missing);
    }
}

impl Drop for CreatedFolders {
    fn drop(&mut self) {
        let folders = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        for dir in folders.iter().rev() {
            // A folder that is not empty stays.
            let _ = fs_err::remove_dir(dir);
        }
    }
}
