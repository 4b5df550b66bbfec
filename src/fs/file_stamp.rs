//! File metadata that changes with the content.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Longer than the resolution of a file system's clock. A file that is changed after this time gets
/// another timestamp.
pub(crate) const CLOCK_RESOLUTION: Duration = Duration::from_millis(12);

/// The same for file systems such as FAT, whose times are whole seconds.
const COARSE_RESOLUTION: Duration = Duration::from_secs(2);

/// When a file or folder was modified; `None` if it does not exist.
pub(crate) fn modified(path: &Path) -> Option<SystemTime> {
    fs_err::metadata(path).and_then(|data| data.modified()).ok()
}

/// The size, the modification and change times in nanoseconds, and the inode of a file. Windows
/// has no change time, so a stamp alone does not prove that the content is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileStamp(u64, i64, i64, u64);

impl FileStamp {
    /// The stamp of a file or folder, or `None` if it does not exist.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        fs_err::metadata(path).ok().map(|data| Self::from(&data))
    }

    /// Whether the same stamp proves the same content. This takes a change time, which no
    /// program can set.
    pub(crate) const fn proves_content(self) -> bool {
        self.2 != 0
    }

    /// Whether every change of the file after this time would give it another stamp.
    pub(crate) fn is_settled(self, time: SystemTime) -> bool {
        let has_whole_seconds = self.2 % 1_000_000_000 == 0;
        let resolution = if has_whole_seconds {
            COARSE_RESOLUTION
        } else {
            CLOCK_RESOLUTION
        };
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let settled = since_epoch.saturating_sub(resolution).as_nanos();
        self.proves_content() && u128::try_from(self.2).is_ok_and(|changed| changed < settled)
    }

    /// The size in bytes.
    pub(crate) const fn len(self) -> u64 {
        self.0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl From<&std::fs::Metadata> for FileStamp {
    #[cfg(unix)]
    fn from(data: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanos =
            |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        Self(
            data.len(),
            nanos(data.mtime(), data.mtime_nsec()),
            nanos(data.ctime(), data.ctime_nsec()),
            data.ino(),
        )
    }

    #[cfg(windows)]
    fn from(data: &std::fs::Metadata) -> Self {
        use std::os::windows::fs::MetadataExt;
        Self(data.len(), data.last_write_time().cast_signed(), 0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_settled_if_the_clock_has_advanced() {
        let settled = |change: i64, millis: u64| {
            let time = UNIX_EPOCH + Duration::from_millis(millis);
            FileStamp(1, 0, change, 1).is_settled(time)
        };
        let (whole, fraction) = (5_000_000_000, 5_000_000_001);
        assert!(settled(fraction, 5_013) && !settled(fraction, 5_012));
        assert!(settled(whole, 7_001) && !settled(whole, 7_000));
        assert!(!settled(fraction, 0), "in the future");
        assert!(!settled(0, 9_000), "a system without change times");
    }
}
