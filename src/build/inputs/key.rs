//! The key of a function: a hash of everything that decides the bytes of its zip.
//!
//! In: settings, facts, and files. Out: a SHA-256 in hexadecimal. The first part is known before a
//! build. The second part adds the inputs that a build has discovered. Paths are relative, so that
//! two clones in different folders have the same keys.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::Digest;

use crate::build::inputs::file_hashes::FileHashes;
use crate::build::inputs::package_files::files_below;
use crate::build::inputs::{ProgramInputs, SharedInputs};
use crate::build::plan::DiscoveredInputs;
use crate::fs::digest::Sha256;
use crate::fs::path;
use crate::fs::path::relative;
use crate::system::host::{Host, canonical};

/// The version of the rules for keys. It is part of each key.
const RULES: &str = "cargo-lambdapack inputs 3";

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
        let content = content.as_deref().unwrap_or("missing");
        self.add(&relative(Some(root), file), content);
    }

    /// Adds a file, or all files in a folder.
    fn add_below(&mut self, root: &Path, path: &str, hashes: &mut FileHashes) {
        for file in files_below(&path::join(root, path)) {
            self.add_file(root, &file, hashes);
        }
    }

    fn add_inputs(
        &mut self,
        root: &Path,
        facts: &BTreeSet<String>,
        files: &BTreeSet<PathBuf>,
        hashes: &mut FileHashes,
    ) {
        for fact in facts {
            self.add("fact", fact);
        }
        for file in files {
            self.add_file(root, file, hashes);
        }
    }

    fn finish(self) -> String {
        Sha256::from(self.0).hex()
    }
}

/// The key of everything that a compiler may read, as far as it is known before a build. Paths are
/// relative to the source root.
pub(super) fn compiler_key(root: &Path, inputs: &ProgramInputs, hashes: &mut FileHashes) -> String {
    let mut hasher = KeyHasher::new("compiler");
    hasher.add_inputs(root, &inputs.facts, &inputs.files, hashes);
    let shared = inputs.shared.iter();
    let shared: BTreeSet<_> = shared.map(|it| shared_hash(root, it, hashes)).collect();
    for hash in shared {
        hasher.add("shared", hash);
    }
    hasher.finish()
}

/// The part of a key that is known before a build: that of the compiler, facts about the zip, and
/// the included files.
pub(super) fn source_key(
    compiler_key: &str,
    facts: &BTreeSet<String>,
    included: &BTreeMap<&str, &Path>,
    hashes: &mut FileHashes,
) -> String {
    let mut hasher = KeyHasher::new("source");
    hasher.add("compiler", compiler_key);
    for fact in facts {
        hasher.add("fact", fact);
    }
    for (name, file) in included {
        let content = hashes.get(file);
        hasher.add("included", name);
        hasher.add("content", &content.unwrap_or_default());
    }
    hasher.finish()
}

/// The hash of inputs that many programs share. It is computed once.
fn shared_hash<'a>(root: &Path, shared: &'a SharedInputs, hashes: &mut FileHashes) -> &'a str {
    shared.hash.get_or_init(|| {
        let mut hasher = KeyHasher::new("shared");
        hasher.add_inputs(root, &shared.facts, &shared.files, hashes);
        hasher.finish()
    })
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
    use std::rc::Rc;

    use super::*;

    #[test]
    fn a_key_depends_on_content_and_relative_paths() {
        let key = |text: &str, name: &str, fact: &str| {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join(name);
            fs_err::write(&file, text).unwrap();
            let facts = BTreeSet::from([fact.to_owned()]);
            let files = BTreeSet::from([file]);
            let own = ProgramInputs {
                files: files.clone(),
                facts: facts.clone(),
                ..ProgramInputs::default()
            };
            let mut shared = ProgramInputs::default();
            shared.share(&Rc::new(SharedInputs {
                files,
                facts,
                ..SharedInputs::default()
            }));
            [own, shared].map(|it| compiler_key(dir.path(), &it, &mut FileHashes::default()))
        };
        let first = key("a", "a.rs", "x");
        assert_eq!(first[0].len(), 64);
        assert_ne!(first[0], first[1]);
        assert_eq!(key("a", "a.rs", "x"), first, "another folder");
        for other in [
            key("b", "a.rs", "x"),
            key("a", "b.rs", "x"),
            key("a", "a.rs", "y"),
        ] {
            for (other, first) in other.iter().zip(&first) {
                assert_ne!(other, first);
            }
        }
    }

    #[test]
    fn the_order_of_shared_inputs_does_not_matter() {
        let shared = |fact: &str| {
            Rc::new(SharedInputs {
                facts: BTreeSet::from([fact.to_owned()]),
                ..SharedInputs::default()
            })
        };
        let key = |shared: &[Rc<SharedInputs>]| {
            let mut inputs = ProgramInputs::default();
            for shared in shared {
                inputs.share(shared);
            }
            let hashes = &mut FileHashes::default();
            compiler_key(Path::new("/w"), &inputs, hashes)
        };
        let (a, b) = (shared("a"), shared("b"));
        let both = key(&[Rc::clone(&a), Rc::clone(&b)]);
        assert_eq!(key(&[Rc::clone(&b), Rc::clone(&a)]), both);
        assert_ne!(key(&[a]), both);
        assert_ne!(key(&[b]), both);
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
}
