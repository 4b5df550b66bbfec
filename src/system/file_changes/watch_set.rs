//! The folders and files to watch, and the rules for those that are ignored.
//!
//! In: paths of the caller. Out: resolved paths, and a walk through the folders.
//!
//! Symlinked folders inside of a folder are not followed, because they can lead anywhere. Files
//! behind them can be added as single files.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::fs::path::{resolve, resolve_parent};

/// Identifies the owner of a folder or file, such as a project. The caller chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SourceId(pub usize);

/// Changed paths and the sources that they belong to.
pub(super) type Changes = BTreeSet<(SourceId, PathBuf)>;

/// What to watch. All paths are absolute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WatchSet {
    pub(super) folders: Vec<WatchedFolder>,
    pub(super) files: BTreeMap<PathBuf, BTreeSet<SourceId>>,
}

/// A folder that is watched with its subfolders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WatchedFolder {
    pub id: SourceId,
    pub path: PathBuf,
    /// Subfolders that are not watched.
    ignored: BTreeSet<PathBuf>,
}

/// An entry that [`WatchedFolder::walk`] visits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'a> {
    /// A folder that will be read next.
    Folder(&'a Path),
    IgnoredFolder(&'a Path),
    /// A file that may be source code.
    File(&'a Path),
}

impl WatchSet {
    /// Adds a folder with its subfolders, except for `ignored`. The folder need not exist.
    ///
    /// Folders of git, npm, and tagged cache folders such as Cargo's `target` are always ignored.
    pub(crate) fn add_folder<P: AsRef<Path>>(
        &mut self,
        id: SourceId,
        path: &Path,
        ignored: impl IntoIterator<Item = P>,
    ) {
        let folder = WatchedFolder {
            id,
            path: resolve(path, ""),
            ignored: ignored
                .into_iter()
                .map(|folder| resolve(path, folder))
                .collect(),
        };
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
        }
    }

    /// Adds a single file, even in an ignored folder. The file need not exist.
    ///
    /// Do not add files that a build writes, such as those in Cargo's `OUT_DIR`: each build would
    /// cause another one.
    pub(crate) fn add_file(&mut self, id: SourceId, path: &Path) {
        // A symlink can be replaced, and its target can change.
        for path in [resolve_parent(path, Path::new("")), resolve(path, "")] {
            self.files.entry(path).or_default().insert(id);
        }
    }

    /// Whether a file is in a folder of a source, and not ignored.
    pub(crate) fn has_folder_of(&self, id: SourceId, file: &Path) -> bool {
        let mut folders = self.folders.iter().filter(|folder| folder.id == id);
        folders.any(|folder| folder.contains(file))
    }

    /// Splits the set into the paths for which the predicate is false and true.
    pub(super) fn partition(self, predicate: impl Fn(&Path) -> bool) -> (Self, Self) {
        let (yes, no) = self
            .folders
            .into_iter()
            .partition(|folder| predicate(&folder.path));
        let (yes_files, no_files) = self
            .files
            .into_iter()
            .partition(|(path, _)| predicate(path));
        let set = |folders, files| Self { folders, files };
        (set(no, no_files), set(yes, yes_files))
    }

    /// All folders and files, for when it is unknown which of them changed.
    pub(super) fn everything(&self) -> Changes {
        let folders = self.folders.iter().map(|it| (it.id, it.path.clone()));
        let files = self
            .files
            .iter()
            .flat_map(|(path, ids)| ids.iter().map(|id| (*id, path.clone())));
        folders.chain(files).collect()
    }

    /// The folders whose entries must be watched: each folder, and the parent of each file.
    pub(super) fn needed_folders(&self) -> BTreeSet<PathBuf> {
        let folders = self.folders.iter().map(|folder| folder.path.as_path());
        let parents = self.files.keys().filter_map(|file| file.parent());
        folders.chain(parents).map(Path::to_owned).collect()
    }

    pub(super) fn has_source(&self, id: SourceId) -> bool {
        self.folders.iter().any(|folder| folder.id == id)
            || self.files.values().any(|ids| ids.contains(&id))
    }

    /// Adds a path to the changes of the sources that watch it as a single file.
    pub(super) fn report_file(&self, path: &Path, changes: &mut Changes) {
        for id in self.files.get(path).into_iter().flatten() {
            changes.insert((*id, path.to_owned()));
        }
    }
}

impl WatchedFolder {
    /// Visits the entries of `start`, which is this folder or a subfolder, and of its subfolders.
    /// Entries that cannot be read are skipped, because no compiler can read them either.
    pub(super) fn walk<E>(
        &self,
        start: &Path,
        mut visit: impl FnMut(Found<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut queue = vec![start.to_owned()];
        while let Some(folder) = queue.pop() {
            if self.ignores(&folder) {
                visit(Found::IgnoredFolder(&folder))?;
                continue;
            }
            visit(Found::Folder(&folder))?;
            let entries = fs_err::read_dir(&folder).into_iter().flatten();
            for entry in entries.filter_map(Result::ok) {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    queue.push(entry.path());
                } else if !is_noise(&entry.file_name()) {
                    visit(Found::File(&entry.path()))?;
                }
            }
        }
        Ok(())
    }

    /// Returns true if a subfolder is not watched. Its parents are not considered.
    fn ignores(&self, folder: &Path) -> bool {
        if folder == self.path {
            return false;
        }
        let name = folder.file_name().unwrap_or_default();
        name == ".git"
            || name == "node_modules"
            || self.ignored.iter().any(|it| folder.starts_with(it))
            // A source folder can be called `target` as well.
            || folder.join("CACHEDIR.TAG").is_file()
    }

    /// Returns true if a file is in this folder, but in none of the ignored subfolders.
    pub(super) fn contains(&self, file: &Path) -> bool {
        file != self.path
            && file.starts_with(&self.path)
            && !is_noise(file.file_name().unwrap_or_default())
            && !file
                .ancestors()
                .skip(1)
                .take_while(|folder| *folder != self.path)
                .any(|folder| self.ignores(folder))
    }
}

/// Returns true for files that editors and systems write in addition to those of the user.
pub(super) fn is_noise(name: &OsStr) -> bool {
    // The test file of Vim, Finder's settings, and the tag of a cache folder.
    const NAMES: [&str; 3] = ["4913", ".DS_Store", "CACHEDIR.TAG"];
    let name = name.to_string_lossy();
    NAMES.contains(&&*name)
        // Backups, Emacs' locks, and Vim's swap files.
        || name.ends_with('~')
        || name.starts_with(".#")
        || [".swp", ".swo", ".swx"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_editors_are_noise() {
        for name in ["main.rs~", ".#main.rs", ".main.rs.swp", "4913", ".DS_Store"] {
            assert!(is_noise(OsStr::new(name)), "{name}");
        }
        for name in ["main.rs", ".env", "go.mod", "49130"] {
            assert!(!is_noise(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn a_folder_called_target_is_ignored_only_if_it_is_tagged_or_given() {
        let dir = tempfile::tempdir().unwrap();
        let root = resolve(dir.path(), "");
        for folder in ["src/target", "target", "out", ".git", "web/node_modules"] {
            fs_err::create_dir_all(root.join(folder)).unwrap();
        }
        fs_err::write(root.join("target/CACHEDIR.TAG"), "").unwrap();
        let mut set = WatchSet::default();
        set.add_folder(SourceId(0), dir.path(), ["out"]);
        let folder = &set.folders[0];
        for file in [
            "target/a",
            "target/debug/a",
            "out/a",
            ".git/a",
            "web/node_modules/a",
            "a~",
        ] {
            assert!(!folder.contains(&root.join(file)), "{file}");
        }
        for file in ["a", "src/target/a", "web/a", "output"] {
            assert!(folder.contains(&root.join(file)), "{file}");
        }
        assert!(!folder.contains(&root));
        assert!(!folder.contains(Path::new("/a")));
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_and_its_target_are_both_watched() {
        let dir = tempfile::tempdir().unwrap();
        let root = resolve(dir.path(), "");
        fs_err::write(root.join("real"), "").unwrap();
        fs_err::os::unix::fs::symlink("real", root.join("link")).unwrap();
        let mut set = WatchSet::default();
        set.add_file(SourceId(0), &root.join("link"));
        let files: Vec<_> = set.files.into_keys().collect();
        assert_eq!(files, [root.join("link"), root.join("real")]);
    }
}
