//! Where a function lies: the stand-in of `/var/task`.
//!
//! In: a zip. Out: [`Sandbox`], a new folder that only we can enter, with what is in
//! the zip and nothing else; it goes with the sandbox. Names that lead elsewhere are
//! refused, and links are made last, so that nothing is written through one.
//! Absent: whether Lambda would run it, which `inspect.rs` judges.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::fs::file_name;
use crate::lambda::BOOTSTRAP;
use crate::lambda::{Arch, MAX_UNZIPPED};
use crate::system::process::TempFolder;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};
use crate::validate::file_format::{FileFormat, format};
use crate::validate::zip::directory::DirectoryEntry;
use crate::validate::zip::directory::ZipDirectory;
use crate::validate::zip::unpack::content;

/// A function that is unpacked.
#[derive(Debug)]
pub(crate) struct Sandbox {
    dir: TempFolder,
    arch: Option<Arch>,
}

const TYPE: u32 = 0o170_000;
const LINK: u32 = 0o120_000;
const FOLDER: u32 = 0o040_000;
/// Systems whose entries have a mode: Unix, and macOS by its own number.
const UNIX: [u8; 2] = [3, 19];

impl Sandbox {
    pub(crate) fn unpack(zip: &Path) -> anyhow::Result<Self> {
        let shown = zip.display().to_string();
        let regular = fs_err::metadata(zip)?.is_file();
        anyhow::ensure!(regular, "{shown} is not a file");
        let mut file = fs_err::File::open(zip)?;
        let Some(directory) = ZipDirectory::read(&mut file)? else {
            let what = format!("{shown} does not end as a zip does");
            let help = "it is cut off, or no zip: make it again";
            return Err(Failure::new(ExitKind::Packaging, what).help(help).into());
        };
        refuse(&directory, &shown)?;
        let dir = folder()?;
        let mut links = Vec::new();
        let mut arch = None;
        for entry in &directory.entries {
            let name = entry.shown();
            let place = dir.path().join(&name);
            if name.ends_with('/') || entry.mode & TYPE == FOLDER {
                fs_err::create_dir_all(&place)?;
                continue;
            }
            let bytes = content(&mut file, entry)?.map_err(|finding| Failure {
                kind: ExitKind::Packaging,
                problems: vec![finding.of(&shown)],
            })?;
            if entry.mode & TYPE == LINK {
                links.push((name, bytes));
                continue;
            }
            if name == BOOTSTRAP {
                arch = own_arch(&bytes);
            }
            unpacked(write(&place, mode(entry), &bytes), &name, &shown)?;
        }
        for (name, target) in links {
            let target = String::from_utf8_lossy(&target).into_owned();
            unpacked(link(dir.path(), &name, &target), &name, &shown)?;
            if name == BOOTSTRAP {
                arch = fs_err::read(dir.path().join(&name))
                    .ok()
                    .and_then(|bytes| own_arch(&bytes));
            }
        }
        Ok(Self { dir, arch })
    }

    /// The folder of the function's files.
    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn bootstrap(&self) -> PathBuf {
        self.root().join(BOOTSTRAP)
    }

    /// The architecture of what is started; `None` of what is no ELF file of Lambda's.
    pub(crate) const fn arch(&self) -> Option<Arch> {
        self.arch
    }
}

fn own_arch(bytes: &[u8]) -> Option<Arch> {
    match format(bytes) {
        FileFormat::Elf(header) => Arch::ALL
            .into_iter()
            .find(|arch| arch.elf_machine() == header.machine),
        _ => None,
    }
}

/// Everything that keeps a zip from being unpacked.
fn refuse(directory: &ZipDirectory, shown: &str) -> Result<(), Failure> {
    let damaged = directory.faults.iter().map(|fault| {
        Problem::new(format!("{shown} is damaged: {fault}"))
            .help("make it again; see that it was copied whole")
    });
    let mut damaged: Vec<_> = damaged.collect();
    if directory.zip64 {
        let problem = Problem::new(format!("{shown} uses zip64"));
        damaged.push(problem.help("make it again with fewer than 65,535 entries and 4 GiB"));
    }
    Failure::unless_empty(ExitKind::Packaging, damaged)?;
    let size: u64 = directory.entries.iter().map(|entry| entry.size).sum();
    if size > MAX_UNZIPPED {
        let what = format!("{shown} has {size} bytes unpacked, and Lambda unpacks {MAX_UNZIPPED}");
        return Err(
            Failure::new(ExitKind::Limit, what).help("take files out, or strip the program")
        );
    }
    let refused = directory.entries.iter().filter_map(|entry| {
        let why = if let Some(why) = file_name::refused(&entry.name) {
            why
        } else if entry.flags & 0x2041 != 0 {
            "that is encrypted"
        } else if ![0, 8].contains(&entry.method) {
            "that is not compressed by deflate"
        } else {
            return None;
        };
        let name = entry.shown();
        Some(
            Problem::new(format!(
                "{shown} has an entry `{}` {why}",
                file_name::printable(&name)
            ))
            .help("make it again: cargo lambdapack pack BINARY"),
        )
    });
    Failure::unless_empty(ExitKind::Refused, refused.take(10).collect())
}

/// The mode that Lambda would give, except that we can always remove it.
fn mode(entry: &DirectoryEntry) -> u32 {
    match UNIX.contains(&entry.made_by) {
        true => entry.mode & 0o777 | 0o600,
        false => 0o644,
    }
}

/// A folder that goes even when we are killed.
fn folder() -> anyhow::Result<TempFolder> {
    TempFolder::new("lambdapack-task-").map_err(|error| {
        let what = format!("cannot make a folder for the function: {error}");
        Failure::new(ExitKind::Packaging, what).help(TMPDIR).into()
    })
}

/// Temporary folders are where the system is told to have them.
const TMPDIR: &str = "set TMPDIR to a folder on a disk that has room, where you may write";

/// What keeps a file from being unpacked: the disk, or that it leads elsewhere.
fn unpacked<T>(result: anyhow::Result<T>, name: &str, zip: &str) -> anyhow::Result<T> {
    result.map_err(|error| {
        let known = Failure::from_error(&error, ExitKind::Packaging);
        if known.kind != ExitKind::Packaging {
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
            _ => "see that its names are no longer than 255 bytes, and none is a file and a folder",
        };
        let what = format!("cannot unpack {name} of {zip}: {error:#}");
        Failure::new(ExitKind::Packaging, what).help(help).into()
    })
}

/// In one piece, so that files which are alike lie on the disk alike.
fn write(place: &Path, mode: u32, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = place.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut file = fs_err::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(place)?;
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

/// A link that stays in the folder; one to `/var/task` leads there.
fn link(root: &Path, name: &str, target: &str) -> anyhow::Result<()> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let (from, rest) = match target.strip_prefix("/var/task/") {
        Some(rest) => ("", rest),
        None => (folder, target),
    };
    let Some(inside) = inside(from, rest) else {
        let what = format!("the link {name} to {target} leads out of the function's folder");
        let help = "pack the file itself: cargo lambdapack pack BINARY";
        return Err(Failure::new(ExitKind::Refused, what).help(help).into());
    };
    let place = root.join(name);
    if let Some(folder) = place.parent() {
        fs_err::create_dir_all(folder)?;
    }
    #[cfg(unix)]
    fs_err::os::unix::fs::symlink(root.join(inside), &place)?;
    #[cfg(windows)]
    fs_err::copy(root.join(inside), &place)?;
    Ok(())
}

/// Where a relative path from a folder leads; `None` where that is outside.
fn inside(folder: &str, path: &str) -> Option<PathBuf> {
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
    fn a_link_stays_inside_wherever_it_lies() {
        for (folder, path, wanted) in [
            ("", "main", Some("main")),
            ("", "./bin/../main", Some("main")),
            ("a/b", "../c", Some("a/c")),
            ("a", "../../etc/passwd", None),
            ("", "/etc/passwd", None),
            ("", "..", None),
        ] {
            assert_eq!(
                inside(folder, path).as_deref(),
                wanted.map(Path::new),
                "{path}"
            );
        }
    }
}
