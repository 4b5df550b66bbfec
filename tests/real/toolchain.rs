//! The Rust that builds for an architecture on this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use cargo_lambdapack::lambda::Arch;

use super::support::{command, lambdapack, path, repository, run, skip};

/// A Rust that can build for an architecture.
#[derive(Debug, Clone)]
pub(crate) struct Rust {
    path: OsString,
    /// Where its builds are kept.
    target_dir: PathBuf,
}

impl Rust {
    /// Our program, which will find this Rust.
    pub(crate) fn lambdapack(&self, dir: &Path) -> Command {
        let mut command = lambdapack(dir);
        command.env("PATH", &self.path);
        command
    }

    /// Its cargo.
    pub(crate) fn cargo(&self, dir: &Path) -> Command {
        let cargo = which::which_in("cargo", Some(&self.path), "/").unwrap();
        let mut command = command(cargo, dir);
        command.env("PATH", &self.path);
        command
    }

    /// The folder in which its builds of large dependencies are kept.
    pub(crate) fn target_dir(&self) -> &Path {
        &self.target_dir
    }

    fn can_build(&self, arch: Arch) -> bool {
        let rustc = which::which_in("rustc", Some(&self.path), "/");
        let Ok(rustc) = rustc else { return false };
        let ran = run(command(rustc, Path::new("/"))
            .env("PATH", &self.path)
            .args(["--print", "sysroot"]));
        let lib = Path::new(ran.stdout.trim())
            .join("lib/rustlib")
            .join(arch.gnu_triple())
            .join("lib");
        let has_std = fs_err::read_dir(lib).is_ok_and(|entries| {
            entries
                .filter_map(Result::ok)
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        });
        let linker = if arch.name() == host_arch().name() && cfg!(target_os = "linux") {
            "cc".to_owned()
        } else {
            format!("{}-gcc", arch.gnu_prefix())
        };
        has_std && which::which_in(linker, Some(&self.path), "/").is_ok()
    }
}

/// The architecture of this machine.
pub(crate) fn host_arch() -> Arch {
    std::env::consts::ARCH.parse().unwrap()
}

/// The Rust on PATH, or Debian's own, which has the arm64 library that rustup's
/// needs the network for; without one the test is skipped.
pub(crate) fn rust(arch: Arch) -> Option<Rust> {
    static FOUND: [OnceLock<Option<Rust>>; 2] = [OnceLock::new(), OnceLock::new()];
    let found = FOUND[arch as usize].get_or_init(|| {
        let mut of_the_system = OsString::from("/usr/bin:/bin:");
        of_the_system.push(path());
        let candidates = [("on-path", path()), ("of-the-system", of_the_system)];
        candidates
            .map(|(name, path)| Rust {
                path,
                target_dir: repository().join("target/real").join(name),
            })
            .into_iter()
            .find(|rust| rust.can_build(arch))
    });
    if found.is_none() {
        skip(&format!("no Rust here can build for {arch}"));
    }
    found.clone()
}
