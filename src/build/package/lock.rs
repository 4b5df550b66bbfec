//! Locks folders, so that only one run at a time writes to them.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

#[cfg(windows)]
use crate::fs::file_name::TEMPORARY;
use crate::system::process;
use crate::ui::console::Console;

/// A lock on a folder, until it is dropped. If the process is killed, the system releases it.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

/// The time between two attempts to get a lock.
const RETRY_DELAY: Duration = Duration::from_millis(50);

/// Waits until no other run uses the folder. `None` if the file system does not support locks,
/// such as some network file systems. Cargo goes on without a lock there as well.
pub(crate) fn lock(dir: &Path, console: &Console) -> anyhow::Result<Option<FolderLock>> {
    let mut is_reported = false;
    loop {
        match try_lock(dir) {
            Ok(Some(file)) => return Ok(Some(FolderLock { _file: file })),
            Ok(None) => {}
            Err(error) => {
                console.detail("Unlocked", &format!("{}: {error}", dir.display()));
                return Ok(None);
            }
        }
        if !is_reported {
            console.status(
                "Blocking",
                &format!("waiting for another run in {}", dir.display()),
            );
            is_reported = true;
        }
        process::interrupted()?;
        std::thread::sleep(RETRY_DELAY);
    }
}

/// Locks a folder while files are renamed. After two seconds, it goes on without a lock: a run that
/// holds a lock for long is building in the folder, and may be waiting for a lock of this run.
pub(super) fn lock_briefly(dir: &Path) -> Option<FolderLock> {
    const ATTEMPTS: u32 = 40;
    for _ in 0..ATTEMPTS {
        match try_lock(dir) {
            Ok(Some(file)) => return Some(FolderLock { _file: file }),
            Ok(None) => std::thread::sleep(RETRY_DELAY),
            Err(_) => return None,
        }
    }
    None
}

/// Locks the folder itself, so that no lock file is needed.
#[cfg(unix)]
fn try_lock(dir: &Path) -> std::io::Result<Option<File>> {
    use std::fs::TryLockError;
    let file = fs_err::File::open(dir)?.into_file();
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Windows cannot lock folders. This opens a file that only one process can open, and that is
/// deleted with its handle.
#[cfg(windows)]
fn try_lock(dir: &Path) -> std::io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    const SHARING_VIOLATION: i32 = 32;
    const ACCESS_DENIED: i32 = 5;
    let path = dir.join(format!("{TEMPORARY}lock"));
    let opened = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .share_mode(0)
        .custom_flags(DELETE_ON_CLOSE)
        .open(&path);
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        // This error occurs for a file that is being deleted, and for a folder that denies writing.
        Err(error) if error.raw_os_error() == Some(ACCESS_DENIED) && path.exists() => Ok(None),
        Err(error) => Err(error),
    }
}
