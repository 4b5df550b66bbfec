//! The folders below a folder that hold a project.
//!
//! In: a folder. Out: the units below it. Absent: whether they can be read, and
//! whether they hold functions.

use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;

use crate::build::project::find::ignored::IgnoreRules;
use crate::build::project::find::{SourceRoot, units_in};

/// How far below the folder projects are looked for. Repositories that keep functions
/// in `services/TEAM/SERVICE/cmd/FUNCTION` need five.
const DEPTH: usize = 8;

/// How many folders are looked at: more than a large repository has, and few enough
/// that a walk that was started in a home folder ends within seconds.
const FOLDERS: usize = 50_000;

/// Folders that hold copies, results or test data, and no project to build.
const PASSED_OVER: [&str; 5] = ["target", "vendor", "node_modules", "cdk.out", "testdata"];

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct WalkResult {
    /// The units, outer folders first.
    pub units: Vec<SourceRoot>,
    /// Whether there are more folders than are looked at.
    pub too_many: bool,
}

/// Looks for projects in a folder and below it. Hidden folders, folders that git
/// ignores and those in `PASSED_OVER` are left out, and symlinks are not followed.
pub(crate) fn below(dir: &Path) -> WalkResult {
    let mut found = WalkResult::default();
    let mut folders = VecDeque::from([(dir.to_owned(), 0, IgnoreRules::above(dir))]);
    let mut seen = 0;
    while let Some((folder, depth, ignored)) = folders.pop_front() {
        seen += 1;
        if seen > FOLDERS {
            found.too_many = true;
            break;
        }
        let entries = fs_err::read_dir(&folder).into_iter().flatten();
        let mut inner = Vec::new();
        let (mut has_project, mut has_rules) = (false, false);
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if !name.starts_with('.') && !PASSED_OVER.contains(&&*name) {
                    inner.push(entry.path());
                }
            } else if name == ".gitignore" {
                has_rules = true;
            } else {
                has_project |= ["Cargo.toml", "go.mod", "go.work"].contains(&&*name);
            }
        }
        if has_project {
            found.units.extend(units_in(&folder));
        }
        let ignored = if has_rules {
            ignored.with(&folder, ".gitignore")
        } else {
            ignored
        };
        if depth < DEPTH {
            inner.retain(|folder| !ignored.holds(folder));
            inner.sort();
            let inner = inner.into_iter();
            folders.extend(inner.map(|folder| (folder, depth + 1, Rc::clone(&ignored))));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_hidden_and_foreign_folders_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in [
            "orders",
            "orders/nested",
            "teams/a/services/b/cmd/c",
            "1/2/3/4/5/6/7/8/9",
            ".hidden",
            "target/package/x",
            "vendor/x",
            "web/node_modules/x",
            "infra/cdk.out/x",
            "orders/testdata/x",
            "dist/x",
            "orders/out",
        ] {
            fs_err::create_dir_all(root.join(folder)).unwrap();
            fs_err::write(root.join(folder).join("go.mod"), "").unwrap();
        }
        fs_err::write(root.join(".gitignore"), "/dist\n").unwrap();
        fs_err::write(root.join("orders/.gitignore"), "out/\n").unwrap();
        let found = below(root);
        assert!(!found.too_many);
        let dirs: Vec<_> = found.units.iter().map(|unit| unit.dir.as_path()).collect();
        let expected = ["orders", "orders/nested", "teams/a/services/b/cmd/c"];
        assert_eq!(dirs, expected.map(|folder| root.join(folder)));
    }
}
