//! When a file of a cache was used for the last time: its modification time.
//!
//! File systems are often mounted without access times, and copies of a cache on other machines
//! keep the modification time.

use std::fs::Metadata;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Marks a file as used now. A cache that cannot be written to can still be read.
pub(crate) fn mark_as_used(file: &Path) {
    let _ = fs_err::OpenOptions::new()
        .append(true)
        .open(file)
        .and_then(|file| file.into_parts().0.set_modified(SystemTime::now()));
}

/// Whether the last use was longer ago. A time in the future comes from another machine's clock.
pub(crate) fn is_unused_for(data: &Metadata, time: Duration) -> bool {
    let modified = data.modified();
    modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > time))
}
