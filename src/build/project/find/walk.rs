//! Finds the workspaces and modules below a folder.
//!
//! In: a folder. Out: the folders with a manifest below it.
//! Left to others: whether they can be read, and whether they contain functions.

use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;

use crate::build::project::find::ignored::IgnoreRules;
use crate::build::project::find::source_root::{SourceRoot, source_roots_in};

/// The depth to which folders are searched. Repositories that keep functions in
/// `services/TEAM/SERVICE/cmd/FUNCTION` need five.
const MAX_DEPTH: usize = 8;

/// The number of folders that are searched: more than a large repository has, and few enough
/// that a walk that was started in a home folder ends within seconds.
const MAX_FOLDERS: usize = 50_000;

/// Folders that contain copies, results, or test data, but no project to build.
const SKIPPED: [&str; 5] = ["target", "vendor", "node_modules", "cdk.out", "testdata"];

/// The result of a walk.
#[derive(Debug, Default)]
pub(crate) struct WalkResult {
    /// Outer folders come first.
    pub source_roots: Vec<SourceRoot>,
    /// Whether the walk ended early because there are too many folders.
    pub too_many: bool,
}

/// Searches a folder and the folders below it. Hidden folders, folders that git ignores, and those
/// in `SKIPPED` are left out, and symlinks are not followed.
pub(crate) fn find_below(dir: &Path) -> WalkResult {
    let mut found = WalkResult::default();
    let mut folders = VecDeque::from([(dir.to_owned(), 0, IgnoreRules::above(dir))]);
    let mut searched = 0;
    while let Some((folder, depth, ignored)) = folders.pop_front() {
        searched += 1;
        if searched > MAX_FOLDERS {
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
                if !name.starts_with('.') && !SKIPPED.contains(&&*name) {
                    inner.push(entry.path());
                }
            } else if name == ".gitignore" {
                has_rules = true;
            } else {
                has_project |= ["Cargo.toml", "go.mod", "go.work"].contains(&&*name);
            }
        }
        if has_project {
            found.source_roots.extend(source_roots_in(&folder));
        }
        let ignored = if has_rules {
            ignored.with(&folder, ".gitignore")
        } else {
            ignored
        };
        if depth < MAX_DEPTH {
            inner.retain(|folder| !ignored.ignores(folder));
            inner.sort();
            for folder in inner {
                folders.push_back((folder, depth + 1, Rc::clone(&ignored)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_hidden_and_foreign_folders_are_skipped() {
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
        let found = find_below(root);
        assert!(!found.too_many);
        let dirs: Vec<_> = found
            .source_roots
            .iter()
            .map(|root| root.dir.as_path())
            .collect();
        let expected = ["orders", "orders/nested", "teams/a/services/b/cmd/c"];
        assert_eq!(dirs, expected.map(|folder| root.join(folder)));
    }
}
