//! Puts files out of the page cache, without rights and for nobody else.

use std::path::Path;

use anyhow::Context;

/// Makes the system forget what it has in memory of the files in a folder: the next
/// start reads them from the disk. Where that lies in memory itself, nothing happens.
#[cfg(target_os = "linux")]
pub(super) fn forget(folder: &Path) -> anyhow::Result<()> {
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
                // What is not on the disk yet cannot be forgotten.
                file.sync_all()?;
                fadvise(&file, 0, None, Advice::DontNeed)
                    .with_context(|| format!("cannot forget {}", entry.path().display()))?;
            }
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn forget(folder: &Path) -> anyhow::Result<()> {
    fs_err::metadata(folder).map(drop).context("it is gone")
}
