//! Keeps the cache below its size.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::build::package::zip_cache::cached_zip::zips_dir;
use crate::build::plan::Plan;
use crate::build::request::CacheSize;
use crate::fs::atomic_write::remove_old_leftovers;
use crate::fs::folder::entries;
use crate::fs::last_use::is_unused_for;
use crate::system::tool_cache::answers_dir;
use crate::ui::console;
use crate::ui::console::Console;

/// Files without their counterpart, and temporary files, may belong to a run that writes them right
/// now, perhaps on another machine. No run takes longer.
const IN_USE: Duration = Duration::from_secs(24 * 60 * 60);

/// A zip with its record, or an answer of a tool.
struct Entry {
    used: SystemTime,
    /// The files, in the order in which they are removed.
    files: Vec<CachedFile>,
}

struct CachedFile {
    path: PathBuf,
    data: Metadata,
}

/// The folders of `--cache` with their sizes.
#[derive(Debug, Default)]
pub(crate) struct CacheLimits(BTreeMap<PathBuf, CacheSize>);

impl CacheLimits {
    pub(crate) fn new(plan: &Plan) -> Self {
        let outputs = plan.outputs.iter();
        Self(
            outputs
                .filter_map(|output| Some((output.cache.clone()?, output.cache_size)))
                .collect(),
        )
    }

    /// Reduces the folders to their sizes.
    pub(crate) fn apply(&self, console: &Console) {
        for (dir, size) in &self.0 {
            let removed = trim(dir, *size);
            if removed > 0 {
                let size = console::size(size.0);
                let message = format!("{removed} old entries, to keep the cache below {size}");
                console.detail("Removed", &message);
            }
        }
    }
}

/// Removes the entries that were unused for longest, until the cache is below its size. Returns
/// their number.
fn trim(dir: &Path, limit: CacheSize) -> usize {
    let (mut cached, mut total) = (Vec::new(), 0);
    let answers = answers_dir(dir);
    remove_old_leftovers(&answers, IN_USE);
    for file in entries(&answers).filter_map(CachedFile::read) {
        total += file.data.len();
        if file.has_extension("json") {
            cached.extend(Entry::new(vec![file]));
        }
    }
    for folder in entries(&zips_dir(dir)) {
        remove_old_leftovers(&folder, IN_USE);
        let files: Vec<_> = entries(&folder).filter_map(CachedFile::read).collect();
        total += files.iter().map(|file| file.data.len()).sum::<u64>();
        if files.is_empty() {
            remove_empty(&folder);
        }
        cached.extend(zips(files));
    }
    cached.sort_by(|a, b| (a.used, &a.files[0].path).cmp(&(b.used, &b.files[0].path)));
    let mut removed = 0;
    for entry in cached {
        if total <= limit.0 {
            break;
        }
        let mut is_removed = false;
        for file in &entry.files {
            match fs_err::remove_file(&file.path) {
                Ok(()) => is_removed = true,
                // Another run has removed it.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(_) => break,
            }
            total = total.saturating_sub(file.data.len());
        }
        removed += usize::from(is_removed);
    }
    removed
}

/// Pairs the zips in a folder with their records. Halves are ignored as long as another run may be
/// writing them.
fn zips(files: Vec<CachedFile>) -> impl Iterator<Item = Entry> {
    let mut by_key: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for file in files {
        if file.has_extension("json") || file.has_extension("zip") {
            let key = file.path.with_extension("");
            by_key.entry(key).or_default().push(file);
        }
    }
    by_key.into_values().filter_map(|mut files| {
        // The record goes first: without it the zip is not used. It has the time of the last use.
        files.sort_by_key(|file| file.has_extension("zip"));
        let is_complete = files.len() == 2;
        let is_old = is_unused_for(&files.first()?.data, IN_USE);
        Entry::new(files).filter(|_| is_complete || is_old)
    })
}

/// Removes an empty folder, unless another run may have created it right now.
fn remove_empty(folder: &Path) {
    if fs_err::metadata(folder).is_ok_and(|data| is_unused_for(&data, IN_USE)) {
        // A folder that is not empty stays.
        let _ = fs_err::remove_dir(folder);
    }
}

impl CachedFile {
    fn read(path: PathBuf) -> Option<Self> {
        let data = fs_err::metadata(&path).ok()?;
        data.is_file().then_some(Self { path, data })
    }

    fn has_extension(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|it| it == extension)
    }
}

impl Entry {
    fn new(files: Vec<CachedFile>) -> Option<Self> {
        let used = files.first()?.data.modified().ok()?;
        Some(Self { used, files })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;

    /// Writes a file that was used this many seconds ago.
    fn write(path: &Path, size: usize, age: u64) {
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, vec![0; size]).unwrap();
        set_age(path, age);
    }

    fn set_age(path: &Path, age: u64) {
        let used = SystemTime::now() - Duration::from_secs(age);
        let file = std::fs::File::options().append(true).open(path).unwrap();
        file.set_modified(used).unwrap();
    }

    /// A zip of 900 bytes with a record of 100 bytes.
    fn write_zip(dir: &Path, name: &str, age: u64) {
        let zip = dir.join("zips").join(name).join("1.zip");
        write(&zip, 900, 30 * DAY);
        write(&zip.with_extension("json"), 100, age);
    }

    fn left(dir: &Path) -> Vec<String> {
        let zips = dir.join("zips");
        let mut left: Vec<_> = entries(&zips)
            .chain([dir.join("answers")])
            .flat_map(|folder| entries(&folder).collect::<Vec<_>>())
            .map(|path| path.strip_prefix(dir).unwrap().display().to_string())
            .map(|path| path.replace('\\', "/"))
            .collect();
        left.sort();
        left
    }

    #[test]
    fn the_zips_that_were_unused_for_longest_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        for (name, age) in [("a", 3 * HOUR), ("b", HOUR), ("c", 2 * HOUR)] {
            write_zip(dir.path(), name, age);
        }
        assert_eq!(trim(dir.path(), CacheSize(3000)), 0);
        assert_eq!(trim(dir.path(), CacheSize(1500)), 2);
        assert_eq!(left(dir.path()), ["zips/b/1.json", "zips/b/1.zip"]);
    }

    #[test]
    fn answers_and_zips_are_removed_by_their_last_use() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        write(&dir.join("answers/old.json"), 500, 4 * HOUR);
        write_zip(dir, "a", 3 * HOUR);
        write(&dir.join("answers/used.json"), 500, 2 * HOUR);
        write_zip(dir, "b", HOUR);
        assert_eq!(trim(dir, CacheSize(2600)), 1);
        let all = ["answers/used.json", "zips/a/1.json", "zips/a/1.zip"];
        assert_eq!(left(dir)[..3], all);
        assert_eq!(trim(dir, CacheSize(1000)), 2);
        assert_eq!(left(dir), ["zips/b/1.json", "zips/b/1.zip"]);
        assert_eq!(trim(dir, CacheSize(0)), 1);
        assert_eq!(left(dir), [""; 0]);
    }

    #[test]
    fn halves_and_temporary_files_stay_for_a_day() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        for (name, age) in [("new", HOUR), ("old", 2 * DAY)] {
            let folder = dir.join("zips").join(name);
            write(&folder.join("zip.zip"), 900, age);
            write(&folder.join("record.json"), 100, age);
            write(&folder.join(".lambdapack-tmp-1"), 900, age);
            write(&dir.join(format!("answers/.lambdapack-tmp-{name}")), 1, age);
        }
        assert_eq!(trim(dir, CacheSize(0)), 2);
        assert_eq!(
            left(dir),
            [
                "answers/.lambdapack-tmp-new",
                "zips/new/.lambdapack-tmp-1",
                "zips/new/record.json",
                "zips/new/zip.zip",
            ]
        );
    }

    #[test]
    fn a_temporary_file_that_is_being_written_stays_regardless_of_its_age() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("zips/a/.lambdapack-tmp-1");
        write(&file, 900, 2 * DAY);
        let writer = std::fs::File::options().append(true).open(&file).unwrap();
        writer.lock().unwrap();
        assert_eq!(trim(dir.path(), CacheSize(0)), 0);
        assert!(file.exists());
        drop(writer);
        trim(dir.path(), CacheSize(0));
        assert!(!file.exists());
    }

    #[test]
    fn unknown_files_and_new_folders_stay() {
        let dir = tempfile::tempdir().unwrap();
        write(&dir.path().join("zips/a/notes.txt"), 9, 9 * DAY);
        write(&dir.path().join("answers/notes.txt"), 9, 9 * DAY);
        fs_err::create_dir(dir.path().join("zips/b")).unwrap();
        assert_eq!(trim(dir.path(), CacheSize(0)), 0);
        let expected = ["answers/notes.txt", "zips/a/notes.txt"];
        assert_eq!(left(dir.path()), expected);
        assert!(dir.path().join("zips/b").is_dir());
    }

    #[test]
    fn runs_at_once_do_not_empty_the_cache() {
        let dir = tempfile::tempdir().unwrap();
        for index in 0..200 {
            write_zip(dir.path(), &format!("{index:03}"), HOUR * (200 - index));
            let answer = dir.path().join(format!("answers/{index:03}.json"));
            write(&answer, 1000, HOUR * (200 - index));
        }
        let limit = CacheSize(100_000);
        let removed: usize = std::thread::scope(|scope| {
            let runs = [(); 4].map(|()| scope.spawn(|| trim(dir.path(), limit)));
            runs.map(|run| run.join().unwrap()).iter().sum()
        });
        // A run may count a zip after another run has removed its record.
        let left = left(dir.path()).len();
        assert!(
            (140..=150).contains(&left),
            "{left} of 50 answers and 50 zips with records"
        );
        assert!(removed >= 300, "{removed}");
    }
}
