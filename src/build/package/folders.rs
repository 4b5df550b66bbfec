//! Folders that are made for files that may come to nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Those that were not there before. Where they are still empty when this is dropped,
/// they go again.
#[derive(Debug, Default)]
pub(crate) struct CreatedFolders(Mutex<BTreeSet<PathBuf>>);

impl CreatedFolders {
    /// Remembers the folders around a file that are not there yet.
    pub(super) fn around(&self, file: &Path) {
        let missing = file.ancestors().skip(1).take_while(|dir| !dir.exists());
        let missing: Vec<_> = missing.map(Path::to_owned).collect();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(missing);
    }
}

impl Drop for CreatedFolders {
    fn drop(&mut self) {
        let known = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        for dir in known.iter().rev() {
            // One that holds something stays.
            let _ = fs_err::remove_dir(dir);
        }
    }
}
