//! The Rust toolchain that builds for an architecture on this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use cargo_lambdapack::internals::Arch;

use super::support::{command, lambdapack, ok, path, repository, run, skip, tell, tool};

/// A Rust toolchain that can build for an architecture.
#[derive(Debug, Clone)]
pub(crate) struct Rust {
    path: OsString,
    /// The folder for its builds.
    target_dir: PathBuf,
}

impl Rust {
    /// Our program, which will find this toolchain.
    pub(crate) fn lambdapack(&self, dir: &Path) -> Command {
        let mut command = lambdapack(dir);
        command.env("PATH", &self.path);
        command
    }

    /// One of its programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        which::which_in(name, Some(&self.path), "/").unwrap()
    }

    pub(crate) fn cargo(&self, dir: &Path) -> Command {
        let mut command = command(self.program("cargo"), dir);
        command.env("PATH", &self.path);
        command
    }

    /// PATH, with this toolchain first.
    pub(crate) fn path(&self) -> &OsString {
        &self.path
    }

    /// The folder for builds of large dependencies.
    pub(crate) fn target_dir(&self) -> &Path {
        &self.target_dir
    }

    fn sysroot(&self) -> Option<PathBuf> {
        let rustc = which::which_in("rustc", Some(&self.path), "/").ok()?;
        let ran = run(command(rustc, Path::new("/"))
            .env("PATH", &self.path)
            .args(["--print", "sysroot"]));
        Some(PathBuf::from(ran.stdout.trim()))
    }

    fn has_std(&self, triple: &str) -> bool {
        let Some(sysroot) = self.sysroot() else {
            return false;
        };
        let lib = sysroot.join("lib/rustlib").join(triple).join("lib");
        fs_err::read_dir(lib).is_ok_and(|entries| {
            entries
                .filter_map(Result::ok)
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    }

    fn has_lld(&self) -> bool {
        let host = format!("{}-unknown-linux-gnu", host_arch().rust());
        let lld = Path::new("lib/rustlib").join(host).join("bin/rust-lld");
        self.sysroot()
            .is_some_and(|sysroot| sysroot.join(lld).exists())
    }

    fn can_build(&self, arch: Arch) -> bool {
        let has_std = self.has_std(arch.gnu_triple());
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

/// The toolchain on PATH, or Debian's, which has the arm64 library that rustup would have to
/// download. Without one the test is skipped.
pub(crate) fn rust(arch: Arch) -> Option<Rust> {
    static FOUND: [OnceLock<Option<Rust>>; 2] = [OnceLock::new(), OnceLock::new()];
    let found = FOUND[arch as usize].get_or_init(|| {
        let places = [("on-path", ""), ("of-the-system", "/usr/bin:/bin:")];
        let mut candidates = places.into_iter().map(|(name, dir)| at(name, dir));
        candidates.find(|rust| rust.can_build(arch))
    });
    if found.is_none() {
        skip(&format!("no Rust here can build for {arch}"));
    }
    found.clone()
}

/// The toolchain on PATH, or the one of `.ci/musl-toolchain`, which has musl and rust-lld.
/// Without one the test is skipped.
pub(crate) fn musl_rust(arch: Arch) -> Option<Rust> {
    let made = repository().join("target/tools/musl-rust/toolchains/musl/bin");
    let made = format!("{}:/usr/bin:/bin:", made.display());
    let mut candidates = [("on-path", ""), ("musl", &*made)]
        .into_iter()
        .map(|(name, dir)| at(name, dir));
    let found = candidates.find(|rust| rust.has_std(arch.musl_triple()) && rust.has_lld());
    if found.is_none() {
        skip(&format!("no Rust here has musl for {arch} and rust-lld"));
    }
    found
}

/// The toolchain that is found with this folder before PATH.
fn at(name: &str, before: &str) -> Rust {
    let mut dirs = OsString::from(before);
    dirs.push(path());
    Rust {
        path: dirs,
        target_dir: repository().join("target/real").join(name),
    }
}

/// A rustup toolchain that is not the default, by name, and not the default under another name.
/// Without one the test is skipped.
pub(crate) fn another_toolchain() -> Option<String> {
    let dir = Path::new("/");
    let rustup = tool("rustup")?;
    let listed = ok(command(rustup, dir).args(["toolchain", "list"]));
    let version = |args: &[&str]| run(command("rustc", dir).args(args)).stdout;
    let default = version(&["-V"]);
    let mut names = listed.lines().filter_map(|l| l.split_whitespace().next());
    let other = names.find(|name| {
        let said = version(&[&format!("+{name}"), "-V"]);
        said.starts_with("rustc ") && said != default
    });
    if other.is_none() {
        tell("skipped: rustup has one Rust only");
    }
    other.map(str::to_owned)
}
