//! The files of a Cargo package that may be compiled into a program.
//!
//! In: the folder of a package. Out: its files, without those of packages in subfolders.
//! Folders that git ignores are skipped, as Cargo does to decide whether a build script that
//! declares no inputs is outdated. A file that the compiler reads from such a folder is found after
//! the build, in Cargo's dep-info.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::build::project::find::ignored::IgnoreRules;
use crate::fs::folder::entries;

/// Folders of tools, which contain no sources of the package.
const TOOL_FOLDERS: [&str; 7] = [
    ".git",
    ".hg",
    ".svn",
    ".jj",
    ".terraform",
    ".aws-sam",
    "node_modules",
];

/// The files of a package, except those in the given folders, into which results are written.
/// `rules_above` are those of the folders above the package.
pub(super) fn package_files(
    dir: &Path,
    rules_above: Rc<IgnoreRules>,
    result_folders: &BTreeSet<PathBuf>,
) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut folders = vec![(dir.to_owned(), rules_above)];
    while let Some((folder, rules)) = folders.pop() {
        let rules = rules.with(&folder, ".gitignore");
        for entry in fs_err::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // A link to a file counts as the file. A link to a folder is not followed, because it
            // could lead into a circle.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if !is_folder {
                if path.is_file() {
                    files.insert(path);
                }
                continue;
            }
            let name = entry.file_name();
            let is_skipped = TOOL_FOLDERS.contains(&&*name.to_string_lossy())
                || path.join("Cargo.toml").exists()
                || path.join("CACHEDIR.TAG").exists()
                || result_folders.contains(&path)
                || rules.ignores(&path);
            if !is_skipped {
                folders.push((path, Rc::clone(&rules)));
            }
        }
    }
    files
}

/// All files below a folder, or the file itself.
pub(super) fn files_below(path: &Path) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut next = vec![path.to_owned()];
    while let Some(path) = next.pop() {
        // Links to folders are not followed, because they could lead into a circle.
        let is_folder = fs_err::symlink_metadata(&path).is_ok_and(|data| data.is_dir());
        if is_folder {
            next.extend(entries(&path));
        } else {
            files.insert(path);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path, files: &BTreeSet<PathBuf>) -> Vec<String> {
        let relative = files.iter().filter_map(|file| file.strip_prefix(dir).ok());
        relative
            .map(|file| file.to_string_lossy().replace('\\', "/"))
            .collect()
    }

    #[test]
    fn files_of_other_packages_tools_and_results_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        for file in [
            ".git/HEAD",
            ".gitignore",
            "Cargo.toml",
            "src/main.rs",
            "src/sql/query.sql",
            "build.rs",
            "inner/Cargo.toml",
            "inner/src/lib.rs",
            "target/CACHEDIR.TAG",
            "target/x",
            "dist/orders.zip",
            "generated/x.rs",
            ".terraform/provider",
        ] {
            let path = dir.path().join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "/generated\n").unwrap();
        }
        let results = BTreeSet::from([dir.path().join("dist")]);
        assert_eq!(
            names(
                dir.path(),
                &package_files(dir.path(), IgnoreRules::above(dir.path()), &results)
            ),
            [
                ".gitignore",
                "Cargo.toml",
                "build.rs",
                "src/main.rs",
                "src/sql/query.sql"
            ]
        );
        assert_eq!(
            names(dir.path(), &files_below(&dir.path().join("inner"))),
            ["inner/Cargo.toml", "inner/src/lib.rs"]
        );
    }
}
