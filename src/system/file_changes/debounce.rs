//! Waits until a series of changes has ended.
//!
//! In: changes and the current time. Out: the paths of a source that has settled, and the time
//! at which to ask again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::system::file_changes::watch_set::SourceId;

/// A source has settled when nothing has changed for this long.
const QUIET: Duration = Duration::from_millis(50);
/// Changes that do not end are passed on after this time.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Debounce {
    changing: BTreeMap<SourceId, Series>,
}

#[derive(Debug)]
struct Series {
    first: Instant,
    last: Instant,
    paths: BTreeSet<PathBuf>,
}

impl Debounce {
    /// Adds a change. Returns true if it is the first one since the source has settled.
    pub(super) fn add(&mut self, id: SourceId, path: PathBuf, now: Instant) -> bool {
        let is_first = !self.changing.contains_key(&id);
        let series = self.changing.entry(id).or_insert_with(|| Series {
            first: now,
            last: now,
            paths: BTreeSet::new(),
        });
        series.last = now;
        series.paths.insert(path);
        is_first
    }

    /// When the next source settles if nothing else changes.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.changing.values().map(Series::deadline).min()
    }

    /// Removes a source that has settled, and returns its changes.
    pub(super) fn take_settled(&mut self, now: Instant) -> Option<(SourceId, BTreeSet<PathBuf>)> {
        let id = *self.changing.iter().find(|(_, it)| it.deadline() <= now)?.0;
        Some((id, self.changing.remove(&id)?.paths))
    }

    pub(super) fn retain(&mut self, is_watched: impl Fn(SourceId) -> bool) {
        self.changing.retain(|id, _| is_watched(*id));
    }
}

impl Series {
    fn deadline(&self) -> Instant {
        (self.last + QUIET).min(self.first + PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: SourceId = SourceId(0);
    const B: SourceId = SourceId(1);

    #[test]
    fn each_source_settles_after_its_own_last_change() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut debounce = Debounce::default();
        assert_eq!(debounce.deadline(), None);
        assert!(debounce.add(A, "a".into(), at(0)));
        assert!(debounce.add(B, "b".into(), at(10)));
        assert!(!debounce.add(A, "c".into(), at(30)));
        assert!(!debounce.add(A, "a".into(), at(40)));
        assert_eq!(debounce.deadline(), Some(at(60)));
        assert_eq!(debounce.take_settled(at(59)), None);
        assert_eq!(
            debounce.take_settled(at(60)),
            Some((B, ["b".into()].into()))
        );
        assert_eq!(debounce.take_settled(at(60)), None);
        let both = ["a".into(), "c".into()].into();
        assert_eq!(debounce.take_settled(at(90)), Some((A, both)));
        assert_eq!(debounce.deadline(), None);
        assert!(debounce.add(A, "a".into(), at(100)));
    }

    #[test]
    fn endless_changes_settle_after_a_second() {
        let start = Instant::now();
        let mut debounce = Debounce::default();
        for millis in (0..990).step_by(10) {
            let now = start + Duration::from_millis(millis);
            debounce.add(A, "a".into(), now);
            assert_eq!(debounce.take_settled(now), None);
        }
        assert!(debounce.take_settled(start + PATIENCE).is_some());
    }
}
