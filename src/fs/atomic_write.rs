//! Files that are whole or not there.

use std::fs::TryLockError;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::fs::file_name::TEMPORARY;
use crate::ui::failure::{ExitKind, Failure};

/// A file that is written beside the place where it will stand. Dropped, it
/// leaves nothing.
#[derive(Debug)]
pub(crate) struct StagedFile {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

/// Writes a file beside its place. Where the path is a symlink, the file it
/// points to will be replaced.
pub(crate) fn stage(
    path: &Path,
    executable: bool,
    fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<StagedFile> {
    let path = resolved(path);
    let cannot = || format!("cannot write {}", path.display());
    let dir = path.parent().with_context(cannot)?;
    if let Ok(there) = fs_err::metadata(&path)
        && !there.is_file()
    {
        let what = match there.is_dir() {
            true => "a folder",
            false => "a device or a pipe",
        };
        let failure = Failure::new(ExitKind::Packaging, format!("{}: it is {what}", cannot()));
        bail!(failure.help("move it away, or name another place for the result"));
    }
    fs_err::create_dir_all(dir).with_context(cannot)?;
    let mut file = temporary(dir, executable).with_context(cannot)?;
    let mut buffer = BufWriter::new(file.as_file_mut());
    fill(&mut buffer).map_err(|error| match error.is::<io::Error>() {
        true => error.context(cannot()),
        // It is not about writing.
        false => error,
    })?;
    buffer.flush().with_context(cannot)?;
    drop(buffer);
    Ok(StagedFile { file, path })
}

/// A new file that nobody sweeps as long as we live: it is locked, and was still
/// there when it was. Where nothing can be locked, nobody sweeps.
fn temporary(dir: &Path, executable: bool) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The umask still applies, as it does to every other file.
        let mode = if executable { 0o777 } else { 0o666 };
        builder.permissions(std::fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = executable;
    loop {
        let file = builder.tempfile_in(dir)?;
        let swept = match file.as_file().try_lock() {
            Ok(()) => !file.path().exists(),
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(_)) => false,
        };
        if !swept {
            return Ok(file);
        }
    }
}

impl StagedFile {
    /// Gives the file the mode of the one whose place it will take.
    pub(crate) fn keep_mode(self) -> anyhow::Result<Self> {
        let cannot = || format!("cannot write {}", self.path.display());
        let mode = fs_err::metadata(&self.path)?.permissions();
        let set = self.file.as_file().set_permissions(mode);
        set.with_context(cannot)?;
        Ok(self)
    }

    /// Sees that the bytes are on the disk: what stands at a final path is whole
    /// even after a power cut.
    pub(crate) fn sync(self) -> anyhow::Result<Self> {
        let synced = self.file.as_file().sync_all();
        synced.with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(self)
    }

    /// Renames the file into its place.
    pub(crate) fn commit(self) -> anyhow::Result<()> {
        let Self { mut file, path } = self;
        for _ in 0..RETRIES {
            match file.persist(&path) {
                Ok(_) => return Ok(()),
                Err(error) if cfg!(windows) && is_held(&error.error) => file = error.file,
                Err(error) => {
                    return Err(error.error)
                        .with_context(|| format!("cannot write {}", path.display()));
                }
            }
            std::thread::sleep(PAUSE);
        }
        let what = format!(
            "cannot write {}: another program holds it open",
            path.display()
        );
        bail!(Failure::new(ExitKind::Packaging, what).help("close it there, and run again"))
    }
}

/// A virus scanner or indexer on Windows holds new files open for a moment.
const RETRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

fn is_held(error: &std::io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    error.kind() == std::io::ErrorKind::PermissionDenied
        || error.raw_os_error() == Some(SHARING_VIOLATION)
}

/// Removes what killed runs left beside results; what a living run holds stays.
pub(crate) fn sweep(dir: &Path) {
    let entries = fs_err::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(Result::ok);
    for entry in entries {
        let name = entry.file_name();
        let ours = name.to_string_lossy().starts_with(TEMPORARY);
        let file = ours.then(|| fs_err::File::open(entry.path()));
        if let Some(Ok(file)) = file
            && file.file().try_lock().is_ok()
        {
            // What cannot be removed is in nobody's way.
            let _ = fs_err::remove_file(entry.path());
        }
    }
}

/// Puts one file in place.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    stage(path, false, |out| Ok(out.write_all(bytes)?))?
        .sync()?
        .commit()
}

/// What a symlink leads to, there or not.
fn resolved(path: &Path) -> PathBuf {
    let mut at = path.to_owned();
    for _ in 0..40 {
        let Ok(next) = fs_err::read_link(&at) else {
            return at;
        };
        at = at.parent().unwrap_or(Path::new("")).join(next);
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_fails_leaves_the_folder_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.zip");
        fs_err::create_dir(&path).unwrap();
        let error = replace(&path, b"new").unwrap_err();
        assert!(format!("{error:#}").contains("a.zip"), "{error:#}");
        assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 1);
    }

    /// Between making a file and locking it, another run may sweep it.
    #[test]
    fn what_others_sweep_at_once_is_made_again() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let dir = tempfile::tempdir().unwrap();
        let done = AtomicBool::new(false);
        let lost = std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        sweep(dir.path());
                    }
                });
            }
            let made = (0..20_000).map(|_| temporary(dir.path(), false));
            let lost = made.filter(|made| !made.as_ref().is_ok_and(|file| file.path().exists()));
            let lost = lost.count();
            done.store(true, Ordering::Relaxed);
            lost
        });
        assert_eq!(lost, 0);
    }

    #[cfg(unix)]
    #[test]
    fn behind_a_symlink_the_file_is_replaced_and_the_link_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs_err::write(&file, "old").unwrap();
        fs_err::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs_err::read(&file).unwrap(), b"new");
    }
}
