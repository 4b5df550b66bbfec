//! The hashes of files: each is read once, and not again in the next run if it is the same.
//!
//! In: paths. Out: the SHA-256 of their content. The hashes are kept in a file of the project, with
//! the [`FileStamp`] of each file. A file that was changed just before a run could change again
//! without another stamp, because the clocks of file systems are coarse. So its hash is not kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::build::project::{file_hashes_file, own_dir};
use crate::fs::atomic_write::replace;
use crate::fs::digest::Sha256;
use crate::system::tool_cache::FileStamp;

/// The hashes of files, in hexadecimal.
#[derive(Debug, Default)]
pub(super) struct FileHashes {
    /// The files of this run.
    known: HashMap<PathBuf, FileHash>,
    /// The files of earlier runs, by the root of the project.
    kept: BTreeMap<PathBuf, KeptHashes>,
    /// The root of the project whose files are read.
    project: Option<PathBuf>,
    /// When this run started. If it is not known, no hashes are kept.
    started: Option<SystemTime>,
}

#[derive(Debug)]
struct FileHash {
    stamp: Option<FileStamp>,
    /// `None` if the file cannot be read.
    sha256: Option<String>,
}

/// The hashes that are kept for a project. Losing them costs only time.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct KeptHashes {
    files: HashMap<PathBuf, (FileStamp, String)>,
    #[serde(skip)]
    is_changed: bool,
}

impl FileHashes {
    /// Starts a run at this time.
    pub(super) fn new(started: SystemTime) -> Self {
        Self {
            started: Some(started),
            ..Self::default()
        }
    }

    /// Uses the hashes that are kept for a project.
    pub(super) fn use_project(&mut self, root: Option<&Path>) {
        if self.project.as_deref() == root {
            return;
        }
        self.project = root.map(Path::to_owned);
        if let Some(root) = root {
            let kept = self.kept.entry(root.to_owned());
            kept.or_insert_with(|| KeptHashes::load(root));
        }
    }

    /// The hash of a file; `None` if it cannot be read.
    pub(super) fn get(&mut self, file: &Path) -> Option<String> {
        if let Some(known) = self.known.get(file) {
            return known.sha256.clone();
        }
        // The metadata is read first, so that a later write is detected.
        let stamp = FileStamp::read(file);
        let sha256 = self.get_with_stamp(file, stamp);
        let hash = FileHash {
            stamp,
            sha256: sha256.clone(),
        };
        self.known.insert(file.to_owned(), hash);
        sha256
    }

    fn get_with_stamp(&mut self, file: &Path, stamp: Option<FileStamp>) -> Option<String> {
        let stamp = stamp?;
        let kept = self.project.as_ref().and_then(|it| self.kept.get_mut(it));
        if let Some((kept, sha256)) = kept.as_ref().and_then(|it| it.files.get(file))
            && *kept == stamp
        {
            return Some(sha256.clone());
        }
        let sha256 = Sha256::digest_file(file).ok()?.hex();
        if let (Some(kept), Some(started)) = (kept, self.started)
            && stamp.is_settled(started)
            && file.to_str().is_some()
        {
            kept.files.insert(file.to_owned(), (stamp, sha256.clone()));
            kept.is_changed = true;
        }
        Some(sha256)
    }

    /// The files that have changed since they were read.
    pub(super) fn changed_files(&self) -> BTreeSet<PathBuf> {
        let changed = self
            .known
            .iter()
            .filter(|(file, hash)| FileStamp::read(file) != hash.stamp);
        changed.map(|(file, _)| file.clone()).collect()
    }

    /// Keeps the hashes for the next run.
    pub(super) fn keep(&mut self) -> anyhow::Result<()> {
        for (root, kept) in &mut self.kept {
            // The folder is created with the first results.
            if kept.is_changed && own_dir(root).is_dir() {
                kept.files.retain(|file, _| file.exists());
                replace(&file_hashes_file(root), &serde_json::to_vec(kept)?)?;
                kept.is_changed = false;
            }
        }
        Ok(())
    }
}

impl KeptHashes {
    fn load(root: &Path) -> Self {
        let bytes = fs_err::read(file_hashes_file(root)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A run in a project an hour later. It returns the hash of a file, and keeps the hashes.
    fn run(project: &Path, file: &Path) -> Option<String> {
        run_at(SystemTime::now() + HOUR, project, file)
    }

    fn run_at(started: SystemTime, project: &Path, file: &Path) -> Option<String> {
        let mut hashes = FileHashes::new(started);
        hashes.use_project(Some(project));
        let hash = hashes.get(file);
        hashes.keep().unwrap();
        hash
    }

    fn kept(project: &Path) -> Vec<PathBuf> {
        let files = KeptHashes::load(project).files;
        files.into_keys().collect()
    }

    fn hash(text: &str) -> Option<String> {
        Some(Sha256::digest(text.as_bytes()).hex())
    }

    const HOUR: Duration = Duration::from_secs(3600);

    fn project() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(own_dir(dir.path())).unwrap();
        let file = dir.path().join("a.rs");
        fs_err::write(&file, "a").unwrap();
        (dir, file)
    }

    #[test]
    fn a_file_that_changes_after_it_was_read_is_noticed() {
        let (_dir, file) = project();
        let mut hashes = FileHashes::default();
        hashes.get(&file);
        assert!(hashes.changed_files().is_empty());
        fs_err::write(&file, "longer").unwrap();
        assert_eq!(hashes.changed_files(), BTreeSet::from([file.clone()]));
        fs_err::remove_file(&file).unwrap();
        assert_eq!(hashes.changed_files(), BTreeSet::from([file]));
    }

    #[test]
    #[cfg(unix)]
    fn a_file_with_the_same_stamp_is_not_read_again() {
        let (dir, file) = project();
        assert_eq!(run(dir.path(), &file), hash("a"));
        assert_eq!(kept(dir.path()), [file.as_path()]);
        let json = file_hashes_file(dir.path());
        let text = fs_err::read_to_string(&json).unwrap();
        let other = text.replace(&hash("a").unwrap(), "other");
        fs_err::write(&json, other).unwrap();
        assert_eq!(run(dir.path(), &file), Some("other".to_owned()));
    }

    #[test]
    fn a_file_with_another_stamp_is_read_again() {
        let (dir, file) = project();
        run(dir.path(), &file);
        // The clock of the file system may not have advanced.
        std::thread::sleep(Duration::from_millis(20));
        let data = fs_err::metadata(&file).unwrap();
        fs_err::write(&file, "b").unwrap();
        let opened = std::fs::File::options().write(true).open(&file).unwrap();
        opened.set_modified(data.modified().unwrap()).unwrap();
        // Windows removes a file when it is closed.
        drop(opened);
        assert_eq!(run(dir.path(), &file), hash("b"));
        fs_err::remove_file(&file).unwrap();
        assert_eq!(run(dir.path(), &file), None);
    }

    /// The clock of the file system may give both contents the same time.
    #[test]
    fn the_hash_of_a_file_that_was_changed_just_now_is_not_kept() {
        let (dir, file) = project();
        for text in ["a", "b", "c"] {
            fs_err::write(&file, text).unwrap();
            let now = fs_err::metadata(&file).unwrap().modified().unwrap();
            assert_eq!(run_at(now, dir.path(), &file), hash(text));
            assert!(kept(dir.path()).is_empty());
        }
    }

    #[test]
    #[cfg(unix)]
    fn removed_files_are_forgotten_and_those_of_other_functions_are_not() {
        let (dir, first) = project();
        let others = ["b.rs", "c.rs"].map(|name| dir.path().join(name));
        let [second, third] = &others;
        for file in &others {
            fs_err::write(file, "").unwrap();
        }
        run(dir.path(), &first);
        run(dir.path(), second);
        fs_err::remove_file(&first).unwrap();
        run(dir.path(), third);
        let kept: BTreeSet<_> = kept(dir.path()).into_iter().collect();
        assert_eq!(kept, others.into());
    }
}
