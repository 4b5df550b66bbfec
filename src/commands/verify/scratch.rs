//! A private folder in which everything has another path, of another length.
//!
//! ```text
//! tree/home/ada/app/   the sources, below the names of all their folders, so that
//!                      what refers to a neighbour or a folder above still does
//! cargo-home/          cargo's, with its downloads, and nothing unpacked of them
//! go-cache/            go's, empty
//! target/  out/        what the rebuild makes
//! ```

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::system::host::Host;
use crate::system::process::TempFolder;
use crate::ui::console::Console;

/// The folder; dropped, it is gone.
#[derive(Debug)]
pub(super) struct ScratchFolder {
    root: PathBuf,
    _dir: TempFolder,
}

impl ScratchFolder {
    pub(super) fn new() -> io::Result<Self> {
        let dir = TempFolder::new("lambdapack-verify-")?;
        // macOS keeps temporary files behind a symlink.
        let root = match cfg!(unix) {
            true => fs_err::canonicalize(dir.path())?,
            false => dir.path().to_owned(),
        };
        Ok(Self { root, _dir: dir })
    }

    /// Where all of it is.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the copies are.
    pub(super) fn tree(&self) -> PathBuf {
        self.root.join("tree")
    }

    /// The place of a path's copy.
    pub(super) fn place(&self, original: &Path) -> PathBuf {
        let mut place = self.tree();
        for component in original.components() {
            match component {
                Component::Normal(name) => place.push(name),
                // `C:`, as a folder.
                Component::Prefix(prefix) => {
                    let text = prefix.as_os_str().to_string_lossy();
                    place.push(text.replace([':', '\\', '/', '?'], ""));
                }
                _ => {}
            }
        }
        place
    }

    /// A cargo home with what is downloaded already, so that nothing is downloaded
    /// again; what cargo unpacks of it has other paths. `None` where there are no
    /// symlinks: then the real one has to do.
    pub(super) fn cargo_home(&self, host: &Host, console: &Console) -> Option<PathBuf> {
        const SHARED: [&str; 11] = [
            "registry/index",
            "registry/cache",
            "git/db",
            "config",
            "config.toml",
            "credentials",
            "credentials.toml",
            "bin",
            "env",
            ".crates.toml",
            ".crates2.json",
        ];
        let real = host.cargo_home()?;
        let own = self.root.join("cargo-home");
        let make = || -> io::Result<()> {
            for folder in ["registry", "git"] {
                fs_err::create_dir_all(own.join(folder))?;
            }
            for shared in SHARED {
                let target = real.join(shared);
                if target.exists() {
                    link(&target, &own.join(shared))?;
                }
            }
            Ok(())
        };
        match make() {
            Ok(()) => Some(own),
            Err(error) => {
                let why = format!("with the real cargo home: {error}");
                console.detail("Rebuilding", &why);
                None
            }
        }
    }
}

#[cfg(unix)]
pub(super) fn link(target: &Path, at: &Path) -> io::Result<()> {
    fs_err::os::unix::fs::symlink(target, at)
}

/// Makes a symlink, which Windows may refuse.
#[cfg(windows)]
pub(super) fn link(target: &Path, at: &Path) -> io::Result<()> {
    match target.is_dir() {
        true => fs_err::os::windows::fs::symlink_dir(target, at),
        false => fs_err::os::windows::fs::symlink_file(target, at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_copy_has_another_and_a_longer_path_and_the_folder_goes_again() {
        let scratch = ScratchFolder::new().unwrap();
        let place = scratch.place(Path::new("/home/ada/app"));
        assert!(place.starts_with(scratch.root()) && place.ends_with("home/ada/app"));
        let root = scratch.root().to_owned();
        drop(scratch);
        assert!(!root.exists());
    }
}
