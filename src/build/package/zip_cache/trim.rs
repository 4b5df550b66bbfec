//! Keeps the cache below its size.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::build::request::CacheSize;
use crate::fs::atomic_write::remove_leftovers;
use crate::fs::folder::entries;

/// A file of the cache.
struct CachedFile {
    path: PathBuf,
    size: u64,
    modified: SystemTime,
}

/// Removes the zips that were unused for longest, until the cache is below its size. Returns the
/// number of removed zips.
pub(super) fn trim(dir: &Path, limit: CacheSize) -> usize {
    let mut files = Vec::new();
    for folder in entries(&dir.join("zips")) {
        remove_leftovers(&folder);
        files.extend(entries(&folder).filter_map(CachedFile::read));
    }
    let mut total: u64 = files.iter().map(|file| file.size).sum();
    let is_record = |file: &CachedFile| file.path.extension().is_some_and(|it| it == "json");
    let mut records: Vec<_> = files.iter().filter(|file| is_record(file)).collect();
    records.sort_by_key(|file| (file.modified, file.path.clone()));
    let mut removed = 0;
    for record in records {
        if total <= limit.0 {
            break;
        }
        let zip = record.path.with_extension("zip");
        let zip_size = fs_err::metadata(&zip).map_or(0, |data| data.len());
        // The record goes first: without it the zip is not used. Another run may remove the same.
        if fs_err::remove_file(&record.path).is_ok() {
            let _ = fs_err::remove_file(&zip);
            removed += 1;
        }
        total = total.saturating_sub(record.size.saturating_add(zip_size));
        if let Some(folder) = record.path.parent() {
            // A folder that is not empty stays.
            let _ = fs_err::remove_dir(folder);
        }
    }
    removed
}

impl CachedFile {
    fn read(path: PathBuf) -> Option<Self> {
        let data = fs_err::metadata(&path).ok()?;
        Some(Self {
            path,
            size: data.len(),
            modified: data.modified().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_zips_that_were_unused_for_longest_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        for (age, name) in [(3, "a"), (1, "b"), (2, "c")] {
            let folder = dir.path().join("zips").join(name);
            fs_err::create_dir_all(&folder).unwrap();
            fs_err::write(folder.join("1.zip"), vec![0; 900]).unwrap();
            fs_err::write(folder.join("1.json"), vec![0; 100]).unwrap();
            let used = SystemTime::now() - Duration::from_secs(age * 3600);
            let record = fs_err::OpenOptions::new()
                .append(true)
                .open(folder.join("1.json"))
                .unwrap();
            record.into_parts().0.set_modified(used).unwrap();
        }
        assert_eq!(trim(dir.path(), CacheSize(3000)), 0);
        assert_eq!(trim(dir.path(), CacheSize(1500)), 2);
        let left: Vec<_> = entries(&dir.path().join("zips")).collect();
        assert_eq!(left, [dir.path().join("zips").join("b")]);
    }
}
