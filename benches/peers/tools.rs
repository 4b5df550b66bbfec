//! The compared programs, and the missing ones.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder for inputs and results, which is kept for the next run.
pub(crate) fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("peers");
    fs_err::create_dir_all(&folder).unwrap();
    folder
}

/// Our program, as users have it.
pub(crate) const LAMBDAPACK: &str = env!("CARGO_BIN_EXE_cargo-lambdapack");

/// A command in a folder, without the variables of cargo and of the developer's shell.
pub(crate) fn command(program: impl AsRef<OsStr>, dir: &Path) -> Command {
    const CHANGING: [&str; 8] = [
        "CARGO_ENCODED",
        "CARGO_BUILD_",
        "CARGO_TARGET_",
        "CARGO_PROFILE_",
        "CARGO_LAMBDA_",
        "GOFLAGS",
        "RUSTFLAGS",
        "LAMBDAPACK",
    ];
    let mut command = Command::new(program);
    command.current_dir(dir).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if CHANGING.iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs to the end and expects success; returns stdout.
pub(crate) fn ok(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The peers.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    pub(crate) cargo: Option<PathBuf>,
    pub(crate) go: Option<PathBuf>,
    pub(crate) zip: Option<PathBuf>,
    pub(crate) seven_zip: Option<PathBuf>,
    pub(crate) python: Option<PathBuf>,
    pub(crate) cargo_lambda: Option<PathBuf>,
    /// Go's archive/zip, as a program.
    pub(crate) go_zip: Option<PathBuf>,
    /// Counts processes. It is not a peer, so it is not missing.
    pub(crate) strace: Option<PathBuf>,
    /// The rows that are missing in the table.
    pub(crate) missing: Vec<&'static str>,
}

impl Tools {
    /// The tools on PATH, and in the environment of `.ci/install-tools`.
    pub(crate) fn find() -> Self {
        let mut missing = Vec::new();
        let mut find = |name: &'static str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let venv = repository().join("target/tools/venv/bin");
            let dirs = std::env::split_paths(&path).chain([venv]);
            let found = which::which_in(name, std::env::join_paths(dirs).ok(), "/").ok();
            if found.is_none() {
                missing.push(name);
            }
            found
        };
        let mut tools = Self {
            cargo: find("cargo"),
            go: find("go"),
            zip: find("zip"),
            seven_zip: find("7z"),
            python: find("python3"),
            cargo_lambda: find("cargo-lambda"),
            strace: which::which("strace").ok(),
            ..Self::default()
        };
        tools.missing = missing;
        tools.go_zip = tools.go.as_ref().map(|go| {
            let program = folder().join("zipwrite");
            let mut build = command(go, repository());
            build.args(["build", "-o"]).arg(&program);
            ok(build.arg("tests/real/zipwrite.go"));
            program
        });
        tools
    }

    /// The versions of the compared programs.
    pub(crate) fn versions(&self) -> Vec<String> {
        let mut versions = vec![first_line(LAMBDAPACK, &["--version"])];
        let mut add = |tool: &Option<PathBuf>, args: &[&str]| {
            versions.extend(tool.as_ref().map(|tool| first_line(tool, args)));
        };
        add(&self.cargo, &["--version"]);
        add(&self.go, &["version"]);
        add(&self.seven_zip, &["i"]);
        add(&self.python, &["--version"]);
        add(&self.cargo_lambda, &["lambda", "--version"]);
        if let Some(zip) = &self.zip {
            let said = ok(command(zip, Path::new("/")).arg("-v"));
            let line = said.lines().find(|line| line.starts_with("This is Zip"));
            versions.extend(line.map(str::to_owned));
        }
        versions
    }
}

/// The first line that is not empty.
fn first_line(program: impl AsRef<OsStr>, args: &[&str]) -> String {
    let said = ok(command(program, Path::new("/")).args(args));
    let mut lines = said.lines().map(str::trim);
    let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
    line.to_owned()
}
