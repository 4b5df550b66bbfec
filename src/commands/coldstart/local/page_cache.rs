//! Whether a program's file is in the page cache, and how to evict it without special rights and
//! without affecting other processes.

use std::path::Path;

use anyhow::Context;

/// Whether the program's file is in the page cache when it is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PageCache {
    /// It must be read from the disk, which is closer to Lambda.
    Cold,
    /// It is in memory.
    Warm,
}

impl PageCache {
    pub(super) const ALL: [Self; 2] = [Self::Cold, Self::Warm];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
        }
    }
}

/// Evicts the files of a folder from the page cache, so that the next start reads them from the disk.
/// Has no effect if the folder is on a file system in memory.
#[cfg(target_os = "linux")]
pub(super) fn evict(folder: &Path) -> anyhow::Result<()> {
    use rustix::fs::{Advice, fadvise};

    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let file = fs_err::File::open(entry.path())?;
                // Pages that are not on the disk yet cannot be evicted.
                file.sync_all()?;
                fadvise(&file, 0, None, Advice::DontNeed).with_context(|| {
                    format!(
                        "cannot evict {} from the page cache",
                        entry.path().display()
                    )
                })?;
            }
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn evict(folder: &Path) -> anyhow::Result<()> {
    fs_err::metadata(folder)
        .map(drop)
        .context("the folder no longer exists")
}
