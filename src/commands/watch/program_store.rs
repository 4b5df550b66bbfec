//! Copies of the programs that run.
//!
//! In: a binary that a compiler has just built, and how it is started. Out: the path of a copy, and
//! whether it must be started again. Functions run copies, because a compiler may write to its
//! own binary at any time, and cannot on Windows while it runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xxhash_rust::xxh3::xxh3_128;

use crate::commands::watch::function_env::Launch;
use crate::fs::file_stamp::FileStamp;
use crate::system::process::TempFolder;

/// Removed with all copies when it is dropped.
#[derive(Debug)]
pub(super) struct ProgramStore {
    folder: TempFolder,
    by_function: BTreeMap<String, StoredProgram>,
    /// Copies of earlier programs.
    replaced: Vec<PathBuf>,
    next_number: u64,
}

#[derive(Debug)]
struct StoredProgram {
    /// The metadata of the binary.
    stamp: Option<FileStamp>,
    digest: u128,
    path: PathBuf,
    /// How it was last started; `None` if it is new.
    launch: Option<Launch>,
}

/// A copy of a new program, or one that is started differently.
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
            replaced: Vec::new(),
            next_number: 1,
        })
    }

    /// Copies the binary of a function or extension, unless it is the same as before. Returns the
    /// path of the copy.
    pub(super) fn store(&mut self, name: &str, binary: &Path) -> anyhow::Result<PathBuf> {
        // Before the file is read, so that a later change is noticed.
        let stamp = FileStamp::read(binary);
        // Large programs are only read if they were built again.
        if let Some(previous) = self.by_function.get(name)
            && stamp.is_some()
            && previous.stamp == stamp
        {
            return Ok(previous.path.clone());
        }
        let bytes = fs_err::read(binary)?;
        let digest = xxh3_128(&bytes);
        if let Some(previous) = self.by_function.get_mut(name)
            && previous.digest == digest
        {
            previous.stamp = stamp;
            return Ok(previous.path.clone());
        }
        let number = self.take_number();
        let dir = self.folder.path().join(number.to_string());
        fs_err::create_dir(&dir)?;
        let path = dir.join(binary.file_name().context("the binary has no name")?);
        fs_err::write(&path, &bytes)?;
        fs_err::set_permissions(&path, fs_err::metadata(binary)?.permissions())?;
        let stored = StoredProgram {
            stamp,
            digest,
            path: path.clone(),
            launch: None,
        };
        let previous = self.by_function.insert(name.to_owned(), stored);
        self.replaced.extend(previous.map(|previous| previous.path));
        Ok(path)
    }

    /// The program of a function if it is new or is now started differently.
    pub(super) fn new_program(&mut self, function: &str, launch: &Launch) -> Option<NewProgram> {
        let stored = self.by_function.get_mut(function)?;
        if stored.launch.as_ref() == Some(launch) {
            return None;
        }
        stored.launch = Some(launch.clone());
        let path = stored.path.clone();
        Some(NewProgram {
            path,
            number: self.take_number(),
        })
    }

    fn take_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number - 1
    }

    /// Removes the copies of programs that no instance is started from any more.
    pub(super) fn remove_replaced(&mut self) {
        for path in self.replaced.drain(..) {
            // On Windows a program that still runs cannot be removed. It is removed at the end.
            let _ = fs_err::remove_file(path);
        }
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
        let first = store.store("app", &binary).unwrap();
        assert_eq!(fs_err::read_to_string(&first).unwrap(), "one");
        assert_eq!(store.store("app", &binary).unwrap(), first);
        fs_err::remove_file(&binary).unwrap();
        fs_err::write(&binary, "one").unwrap();
        assert_eq!(store.store("app", &binary).unwrap(), first);
        fs_err::write(&binary, "two").unwrap();
        let second = store.store("app", &binary).unwrap();
        assert_eq!(fs_err::read_to_string(&second).unwrap(), "two");
        assert!(first.exists());
        store.remove_replaced();
        assert!(!first.exists() && second.exists());
    }

    #[test]
    fn a_program_is_new_if_its_binary_or_its_variables_are() {
        let dir = tempfile::tempdir().unwrap();
        let binary = dir.path().join("app");
        let mut store = ProgramStore::new().unwrap();
        let launch = Launch::default();
        assert_eq!(store.new_program("app", &launch), None);
        fs_err::write(&binary, "one").unwrap();
        store.store("app", &binary).unwrap();
        let first = store.new_program("app", &launch).unwrap();
        assert_eq!(store.new_program("app", &launch), None);
        let launch = Launch::with_env([("TABLE", "orders")]);
        let second = store.new_program("app", &launch).unwrap();
        assert_eq!(first.path, second.path);
        assert!(second.number > first.number);
        fs_err::write(&binary, "two").unwrap();
        store.store("app", &binary).unwrap();
        let third = store.new_program("app", &launch).unwrap();
        assert!(third.path != second.path && third.number > second.number);
    }
}
