//! Tells changes that a build itself made from those of the user.
//!
//! In: the files that have changed while a build ran. Out: whether another build is needed.
//! Some build scripts write a file in the source folder, and Cargo runs them again after each
//! change in the folder. Without this, each build would cause another one, forever.
//! A file counts as written by builds if it alone caused a build, and that build wrote the same
//! content again. From then on, this content is ignored while a build runs.
//! If the content differs each time, it can also be a user who saves often. After
//! [`MAX_REPEATED`] builds, the next ones are delayed, ever longer, and requests do not wait.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_128;

use crate::system::file_changes::SourceId;

/// Larger files, and files among many, are always treated as changed, because reading them would
/// block the watcher's thread.
const MAX_SIZE: u64 = 4 << 20;
const MAX_FILES: usize = 100;

/// How many builds in a row may be caused only by the same files that change during builds.
const MAX_REPEATED: u32 = 10;
const MAX_DELAY: Duration = Duration::from_secs(60);

/// The content of a changed file, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Digest(u128),
    Missing,
    Unknown,
}

/// Changed files.
pub(super) type ChangedFiles = BTreeMap<PathBuf, Content>;

/// Reads changed files.
pub(super) fn read(paths: BTreeSet<PathBuf>) -> ChangedFiles {
    let are_many = paths.len() > MAX_FILES;
    let content = |path: &Path| {
        let Ok(metadata) = fs_err::metadata(path) else {
            return Content::Missing;
        };
        if are_many || !metadata.is_file() || metadata.len() > MAX_SIZE {
            return Content::Unknown;
        }
        fs_err::read(path).map_or(Content::Unknown, |bytes| Content::Digest(xxh3_128(&bytes)))
    };
    paths
        .into_iter()
        .map(|path| {
            let content = content(&path);
            (path, content)
        })
        .collect()
}

/// The files that builds write, by project.
#[derive(Debug, Default)]
pub(super) struct BuildWrites(BTreeMap<SourceId, ProjectWrites>);

#[derive(Debug, Default)]
struct ProjectWrites {
    /// The files that caused the last build, if all of them changed during the build before.
    cause: ChangedFiles,
    /// The same for the next build.
    next_cause: ChangedFiles,
    /// Whether the next build has another cause.
    has_other_cause: bool,
    /// How many builds in a row had the same files as their cause, except for the first.
    repeated: u32,
    /// Files with the content that builds write.
    written: ChangedFiles,
    /// Files whose content differs after each build.
    varying: BTreeSet<PathBuf>,
    /// How many builds in a row were delayed.
    delayed: u32,
}

/// What to do about changed files.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Build,
    /// The last build has made the changes.
    Ignore(NewlyWritten),
    /// The last build has probably made the changes. If nothing else happens for this time, the
    /// files are built.
    Delay(Duration, NewlyWritten),
}

/// Files that are newly known to be written by builds.
pub(super) type NewlyWritten = Vec<PathBuf>;

impl BuildWrites {
    /// Judges files that have changed.
    pub(super) fn judge(
        &mut self,
        id: SourceId,
        files: &ChangedFiles,
        during_build: bool,
    ) -> Verdict {
        let project = self.0.entry(id).or_default();
        if !during_build {
            project.has_other_cause = true;
            project.delayed = 0;
            return Verdict::Build;
        }
        if files.iter().all(|file| project.is_own(file)) {
            let new = files
                .keys()
                .filter(|file| !project.written.contains_key(*file));
            let new = new.cloned().collect();
            project.written.extend(files.clone());
            return Verdict::Ignore(new);
        }
        project.next_cause.extend(files.clone());
        let next = project.next_cause.keys();
        let is_repeated = next.clone().eq(project.cause.keys());
        let is_endless = is_repeated && project.repeated + 1 >= MAX_REPEATED;
        if !is_endless && !next.clone().all(|file| project.varying.contains(file)) {
            return Verdict::Build;
        }
        let new: Vec<_> = next
            .filter(|file| !project.varying.contains(*file))
            .cloned()
            .collect();
        project.varying.extend(new.clone());
        let delay = Duration::from_secs(1).saturating_mul(1 << project.delayed.min(6));
        project.delayed += 1;
        Verdict::Delay(delay.min(MAX_DELAY), new)
    }

    /// Notes that a build starts.
    pub(super) fn start_build(&mut self, id: SourceId) {
        let project = self.0.entry(id).or_default();
        let mut cause = std::mem::take(&mut project.next_cause);
        if std::mem::take(&mut project.has_other_cause) {
            cause.clear();
        }
        let is_repeated = !cause.is_empty() && cause.keys().eq(project.cause.keys());
        project.repeated = if is_repeated { project.repeated + 1 } else { 0 };
        project.cause = cause;
    }
}

impl ProjectWrites {
    fn is_own(&self, (file, content): (&PathBuf, &Content)) -> bool {
        let is_same = |files: &ChangedFiles| files.get(file) == Some(content);
        *content != Content::Unknown && (is_same(&self.cause) || is_same(&self.written))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: SourceId = SourceId(0);

    fn files(files: &[(&str, u128)]) -> ChangedFiles {
        let files = files.iter();
        files
            .map(|(path, digest)| (PathBuf::from(path), Content::Digest(*digest)))
            .collect()
    }

    fn new(paths: &[&str]) -> Verdict {
        Verdict::Ignore(paths.iter().map(PathBuf::from).collect())
    }

    #[test]
    fn a_file_that_a_build_writes_again_causes_no_other_build() {
        let mut writes = BuildWrites::default();
        let generated = files(&[("generated.rs", 1)]);
        writes.start_build(ID);
        assert_eq!(writes.judge(ID, &generated, true), Verdict::Build);
        writes.start_build(ID);
        assert_eq!(writes.judge(ID, &generated, true), new(&["generated.rs"]));
        // The user saves another file.
        assert_eq!(
            writes.judge(ID, &files(&[("main.rs", 5)]), false),
            Verdict::Build
        );
        writes.start_build(ID);
        assert_eq!(writes.judge(ID, &generated, true), new(&[]));
        // The user edits the file itself.
        assert_eq!(writes.judge(ID, &generated, false), Verdict::Build);
        writes.start_build(ID);
        // The build writes other content, once.
        let other = files(&[("generated.rs", 2)]);
        assert_eq!(writes.judge(ID, &other, true), Verdict::Build);
        writes.start_build(ID);
        assert_eq!(writes.judge(ID, &other, true), new(&[]));
    }

    #[test]
    fn files_that_the_user_saves_during_builds_are_built() {
        let mut writes = BuildWrites::default();
        for digest in 0..20 {
            writes.start_build(ID);
            let both = files(&[
                ("main.rs", digest),
                (["a.rs", "b.rs"][digest as usize % 2], 0),
            ]);
            assert_eq!(writes.judge(ID, &both, true), Verdict::Build);
        }
        // The same content again, but the build had another cause.
        let same = files(&[("main.rs", 7)]);
        assert_eq!(writes.judge(ID, &same, true), Verdict::Build);
        assert_eq!(writes.judge(ID, &files(&[("x", 1)]), false), Verdict::Build);
        writes.start_build(ID);
        assert_eq!(writes.judge(ID, &same, true), Verdict::Build);
        // Another project.
        writes.start_build(ID);
        assert_eq!(writes.judge(SourceId(1), &same, true), Verdict::Build);
    }

    #[test]
    fn builds_are_delayed_if_a_file_differs_after_each_of_them() {
        let mut writes = BuildWrites::default();
        let mut digest = 0;
        let mut build = |writes: &mut BuildWrites| {
            writes.start_build(ID);
            digest += 1;
            writes.judge(ID, &files(&[("time.rs", digest)]), true)
        };
        for _ in 0..MAX_REPEATED {
            assert_eq!(build(&mut writes), Verdict::Build);
        }
        let first = Verdict::Delay(Duration::from_secs(1), vec!["time.rs".into()]);
        assert_eq!(build(&mut writes), first);
        for seconds in [2, 4, 8, 16, 32, 60, 60] {
            let delay = Verdict::Delay(Duration::from_secs(seconds), Vec::new());
            assert_eq!(build(&mut writes), delay);
        }
        // The user saves a file.
        assert_eq!(
            writes.judge(ID, &files(&[("main.rs", 1)]), false),
            Verdict::Build
        );
        let short = Verdict::Delay(Duration::from_secs(1), Vec::new());
        assert_eq!(build(&mut writes), short);
    }

    #[test]
    fn unknown_content_is_never_the_same() {
        let mut writes = BuildWrites::default();
        let dir = tempfile::tempdir().unwrap();
        let folder = read(BTreeSet::from([dir.path().to_owned()]));
        for _ in 0..3 {
            writes.start_build(ID);
            assert_eq!(writes.judge(ID, &folder, true), Verdict::Build);
        }
        let missing = read(BTreeSet::from([dir.path().join("missing")]));
        assert_eq!(
            missing.into_values().collect::<Vec<_>>(),
            [Content::Missing]
        );
    }
}
