//! The key of a function: a hash of everything that decides the bytes of its zip.
//!
//! In: settings, facts, and files. Out: a SHA-256 in hexadecimal. The first part is known before a
//! build. The second part adds the inputs that a build has discovered. Paths are relative, so that
//! two clones in different folders have the same keys.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::Digest;

use crate::build::inputs::package_files::files_below;
use crate::build::plan::DiscoveredInputs;
use crate::fs::digest::Sha256;
use crate::fs::path;
use crate::fs::path::relative;
use crate::system::host::{Host, canonical};
use crate::system::tool_cache::FileStamp;

/// The version of the rules for keys. It is part of each key.
const RULES: &str = "cargo-lambdapack inputs 1";

/// The hashes of files, each read once.
#[derive(Debug, Default)]
pub(super) struct FileHashes {
    hashes: BTreeMap<PathBuf, FileHash>,
}

#[derive(Debug)]
struct FileHash {
    stamp: Option<FileStamp>,
    /// `None` if the file cannot be read.
    sha256: Option<Sha256>,
}

impl FileHashes {
    fn get(&mut self, file: &Path) -> Option<Sha256> {
        if let Some(known) = self.hashes.get(file) {
            return known.sha256;
        }
        // The metadata is read first, so that a later write is detected.
        let hash = FileHash {
            stamp: FileStamp::read(file),
            sha256: Sha256::digest_file(file).ok(),
        };
        let sha256 = hash.sha256;
        self.hashes.insert(file.to_owned(), hash);
        sha256
    }

    /// A file that has changed since it was read.
    pub(super) fn changed<'a>(
        &self,
        mut files: impl Iterator<Item = &'a PathBuf>,
    ) -> Option<&'a PathBuf> {
        files.find(|file| {
            let read = self.hashes.get(*file);
            read.is_some_and(|read| FileStamp::read(file) != read.stamp)
        })
    }
}

/// Hashes named values.
struct KeyHasher(sha2::Sha256);

impl KeyHasher {
    fn new(part: &str) -> Self {
        let mut hasher = Self(sha2::Sha256::new());
        hasher.add("rules", RULES);
        hasher.add("part", part);
        hasher
    }

    /// Adds a value. The lengths keep two values from being taken for one.
    fn add(&mut self, name: &str, value: &str) {
        for text in [name, value] {
            let length = text.len() as u64;
            self.0.update(length.to_le_bytes());
            self.0.update(text.as_bytes());
        }
    }

    fn add_file(&mut self, root: &Path, file: &Path, hashes: &mut FileHashes) {
        let content = hashes.get(file);
        let content = content.map_or_else(|| "missing".to_owned(), |sha256| sha256.hex());
        self.add(&relative(Some(root), file), &content);
    }

    /// Adds a file, or all files in a folder.
    fn add_below(&mut self, root: &Path, path: &str, hashes: &mut FileHashes) {
        for file in files_below(&path::join(root, path)) {
            self.add_file(root, &file, hashes);
        }
    }

    fn finish(self) -> String {
        Sha256::from(self.0).hex()
    }
}

/// The part of a key that is known before a build. Paths are relative to the source root.
pub(super) fn source_key(
    root: &Path,
    facts: &BTreeSet<String>,
    files: &BTreeSet<PathBuf>,
    included: &BTreeMap<&str, &Path>,
    hashes: &mut FileHashes,
) -> String {
    let mut hasher = KeyHasher::new("source");
    for fact in facts {
        hasher.add("fact", fact);
    }
    for file in files {
        hasher.add_file(root, file, hashes);
    }
    for (name, file) in included {
        let content = hashes.get(file);
        hasher.add("included", name);
        hasher.add(
            "content",
            &content.map(|sha256| sha256.hex()).unwrap_or_default(),
        );
    }
    hasher.finish()
}

/// The whole key: the part before the build, and the inputs that a build has discovered. Unset
/// variables do not count, so that it does not matter which of them an older build has read.
pub(super) fn function_key(
    source_key: &str,
    discovered: &DiscoveredInputs,
    root: &Path,
    host: &Host,
    hashes: &mut FileHashes,
) -> String {
    let mut hasher = KeyHasher::new("function");
    hasher.add("source", source_key);
    for path in &discovered.files {
        hasher.add_below(root, path, hashes);
    }
    for name in &discovered.env {
        // An empty variable is not the same as none for `option_env!`.
        if let Some(value) = host.env.get(&canonical(name)) {
            hasher.add(name, value);
        }
    }
    hasher.finish()
}

/// The hash of a file or of all files in a folder, by its path relative to the source root.
pub(super) fn path_hash(path: &str, root: &Path, hashes: &mut FileHashes) -> String {
    let mut hasher = KeyHasher::new("path");
    hasher.add_below(root, path, hashes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_depends_on_content_and_relative_paths() {
        let key = |text: &str, name: &str, fact: &str| {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join(name);
            fs_err::write(&file, text).unwrap();
            source_key(
                dir.path(),
                &BTreeSet::from([fact.to_owned()]),
                &BTreeSet::from([file]),
                &BTreeMap::new(),
                &mut FileHashes::default(),
            )
        };
        let first = key("a", "a.rs", "x");
        assert_eq!(first.len(), 64);
        assert_eq!(key("a", "a.rs", "x"), first, "another folder");
        for other in [
            key("b", "a.rs", "x"),
            key("a", "b.rs", "x"),
            key("a", "a.rs", "y"),
        ] {
            assert_ne!(other, first);
        }
    }

    #[test]
    fn discovered_folders_and_set_variables_are_part_of_the_key() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("sql");
        fs_err::create_dir(&folder).unwrap();
        fs_err::write(folder.join("a.sql"), "select 1").unwrap();
        let discovered = DiscoveredInputs {
            files: BTreeSet::from(["sql".to_owned()]),
            env: BTreeSet::from(["GIT_SHA".to_owned()]),
        };
        let key = |discovered: &DiscoveredInputs, value: Option<&str>| {
            let mut host = Host::default();
            host.env
                .extend(value.map(|value| ("GIT_SHA".to_owned(), value.to_owned())));
            let hashes = &mut FileHashes::default();
            function_key("s", discovered, dir.path(), &host, hashes)
        };
        let first = key(&discovered, None);
        let without_names = DiscoveredInputs {
            env: BTreeSet::new(),
            ..discovered.clone()
        };
        assert_eq!(key(&without_names, Some("1")), first, "not read");
        assert_ne!(key(&discovered, Some("1")), first, "read");
        fs_err::write(folder.join("b.sql"), "select 2").unwrap();
        assert_ne!(key(&discovered, None), first, "new file");
    }

    #[test]
    fn a_file_that_changes_after_it_was_read_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.rs");
        fs_err::write(&file, "a").unwrap();
        let mut hashes = FileHashes::default();
        hashes.get(&file);
        assert_eq!(hashes.changed([&file].into_iter()), None);
        fs_err::write(&file, "longer").unwrap();
        assert_eq!(hashes.changed([&file].into_iter()), Some(&file));
    }
}
