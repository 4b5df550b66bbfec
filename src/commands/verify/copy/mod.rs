//! Copies sources to other paths.
//!
//! Build results are not copied. Symlinks remain symlinks and lead to the same file or to its copy.
//! Modes and modification times are kept.

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

/// Files above the sources that influence the build.
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

/// The first line of a CACHEDIR.TAG, with which Cargo marks its target folders.
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// The state of a copy operation.
pub(super) struct SourceCopy<'a> {
    pub(super) scratch: &'a ScratchFolder,
    /// The folders and files to copy. None is inside another.
    pub(super) roots: &'a BTreeSet<PathBuf>,
    /// Cargo's home, whose configuration does not belong to the folders above the sources.
    pub(super) cargo_home: Option<PathBuf>,
    /// Reports the files that are left out.
    pub(super) console: &'a Console,
    /// The file that changed last.
    pub(super) newest: Option<(SystemTime, PathBuf)>,
}

impl SourceCopy<'_> {
    pub(super) fn copy_all(&mut self) -> anyhow::Result<()> {
        for root in self.roots {
            if root.is_dir() {
                self.copy_folder(root)?;
            } else {
                let data = fs_err::metadata(root)?;
                self.copy_file(root, &self.scratch.place(root), &data)?;
            }
        }
        for root in self.roots {
            self.copy_configuration_above(root)?;
        }
        Ok(())
    }

    fn copy_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        process::interrupted()?;
        let place = self.scratch.place(folder);
        fs_err::create_dir_all(&place)?;
        let entries = match fs_err::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.ignore_permission_denied(error),
        };
        for entry in entries {
            let entry = entry?;
            let (path, to) = (entry.path(), place.join(entry.file_name()));
            let data = fs_err::symlink_metadata(&path)?;
            if entry.file_name() == ".git" {
                self.copy_git(&path, &to)?;
            } else if self.is_build_output(&path) {
            } else if data.is_symlink() {
                self.copy_symlink(&path, &to)?;
            } else if data.is_dir() {
                self.copy_folder(&path)?;
            } else if data.is_file() {
                self.copy_file(&path, &to, &data)?;
            }
        }
        Ok(())
    }

    /// Returns true for files that compilers or this program wrote.
    fn is_build_output(&self, path: &Path) -> bool {
        let is_own_output = self.roots.iter().any(|root| {
            let output = own_dir(root);
            path == output || path == output.with_file_name("go")
        });
        // A rebuild would write through such a symlink into the real folder.
        let linked = path.ends_with("target") && path.is_symlink() && path.is_dir();
        is_own_output || linked || is_tagged(path)
    }

    fn copy_file(&mut self, path: &Path, to: &Path, data: &Metadata) -> anyhow::Result<()> {
        if let Some(parent) = to.parent() {
            fs_err::create_dir_all(parent)?;
        }
        if let Err(error) = fs_err::copy(path, to) {
            return self.ignore_permission_denied(error);
        }
        if let Ok(changed) = data.modified() {
            // Tools that build by modification times must see the same ones. Not every system
            // allows setting them.
            if let Ok(file) = fs_err::File::open(to) {
                let _ = file.set_modified(changed);
            }
            if self
                .newest
                .as_ref()
                .is_none_or(|(newest, _)| changed > *newest)
            {
                self.newest = Some((changed, path.to_owned()));
            }
        }
        Ok(())
    }

    /// Ignores unreadable files. They are probably not sources, and the rebuild fails if they are.
    fn ignore_permission_denied(&self, error: io::Error) -> anyhow::Result<()> {
        if error.kind() != ErrorKind::PermissionDenied {
            return Err(error.into());
        }
        self.console
            .detail("Copying", &format!("without an unreadable file: {error}"));
        Ok(())
    }

    /// Recreates a symlink so that it leads to the copy of its target, or to the target if that is
    /// not copied.
    fn copy_symlink(&self, path: &Path, to: &Path) -> anyhow::Result<()> {
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
        self.link_or_copy(&target, path, to)
    }

    fn link_or_copy(&self, target: &Path, path: &Path, to: &Path) -> anyhow::Result<()> {
        match link(target, to) {
            Err(_) if cfg!(windows) => {
                if path.is_file() {
                    fs_err::copy(path, to)?;
                } else {
                    let what = format!("without the symlink {}", path.display());
                    self.console.detail("Copying", &what);
                }
                Ok(())
            }
            other => Ok(other?),
        }
    }

    /// Creates a `.git` folder that answers git's questions without writing to the real repository:
    /// its files are copied, and its folders are symlinks. If the sources are only a part of the
    /// repository, git compares the files at their original place.
    fn copy_git(&self, path: &Path, to: &Path) -> anyhow::Result<()> {
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
                self.link_or_copy(&path, &path, &to)?;
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

    /// Copies the build configuration of the folders above. Up to the root of the repository, it
    /// also creates symlinks to all other files, because sources may refer to them.
    fn copy_configuration_above(&self, root: &Path) -> anyhow::Result<()> {
        let repository = root
            .ancestors()
            .skip(1)
            .find(|above| above.join(".git").exists());
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
                self.link_neighbors(above, &place)?;
            }
        }
        Ok(())
    }

    fn link_neighbors(&self, folder: &Path, place: &Path) -> anyhow::Result<()> {
        for entry in fs_err::read_dir(folder)?.filter_map(Result::ok) {
            let (path, to) = (entry.path(), place.join(entry.file_name()));
            let on_the_way = self.roots.iter().any(|root| root.starts_with(&path));
            if on_the_way || to.symlink_metadata().is_ok() || self.is_build_output(&path) {
                continue;
            }
            if entry.file_name() == ".git" {
                self.copy_git(&path, &to)?
            } else {
                self.link_or_copy(&path, &path, &to)?
            }
        }
        Ok(())
    }
}

/// Returns true if a folder is marked as a cache or is a target folder. Cargo marks only the target
/// folders that it created itself.
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
