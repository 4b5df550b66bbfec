//! One run at a time writes to a folder.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

#[cfg(windows)]
use crate::fs::file_name::TEMPORARY;
use crate::system::process;
use crate::ui::console::Console;

/// Held until dropped, and given back by the system if we are killed.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

/// How often a taken lock is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until no other run uses the folder. `None` where the file system locks
/// nothing, as some network file systems do: cargo goes on there, too.
pub(crate) fn lock(dir: &Path, console: &Console) -> anyhow::Result<Option<FolderLock>> {
    let mut told = false;
    loop {
        match try_lock(dir) {
            Ok(Some(file)) => return Ok(Some(FolderLock { _file: file })),
            Ok(None) => {}
            Err(error) => {
                console.detail("Unlocked", &format!("{}: {error}", dir.display()));
                return Ok(None);
            }
        }
        if !told {
            console.status(
                "Blocking",
                &format!("waiting for another run in {}", dir.display()),
            );
            told = true;
        }
        process::interrupted()?;
        std::thread::sleep(PAUSE);
    }
}

/// The same for the moment in which files are renamed. After two seconds without:
/// who holds a folder for long builds in it, and may be waiting for one of ours.
pub(super) fn lock_for_a_moment(dir: &Path) -> Option<FolderLock> {
    const TRIES: u32 = 40;
    for _ in 0..TRIES {
        match try_lock(dir) {
            Ok(Some(file)) => return Some(FolderLock { _file: file }),
            Ok(None) => std::thread::sleep(PAUSE),
            Err(_) => return None,
        }
    }
    None
}

/// The folder itself is locked: no file of ours has to lie in it.
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

/// Windows locks no folders: a file that only one can have open, and that goes
/// with its handle.
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
        // Said of a file that is about to go, and of a folder that denies writing.
        Err(error) if error.raw_os_error() == Some(ACCESS_DENIED) && path.exists() => Ok(None),
        Err(error) => Err(error),
    }
}
