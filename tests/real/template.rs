//! The templates, packaged once for all tests that examine the results.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use cargo_lambdapack::internals::Arch;

use super::project::{copy, files_in};
use super::support::{lambdapack, ok, repository, tell, tool};
use super::toolchain::rust;

/// A template for users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Template {
    Rust,
    Go,
}

use Template::{Go, Rust};

/// Held while something is packaged in a template's folder.
static LOCKS: [Mutex<()>; 2] = [const { Mutex::new(()) }; 2];

impl Template {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Rust => "rust-function",
            Go => "go-function",
        }
    }

    /// The template itself.
    pub(crate) fn source(self) -> PathBuf {
        repository().join("templates").join(self.name())
    }

    /// The copy that is packaged. It stays, so that Cargo does not build it again in the next run.
    pub(crate) fn dir(self) -> &'static Path {
        static DIRS: [OnceLock<PathBuf>; 2] = [OnceLock::new(), OnceLock::new()];
        DIRS[self as usize].get_or_init(|| {
            let dir = kept(&self.source(), self.name());
            let _ = fs_err::remove_dir_all(dir.join("target/lambdapack"));
            dir
        })
    }

    /// Nothing else is packaged in the folder while this guard is held.
    pub(crate) fn lock(self) -> MutexGuard<'static, ()> {
        LOCKS[self as usize]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The command that packages it; `None` if a compiler is missing.
    pub(crate) fn command(self, arch: Arch) -> Option<Command> {
        let mut command = match self {
            Go => {
                tool("go")?;
                lambdapack(self.dir())
            }
            Rust => {
                let rust = rust(arch)?;
                let mut command = rust.lambdapack(self.dir());
                command.arg("--locked");
                command.arg("--target-dir").arg(rust.target_dir());
                command
            }
        };
        command.args(["--arch", arch.name()]);
        Some(command)
    }
}

/// A copy of a project that stays, with its build results, as long as the project does not
/// change.
pub(crate) fn kept(source: &Path, name: &str) -> PathBuf {
    let dir = repository().join("target/real/projects").join(name);
    lock_folder();
    if differs(source, &dir) {
        let _ = fs_err::remove_dir_all(&dir);
        copy(source, &dir);
    }
    dir
}

/// Two runs of these tests would disturb each other. The system releases the lock when this run
/// ends.
fn lock_folder() {
    static LOCK: OnceLock<std::fs::File> = OnceLock::new();
    LOCK.get_or_init(|| {
        let dir = repository().join("target/real");
        fs_err::create_dir_all(&dir).unwrap();
        let file = std::fs::File::create(dir.join("lock")).unwrap();
        if file.try_lock().is_err() {
            tell("waits for another run of these tests to end");
            file.lock().unwrap();
        }
        file
    });
}

fn differs(from: &Path, to: &Path) -> bool {
    let sources = |dir: &Path| {
        let files = files_in(dir).into_iter();
        files
            .filter(|path| !path.starts_with("target"))
            .collect::<Vec<_>>()
    };
    let same = |path: &PathBuf| {
        fs_err::read(from.join(path)).unwrap() == fs_err::read(to.join(path)).unwrap()
    };
    !to.exists() || sources(from) != sources(to) || !sources(from).iter().all(same)
}

/// A packaged template.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) template: Template,
    pub(crate) arch: Arch,
    /// The zip.
    pub(crate) zip: PathBuf,
    /// The output of our program.
    pub(crate) stdout: String,
}

impl Packed {
    /// For messages.
    pub(crate) fn about(&self) -> String {
        format!("{} for {}", self.template.name(), self.arch)
    }

    fn new(template: Template, arch: Arch) -> Option<Self> {
        let mut command = template.command(arch)?;
        let _guard = template.lock();
        let stdout = ok(&mut command);
        let file = format!("target/lambdapack/{arch}/{}.zip", template.name());
        Some(Self {
            template,
            arch,
            zip: template.dir().join(file),
            stdout,
        })
    }
}

/// A packaged template; `None` if a compiler is missing.
pub(crate) fn packed(template: Template, arch: Arch) -> Option<&'static Packed> {
    static PACKED: [[OnceLock<Option<Packed>>; 2]; 2] =
        [const { [const { OnceLock::new() }; 2] }; 2];
    PACKED[template as usize][arch as usize]
        .get_or_init(|| Packed::new(template, arch))
        .as_ref()
}

/// Both templates for both architectures, as far as they can be built here.
pub(crate) fn all_packed() -> Vec<&'static Packed> {
    [
        (Go, Arch::X86_64),
        (Go, Arch::Arm64),
        (Rust, Arch::X86_64),
        (Rust, Arch::Arm64),
    ]
    .into_iter()
    .filter_map(|(template, arch)| packed(template, arch))
    .collect()
}
