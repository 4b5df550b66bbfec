//! What tools answered before, kept as long as it still holds.
//!
//! `cargo metadata`, `go list` and `rustc -vV` cost more than a build in which
//! nothing changed. Their answers are kept with everything that could change
//! them: files and folders by their [`Stamp`], variables by value, glob
//! patterns by what they match. One thing differs, and the tool is asked again.
//! Absent: the questions; those are in `project/`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::host::Host;

/// What the system says of a file without reading it: size, modification and
/// change times in nanoseconds, inode. On Windows the change time is missing,
/// so there a stamp alone proves nothing about content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp(u64, i128, i128, u64);

impl Stamp {
    /// The stamp of a file or folder; `None` where there is none.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        fs_err::metadata(path).ok().map(|data| Self::from(&data))
    }

    /// Whether a file with the same stamp surely has the same content: only
    /// where the system keeps a change time that no program can set.
    #[must_use]
    pub const fn proves_content(self) -> bool {
        self.2 != 0
    }

    /// The size in bytes.
    #[must_use]
    pub const fn len(self) -> u64 {
        self.0
    }

    /// Whether the file is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl From<&std::fs::Metadata> for Stamp {
    #[cfg(unix)]
    fn from(data: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanos =
            |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        Self(
            data.len(),
            nanos(data.mtime(), data.mtime_nsec()),
            nanos(data.ctime(), data.ctime_nsec()),
            data.ino(),
        )
    }

    #[cfg(windows)]
    fn from(data: &std::fs::Metadata) -> Self {
        use std::os::windows::fs::MetadataExt;
        Self(data.len(), data.last_write_time().into(), 0, 0)
    }
}

/// Everything that an answer depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    env: BTreeMap<String, String>,
    files: BTreeMap<PathBuf, Option<Stamp>>,
    globs: BTreeMap<String, Vec<PathBuf>>,
    trees: BTreeMap<PathBuf, String>,
}

impl Inputs {
    /// Inputs that depend on these variables alone, so far.
    #[must_use]
    pub fn new(env: BTreeMap<String, String>) -> Self {
        Self {
            env,
            ..Self::default()
        }
    }

    /// A file or folder, there or not.
    pub fn file(&mut self, path: impl Into<PathBuf>) {
        let path = path.into();
        let stamp = Stamp::of(&path);
        self.files.insert(path, stamp);
    }

    /// A glob pattern.
    pub fn glob(&mut self, pattern: String) {
        let found = expand(&pattern);
        self.globs.insert(pattern, found);
    }

    /// All Go files and module files below a folder.
    pub fn tree(&mut self, root: &Path) {
        self.trees.insert(root.to_owned(), go_tree(root));
    }

    fn hold(&self, env: &BTreeMap<String, String>) -> bool {
        self.env == *env
            && self.files.iter().all(|(path, s)| Stamp::of(path) == *s)
            && self.globs.iter().all(|(pattern, f)| expand(pattern) == *f)
            && self.trees.iter().all(|(root, tree)| go_tree(root) == *tree)
    }
}

/// The paths that match, sorted; an unreadable folder matches nothing, as in cargo.
#[must_use]
pub fn expand(pattern: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = glob::glob(pattern)
        .map(|paths| paths.filter_map(Result::ok).collect())
        .unwrap_or_default();
    found.sort();
    found
}

/// One digest over the stamps of all that `go list ./...` reads.
///
/// The folders that go passes over are passed over: hidden ones, those that
/// start with an underscore, `testdata`; `vendor`, which `modules.txt` stands
/// for; and `node_modules` and cargo's target folder, which are large and hold
/// nobody's Go packages.
fn go_tree(root: &Path) -> String {
    let mut digest = Sha256::new();
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
            let skipped = name.starts_with(['.', '_'])
                || ["testdata", "node_modules", "vendor"].contains(&&*name)
                || (name == "target" && entry.path().join("CACHEDIR.TAG").exists());
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !skipped {
                folders.push(entry.path());
            } else if name.ends_with(".go") || ["go.mod", "go.sum", "go.work"].contains(&&*name) {
                let stamp = entry.metadata().map(|data| Stamp::from(&data)).ok();
                digest.update(format!("{}\0{stamp:?}\n", entry.path().display()));
            }
        }
        let vendored = Stamp::of(&folder.join("vendor/modules.txt"));
        digest.update(format!("{vendored:?}\n"));
    }
    format!("{:x}", Hex(digest.finalize().as_slice()))
}

struct Hex<'a>(&'a [u8]);

impl std::fmt::LowerHex for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    inputs: Inputs,
    value: serde_json::Value,
}

/// Answers by question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Surveys {
    answers: BTreeMap<String, Answer>,
    #[serde(skip)]
    used: BTreeSet<String>,
}

impl Surveys {
    /// The answers that are kept in a project's cache file, if there are any.
    /// A file that is missing or cannot be read holds none: asking again is
    /// always right.
    #[must_use]
    pub fn load(cache: &Path) -> Self {
        #[derive(Deserialize)]
        struct Kept {
            surveys: Surveys,
        }
        fs_err::read(cache)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok())
            .map(|kept| kept.surveys)
            .unwrap_or_default()
    }

    /// The kept answer to a question, or the answer of `ask`, which also names
    /// what it depends on. `env` are the variables that matter.
    ///
    /// # Errors
    /// Those of `ask`.
    pub fn get<T: Serialize + DeserializeOwned>(
        &mut self,
        question: String,
        env: BTreeMap<String, String>,
        ask: impl FnOnce(&mut Inputs) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.used.insert(question.clone());
        if let Some(answer) = self.answers.get(&question)
            && answer.inputs.hold(&env)
            && let Ok(value) = T::deserialize(&answer.value)
        {
            return Ok(value);
        }
        let mut inputs = Inputs::new(env);
        let value = ask(&mut inputs)?;
        let answer = Answer {
            inputs,
            value: serde_json::to_value(&value).context("cannot keep an answer")?,
        };
        self.answers.insert(question, answer);
        Ok(value)
    }

    /// Takes over the answers that are not here yet.
    pub fn add(&mut self, other: Self) {
        for (question, answer) in other.answers {
            self.answers.entry(question).or_insert(answer);
        }
    }

    /// The answers that this run used.
    #[must_use]
    pub fn used(mut self) -> Self {
        let used = std::mem::take(&mut self.used);
        self.answers.retain(|question, _| used.contains(question));
        self
    }
}

/// The variables that decide what cargo and rustc answer: not those that only
/// change how they look, nor what cargo tells the programs it runs.
#[must_use]
pub fn rust_env(host: &Host) -> BTreeMap<String, String> {
    let mut env = host.vars_like(&["CARGO", "RUST", "CC", "AR", "TARGET_"]);
    env.extend(host.vars_like(&["PATH", "HOME", "USERPROFILE"]));
    env.retain(|name, _| {
        !["CARGO_TERM_", "CARGO_PKG_", "CARGO_LOG", "CARGO_MAKEFLAGS"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            && !["RUST_BACKTRACE", "RUST_LOG", "RUST_RECURSION_COUNT"].contains(&name.as_str())
            && !["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].contains(&name.as_str())
    });
    env
}

/// The variables that decide what go answers.
#[must_use]
pub fn go_env(host: &Host) -> BTreeMap<String, String> {
    host.vars_like(&[
        "GO",
        "CGO_",
        "PATH",
        "HOME",
        "USERPROFILE",
        "XDG_CONFIG_HOME",
        "APPDATA",
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(surveys: &mut Surveys, env: &str, file: &Path, answer: u32) -> u32 {
        let env = BTreeMap::from([("GOFLAGS".to_owned(), env.to_owned())]);
        surveys
            .get("version".into(), env, |inputs| {
                inputs.file(file);
                Ok(answer)
            })
            .unwrap()
    }

    #[test]
    fn an_answer_is_kept_until_something_it_depends_on_changes() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("go.mod");
        let mut surveys = Surveys::default();
        assert_eq!(ask(&mut surveys, "", &file, 1), 1);
        assert_eq!(ask(&mut surveys, "", &file, 2), 1, "kept");
        assert_eq!(ask(&mut surveys, "-mod=mod", &file, 3), 3, "variable");
        fs_err::write(&file, "module m").unwrap();
        assert_eq!(ask(&mut surveys, "-mod=mod", &file, 4), 4, "file");
        assert_eq!(ask(&mut surveys, "-mod=mod", &file, 5), 4, "kept");
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
        fs_err::write(dir.path().join("cmd/a/main.go"), "package main").unwrap();
        assert_ne!(go_tree(dir.path()), before);
    }
}
