//! File metadata that changes with the content.

use std::path::Path;

use serde::{Deserialize, Serialize};

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
