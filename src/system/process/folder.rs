//! A temporary folder that is always removed when we end.
//!
//! In: the prefix of its name. Out: a [`TempFolder`], which only the user can enter. It is
//! removed when it is dropped. If we end without that, even by SIGKILL, a watchdog removes
//! it.
//! Windows has no watchdog. A folder remains there if we are killed.

use std::io;
use std::path::Path;
#[cfg(unix)]
use std::process::Child;

use tempfile::TempDir;

#[cfg(unix)]
use crate::system::process::watchdog;

/// Removed with its contents when it is dropped.
#[derive(Debug)]
pub(crate) struct TempFolder {
    dir: TempDir,
    #[cfg(unix)]
    watchdog: Child,
}

impl TempFolder {
    /// Creates a folder in the system's folder for temporary files.
    pub(crate) fn new(prefix: &str) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o700));
        }
        let dir = builder.tempdir()?;
        Ok(Self {
            #[cfg(unix)]
            watchdog: watch(dir.path())?,
            dir,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// Starts the watchdog. Processes that still write to the folder are killed at the same
/// time, so removing it may need a second attempt.
#[cfg(unix)]
fn watch(folder: &Path) -> io::Result<Child> {
    const REMOVE: &str = "rm -rf -- \"$1\" || { sleep 1; rm -rf -- \"$1\"; }";
    // The watchdog runs in `/`, so the path must be absolute.
    watchdog::start(REMOVE, [fs_err::canonicalize(folder)?])
}

#[cfg(unix)]
impl Drop for TempFolder {
    fn drop(&mut self) {
        // If the watchdog has ended already, it has removed the folder.
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> TempFolder {
        let folder = TempFolder::new("lambdapack-test-").unwrap();
        fs_err::create_dir(folder.path().join("a folder")).unwrap();
        fs_err::write(folder.path().join("a folder/a"), "a").unwrap();
        folder
    }

    #[test]
    fn a_dropped_folder_is_removed() {
        let folder = filled();
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }

    /// When we are killed, the pipe to the watchdog closes, and nothing is dropped.
    #[cfg(unix)]
    #[test]
    fn the_watchdog_removes_the_folder_when_we_are_killed() {
        let mut folder = filled();
        drop(folder.watchdog.stdin.take());
        assert!(folder.watchdog.wait().unwrap().success());
        assert!(!folder.path().exists());
    }
}
