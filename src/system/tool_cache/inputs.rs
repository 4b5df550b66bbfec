//! The inputs of a cached answer.
//!
//! In: environment variables, files, folders, and glob patterns that an answer depends on. Out:
//! [`AnswerInputs`], which can be stored and later compared with the current state.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::system::tool_cache::FileStamp;

/// Everything that an answer depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnswerInputs {
    /// A digest, because values may be secrets and the cache file is not protected.
    pub(super) env: String,
    pub(super) files: Vec<(PathBuf, Option<FileStamp>)>,
    pub(super) globs: BTreeMap<String, Vec<PathBuf>>,
    pub(super) trees: BTreeMap<PathBuf, String>,
    #[serde(default)]
    pub(super) listings: HashMap<PathBuf, String>,
    #[serde(skip)]
    pub(super) is_uncacheable: bool,
}

impl AnswerInputs {
    /// Starts with these variables as the only inputs.
    pub(crate) fn new(env: BTreeMap<String, String>) -> Self {
        Self {
            env: digest(&env),
            ..Self::default()
        }
    }

    /// Prevents caching, because the answer depends on something that cannot be compared.
    pub(crate) fn do_not_cache(&mut self) {
        self.is_uncacheable = true;
    }

    #[cfg(test)]
    pub(crate) const fn is_cacheable(&self) -> bool {
        !self.is_uncacheable
    }

    /// Adds a file or folder, which does not need to exist.
    pub(crate) fn file(&mut self, path: impl Into<PathBuf>) {
        let path = path.into();
        let stamp = FileStamp::read(&path);
        self.files.push((path, stamp));
    }

    /// Adds a glob pattern, and returns the paths that match it.
    pub(crate) fn glob(&mut self, pattern: String) -> Vec<PathBuf> {
        let found = expand(&pattern);
        self.globs.insert(pattern, found.clone());
        found
    }

    /// Adds all Go files and module files below a folder, and the names of other files that go
    /// compiles.
    pub(crate) fn tree(&mut self, root: &Path) {
        self.trees.insert(root.to_owned(), go_tree(root));
    }

    /// Whether the tree of `root` contains the files of a folder.
    pub(crate) fn tree_contains(root: &Path, folder: &Path) -> bool {
        let Ok(inside) = folder.strip_prefix(root) else {
            return false;
        };
        let mut path = root.to_owned();
        inside.iter().all(|part| {
            path.push(part);
            !is_skipped(&part.to_string_lossy(), &path) && !path.is_symlink()
        })
    }

    /// Adds the names in a folder, except `target`. The folder's stamp cannot be used: it changes
    /// if an editor writes another file and renames it, or if the first build creates `target`.
    pub(crate) fn listing(&mut self, folder: &Path) {
        self.listings.insert(folder.to_owned(), listing(folder));
    }

    /// Whether one of these is a single file among the inputs.
    pub(super) fn contain_any(&self, files: &BTreeSet<PathBuf>) -> bool {
        self.files.iter().any(|(file, _)| files.contains(file))
    }

    /// Whether all inputs are the same now.
    pub(super) fn are_unchanged(&self, env: &BTreeMap<String, String>) -> bool {
        self.env == digest(env) && self.files_are_unchanged()
    }

    /// Whether all files and folders are the same now.
    pub(super) fn files_are_unchanged(&self) -> bool {
        self.files
            .iter()
            .all(|(path, stamp)| FileStamp::read(path) == *stamp)
            && self
                .globs
                .iter()
                .all(|(pattern, paths)| expand(pattern) == *paths)
            && self.trees.iter().all(|(root, tree)| go_tree(root) == *tree)
            && self
                .listings
                .iter()
                .all(|(folder, names)| listing(folder) == *names)
    }
}

pub(super) fn digest(env: &BTreeMap<String, String>) -> String {
    let all: String = env
        .iter()
        .map(|(name, value)| format!("{name}={value}\0"))
        .collect();
    let digest = Sha256::digest(all.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The paths that match, sorted. An unreadable folder matches nothing, as in Cargo.
pub(crate) fn expand(pattern: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = glob::glob(pattern)
        .map(|paths| paths.filter_map(Result::ok).collect())
        .unwrap_or_default();
    found.sort();
    found
}

/// A digest of the names in a folder.
pub(super) fn listing(folder: &Path) -> String {
    let entries = fs_err::read_dir(folder).into_iter().flatten();
    let names = entries
        .filter_map(Result::ok)
        .map(|entry| entry.file_name());
    let mut names: Vec<_> = names.filter(|name| name != "target").collect();
    names.sort();
    let mut digest = Xxh3::new();
    for name in names {
        digest.update(name.as_encoded_bytes());
        digest.update(b"\0");
    }
    format!("{:032x}", digest.digest128())
}

/// A digest of the stamps of all files that `go list ./...` reads.
fn go_tree(root: &Path) -> String {
    digest_go_files(root, |path| {
        let stamp = FileStamp::read(path);
        format!("{}\0{stamp:?}\n", path.display()).into_bytes()
    })
}

/// A digest of the relative paths and the content of the same files.
pub(super) fn tree_content(root: &Path) -> String {
    digest_go_files(root, |path| {
        let relative = path.strip_prefix(root).unwrap_or(path);
        let mut bytes = format!("{}\0", relative.display()).into_bytes();
        let content = fs_err::read(path).unwrap_or_default();
        bytes.extend(xxh3_128(&content).to_le_bytes());
        bytes
    })
}

/// A digest of all files that `go list ./...` reads, each described by `describe`, and of the
/// names of those that it only lists.
///
/// Go ignores hidden folders, folders that start with an underscore, and `testdata`. In addition,
/// these folders are skipped: `vendor`, because `modules.txt` represents it, and `node_modules`
/// and Cargo's target folder, because they are large and contain no Go packages of the project.
fn digest_go_files(root: &Path, describe: impl Fn(&Path) -> Vec<u8>) -> String {
    let mut digest = Xxh3::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs_err::read_dir(&folder) else {
            continue;
        };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(fs_err::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !is_skipped(&name, &entry.path()) {
                folders.push(entry.path());
            } else if name.ends_with(".go") || ["go.mod", "go.sum", "go.work"].contains(&&*name) {
                digest.update(&describe(&entry.path()));
            } else if is_compiled(&name) {
                let relative = entry.path();
                let relative = relative.strip_prefix(root).unwrap_or(&relative);
                digest.update(format!("{}\n", relative.display()).as_bytes());
            }
        }
        // A folder without vendored modules is not recorded, because folders of build outputs
        // appear and disappear.
        let vendored = folder.join("vendor/modules.txt");
        if vendored.exists() {
            digest.update(&describe(&vendored));
        }
    }
    format!("{:032x}", digest.digest128())
}

/// Whether the files of a folder are not part of a tree.
fn is_skipped(name: &str, folder: &Path) -> bool {
    name.starts_with(['.', '_'])
        || ["testdata", "node_modules", "vendor"].contains(&name)
        || (name == "target" && folder.join("CACHEDIR.TAG").exists())
}

/// Whether a file in the folder of a package is compiled: C and other languages, object files, and
/// the profile of a program.
///
/// Source: `matchFile` in <https://github.com/golang/go/blob/master/src/go/build/build.go>.
fn is_compiled(name: &str) -> bool {
    const EXTENSIONS: [&str; 19] = [
        "F", "S", "c", "cc", "cpp", "cxx", "f", "f90", "for", "h", "hh", "hpp", "hxx", "m", "s",
        "swig", "swigcxx", "sx", "syso",
    ];
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    EXTENSIONS.contains(&extension) || name == "default.pgo"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_changes_with_the_names_and_not_with_the_target_folder() {
        let dir = tempfile::tempdir().unwrap();
        let before = listing(dir.path());
        fs_err::create_dir(dir.path().join("target")).unwrap();
        assert_eq!(listing(dir.path()), before);
        fs_err::write(dir.path().join("template.yaml"), "").unwrap();
        assert_ne!(listing(dir.path()), before);
    }

    #[test]
    fn values_of_variables_are_not_stored() {
        let env = BTreeMap::from([("CARGO_X".to_owned(), "hunter2".to_owned())]);
        let inputs = AnswerInputs::new(env.clone());
        assert!(!serde_json::to_string(&inputs).unwrap().contains("hunter2"));
        assert!(inputs.are_unchanged(&env));
        assert!(!inputs.are_unchanged(&BTreeMap::new()));
    }

    #[test]
    fn a_tree_leaves_out_the_folders_that_go_ignores() {
        let root = Path::new("/m");
        let contains = |folder| AnswerInputs::tree_contains(root, Path::new(folder));
        assert!(contains("/m") && contains("/m/cmd/a"));
        for folder in ["/n", "/m/vendor/x", "/m/_a/b", "/m/a/testdata"] {
            assert!(!contains(folder), "{folder}");
        }
    }

    #[test]
    fn a_new_go_file_changes_the_tree_and_a_build_output_does_not() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(dir.path().join("target/x")).unwrap();
        fs_err::create_dir_all(dir.path().join("cmd/a")).unwrap();
        fs_err::write(dir.path().join("target/CACHEDIR.TAG"), "").unwrap();
        let before = go_tree(dir.path());
        fs_err::write(dir.path().join("target/x/main.go"), "package main").unwrap();
        fs_err::write(dir.path().join("bootstrap"), "elf").unwrap();
        assert_eq!(go_tree(dir.path()), before);
        for file in ["main.go", "x.syso", "x.h", "default.pgo"] {
            let before = go_tree(dir.path());
            fs_err::write(dir.path().join("cmd/a").join(file), "package main").unwrap();
            assert_ne!(go_tree(dir.path()), before, "{file}");
        }
    }
}
