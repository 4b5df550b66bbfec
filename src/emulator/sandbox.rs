//! The folder of a function, which takes the place of `/var/task`.
//!
//! In: a zip. Out: a [`Sandbox`], a new folder that only the user can enter, with the files
//! of the zip. It is removed with the sandbox. Names that lead out of the folder are
//! rejected, and symlinks are created last, so that nothing is written through one.
//! Left to others: whether Lambda would run the zip, which the command `check` decides.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::fs::file_name;
use crate::lambda::{Arch, BOOTSTRAP, MAX_UNZIPPED};
use crate::system::process::TempFolder;
use crate::ui::failure::{ExitKind, Failure, Problem};
use crate::validate::file_format::FileFormat;
use crate::validate::zip::directory::{DirectoryEntry, ZipDirectory};
use crate::validate::zip::unpack::{UnpackedEntry, unpack};

/// A function that is unpacked. Dropped, its files are removed.
#[derive(Debug)]
pub(crate) struct Sandbox {
    dir: TempFolder,
    arch: Option<Arch>,
}

// The file types in the mode of an entry.
const TYPE_MASK: u32 = 0o170_000;
const SYMLINK: u32 = 0o120_000;
const FOLDER: u32 = 0o040_000;
/// The systems in `version made by` whose entries have a Unix mode: Unix and macOS.
const UNIX: [u8; 2] = [3, 19];

impl Sandbox {
    pub(crate) fn unpack(zip: &Path) -> anyhow::Result<Self> {
        let shown = zip.display().to_string();
        let regular = fs_err::metadata(zip)?.is_file();
        anyhow::ensure!(regular, "`{shown}` is not a file");
        let mut file = fs_err::File::open(zip)?;
        let Some(directory) = ZipDirectory::read(&mut file)? else {
            let what = format!(
                "`{shown}` has no end of central directory record, so it is truncated or not a zip"
            );
            let help = "create it again, and check that it was copied completely";
            return Err(Failure::new(ExitKind::Packaging, what).help(help).into());
        };
        reject_unpackable(&directory, &shown)?;
        let dir = create_folder()?;
        let mut links = Vec::new();
        let mut arch = None;
        for entry in &directory.entries {
            let name = entry.display_name();
            let path = dir.path().join(&name);
            if name.ends_with('/') || entry.mode & TYPE_MASK == FOLDER {
                fs_err::create_dir_all(&path)?;
                continue;
            }
            let bytes = match unpack(&mut file, entry)? {
                UnpackedEntry::Content(bytes) => bytes,
                UnpackedEntry::Damaged(finding) => {
                    let problems = vec![finding.to_problem(&shown)];
                    let kind = ExitKind::Packaging;
                    return Err(Failure { kind, problems }.into());
                }
            };
            if entry.mode & TYPE_MASK == SYMLINK {
                links.push((name, bytes));
                continue;
            }
            if name == BOOTSTRAP {
                arch = elf_arch(&bytes);
            }
            explain(write(&path, mode(entry), &bytes), &name, &shown)?;
        }
        for (name, target) in links {
            let target = String::from_utf8_lossy(&target).into_owned();
            explain(symlink(dir.path(), &name, &target), &name, &shown)?;
            if name == BOOTSTRAP {
                arch = fs_err::read(dir.path().join(&name))
                    .ok()
                    .and_then(|bytes| elf_arch(&bytes));
            }
        }
        Ok(Self { dir, arch })
    }

    /// The folder with the function's files.
    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn bootstrap(&self) -> PathBuf {
        self.root().join(BOOTSTRAP)
    }

    /// The architecture of the bootstrap, or `None` if it is not an ELF file for Lambda.
    pub(crate) const fn arch(&self) -> Option<Arch> {
        self.arch
    }
}

fn elf_arch(bytes: &[u8]) -> Option<Arch> {
    match FileFormat::detect(bytes) {
        FileFormat::Elf(header) => Arch::ALL
            .into_iter()
            .find(|arch| arch.elf_machine() == header.machine),
        _ => None,
    }
}

/// Rejects zips that cannot be unpacked, or not safely.
fn reject_unpackable(directory: &ZipDirectory, shown: &str) -> Result<(), Failure> {
    let mut damaged: Vec<_> = directory
        .faults
        .iter()
        .map(|fault| {
            Problem::new(format!("`{shown}` is damaged: {fault}"))
                .help("create it again, and check that it was copied completely")
        })
        .collect();
    if directory.zip64 {
        let problem = Problem::new(format!(
            "`{shown}` uses zip64, which Lambda is not documented to support"
        ));
        damaged.push(
            problem.help("create it again with fewer than 65,535 entries and less than 4 GiB"),
        );
    }
    Failure::unless_empty(ExitKind::Packaging, damaged)?;
    let size: u64 = directory.entries.iter().map(|entry| entry.size).sum();
    if size > MAX_UNZIPPED {
        let what = format!(
            "`{shown}` has {size} bytes unpacked, but Lambda unpacks at most {MAX_UNZIPPED}"
        );
        return Err(
            Failure::new(ExitKind::Limit, what).help("remove files from it, or strip the program")
        );
    }
    let refused = directory.entries.iter().filter_map(|entry| {
        let why = if let Some(why) = file_name::unpack_problem(&entry.name) {
            why
        } else if entry.flags & 0x2041 != 0 {
            // Bits 0, 6, and 13 of the general purpose flags: APPNOTE.TXT, 4.4.4.
            "that is encrypted"
        } else if ![0, 8].contains(&entry.method) {
            "with a compression method other than deflate"
        } else {
            return None;
        };
        let name = entry.display_name();
        Some(
            Problem::new(format!(
                "`{shown}` has an entry `{}` {why}",
                file_name::printable(&name)
            ))
            .help("create it again with `cargo lambdapack pack BINARY`"),
        )
    });
    Failure::unless_empty(ExitKind::Refused, refused.take(10).collect())
}

/// The mode that Lambda gives the file. Files are always writable, so that they can be
/// removed.
fn mode(entry: &DirectoryEntry) -> u32 {
    if UNIX.contains(&entry.made_by) {
        entry.mode & 0o777 | 0o600
    } else {
        0o644
    }
}

/// Creates a folder that is removed even if we are killed.
fn create_folder() -> anyhow::Result<TempFolder> {
    TempFolder::new("lambdapack-task-").map_err(|error| {
        let what = format!("cannot create a temporary folder for the function: {error}");
        Failure::new(ExitKind::Packaging, what).help(TMPDIR).into()
    })
}

const TMPDIR: &str = "set `TMPDIR` to a writable folder on a disk with enough free space";

/// Explains why a file cannot be unpacked. A failure of our own is left as it is.
fn explain<T>(result: anyhow::Result<T>, name: &str, zip: &str) -> anyhow::Result<T> {
    result.map_err(|error| {
        let failure = Failure::from_error(&error, ExitKind::Packaging);
        if failure.kind != ExitKind::Packaging {
            return error;
        }
        let kind = error.downcast_ref().map(io::Error::kind);
        let help = match kind {
            Some(
                ErrorKind::StorageFull
                | ErrorKind::QuotaExceeded
                | ErrorKind::ReadOnlyFilesystem
                | ErrorKind::PermissionDenied,
            ) => TMPDIR,
            _ => {
                "check that no name in the zip is longer than 255 bytes, and that no name is both a \
                 file and a folder"
            }
        };
        let what = format!("cannot unpack `{name}` from `{zip}`: {error:#}");
        Failure::new(ExitKind::Packaging, what).help(help).into()
    })
}

/// Writes a file in one piece, so that equal files have the same layout on the disk.
fn write(path: &Path, mode: u32, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut file = fs_err::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = mode;
    Ok(())
}

/// Creates a symlink, which must not leave the folder. `/var/task` means the folder.
fn symlink(root: &Path, name: &str, target: &str) -> anyhow::Result<()> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let (from, rest) = match target.strip_prefix("/var/task/") {
        Some(rest) => ("", rest),
        None => (folder, target),
    };
    let Some(resolved) = resolve_inside(from, rest) else {
        let what = format!("the symlink `{name}` to `{target}` leads out of the function's folder");
        let help = "package the file itself with `cargo lambdapack pack BINARY`";
        return Err(Failure::new(ExitKind::Refused, what).help(help).into());
    };
    let path = root.join(name);
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    #[cfg(unix)]
    fs_err::os::unix::fs::symlink(root.join(resolved), &path)?;
    #[cfg(windows)]
    fs_err::copy(root.join(resolved), &path)?;
    Ok(())
}

/// Resolves a path relative to a folder. Returns `None` if it leads out of the root.
fn resolve_inside(folder: &str, path: &str) -> Option<PathBuf> {
    if path.starts_with('/') || path.contains(['\\', '\0']) {
        return None;
    }
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symlinks_out_of_the_folder_are_rejected() {
        for (folder, path, expected) in [
            ("", "main", Some("main")),
            ("", "./bin/../main", Some("main")),
            ("a/b", "../c", Some("a/c")),
            ("a", "../../etc/passwd", None),
            ("", "/etc/passwd", None),
            ("", "..", None),
        ] {
            assert_eq!(
                resolve_inside(folder, path).as_deref(),
                expected.map(Path::new),
                "{path}"
            );
        }
    }
}
