//! A temporary folder that goes with us, whatever happens.
//!
//! In: how its name begins. Out: [`TempFolder`], which only we can enter. Dropped, it is
//! removed; a guard, a shell that waits on a pipe from us, removes it when we end
//! without that, even by SIGKILL.
//! Windows has no guard: a folder is left there when we are killed.

use std::io;
use std::path::Path;
#[cfg(unix)]
use std::process::Child;

use tempfile::TempDir;

#[cfg(unix)]
use crate::system::process::watchdog;

/// A temporary folder. Dropped, it is gone with all that is in it.
#[derive(Debug)]
pub(crate) struct TempFolder {
    dir: TempDir,
    #[cfg(unix)]
    guard: Child,
}

impl TempFolder {
    /// Makes a folder where the system has temporary ones.
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
            guard: guard(dir.path())?,
            dir,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// What still writes there is being killed at the same time, so it may take a second
/// try.
#[cfg(unix)]
fn guard(folder: &Path) -> io::Result<Child> {
    const REMOVE: &str = "rm -rf -- \"$1\" || { sleep 1; rm -rf -- \"$1\"; }";
    // The guard stands elsewhere: what is relative would be another folder there.
    watchdog::start(REMOVE, [fs_err::canonicalize(folder)?])
}

#[cfg(unix)]
impl Drop for TempFolder {
    fn drop(&mut self) {
        // It may have ended already; then the folder is gone.
        let _ = self.guard.kill();
        let _ = self.guard.wait();
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
    fn it_goes_when_it_is_dropped() {
        let folder = filled();
        let place = folder.path().to_owned();
        drop(folder);
        assert!(!place.exists());
    }

    /// As when we are killed: the pipe to the guard closes, and nothing is dropped.
    #[cfg(unix)]
    #[test]
    fn it_goes_when_we_are_gone() {
        let mut folder = filled();
        drop(folder.guard.stdin.take());
        assert!(folder.guard.wait().unwrap().success());
        assert!(!folder.path().exists());
    }
}
