//! Tells edits of Go files that change no plan.
//!
//! In: changed files. Out: whether each of them still declares the same. `go list` takes longer
//! than many builds, so it is not run for every edit of a function's body.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::build::project::{Projects, go};

/// The time stamps of some file systems are this coarse.
const COARSENESS: Duration = Duration::from_secs(2);

/// The declarations of the Go files that plans have seen.
#[derive(Debug, Default)]
pub(super) struct GoFiles {
    /// `None` for a file that does not exist.
    by_path: BTreeMap<PathBuf, Option<u128>>,
}

impl GoFiles {
    /// Adds the files of projects. A file that has changed since they were read is left out,
    /// because the plan may have seen the file before.
    pub(super) fn add(&mut self, projects: &Projects, read_at: SystemTime) {
        let Some(limit) = read_at.checked_sub(COARSENESS) else {
            return;
        };
        let modules = projects
            .projects
            .iter()
            .flat_map(|project| &project.modules);
        for file in modules.flat_map(go::GoModule::source_files) {
            if self.by_path.contains_key(&file) {
                continue;
            }
            let declarations = go::declarations(&file);
            // After the file was read, so that no change is missed.
            let modified = fs_err::metadata(&file).and_then(|data| data.modified());
            if modified.is_ok_and(|time| time < limit) {
                self.by_path.insert(file, declarations);
            }
        }
    }

    /// Returns true if all of these are Go files with the same declarations as before.
    pub(super) fn have_same_declarations(&mut self, changed: &BTreeSet<PathBuf>) -> bool {
        let mut same = true;
        for file in changed {
            same &= is_go_file(file) && self.has_same_declarations(file);
        }
        same
    }

    fn has_same_declarations(&mut self, file: &Path) -> bool {
        let declarations = go::declarations(file);
        let previous = self.by_path.insert(file.to_owned(), declarations);
        declarations.is_some() && previous == Some(declarations)
    }
}

fn is_go_file(file: &Path) -> bool {
    file.extension() == Some(OsStr::new("go"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_edits_of_known_files_that_keep_the_declarations_need_no_plan() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("main.go");
        let mut files = GoFiles::default();
        let mut write = |text: &str| {
            fs_err::write(&file, text).unwrap();
            files.have_same_declarations(&BTreeSet::from([file.clone()]))
        };
        assert!(!write("package main\n\nfunc main() {}\n"), "new");
        assert!(write("package main\n\nfunc main() { println() }\n"));
        let imports = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println() }\n";
        assert!(!write(imports), "imports");
        assert!(write(imports));
        assert!(!write(""), "an editor created it empty");
        assert!(!write(imports));
        // An editor writes another file and renames it.
        let new = dir.path().join("new");
        fs_err::write(&new, imports.replace("Println", "Print")).unwrap();
        fs_err::rename(&new, &file).unwrap();
        let changed = BTreeSet::from([file.clone()]);
        assert!(files.have_same_declarations(&changed));
        fs_err::remove_file(&file).unwrap();
        assert!(!files.have_same_declarations(&changed), "removed");
        assert!(!files.have_same_declarations(&changed), "still removed");
        let manifest = BTreeSet::from([dir.path().join("go.mod")]);
        assert!(!files.have_same_declarations(&manifest));
        assert!(files.have_same_declarations(&BTreeSet::new()));
    }
}
