//! Tells whether folders contain sources in Go.
//!
//! A repository may have a thousand templates next to each other, each with functions whose code is
//! that same folder. A folder is therefore listed once for all templates.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The Go files of a folder. A folder that cannot be read counts as empty.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GoFiles {
    /// Whether there is a `go.mod` or any file in Go.
    pub(super) has_go: bool,
    /// Whether there is a file in Go that is not only for tests.
    pub(super) is_package: bool,
}

/// The folders that have been listed so far.
#[derive(Debug, Default)]
pub(crate) struct CodeFolders(RefCell<BTreeMap<PathBuf, GoFiles>>);

impl CodeFolders {
    pub(super) fn go_files(&self, folder: &Path) -> GoFiles {
        if let Some(files) = self.0.borrow().get(folder) {
            return *files;
        }
        let mut files = GoFiles::default();
        let entries = fs_err::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_source = name.ends_with(".go");
            files.has_go |= is_source || name == "go.mod";
            files.is_package |= is_source && !name.ends_with("_test.go");
        }
        self.0.borrow_mut().insert(folder.to_owned(), files);
        files
    }
}
