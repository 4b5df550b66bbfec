//! Tools and commands for the tests with real tools.

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The environment that `.ci/install-tools` creates.
pub(crate) fn venv(program: &str) -> PathBuf {
    repository().join("target/tools/venv/bin").join(program)
}

/// Reports why a test is skipped, or fails if no test may be skipped. `eprintln!` would be
/// captured.
pub(crate) fn skip(why: &str) {
    let required = std::env::var("LAMBDAPACK_TEST_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(!required, "{why}, and no test may be skipped here");
    tell(&format!("skipped: {why}"));
}

/// Reports a fact about a test that passes.
pub(crate) fn tell(what: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(std::io::stderr(), "{test}: {what}");
}

/// PATH, followed by the Go of the tests' own environment.
pub(crate) fn path() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain([venv("")]);
    std::env::join_paths(dirs).unwrap()
}

/// A tool on PATH. Without it the test is skipped.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let found = which::which_in(name, Some(path()), "/").ok();
    if found.is_none() {
        skip(&format!("there is no {name}"));
    }
    found
}

/// Removes variables of `cargo test` and of the developer's shell, which would change the
/// result. Package sources stay as they are.
fn is_inherited(name: &OsStr) -> bool {
    const CHANGING: [&str; 15] = [
        "CARGO",
        "RUST",
        "GO",
        "CGO_",
        "AWS_",
        "LAMBDAPACK",
        "TF_",
        "GIT_",
        "LD_",
        "CC",
        "AR",
        "CFLAGS",
        "TARGET_",
        "QEMU_",
        "UNZIP",
    ];
    const KEPT: [&str; 15] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "RUSTUP_HOME",
        "RUSTUP_AUTO_INSTALL",
        "GOPROXY",
        "GOSUMDB",
        "GONO",
        "GOPRIVATE",
        "GOCACHE",
        "GOMODCACHE",
        "GOPATH",
        "GOROOT",
    ];
    let name = name.to_string_lossy();
    let starts = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    starts(&KEPT) || !starts(&CHANGING)
}

/// A command in a folder, with the environment of this machine.
pub(crate) fn command(program: impl AsRef<OsStr>, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| !is_inherited(name)) {
        command.env_remove(name);
    }
    command.env("PATH", path());
    command
}

/// Our program.
pub(crate) const LAMBDAPACK: &str = env!("CARGO_BIN_EXE_cargo-lambdapack");

/// Our program in a folder.
pub(crate) fn lambdapack(dir: &Path) -> Command {
    command(LAMBDAPACK, dir)
}

/// The same command, run by Cargo as its subcommand.
pub(crate) fn with_lambdapack_on_path(inner: &mut Command) -> TempDir {
    let tools = tempfile::tempdir().unwrap();
    let link = tools.path().join("cargo-lambdapack");
    fs_err::os::unix::fs::symlink(LAMBDAPACK, link).unwrap();
    let set = inner.get_envs().find(|(name, _)| *name == "PATH");
    let mut path = tools.path().as_os_str().to_owned();
    path.push(":");
    path.push(set.unwrap().1.unwrap());
    inner.env("PATH", path);
    tools
}

/// The same command with this umask.
pub(crate) fn with_umask(umask: &str, inner: &Command) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"]);
    command.arg(inner.get_program()).args(inner.get_args());
    command.stdin(Stdio::null());
    if let Some(dir) = inner.get_current_dir() {
        command.current_dir(dir);
    }
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// The exit code and output of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs to the end, with any result.
pub(crate) fn run(command: &mut Command) -> Ran {
    match command.output() {
        Ok(output) => output.into(),
        Err(error) => panic!("{command:?}: {error}"),
    }
}

/// Runs, and expects success; returns stdout.
pub(crate) fn ok(command: &mut Command) -> String {
    let ran = run(command);
    assert_eq!(
        ran.code,
        Some(0),
        "{command:?}\n{}{}",
        ran.stdout,
        ran.stderr
    );
    ran.stdout
}

/// Runs, and expects this exit code; returns stderr.
pub(crate) fn fails(code: i32, command: &mut Command) -> String {
    let ran = run(command);
    assert_eq!(
        ran.code,
        Some(code),
        "{command:?}\n{}{}",
        ran.stdout,
        ran.stderr
    );
    ran.stderr
}

/// Starts a program that may have been unpacked just now. A child that another test has forked
/// at the same time keeps the file open for writing until it executes its own program, and the
/// system does not start such a file.
pub(crate) fn spawn(command: &mut Command) -> Child {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match command.spawn() {
            Err(error)
                if error.kind() == ErrorKind::ExecutableFileBusy && Instant::now() < deadline =>
            {
                std::thread::sleep(Duration::from_millis(10));
            }
            child => return child.unwrap(),
        }
    }
}

/// Runs a program that might hang, as emulated ones do; returns stdout.
pub(crate) fn ok_within(seconds: u64, command: &mut Command) -> String {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = spawn(command);
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(
        ran.code,
        Some(0),
        "{command:?}\n{}{}",
        ran.stdout,
        ran.stderr
    );
    ran.stdout
}
