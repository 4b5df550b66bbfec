//! Watches whole trees. macOS and Windows report all changes below a folder with one watch, so
//! that changes in ignored folders are left out after they have arrived.
//!
//! In: a [`WatchSet`], and the events of `notify`. Out: changes of watched files.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::system::file_changes::folder_watches::{is_unreadable, nearest_parent};
use crate::system::file_changes::watch_set::{Changes, Found, WatchSet};

#[derive(Debug)]
pub(super) struct TreeWatches {
    watcher: RecommendedWatcher,
    set: WatchSet,
    watched: BTreeMap<PathBuf, Watch>,
    /// Needed folders that do not exist.
    missing: BTreeSet<PathBuf>,
}

/// A watch is added again if its folder was created again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Watch {
    mode: RecursiveMode,
    created: Option<SystemTime>,
}

impl TreeWatches {
    pub(super) fn new(watcher: RecommendedWatcher) -> Self {
        Self {
            watcher,
            set: WatchSet::default(),
            watched: BTreeMap::new(),
            missing: BTreeSet::new(),
        }
    }

    pub(super) fn replace(&mut self, set: WatchSet) -> notify::Result<()> {
        self.set = set;
        self.missing.clear();
        self.refresh().map(drop)
    }

    /// Watches folders that appeared or were replaced, and waits for those that vanished.
    /// Returns the changes.
    pub(super) fn refresh(&mut self) -> notify::Result<Changes> {
        let previous = self.missing.clone();
        let mut replaced = BTreeSet::new();
        loop {
            let needed = self.set.needed_folders();
            self.missing = needed.into_iter().filter(|it| !it.is_dir()).collect();
            let wanted = self.wanted_watches();
            // Again, because a folder can have been created before its parent was watched.
            if wanted == self.watched {
                break;
            }
            let is_replaced = |(path, watch): &(&PathBuf, &Watch)| {
                let before = self.watched.get(*path);
                before.is_some_and(|before| before.created != watch.created)
            };
            replaced.extend(wanted.iter().filter(is_replaced).map(|it| it.0.clone()));
            self.update_watches(wanted)?;
        }
        let mut changes = Changes::new();
        for folder in &replaced {
            self.report_all(folder, &mut changes);
        }
        for folder in self.missing.difference(&previous) {
            self.report_all(folder, &mut changes);
        }
        for folder in previous.difference(&self.missing) {
            self.report_all(folder, &mut changes);
        }
        Ok(changes)
    }

    fn update_watches(&mut self, wanted: BTreeMap<PathBuf, Watch>) -> notify::Result<()> {
        // On macOS, all changes of the watches cost as much as one.
        let mut paths = self.watcher.paths_mut();
        for (path, watch) in &self.watched {
            if wanted.get(path) != Some(watch) {
                // The watch has often ended already, because its folder is gone.
                let _ = paths.remove(path);
            }
        }
        let mut result = Ok(());
        for (path, watch) in &wanted {
            if self.watched.get(path) != Some(watch) {
                match paths.add(path, watch.mode) {
                    Err(error) if !is_unreadable(&error) => result = Err(error),
                    _ => {}
                }
            }
        }
        paths.commit()?;
        self.watched = wanted;
        result
    }

    fn wanted_watches(&self) -> BTreeMap<PathBuf, Watch> {
        let mut wanted: BTreeMap<PathBuf, Watch> = BTreeMap::new();
        let mut add = |path: PathBuf, mode| {
            let created = fs_err::metadata(&path).and_then(|it| it.created()).ok();
            // The paths are added in order, so that parents come first.
            let is_watched = path.ancestors().any(|parent| {
                wanted.get(parent).is_some_and(|watch| {
                    watch.mode == RecursiveMode::Recursive || parent == path && watch.mode == mode
                })
            });
            if !is_watched {
                wanted.insert(path, Watch { mode, created });
            }
        };
        let trees: BTreeSet<_> = self.set.folders.iter().map(|it| &it.path).collect();
        for tree in &trees {
            if !self.missing.contains(*tree) {
                add((*tree).clone(), RecursiveMode::Recursive);
            }
        }
        // Windows does not report to a watch that its own folder was renamed or deleted.
        // FSEvents does, and would report all changes below the parent.
        if !cfg!(target_os = "macos") {
            for parent in trees.iter().filter_map(|tree| tree.parent()) {
                if parent.is_dir() {
                    add(parent.to_owned(), RecursiveMode::NonRecursive);
                }
            }
        }
        for folder in self.set.needed_folders() {
            if self.missing.contains(&folder) {
                add(nearest_parent(&folder), RecursiveMode::NonRecursive);
            } else {
                add(folder, RecursiveMode::NonRecursive);
            }
        }
        wanted
    }

    /// Returns the changes that an event reports.
    pub(super) fn handle(&mut self, event: &Event) -> notify::Result<Changes> {
        let mut changes = Changes::new();
        let is_content = matches!(
            event.kind,
            EventKind::Modify(ModifyKind::Any | ModifyKind::Data(_))
        );
        for path in &event.paths {
            let mut reported = Changes::new();
            self.report(path, &mut reported);
            if reported.is_empty() || !path.is_dir() {
                changes.extend(reported);
            } else if !is_content {
                self.report_tree(path, &mut changes);
            }
        }
        let is_watched = |path: &PathBuf| self.watched.contains_key(path);
        if !is_content && (!self.missing.is_empty() || event.paths.iter().any(is_watched)) {
            changes.extend(self.refresh()?);
        }
        Ok(changes)
    }

    /// Reports a file to the sources that watch it.
    fn report(&self, path: &Path, changes: &mut Changes) {
        for folder in &self.set.folders {
            if folder.contains(path) {
                changes.insert((folder.id, path.to_owned()));
            }
        }
        self.set.report_file(path, changes);
    }

    /// Reports the files of a new folder.
    fn report_tree(&self, path: &Path, changes: &mut Changes) {
        for folder in &self.set.folders {
            if path != folder.path && folder.contains(path) {
                let Ok(()) = folder.walk(path, |found| {
                    if let Found::File(file) = found {
                        changes.insert((folder.id, file.to_owned()));
                    }
                    Ok::<_, Infallible>(())
                });
            }
        }
    }

    /// Reports a needed folder that appeared or vanished, and the single files in it.
    fn report_all(&self, path: &Path, changes: &mut Changes) {
        for folder in self.set.folders.iter().filter(|it| it.path == path) {
            changes.insert((folder.id, path.to_owned()));
        }
        for (file, ids) in &self.set.files {
            if file.parent() == Some(path) {
                changes.extend(ids.iter().map(|id| (*id, file.clone())));
            }
        }
    }
}
