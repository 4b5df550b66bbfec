//! Copies sources to other paths.
//!
//! What compilers made stays behind. Symlinks stay symlinks, and lead to the same
//! file or to its copy; modes and times of files stay.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::build::project::own_dir;
use crate::commands::verify::scratch::{ScratchFolder, link};
use crate::fs::path;
use crate::system::process;
use crate::ui::console::Console;

/// Files of a folder above the sources that say how they are built.
const ABOVE: [&str; 9] = [
    ".cargo/config",
    ".cargo/config.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    "Cargo.toml",
    "go.work",
    "go.work.sum",
    "go.mod",
    "lambdapack.toml",
];

/// The first line of a CACHEDIR.TAG, with which cargo marks its target folders.
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// A copy in the making.
pub(super) struct SourceCopy<'a> {
    pub(super) scratch: &'a ScratchFolder,
    /// What is copied whole; none is inside another.
    pub(super) roots: &'a BTreeSet<PathBuf>,
    /// cargo's own folder: it is no configuration of a folder above.
    pub(super) cargo_home: Option<PathBuf>,
    /// For what is left out.
    pub(super) console: &'a Console,
    /// The file that was changed last.
    pub(super) newest: Option<(SystemTime, PathBuf)>,
}

impl SourceCopy<'_> {
    pub(super) fn all(&mut self) -> anyhow::Result<()> {
        for root in self.roots {
            if root.is_dir() {
                self.folder(root)?;
            } else {
                let data = fs_err::metadata(root)?;
                self.file(root, &self.scratch.place(root), &data)?;
            }
        }
        for root in self.roots {
            self.above(root)?;
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        process::interrupted()?;
        let place = self.scratch.place(folder);
        fs_err::create_dir_all(&place)?;
        let entries = match fs_err::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.passed_over(error),
        };
        for entry in entries {
            let entry = entry?;
            let (path, to) = (entry.path(), place.join(entry.file_name()));
            let data = fs_err::symlink_metadata(&path)?;
            if entry.file_name() == ".git" {
                self.git(&path, &to)?;
            } else if self.is_made(&path) {
            } else if data.is_symlink() {
                self.link(&path, &to)?;
            } else if data.is_dir() {
                self.folder(&path)?;
            } else if data.is_file() {
                self.file(&path, &to, &data)?;
            }
        }
        Ok(())
    }

    /// Whether this is what compilers made, or we did.
    fn is_made(&self, path: &Path) -> bool {
        let own = { self.roots.iter() }.any(|root| {
            let own = own_dir(root);
            path == own || path == own.with_file_name("go")
        });
        // Through a symlink the rebuild would write into the real one.
        let linked = path.ends_with("target") && path.is_symlink() && path.is_dir();
        own || linked || is_tagged(path)
    }

    fn file(&mut self, path: &Path, to: &Path, data: &Metadata) -> anyhow::Result<()> {
        if let Some(parent) = to.parent() {
            fs_err::create_dir_all(parent)?;
        }
        if let Err(error) = fs_err::copy(path, to) {
            return self.passed_over(error);
        }
        if let Ok(changed) = data.modified() {
            // Who builds by times sees the same ones, where the system lets us.
            if let Ok(file) = fs_err::File::open(to) {
                let _ = file.set_modified(changed);
            }
            if { self.newest.as_ref() }.is_none_or(|(newest, _)| changed > *newest) {
                self.newest = Some((changed, path.to_owned()));
            }
        }
        Ok(())
    }

    /// What we may not read is hardly a source; the rebuild will say if it is.
    fn passed_over(&self, error: io::Error) -> anyhow::Result<()> {
        if error.kind() != ErrorKind::PermissionDenied {
            return Err(error.into());
        }
        self.console
            .detail("Copying", &format!("without what cannot be read: {error}"));
        Ok(())
    }

    /// A symlink to a copy, or to where it leads.
    fn link(&self, path: &Path, to: &Path) -> anyhow::Result<()> {
        let Ok(target) = fs_err::read_link(path) else {
            return Ok(());
        };
        let leads = path::join(path.parent().unwrap_or(path), &target);
        let inside = self.roots.iter().any(|root| leads.starts_with(root));
        let target = match (target.is_relative(), inside) {
            (true, true) => target,
            (false, true) => self.scratch.place(&leads),
            (_, false) => leads,
        };
        self.linked(&target, path, to)
    }

    fn linked(&self, target: &Path, path: &Path, to: &Path) -> anyhow::Result<()> {
        match link(target, to) {
            Err(_) if cfg!(windows) => {
                if path.is_file() {
                    fs_err::copy(path, to)?;
                } else {
                    let what = format!("without {}, a symlink", path.display());
                    self.console.detail("Copying", &what);
                }
                Ok(())
            }
            other => Ok(other?),
        }
    }

    /// What git is asked is answered from the repository itself, which must not be
    /// written: its files are copied, its folders linked to. Where the sources are
    /// only a part of it, they are compared where they really are.
    fn git(&self, path: &Path, to: &Path) -> anyhow::Result<()> {
        let home = path.parent().unwrap_or(path);
        if !path.is_dir() {
            let text = fs_err::read_to_string(path).unwrap_or_default();
            if let Some(dir) = text.strip_prefix("gitdir:") {
                let dir = path::join(home, dir.trim());
                fs_err::write(to, format!("gitdir: {}\n", dir.display()))?;
            }
            return Ok(());
        }
        fs_err::create_dir_all(to)?;
        for entry in fs_err::read_dir(path)?.filter_map(Result::ok) {
            let (path, to) = (entry.path(), to.join(entry.file_name()));
            if path.is_dir() {
                self.linked(&path, &path, &to)?;
            } else if path.is_file() && path.extension().is_none_or(|e| e != "lock") {
                fs_err::copy(&path, &to)?;
            }
        }
        if !self.roots.iter().any(|root| home.starts_with(root)) {
            let config = fs_err::read_to_string(path.join("config")).unwrap_or_default();
            let home = home
                .to_string_lossy()
                .replace('\\', "\\\\")
                .replace('"', "\\\"");
            let text = format!("{config}\n[core]\n\tworktree = \"{home}\"\n");
            fs_err::write(to.join("config"), text)?;
        }
        Ok(())
    }

    /// The folders above: what they say of building; and up to the repository's
    /// root, symlinks to all else, which sources may refer to.
    fn above(&self, root: &Path) -> anyhow::Result<()> {
        let repository = { root.ancestors().skip(1) }.find(|above| above.join(".git").exists());
        for above in root.ancestors().skip(1) {
            let place = self.scratch.place(above);
            fs_err::create_dir_all(&place)?;
            for name in ABOVE {
                let (file, to) = (above.join(name), place.join(name));
                let is_home = file.parent() == self.cargo_home.as_deref();
                if file.is_file() && !is_home && !to.exists() {
                    if let Some(parent) = to.parent() {
                        fs_err::create_dir_all(parent)?;
                    }
                    fs_err::copy(&file, &to)?;
                }
            }
            if repository.is_some_and(|repository| above.starts_with(repository)) {
                self.neighbours(above, &place)?;
            }
        }
        Ok(())
    }

    fn neighbours(&self, folder: &Path, place: &Path) -> anyhow::Result<()> {
        for entry in fs_err::read_dir(folder)?.filter_map(Result::ok) {
            let (path, to) = (entry.path(), place.join(entry.file_name()));
            let on_the_way = self.roots.iter().any(|root| root.starts_with(&path));
            if on_the_way || to.symlink_metadata().is_ok() || self.is_made(&path) {
                continue;
            }
            match entry.file_name() == ".git" {
                true => self.git(&path, &to)?,
                false => self.linked(&path, &path, &to)?,
            }
        }
        Ok(())
    }
}

/// Whether a folder is marked as one that can be made again, or is a target folder:
/// cargo marks those only that it made itself.
fn is_tagged(folder: &Path) -> bool {
    if folder.join(".rustc_info.json").is_file() {
        return true;
    }
    let mut start = [0; TAG.len()];
    let file = fs_err::File::open(folder.join("CACHEDIR.TAG"));
    file.is_ok_and(|mut file| file.read_exact(&mut start).is_ok()) && start == TAG
}

#[cfg(test)]
mod tests;
