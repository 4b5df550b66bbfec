//! Answers of tools in a folder that several clones and machines share.
//!
//! In: answers with their inputs. Out: one file per question. The path of the repository is
//! replaced by a placeholder, and files are compared by their content, because their metadata
//! differs between clones. Folders outside the repository are still compared by their metadata.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_128;

use crate::fs::atomic_write::replace;
use crate::fs::digest::HashingWriter;
use crate::fs::file_stamp::modified;
use crate::fs::last_use::{is_unused_for, mark_as_used};
use crate::system::tool_cache::inputs::{self, AnswerInputs};
use crate::system::tool_cache::{CachedAnswer, FileStamp};

/// It takes the place of the repository's path. No path contains the character.
const ROOT: &str = "\u{1}root";

/// How exactly the last use of an answer is recorded, so that most runs write nothing.
const LAST_USE: Duration = Duration::from_secs(60 * 60);

/// The folder of the answers in the folder of `--cache`.
pub(crate) fn answers_dir(cache: &Path) -> PathBuf {
    cache.join("answers")
}

/// The folder of the answers, for one repository.
#[derive(Debug, Clone)]
pub(super) struct SharedAnswers {
    dir: PathBuf,
    /// The root of the repository, as it is written in questions and patterns.
    root: String,
    /// The contents that were compared, with the metadata before that. Several answers depend on
    /// the same large programs.
    contents: BTreeMap<PathBuf, (Option<FileStamp>, FileContent)>,
}

/// An answer that does not depend on the path of the repository.
#[derive(Debug, Serialize, Deserialize)]
struct SharedAnswer {
    /// When its inputs were read. The modification time of the file is that of its last use.
    stored: SystemTime,
    question: String,
    env: String,
    files: BTreeMap<String, FileContent>,
    globs: BTreeMap<String, Vec<String>>,
    trees: BTreeMap<String, String>,
    listings: BTreeMap<String, String>,
    /// The answer as JSON.
    value: String,
}

/// How a file is recognized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum FileContent {
    Missing,
    Folder(Option<FileStamp>),
    /// An XXH3 hash, which detects accidental changes.
    Hash(String),
}

impl FileContent {
    fn read(path: &Path) -> Self {
        match fs_err::metadata(path) {
            Err(_) => Self::Missing,
            Ok(data) if data.is_dir() => Self::Folder(FileStamp::read(path)),
            Ok(_) => hash(path).map_or(Self::Missing, Self::Hash),
        }
    }
}

/// A hash of a file. Programs can be large, so they are not read at once.
fn hash(path: &Path) -> std::io::Result<String> {
    let mut file = BufReader::with_capacity(1 << 16, fs_err::File::open(path)?);
    let mut hashing = HashingWriter::new(std::io::sink(), false);
    std::io::copy(&mut file, &mut hashing)?;
    Ok(format!("{:032x}", hashing.digest().xxh3))
}

impl SharedAnswers {
    pub(super) fn new(dir: &Path, root: &Path) -> Self {
        Self {
            dir: answers_dir(dir),
            root: root.display().to_string(),
            contents: BTreeMap::new(),
        }
    }

    /// Whether both are the same folder and the same repository.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.dir == other.dir && self.root == other.root
    }

    fn content(&mut self, path: &Path) -> FileContent {
        let stamp = FileStamp::read(path);
        match self.contents.get(path) {
            Some((known, content)) if *known == stamp => content.clone(),
            _ => {
                let content = FileContent::read(path);
                let known = (stamp, content.clone());
                self.contents.insert(path.to_owned(), known);
                content
            }
        }
    }

    fn file(&self, question: &str) -> PathBuf {
        let question = self.without_root(question);
        let hash = xxh3_128(question.as_bytes());
        self.dir.join(format!("{hash:032x}.json"))
    }

    /// The answer to a question, if all of its inputs have the same content.
    pub(super) fn find(
        &mut self,
        question: &str,
        env: &BTreeMap<String, String>,
    ) -> Option<CachedAnswer> {
        let bytes = fs_err::read(self.file(question)).ok()?;
        let answer: SharedAnswer = serde_json::from_slice(&bytes).ok()?;
        if answer.question != self.without_root(question) || answer.env != inputs::digest(env) {
            return None;
        }
        let mut current = AnswerInputs::new(env.clone());
        for (path, content) in &answer.files {
            let path = PathBuf::from(self.with_root(path));
            // The metadata is read before the content, so that a later change is detected.
            current.file(&path);
            if self.content(&path) != *content {
                return None;
            }
        }
        for (pattern, paths) in &answer.globs {
            let found = current.glob(self.with_root(pattern));
            if !found
                .iter()
                .map(|path| self.portable(path))
                .eq(paths.iter().cloned())
            {
                return None;
            }
        }
        for (path, tree) in &answer.trees {
            let path = PathBuf::from(self.with_root(path));
            current.tree(&path);
            if inputs::tree_content(&path) != *tree {
                return None;
            }
        }
        for (path, names) in &answer.listings {
            let path = PathBuf::from(self.with_root(path));
            current.listing(&path);
            if inputs::listing(&path) != *names {
                return None;
            }
        }
        let value = self.with_escaped_root(&answer.value);
        Some(CachedAnswer {
            inputs: current,
            value: RawValue::from_string(value).ok()?,
        })
    }

    /// Stores an answer, unless it was stored after its inputs were changed for the last time.
    /// Returns whether it was written.
    pub(super) fn store(&self, question: &str, answer: &CachedAnswer) -> anyhow::Result<bool> {
        let (file, inputs) = (self.file(question), &answer.inputs);
        if self.is_stored(&file, inputs) {
            if fs_err::metadata(&file).is_ok_and(|data| is_unused_for(&data, LAST_USE)) {
                mark_as_used(&file);
            }
            return Ok(false);
        }
        let shared = SharedAnswer {
            stored: SystemTime::now(),
            question: self.without_root(question),
            env: inputs.env.clone(),
            files: inputs
                .files
                .iter()
                .map(|(path, _)| (self.portable(path), FileContent::read(path)))
                .collect(),
            globs: inputs
                .globs
                .iter()
                .map(|(pattern, paths)| {
                    let paths = paths.iter().map(|path| self.portable(path));
                    (self.without_root(pattern), paths.collect())
                })
                .collect(),
            trees: self.trees(inputs),
            listings: self.listings(inputs),
            value: self.without_escaped_root(answer.value.get()),
        };
        // The content was read after the answer was given. It may be newer than the answer.
        if !inputs.files_are_unchanged() {
            return Ok(false);
        }
        fs_err::create_dir_all(&self.dir)?;
        replace(&file, &serde_json::to_vec(&shared)?)?;
        Ok(true)
    }

    /// Whether a stored answer is newer than the inputs of an answer. Go files are compared by
    /// their content, because there are many, and their metadata is not recorded.
    fn is_stored(&self, file: &Path, inputs: &AnswerInputs) -> bool {
        let newest = inputs
            .files
            .iter()
            .filter_map(|(path, _)| modified(path))
            .max();
        let Ok(bytes) = fs_err::read(file) else {
            return false;
        };
        let Ok(stored) = serde_json::from_slice::<SharedAnswer>(&bytes) else {
            return false;
        };
        Some(stored.stored) > newest
            && stored.listings == self.listings(inputs)
            && stored.trees == self.trees(inputs)
    }

    fn trees(&self, inputs: &AnswerInputs) -> BTreeMap<String, String> {
        let trees = inputs.trees.keys();
        trees
            .map(|path| (self.portable(path), inputs::tree_content(path)))
            .collect()
    }

    fn listings(&self, inputs: &AnswerInputs) -> BTreeMap<String, String> {
        let listings = inputs.listings.iter();
        listings
            .map(|(path, names)| (self.portable(path), names.clone()))
            .collect()
    }

    fn portable(&self, path: &Path) -> String {
        self.without_root(&path.display().to_string())
    }

    fn without_root(&self, text: &str) -> String {
        replace_path(text, &self.root, ROOT)
    }

    fn with_root(&self, text: &str) -> String {
        text.replace(ROOT, &self.root)
    }

    /// In JSON, the backslashes of Windows are escaped, and so is the placeholder.
    fn without_escaped_root(&self, json: &str) -> String {
        replace_path(json, &escaped(&self.root), &escaped(ROOT))
    }

    fn with_escaped_root(&self, json: &str) -> String {
        json.replace(&escaped(ROOT), &escaped(&self.root))
    }
}

/// A text as it is written between the quotes of JSON.
fn escaped(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    json.trim_matches('"').to_owned()
}

/// Replaces a path and the start of longer paths, but not the start of a longer name.
fn replace_path(text: &str, path: &str, new: &str) -> String {
    let is_in_name = |letter: char| letter.is_alphanumeric() || ['-', '_', '.'].contains(&letter);
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(path).filter(|_| path.len() > 1) {
        let (before, after) = (&rest[..at], &rest[at + path.len()..]);
        let is_name = before.ends_with(is_in_name) || after.starts_with(is_in_name);
        replaced.push_str(before);
        replaced.push_str(if is_name { path } else { new });
        rest = after;
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::file_stamp::modified;
    use crate::fs::folder::entries;
    use crate::system::tool_cache::ToolCache;

    #[test]
    fn only_whole_paths_are_replaced() {
        for (text, expected) in [
            ("/w", "X"),
            ("cargo /w/a --x=/w", "cargo X/a --x=X"),
            ("/work /a/w /w-2 /w.old", "/work /a/w /w-2 /w.old"),
            ("\"/w\",\"/w/a\"", "\"X\",\"X/a\""),
        ] {
            assert_eq!(replace_path(text, "/w", "X"), expected, "{text}");
        }
    }

    fn ask(cache: &Path, root: &Path, answer: u32) -> (u32, PathBuf) {
        let mut tools = ToolCache::default();
        tools.share(cache, root);
        let question = format!("cargo {}", root.display());
        let answer = tools.get(question, BTreeMap::new(), |inputs| {
            inputs.file(root.join("Cargo.toml"));
            inputs.file(root.join("missing"));
            inputs.listing(root);
            inputs.glob(format!("{}/*.toml", root.display()));
            inputs.tree(root);
            Ok((answer, root.join("target")))
        });
        tools.store_shared();
        answer.unwrap()
    }

    #[test]
    fn an_answer_that_is_older_than_its_files_is_not_shared() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, root) = (dir.path().join("cache"), dir.path().join("clone"));
        fs_err::create_dir(&root).unwrap();
        let mut tools = ToolCache::default();
        tools.share(&cache, &root);
        let ask = |inputs: &mut AnswerInputs| {
            inputs.tree(&root);
            fs_err::write(root.join("main.go"), "package main")?;
            Ok(1)
        };
        let answer = tools.get("go list".to_owned(), BTreeMap::new(), ask);
        assert_eq!(answer.unwrap(), 1);
        tools.store_shared();
        assert!(!cache.exists());
    }

    /// The files of the answers with the times of their last use.
    fn used(cache: &Path) -> Vec<(PathBuf, SystemTime)> {
        let files = answers_dir(cache);
        entries(&files)
            .filter(|file| file.extension().is_some_and(|it| it == "json"))
            .filter_map(|file| {
                let used = modified(&file)?;
                Some((file, used))
            })
            .collect()
    }

    fn set_last_use(file: &Path, age: Duration) {
        let file = std::fs::File::options().append(true).open(file).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn the_last_use_of_an_answer_is_recorded_once_an_hour() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, root) = (dir.path().join("cache"), dir.path().join("clone"));
        fs_err::create_dir(&root).unwrap();
        fs_err::write(root.join("Cargo.toml"), "[package]").unwrap();
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        ask(&cache, &root, 1);
        let file = used(&cache)[0].0.clone();
        for (age, is_recorded) in [(50, false), (70, true)] {
            set_last_use(&file, minutes(age));
            assert_eq!(ask(&cache, &root, 2).0, 1, "shared");
            let is_new = used(&cache)[0].1.elapsed().unwrap_or_default() < minutes(5);
            assert_eq!(is_new, is_recorded, "after {age} minutes");
        }
        // A change that is newer than the answer, but older than its last use.
        let manifest = root.join("Cargo.toml");
        fs_err::write(&manifest, "[workspace]").unwrap();
        // The file system's clock may be a few milliseconds late.
        mark_as_used(&manifest);
        mark_as_used(&file);
        assert_eq!(ask(&cache, &root, 3).0, 3);
        assert_eq!(ask(&cache, &root, 4).0, 3, "the newer answer is stored");
    }

    #[test]
    fn an_answer_that_another_run_removes_is_asked_again() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let dir = tempfile::tempdir().unwrap();
        let (cache, root) = (dir.path().join("cache"), dir.path().join("clone"));
        fs_err::create_dir(&root).unwrap();
        ask(&cache, &root, 0);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    for (file, _) in used(&cache) {
                        let _ = fs_err::remove_file(file);
                    }
                }
            });
            let answers: Vec<_> = (1..200).map(|run| ask(&cache, &root, run).0).collect();
            done.store(true, Ordering::Relaxed);
            // Each run has its own answer, or one that an earlier run has stored.
            assert!(answers.is_sorted(), "{answers:?}");
        });
    }

    #[test]
    fn another_clone_gets_the_answer_until_the_content_differs() {
        let dir = tempfile::tempdir().unwrap();
        let cache = dir.path().join("cache");
        let clones = ["first", "second clone"].map(|name| dir.path().join(name));
        for clone in &clones {
            fs_err::create_dir(clone).unwrap();
            fs_err::write(clone.join("Cargo.toml"), "[package]").unwrap();
            fs_err::write(clone.join("main.go"), "package main").unwrap();
        }
        let [first, second] = &clones;
        assert_eq!(ask(&cache, first, 1), (1, first.join("target")));
        assert_eq!(ask(&cache, second, 2), (1, second.join("target")), "shared");
        fs_err::write(second.join("main.go"), "package other").unwrap();
        assert_eq!(ask(&cache, second, 3).0, 3, "Go file");
        assert_eq!(ask(&cache, first, 4).0, 4, "the newer answer is stored");
        for file in ["missing", "page.html"] {
            fs_err::write(first.join(file), "").unwrap();
            assert_eq!(ask(&cache, first, 5).0, 5, "new file");
            assert_eq!(ask(&cache, first, 6).0, 5, "the newer answer is stored");
        }
    }
}
