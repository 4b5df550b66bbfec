//! A private folder in which every path differs from the original in text and length.
//!
//! ```text
//! tree/home/ada/app/   the sources, below the names of all their folders, so that
//!                      references to neighbors and to folders above still work
//! cargo-home/          Cargo's, with its downloads, and nothing unpacked of them
//! go-cache/            go's, empty
//! recipe.json          the recipe of the current rebuild
//! target/  out/        what the rebuild writes
//! ```

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::system::host::Host;
use crate::system::process::TempFolder;
use crate::ui::console::Console;

/// A temporary folder that is removed when dropped.
#[derive(Debug)]
pub(super) struct ScratchFolder {
    root: PathBuf,
    _dir: TempFolder,
}

impl ScratchFolder {
    pub(super) fn new() -> io::Result<Self> {
        let dir = TempFolder::new("lambdapack-verify-")?;
        // macOS keeps temporary files behind a symlink.
        let root = if cfg!(unix) {
            fs_err::canonicalize(dir.path())?
        } else {
            dir.path().to_owned()
        };
        Ok(Self { root, _dir: dir })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the copies.
    pub(super) fn tree(&self) -> PathBuf {
        self.root.join("tree")
    }

    /// The path of the copy of a file or folder.
    pub(super) fn place(&self, original: &Path) -> PathBuf {
        let mut place = self.tree();
        for component in original.components() {
            match component {
                Component::Normal(name) => place.push(name),
                // `C:` becomes a folder.
                Component::Prefix(prefix) => {
                    let text = prefix.as_os_str().to_string_lossy();
                    place.push(text.replace([':', '\\', '/', '?'], ""));
                }
                _ => {}
            }
        }
        place
    }

    /// Makes a Cargo home that shares the downloads of the real one, so that nothing is downloaded
    /// again, while Cargo unpacks them to other paths. Returns `None` without symlinks.
    /// The rebuild then uses the real Cargo home.
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
        let rebuild_home = self.root.join("cargo-home");
        let make = || -> io::Result<()> {
            for folder in ["registry", "git"] {
                fs_err::create_dir_all(rebuild_home.join(folder))?;
            }
            for shared in SHARED {
                let target = real.join(shared);
                if target.exists() {
                    link(&target, &rebuild_home.join(shared))?;
                }
            }
            Ok(())
        };
        match make() {
            Ok(()) => Some(rebuild_home),
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
    if target.is_dir() {
        fs_err::os::windows::fs::symlink_dir(target, at)
    } else {
        fs_err::os::windows::fs::symlink_file(target, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_have_longer_paths_and_the_folder_is_removed() {
        let scratch = ScratchFolder::new().unwrap();
        let place = scratch.place(Path::new("/home/ada/app"));
        assert!(place.starts_with(scratch.root()) && place.ends_with("home/ada/app"));
        let root = scratch.root().to_owned();
        drop(scratch);
        assert!(!root.exists());
    }
}
