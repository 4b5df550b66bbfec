//! Reads the files of a zip or a result folder, one at a time.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::build::package::manifest::ManifestFile;
use crate::lambda::MAX_UNZIPPED;
use crate::validate::zip::directory::ZipDirectory;
use crate::validate::zip::unpack::unpack;

/// A result whose files can be read.
#[derive(Debug)]
pub(super) enum ResultFiles {
    /// A zip and its central directory.
    Zip(File, ZipDirectory),
    Folder(PathBuf),
}

/// The result of opening a zip.
pub(super) enum OpenedZip {
    Readable(ResultFiles),
    /// The file is not a zip, or not one of ours, for this reason.
    Unusable(&'static str),
}

impl ResultFiles {
    /// Opens a zip.
    pub(super) fn zip(path: &Path) -> anyhow::Result<OpenedZip> {
        let mut file = fs_err::File::open(path)?.into_parts().0;
        let Some(directory) = ZipDirectory::read(&mut file)? else {
            return Ok(OpenedZip::Unusable("it does not end like a zip"));
        };
        let size: u64 = directory
            .entries
            .iter()
            .fold(0, |sum, entry| sum.saturating_add(entry.size));
        if !directory.faults.is_empty() || directory.zip64 || directory.is_unreadable {
            return Ok(OpenedZip::Unusable(
                "its directory is inconsistent or not supported",
            ));
        }
        // `--allow-oversize` permits larger zips, but a corrupt zip may claim any size.
        if size > MAX_UNZIPPED.saturating_mul(16) {
            return Ok(OpenedZip::Unusable(
                "it claims to contain more data than is plausible",
            ));
        }
        Ok(OpenedZip::Readable(Self::Zip(file, directory)))
    }

    /// The files as a manifest records them. Files that cannot be unpacked have no hash.
    pub(super) fn entries(&mut self) -> anyhow::Result<Vec<ManifestFile>> {
        let files: Vec<_> = match self {
            Self::Zip(_, directory) => directory
                .entries
                .iter()
                .map(|entry| (entry.display_name(), entry.mode, entry.size))
                .collect(),
            Self::Folder(folder) => files(folder, folder)?,
        };
        let mut all = Vec::new();
        for (name, mode, size) in files {
            let mode = u16::try_from(mode & 0o7777).unwrap_or_default();
            all.push(match self.read(&name)? {
                Some(bytes) => ManifestFile::new(&name, mode, &bytes),
                None => ManifestFile {
                    size,
                    ..ManifestFile::unhashed(&name, mode, &[])
                },
            });
        }
        Ok(all)
    }

    /// The contents of a file. `None` if it does not exist or cannot be unpacked.
    pub(super) fn read(&mut self, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
        match self {
            Self::Folder(folder) => Ok(fs_err::read(folder.join(name)).ok()),
            Self::Zip(file, directory) => {
                let mut entries = directory.entries.iter();
                let Some(entry) = entries.find(|entry| entry.display_name() == name) else {
                    return Ok(None);
                };
                let unpacked =
                    unpack(file, entry).with_context(|| format!("cannot unpack {name}"))?;
                Ok(unpacked.content())
            }
        }
    }
}

/// Names, modes, and sizes of all files below a folder. Of the mode, only the executable bit
/// counts, because the umask determines the rest.
fn files(root: &Path, folder: &Path) -> anyhow::Result<Vec<(String, u32, u64)>> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        let data = fs_err::metadata(&path)?;
        if data.is_dir() {
            found.extend(files(root, &path)?);
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path);
            let name = name.to_string_lossy().replace('\\', "/");
            found.push((name, mode(&data), data.len()));
        }
    }
    Ok(found)
}

#[cfg(unix)]
fn mode(data: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    match data.permissions().mode() & 0o100 {
        0 => 0o644,
        _ => 0o755,
    }
}

/// Windows has no executable bit.
#[cfg(windows)]
fn mode(_: &std::fs::Metadata) -> u32 {
    0
}
