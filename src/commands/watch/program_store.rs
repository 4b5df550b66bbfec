//! Copies of the programs that run.
//!
//! In: a binary that a compiler has just built. Out: the path of a copy, or `None` if the binary
//! is the same as before. Functions run copies, because a compiler may write to its own binary at
//! any time, and cannot on Windows while it runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xxhash_rust::xxh3::xxh3_128;

use crate::system::process::TempFolder;

/// Removed with all copies when it is dropped.
#[derive(Debug)]
pub(super) struct ProgramStore {
    folder: TempFolder,
    by_function: BTreeMap<String, StoredProgram>,
    next_number: u64,
}

#[derive(Debug)]
struct StoredProgram {
    digest: u128,
    path: PathBuf,
}

/// A copy of a new program.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NewProgram {
    pub(super) path: PathBuf,
    /// A later program has a larger number.
    pub(super) number: u64,
}

impl ProgramStore {
    pub(super) fn new() -> anyhow::Result<Self> {
        let folder = TempFolder::new("lambdapack-watch-")
            .context("cannot create a folder for programs in the system's temporary folder")?;
        Ok(Self {
            folder,
            by_function: BTreeMap::new(),
            next_number: 1,
        })
    }

    /// Copies the binary of a function, unless it is the same as before.
    pub(super) fn store(
        &mut self,
        function: &str,
        binary: &Path,
    ) -> anyhow::Result<Option<NewProgram>> {
        let bytes = fs_err::read(binary)?;
        let digest = xxh3_128(&bytes);
        let previous = self.by_function.get(function);
        if previous.is_some_and(|previous| previous.digest == digest) {
            return Ok(None);
        }
        let number = self.next_number;
        self.next_number += 1;
        let dir = self.folder.path().join(number.to_string());
        fs_err::create_dir(&dir)?;
        let path = dir.join(binary.file_name().context("the binary has no name")?);
        fs_err::write(&path, &bytes)?;
        fs_err::set_permissions(&path, fs_err::metadata(binary)?.permissions())?;
        let stored = StoredProgram {
            digest,
            path: path.clone(),
        };
        if let Some(previous) = self.by_function.insert(function.to_owned(), stored) {
            // On Windows a program that still runs cannot be removed. It is removed at the end.
            let _ = fs_err::remove_file(previous.path);
        }
        Ok(Some(NewProgram { path, number }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_changed_binary_is_copied() {
        let dir = tempfile::tempdir().unwrap();
        let binary = dir.path().join("app");
        let mut store = ProgramStore::new().unwrap();
        fs_err::write(&binary, "one").unwrap();
        let first = store.store("app", &binary).unwrap().unwrap();
        assert_eq!(fs_err::read_to_string(&first.path).unwrap(), "one");
        assert_eq!(store.store("app", &binary).unwrap(), None);
        fs_err::write(&binary, "two").unwrap();
        let second = store.store("app", &binary).unwrap().unwrap();
        assert!(second.number > first.number);
        assert_eq!(fs_err::read_to_string(&second.path).unwrap(), "two");
        assert!(!first.path.exists());
    }
}
