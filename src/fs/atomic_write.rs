//! Writes files atomically: another program sees either the complete file or no file.
//!
//! In: a path and bytes. Out: the file, which replaces an existing one.

use std::fs::TryLockError;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::fs::file_name::TEMPORARY;
use crate::fs::folder::entries;
use crate::fs::last_use::is_unused_for;
use crate::ui::failure::{ExitKind, Failure};

/// A temporary file next to its final path. It is removed if it is dropped.
#[derive(Debug)]
pub(crate) struct StagedFile {
    temporary: TemporaryFile,
    path: PathBuf,
}

#[derive(Debug)]
enum TemporaryFile {
    /// A locked file, which [`remove_leftovers`] of other processes does not remove.
    Open(tempfile::NamedTempFile),
    Closed(tempfile::TempPath),
}

impl TemporaryFile {
    fn path(&self) -> &Path {
        match self {
            Self::Open(file) => file.path(),
            Self::Closed(path) => path,
        }
    }

    /// Renames the file. If that fails, the file is returned.
    fn persist(self, path: &Path) -> Result<(), (io::Error, Self)> {
        match self {
            Self::Open(file) => match file.persist(path) {
                Ok(_) => Ok(()),
                Err(error) => Err((error.error, Self::Open(error.file))),
            },
            Self::Closed(file) => file
                .persist(path)
                .map_err(|error| (error.error, Self::Closed(error.path))),
        }
    }
}

/// Writes a temporary file next to the path. If the path is a symlink, the target of the symlink
/// will be replaced.
pub(crate) fn stage(
    path: &Path,
    executable: bool,
    fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<StagedFile> {
    let path = follow_symlinks(path);
    let cannot_write = || cannot_write(&path);
    let dir = path.parent().with_context(cannot_write)?;
    if let Ok(existing) = fs_err::metadata(&path)
        && !existing.is_file()
    {
        let kind = if existing.is_dir() {
            "a folder"
        } else {
            "a device or a pipe"
        };
        let what = format!("{}: it is {kind}", cannot_write());
        bail!(Failure::new(ExitKind::Packaging, what).help("move it, or choose another path"));
    }
    fs_err::create_dir_all(dir).with_context(cannot_write)?;
    let mut file = create_temporary(dir, executable).with_context(cannot_write)?;
    let mut buffer = BufWriter::new(file.as_file_mut());
    fill(&mut buffer).map_err(|error| {
        if error.is::<io::Error>() {
            error.context(cannot_write())
        } else {
            // The error is not about writing.
            error
        }
    })?;
    buffer.flush().with_context(cannot_write)?;
    drop(buffer);
    Ok(StagedFile {
        temporary: TemporaryFile::Open(file),
        path,
    })
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

/// Creates a locked file, which [`remove_leftovers`] of other processes does not remove. Another
/// process may remove the file before it is locked, so this tries again until the file exists
/// after locking. On file systems without locks, leftovers are not removed.
fn create_temporary(dir: &Path, executable: bool) -> io::Result<tempfile::NamedTempFile> {
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
        let is_removed = match file.as_file().try_lock() {
            Ok(()) => !file.path().exists(),
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(_)) => false,
        };
        if !is_removed {
            return Ok(file);
        }
    }
}

impl StagedFile {
    /// Copies the mode of the file that will be replaced.
    pub(crate) fn keep_mode(self) -> anyhow::Result<Self> {
        let mode = fs_err::metadata(&self.path)?.permissions();
        fs_err::set_permissions(self.temporary.path(), mode)
            .with_context(|| cannot_write(&self.path))?;
        Ok(self)
    }

    /// Flushes the bytes to the disk, so that the file at the final path is complete even after a
    /// power failure.
    pub(crate) fn sync(self) -> anyhow::Result<Self> {
        let synced = match &self.temporary {
            TemporaryFile::Open(file) => file.as_file().sync_all(),
            TemporaryFile::Closed(path) => {
                // Windows flushes only files that can be written.
                let mut options = fs_err::OpenOptions::new();
                let file = options.read(true).write(cfg!(windows)).open(path);
                file.and_then(|file| file.sync_all())
            }
        };
        synced.with_context(|| cannot_write(&self.path))?;
        Ok(self)
    }

    /// Closes the file, because a process can open only a few hundred. Its folder must be locked:
    /// another process could remove the file.
    pub(crate) fn close(self) -> Self {
        let temporary = match self.temporary {
            TemporaryFile::Open(file) => TemporaryFile::Closed(file.into_temp_path()),
            closed @ TemporaryFile::Closed(_) => closed,
        };
        Self { temporary, ..self }
    }

    /// Renames the file to its final path.
    pub(crate) fn commit(self) -> anyhow::Result<()> {
        let Self {
            mut temporary,
            path,
        } = self;
        for _ in 0..RETRIES {
            match temporary.persist(&path) {
                Ok(()) => return Ok(()),
                Err((error, file)) if cfg!(windows) && is_open_elsewhere(&error) => {
                    temporary = file;
                }
                Err((error, _)) => return Err(error).with_context(|| cannot_write(&path)),
            }
            std::thread::sleep(PAUSE);
        }
        let what = format!("{}: another program has it open", cannot_write(&path));
        bail!(Failure::new(ExitKind::Packaging, what).help("close the file, and run again"))
    }
}

/// Virus scanners and indexers on Windows keep new files open for a moment.
const RETRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

fn is_open_elsewhere(error: &std::io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    error.kind() == std::io::ErrorKind::PermissionDenied
        || error.raw_os_error() == Some(SHARING_VIOLATION)
}

/// Removes temporary files that killed processes left in a folder. Files of running processes are
/// locked and stay.
pub(crate) fn remove_leftovers(dir: &Path) {
    for path in temporary_files(dir) {
        if let Ok(file) = fs_err::File::open(&path)
            && file.file().try_lock().is_ok()
        {
            // A file that cannot be removed does no harm.
            let _ = fs_err::remove_file(path);
        }
    }
}

/// The same for a folder that several machines use: they may not see each other's locks, so
/// temporary files that were written recently stay.
pub(crate) fn remove_old_leftovers(dir: &Path, age: Duration) {
    for path in temporary_files(dir) {
        if let Ok(file) = fs_err::File::open(&path)
            && file.metadata().is_ok_and(|data| is_unused_for(&data, age))
            && !matches!(file.file().try_lock(), Err(TryLockError::WouldBlock))
        {
            let _ = fs_err::remove_file(path);
        }
    }
}

fn temporary_files(dir: &Path) -> impl Iterator<Item = PathBuf> {
    entries(dir).filter(|path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with(TEMPORARY)
    })
}

/// Writes a file atomically.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    stage(path, false, |out| Ok(out.write_all(bytes)?))?
        .sync()?
        .commit()
}

/// The target of a symlink, which may not exist, or the path itself.
fn follow_symlinks(path: &Path) -> PathBuf {
    const MAX_LINKS: usize = 40;
    let mut current = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs_err::read_link(&current) else {
            return current;
        };
        current = current.parent().unwrap_or(Path::new("")).join(target);
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_no_files() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.zip");
        fs_err::create_dir(&path).unwrap();
        let error = replace(&path, b"new").unwrap_err();
        assert!(format!("{error:#}").contains("a.zip"), "{error:#}");
        assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 1);
    }

    /// Another process may remove a file between its creation and its locking.
    #[test]
    fn a_file_that_is_removed_before_it_is_locked_is_created_again() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let dir = tempfile::tempdir().unwrap();
        let done = AtomicBool::new(false);
        let lost = std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        remove_leftovers(dir.path());
                    }
                });
            }
            let lost = (0..20_000)
                .map(|_| create_temporary(dir.path(), false))
                .filter(|file| !file.as_ref().is_ok_and(|file| file.path().exists()))
                .count();
            done.store(true, Ordering::Relaxed);
            lost
        });
        assert_eq!(lost, 0);
    }

    #[cfg(unix)]
    #[test]
    fn the_target_of_a_symlink_is_replaced_and_the_symlink_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs_err::write(&file, "old").unwrap();
        fs_err::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs_err::read(&file).unwrap(), b"new");
    }
}
