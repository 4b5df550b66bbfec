//! Watches each folder on its own. Linux has one watch per folder and a limit for them, so that
//! ignored folders are left out here, and not after their events have arrived.
//!
//! In: a [`WatchSet`], and the events of `notify`. Out: changes of watched files.
//!
//! | problem | solution |
//! | --- | --- |
//! | a file is created before its new folder is watched | watch a folder, and then read it |
//! | an editor replaces a file | only folders are watched |
//! | a needed folder does not exist | watch its nearest parent |

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{CreateKind, ModifyKind, RemoveKind, RenameMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::system::file_changes::watch_set::{
    Changes, Found, SourceId, WatchSet, WatchedFolder, is_noise,
};

#[derive(Debug)]
pub(super) struct FolderWatches {
    watcher: RecommendedWatcher,
    set: Arc<WatchSet>,
    /// The folders that are watched now.
    watched: BTreeMap<PathBuf, Folder>,
    /// Folders that are not watched, and folders that have just been renamed, whose removal is
    /// no change.
    ignored: BTreeSet<PathBuf>,
    /// The folders of the set, and the folders of its files.
    needed: BTreeSet<PathBuf>,
    /// Needed folders that do not exist.
    missing: BTreeSet<PathBuf>,
    /// The nearest existing parents of missing folders.
    parents: BTreeSet<PathBuf>,
    /// While the set is replaced: watches that the new set can take over.
    reusable: BTreeSet<PathBuf>,
}

#[derive(Debug, Default)]
struct Folder {
    /// The sources to which all files of the folder belong.
    sources: BTreeSet<SourceId>,
    /// Renaming an empty folder changes nothing.
    has_files: bool,
}

impl FolderWatches {
    pub(super) fn new(watcher: RecommendedWatcher) -> Self {
        Self {
            watcher,
            set: Arc::default(),
            watched: BTreeMap::new(),
            ignored: BTreeSet::new(),
            needed: BTreeSet::new(),
            missing: BTreeSet::new(),
            parents: BTreeSet::new(),
            reusable: BTreeSet::new(),
        }
    }

    /// Watches another set. Folders of both sets are watched without a gap.
    pub(super) fn replace(&mut self, set: WatchSet) -> notify::Result<()> {
        self.reusable = std::mem::take(&mut self.watched).into_keys().collect();
        self.ignored.clear();
        self.parents.clear();
        self.needed = set.needed_folders();
        self.missing = self.needed.clone();
        self.set = Arc::new(set);
        let result = self.attach_missing(&mut Changes::new());
        for folder in std::mem::take(&mut self.reusable) {
            self.unwatch(&folder);
        }
        result
    }

    /// Watches everything again after events were lost.
    pub(super) fn restart(&mut self) -> notify::Result<()> {
        for folder in std::mem::take(&mut self.watched).into_keys() {
            self.unwatch(&folder);
        }
        self.replace(WatchSet::clone(&self.set))
    }

    /// Returns the changes that an event reports, and watches new folders.
    pub(super) fn handle(&mut self, event: &Event) -> notify::Result<Changes> {
        let mut changes = Changes::new();
        for path in &event.paths {
            match event.kind {
                // Both sides have been reported on their own.
                EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {}
                EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                    self.vanished(path, false, &mut changes)?;
                }
                EventKind::Remove(kind) => {
                    self.vanished(path, kind == RemoveKind::Folder, &mut changes)?;
                }
                EventKind::Create(kind) => {
                    self.appeared(path, kind == CreateKind::Folder, &mut changes)?;
                }
                EventKind::Modify(ModifyKind::Name(_)) => {
                    self.appeared(path, false, &mut changes)?;
                }
                _ if self.watched.contains_key(path) || self.ignored.contains(path) => {}
                _ => self.report(path, &mut changes),
            }
        }
        Ok(changes)
    }

    fn appeared(
        &mut self,
        path: &Path,
        is_folder: bool,
        changes: &mut Changes,
    ) -> notify::Result<()> {
        if !is_real_folder(path) {
            if is_folder {
                // It is gone already. Cargo renames its target folder right after creating it.
                self.ignored.insert(path.to_owned());
            } else {
                self.ignored.remove(path);
                self.report(path, changes);
            }
            return Ok(());
        }
        // It can be another folder than the one that was watched under this name.
        self.forget(path);
        let sources = path
            .parent()
            .and_then(|parent| self.watched.get(parent))
            .map(|parent| parent.sources.clone())
            .unwrap_or_default();
        let set = Arc::clone(&self.set);
        for folder in &set.folders {
            if sources.contains(&folder.id) && path.starts_with(&folder.path) {
                self.watch_tree(folder, path, changes)?;
            }
        }
        self.attach_missing(changes)
    }

    fn vanished(
        &mut self,
        path: &Path,
        is_folder: bool,
        changes: &mut Changes,
    ) -> notify::Result<()> {
        if self.watched.contains_key(path) {
            for (lost, folder) in self.forget(path) {
                // A folder that was renamed is still watched.
                self.unwatch(&lost);
                if folder.has_files {
                    changes.extend(folder.sources.iter().map(|id| (*id, lost.clone())));
                }
            }
            if !is_folder {
                // A rename is reported by the folder and by its parent.
                self.ignored.insert(path.to_owned());
            }
            let set = Arc::clone(&self.set);
            for (file, _) in subtree(&set.files, path) {
                set.report_file(file, changes);
            }
        } else if !self.ignored.remove(path) && !is_folder {
            self.report(path, changes);
        }
        if is_real_folder(path) {
            return self.appeared(path, true, changes);
        }
        self.attach_missing(changes)
    }

    /// Reports a file to the sources that watch it.
    fn report(&mut self, path: &Path, changes: &mut Changes) {
        let parent = path.parent().and_then(|it| self.watched.get_mut(it));
        if let Some(parent) = parent.filter(|_| path.file_name().is_some_and(|it| !is_noise(it))) {
            parent.has_files = true;
            changes.extend(parent.sources.iter().map(|id| (*id, path.to_owned())));
        }
        self.set.report_file(path, changes);
    }

    /// Forgets a folder and its subfolders without ending their watches.
    fn forget(&mut self, path: &Path) -> Vec<(PathBuf, Folder)> {
        let paths: Vec<_> = subtree(&self.watched, path)
            .map(|(folder, _)| folder.clone())
            .collect();
        let needed = self.needed.iter().filter(|folder| folder.starts_with(path));
        self.missing.extend(needed.cloned());
        self.ignored.retain(|folder| !folder.starts_with(path));
        paths
            .into_iter()
            .filter_map(|path| self.watched.remove_entry(&path))
            .collect()
    }

    /// Watches the missing folders that exist now, and the nearest parents of the others.
    /// Reports the files of folders that appeared.
    fn attach_missing(&mut self, changes: &mut Changes) -> notify::Result<()> {
        if self.missing.is_empty() && self.parents.is_empty() {
            return Ok(());
        }
        let mut parents = BTreeSet::new();
        for needed in std::mem::take(&mut self.missing) {
            if let Some(parent) = self.attach_or_wait(&needed, changes)? {
                self.missing.insert(needed);
                parents.insert(parent);
            }
        }
        for parent in std::mem::replace(&mut self.parents, parents) {
            let is_source = |folder: &Folder| !folder.sources.is_empty();
            if !self.parents.contains(&parent)
                && !self.needed.contains(&parent)
                && !self.watched.get(&parent).is_some_and(is_source)
            {
                self.watched.remove(&parent);
                self.unwatch(&parent);
            }
        }
        Ok(())
    }

    /// Watches a needed folder, or its nearest parent, which is returned.
    fn attach_or_wait(
        &mut self,
        needed: &Path,
        changes: &mut Changes,
    ) -> notify::Result<Option<PathBuf>> {
        let mut previous = None;
        loop {
            if self.attach(needed, changes)? {
                return Ok(None);
            }
            let parent = nearest_parent(needed);
            // The next folder can have been created before its parent was watched.
            if previous.as_ref() == Some(&parent) {
                return Ok(Some(parent));
            }
            self.watch(&parent)?;
            previous = Some(parent);
        }
    }

    /// Watches a needed folder. Returns false if that is not possible.
    fn attach(&mut self, needed: &Path, changes: &mut Changes) -> notify::Result<bool> {
        if !needed.is_dir() || !self.watch(needed)? {
            return Ok(false);
        }
        let set = Arc::clone(&self.set);
        for folder in set.folders.iter().filter(|folder| folder.path == needed) {
            self.watch_tree(folder, needed, changes)?;
        }
        for (file, _) in subtree(&set.files, needed) {
            if file.parent() == Some(needed) && file.exists() {
                set.report_file(file, changes);
            }
        }
        Ok(true)
    }

    /// Watches a folder and its subfolders, and reports their files.
    fn watch_tree(
        &mut self,
        folder: &WatchedFolder,
        start: &Path,
        changes: &mut Changes,
    ) -> notify::Result<()> {
        folder.walk(start, |found| {
            match found {
                Found::Folder(path) => {
                    self.watch(path)?;
                    if let Some(watched) = self.watched.get_mut(path) {
                        watched.sources.insert(folder.id);
                    } else {
                        self.ignored.insert(path.to_owned());
                    }
                }
                Found::IgnoredFolder(path) => {
                    self.ignored.insert(path.to_owned());
                }
                Found::File(path) => {
                    let parent = path.parent().and_then(|it| self.watched.get_mut(it));
                    if let Some(parent) = parent {
                        parent.has_files = true;
                    }
                    changes.insert((folder.id, path.to_owned()));
                }
            }
            Ok(())
        })
    }

    /// Returns false if the folder does not exist or cannot be read.
    fn watch(&mut self, path: &Path) -> notify::Result<bool> {
        if self.watched.contains_key(path) {
            return Ok(true);
        }
        if !self.reusable.remove(path)
            && let Err(error) = self.watcher.watch(path, RecursiveMode::NonRecursive)
        {
            return if is_unreadable(&error) {
                Ok(false)
            } else {
                Err(error)
            };
        }
        self.watched.insert(path.to_owned(), Folder::default());
        Ok(true)
    }

    /// The watch has often ended already, because its folder is gone.
    fn unwatch(&mut self, path: &Path) {
        let _ = self.watcher.unwatch(path);
    }
}

/// The entries of a folder and its subfolders. Paths are ordered by their components.
fn subtree<'a, T>(
    map: &'a BTreeMap<PathBuf, T>,
    folder: &'a Path,
) -> impl Iterator<Item = (&'a PathBuf, &'a T)> {
    map.range::<Path, _>((Bound::Included(folder), Bound::Unbounded))
        .take_while(move |(path, _)| path.starts_with(folder))
}

/// The nearest folder above that exists.
pub(super) fn nearest_parent(path: &Path) -> PathBuf {
    let mut parents = path.ancestors().skip(1);
    let parent = parents.find(|parent| parent.is_dir()).unwrap_or(path);
    parent.to_owned()
}

fn is_real_folder(path: &Path) -> bool {
    fs_err::symlink_metadata(path).is_ok_and(|data| data.is_dir())
}

pub(super) fn is_unreadable(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => matches!(
            error.kind(),
            io::ErrorKind::NotFound
                | io::ErrorKind::NotADirectory
                | io::ErrorKind::PermissionDenied
        ),
        _ => false,
    }
}
