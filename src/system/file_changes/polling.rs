//! Looks for changed files at intervals, if the system does not report them.
//!
//! In: a [`WatchSet`]. Out: the changes since the previous look.
//!
//! The poller of `notify` is not used, because it compares times in whole seconds, and reads
//! ignored folders.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::fs::file_stamp::FileStamp;
use crate::system::file_changes::watch_set::{Changes, Found, SourceId, WatchSet};

const INTERVAL: Duration = Duration::from_secs(1);
/// Looking takes at most one tenth of the time.
const SHARE: u32 = 10;

type Snapshot = BTreeMap<PathBuf, (FileStamp, BTreeSet<SourceId>)>;

#[derive(Debug, Default)]
pub(super) struct Poller {
    set: WatchSet,
    files: Snapshot,
    /// `None` if there is nothing to look at.
    next: Option<Instant>,
}

impl Poller {
    pub(super) fn new(set: WatchSet) -> Self {
        let mut poller = Self {
            set,
            ..Self::default()
        };
        if poller.set != WatchSet::default() {
            poller.look();
        }
        poller
    }

    /// When to look again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next
    }

    /// The changes since the previous look, if it is time to look again.
    pub(super) fn poll(&mut self, now: Instant) -> Changes {
        let mut changes = Changes::new();
        if self.next.is_none_or(|next| now < next) {
            return changes;
        }
        let before = self.look();
        let differing = |one: &Snapshot, other: &Snapshot, changes: &mut Changes| {
            for (path, (stamp, ids)) in one {
                if other.get(path).map(|(other, _)| other) != Some(stamp) {
                    changes.extend(ids.iter().map(|id| (*id, path.clone())));
                }
            }
        };
        differing(&before, &self.files, &mut changes);
        differing(&self.files, &before, &mut changes);
        changes
    }

    /// Replaces the snapshot, and returns the previous one.
    fn look(&mut self) -> Snapshot {
        let start = Instant::now();
        let mut files = Snapshot::new();
        let mut add = |id: SourceId, path: &Path| {
            if let Some((_, ids)) = files.get_mut(path) {
                ids.insert(id);
            } else if let Some(stamp) = FileStamp::read(path) {
                files.insert(path.to_owned(), (stamp, [id].into()));
            }
        };
        for folder in &self.set.folders {
            let Ok(()) = folder.walk(&folder.path, |found| {
                if let Found::File(path) = found {
                    add(folder.id, path);
                }
                Ok::<_, Infallible>(())
            });
        }
        for (path, ids) in &self.set.files {
            for id in ids {
                add(*id, path);
            }
        }
        self.next = Some(Instant::now() + INTERVAL.max(start.elapsed() * SHARE));
        std::mem::replace(&mut self.files, files)
    }
}
