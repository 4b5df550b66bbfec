//! Our program as a Windows program, run by Wine, as built by `.ci/windows`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use tempfile::TempDir;

use super::project::files_in;
use super::support::{Ran, command, ok, repository, run, skip, tell};

/// A result of `.ci/windows`.
pub(crate) fn made(name: &str) -> PathBuf {
    repository().join("target/tools/windows").join(name)
}

/// Returns true if the Windows program was built from the current source. Otherwise the test is
/// skipped.
pub(crate) fn is_here() -> bool {
    static MISSING: OnceLock<Option<String>> = OnceLock::new();
    let missing = MISSING.get_or_init(|| {
        let changed = |path: &Path| fs_err::metadata(path)?.modified();
        let Ok(made_at) = changed(&made("made")) else {
            return Some("there is no program for Windows and no wine".to_owned());
        };
        let source = ["src", "tests/golden"].into_iter().flat_map(|folder| {
            let files = files_in(&repository().join(folder)).into_iter();
            files.map(move |file| Path::new(folder).join(file))
        });
        let others = ["Cargo.toml", "Cargo.lock", "tests/golden.rs"].map(PathBuf::from);
        let newer = source.chain(others).find(|file| {
            let file = repository().join(file);
            changed(&file).unwrap_or(SystemTime::now()) > made_at
        })?;
        let newer = newer.display();
        Some(format!("{newer} is newer than the program for Windows"))
    });
    if let Some(missing) = missing {
        skip(&format!("{missing} (.ci/windows makes it)"));
    }
    missing.is_none()
}

/// Our program on Windows, run in a folder.
pub(crate) fn lambdapack(dir: &Path) -> Command {
    wine(&made("cargo-lambdapack.exe"), dir)
}

/// A Windows program, run in a folder.
pub(crate) fn wine(program: &Path, dir: &Path) -> Command {
    let mut command = command(made("wine"), dir);
    command.arg(program);
    command
}

/// A path in Windows spelling.
pub(crate) fn spelt(path: &Path) -> String {
    format!("Z:{}", path.to_str().unwrap().replace('/', "\\"))
}

/// A path that Windows takes verbatim, of any length.
pub(crate) fn verbatim(path: &Path) -> String {
    format!(r"\\?\{}", spelt(path))
}

/// A folder below this one with a path longer than Windows usually accepts.
pub(crate) fn deep(dir: &Path) -> PathBuf {
    let deep = dir.join("f".repeat(100)).join("g".repeat(100));
    let deep = deep.join("h".repeat(100));
    fs_err::create_dir_all(&deep).unwrap();
    assert!(deep.as_os_str().len() > 300);
    deep
}

/// The Go for this system in the same release as the Go for Windows.
pub(crate) fn same_go(inner: &mut Command) -> &mut Command {
    let path = inner.get_envs().find(|(name, _)| *name == "PATH");
    let path = path.and_then(|(_, path)| path).unwrap_or_default();
    let mut first = made("go-linux/go/bin").into_os_string();
    first.push(":");
    first.push(path);
    inner
        .env("PATH", first)
        .env("GOTOOLCHAIN", "local")
        .env_remove("GOROOT")
}

/// Go for Windows, with the modules that Go has downloaded on this system.
#[derive(Debug)]
pub(crate) struct Go {
    modules: String,
    temporary: TempDir,
}

impl Go {
    pub(crate) fn new() -> Self {
        let mut env = command(made("go-linux/go/bin/go"), repository());
        let modules = ok(same_go(&mut env).args(["env", "GOMODCACHE"]));
        Self {
            modules: spelt(Path::new(modules.trim_end())),
            temporary: tempfile::tempdir().unwrap(),
        }
    }

    /// Our program with this Go on PATH. go's cache is kept, so that the next test run is fast.
    pub(crate) fn lambdapack(&self, dir: &Path) -> Command {
        let cache = repository().join("target/real/go-cache-windows");
        fs_err::create_dir_all(&cache).unwrap();
        let mut command = lambdapack(dir);
        command
            .env("WINEPATH", spelt(&made("go-windows/go/bin")))
            // Wine cannot remove a folder as quickly as go expects.
            .env("GOFLAGS", "-work")
            .env("GOTMPDIR", spelt(self.temporary.path()))
            .env("GOCACHE", spelt(&cache))
            .env("GOMODCACHE", &self.modules)
            .env("GOPROXY", "off")
            .env("GOTOOLCHAIN", "local")
            .env_remove("GOROOT")
            .env_remove("GOPATH");
        command
    }

    /// Runs our program with this Go.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, dir: &Path, args: &[S]) -> Ran {
        let mut command = self.lambdapack(dir);
        let ran = run(command.args(args));
        // A fault of Wine when it starts many programs for the first time.
        if ran.code != Some(0) && ran.stderr.contains("Internal error") {
            tell(&format!("once more, because of\n{}", ran.stderr));
            return run(&mut command);
        }
        ran
    }
}
