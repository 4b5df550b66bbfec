//! The files of a Cargo package that may be compiled into a program.
//!
//! In: the folder of a package. Out: its files, without those of packages in subfolders.
//! Folders that git ignores are skipped, as Cargo does to decide whether a build script that
//! declares no inputs is outdated. A file that the compiler reads from such a folder is found after
//! the build, in Cargo's dep-info. Like Cargo, this follows links to folders.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::build::project::find::ignored::IgnoreRules;

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

/// A file that marks the folder of a cache, such as Cargo's target folder.
const CACHE_TAG: &str = "CACHEDIR.TAG";

/// The files of a package, except those in the given folders, into which results are written.
/// `rules_above` are those of the folders above the package.
pub(super) fn package_files(
    dir: &Path,
    rules_above: Rc<IgnoreRules>,
    result_folders: &BTreeSet<PathBuf>,
) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut links = FollowedLinks::new(dir);
    let mut folders = vec![(dir.to_owned(), rules_above)];
    while let Some((folder, rules)) = folders.pop() {
        let entries = entries(&folder);
        let has = |name: &str| entries.contains_key(OsStr::new(name));
        // The names are known, so they need not be looked up one by one.
        if folder != dir && (has("Cargo.toml") || has(CACHE_TAG)) {
            continue;
        }
        let rules = if has(".gitignore") {
            rules.with(&folder, ".gitignore")
        } else {
            rules
        };
        for (name, kind) in entries {
            let path = folder.join(name);
            match links.kind(&path, kind) {
                Kind::File => {
                    files.insert(path);
                }
                Kind::Folder => {
                    let is_skipped = has_name_of_tools(&path)
                        || result_folders.contains(&path)
                        || rules.ignores(&path);
                    if !is_skipped {
                        folders.push((path, Rc::clone(&rules)));
                    }
                }
                Kind::Other => {}
            }
        }
    }
    files
}

/// Whether a folder contains the files or results of a tool.
pub(super) fn is_folder_of_tools(folder: &Path) -> bool {
    has_name_of_tools(folder) || folder.join(CACHE_TAG).exists()
}

fn has_name_of_tools(folder: &Path) -> bool {
    let name = folder.file_name().and_then(OsStr::to_str);
    name.is_some_and(|name| TOOL_FOLDERS.contains(&name))
}

/// All files below a folder, or the file itself, which need not exist.
pub(super) fn files_below(path: &Path) -> BTreeSet<PathBuf> {
    if !path.is_dir() {
        return BTreeSet::from([path.to_owned()]);
    }
    let mut files = BTreeSet::new();
    let mut links = FollowedLinks::new(path);
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for (name, kind) in entries(&folder) {
            let path = folder.join(name);
            match links.kind(&path, kind) {
                Kind::File => {
                    files.insert(path);
                }
                Kind::Folder => folders.push(path),
                Kind::Other => {}
            }
        }
    }
    files
}

/// The names in a folder, sorted, because the first link to a folder is the one that is followed.
fn entries(folder: &Path) -> BTreeMap<OsString, FileType> {
    let entries = fs_err::read_dir(folder).into_iter().flatten().flatten();
    let with_kind = entries.filter_map(|entry| Some((entry.file_name(), entry.file_type().ok()?)));
    with_kind.collect()
}

/// The kind of an entry of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A file, or a link that is not followed, so that a key shows that it exists.
    File,
    Folder,
    /// A device, for example, or a link to a folder above.
    Other,
}

/// The links to folders that were followed. No folder is visited twice, so that links cannot lead
/// into a circle.
#[derive(Debug)]
struct FollowedLinks<'a> {
    start: &'a Path,
    targets: BTreeSet<PathBuf>,
}

impl<'a> FollowedLinks<'a> {
    const fn new(start: &'a Path) -> Self {
        Self {
            start,
            targets: BTreeSet::new(),
        }
    }

    /// The kind of an entry, or of that to which it is linked.
    fn kind(&mut self, path: &Path, kind: FileType) -> Kind {
        if kind.is_file() {
            return Kind::File;
        }
        if kind.is_dir() {
            return Kind::Folder;
        }
        if !kind.is_symlink() {
            return Kind::Other;
        }
        let target = fs_err::canonicalize(path).ok().filter(|it| it.is_dir());
        let start = fs_err::canonicalize(self.start).ok();
        match (target, start) {
            // It leads into a circle.
            (Some(target), Some(start)) if start.starts_with(&target) => Kind::Other,
            (Some(target), _) if self.targets.insert(target.clone()) => Kind::Folder,
            _ => Kind::File,
        }
    }
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

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_followed_without_circles() {
        use fs_err::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let package = dir.path().join("package");
        for folder in ["package/src", "data/sub"] {
            fs_err::create_dir_all(dir.path().join(folder)).unwrap();
        }
        fs_err::write(dir.path().join("data/sub/1.txt"), "").unwrap();
        for (target, link) in [
            ("../data", "package/link"),
            ("../data", "package/same"),
            ("..", "data/up"),
            ("../package", "package/around"),
            ("nowhere", "package/broken"),
        ] {
            symlink(target, dir.path().join(link)).unwrap();
        }
        let found = package_files(&package, Rc::default(), &BTreeSet::new());
        let links = ["broken", "link/sub/1.txt", "same"];
        assert_eq!(names(&package, &found), links);
        let below = names(&package, &files_below(&package.join("link")));
        assert_eq!(below, ["link/sub/1.txt"]);
    }
}
