//! A temporary folder for each test, with fake tools as the only ones on PATH.
//!
//! Tests in a sandbox do not see the real PATH, HOME, or configuration. The fake cargo passes
//! `metadata` to the real one.

mod aws;
mod check;
mod contents;
mod elf;
pub(crate) mod image;
mod machine;
pub(crate) mod page;
pub(crate) mod schema;
mod snapshot;
#[cfg(unix)]
mod user;
pub(crate) mod zip;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use serde_json::Value;

pub(crate) const ARM: &str = "aarch64-unknown-linux-gnu";
pub(crate) use check::checked;
pub(crate) use contents::{Entry, MACHINES, contents, entry, names, needing, program};
pub(crate) use machine::TOOLCHAIN;
pub(crate) use snapshot::{Transcript, overwrites};
pub(crate) const X86: &str = "x86_64-unknown-linux-gnu";

const PROGRAM: &str = env!("CARGO_BIN_EXE_cargo-lambdapack");

/// ```text
/// bin/ home/ cargo-home/ sysroot/    the machine
/// crates/lambda_runtime/             what makes a package a function
/// project/                           the current directory
/// calls.jsonl                        what was run
/// ```
#[derive(Debug)]
pub(crate) struct Sandbox {
    root: PathBuf,
    env: BTreeMap<String, String>,
    _dir: tempfile::TempDir,
}

/// The fake tool, built from its current source. Cargo builds examples for a plain `cargo
/// test`, but not for `cargo test --test program`.
fn fake_tool() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let profile = Path::new(PROGRAM).parent().unwrap();
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "--quiet", "--locked", "--example", "fake-tool"])
            .arg("--target-dir")
            .arg(profile.parent().unwrap())
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "{build:?}");
        let name = format!("fake-tool{}", std::env::consts::EXE_SUFFIX);
        profile.join("examples").join(name)
    })
}

impl Sandbox {
    /// A project with one Rust function and one Go function.
    pub(crate) fn both_languages() -> Self {
        let sandbox = Self::new();
        sandbox.function("", "orders");
        sandbox.go_module("", "example.com/api");
        sandbox.go_function("");
        sandbox
    }

    /// A machine with all tools, for both architectures, and an empty project.
    pub(crate) fn new() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("lambdapack-")
            .tempdir()
            .unwrap();
        let root = real(dir.path());
        let mut sandbox = Self {
            env: BTreeMap::new(),
            root,
            _dir: dir,
        };
        for folder in ["bin", "home", "cargo-home", "project"] {
            fs_err::create_dir(sandbox.root.join(folder)).unwrap();
        }
        for (name, value) in [
            ("PATH", "bin"),
            ("HOME", "home"),
            ("USERPROFILE", "home"),
            ("CARGO_HOME", "cargo-home"),
            ("FAKE_DIR", ""),
        ] {
            let value = sandbox.root.join(value);
            sandbox.set(name, value.to_str().unwrap());
        }
        sandbox.set("FAKE_REAL_CARGO", env!("CARGO"));
        for name in ["SYSTEMROOT", "PATHEXT", "TEMP", "TMP"] {
            if let Ok(value) = std::env::var(name) {
                sandbox.set(name, &value);
            }
        }
        // The last two are linkers that a user might configure.
        for tool in ["cargo", "rustc", "go", "cc", "my-linker", "mine"] {
            sandbox.install(tool);
        }
        for tool in ["gcc", "ar"] {
            sandbox.install(&format!("aarch64-linux-gnu-{tool}"));
        }
        for target in [ARM, X86] {
            sandbox.install_std(target);
        }
        let runtime = "[package]\nname = \"lambda_runtime\"\nversion = \"1.0.0\"\n";
        sandbox.put("../crates/lambda_runtime", "Cargo.toml", runtime);
        sandbox.put("../crates/lambda_runtime", "src/lib.rs", "");
        sandbox
    }

    fn put(&self, dir: &str, file: &str, text: &str) {
        self.write(Path::new(dir).join(file).to_str().unwrap(), text);
    }

    /// Puts a fake tool on PATH.
    pub(crate) fn install(&self, tool: &str) {
        self.install_in("bin", tool);
    }

    /// Puts a fake tool into a folder of the machine.
    pub(crate) fn install_in(&self, folder: &str, tool: &str) -> PathBuf {
        let exe = std::env::consts::EXE_SUFFIX;
        let fake = fake_tool();
        let place = self.root.join(folder).join(format!("{tool}{exe}"));
        fs_err::create_dir_all(place.parent().unwrap()).unwrap();
        // A hard link would change the file's times for all other tests.
        #[cfg(unix)]
        fs_err::os::unix::fs::symlink(fake, &place).unwrap();
        #[cfg(windows)]
        if fs_err::hard_link(&fake, &place).is_err() {
            fs_err::copy(fake, &place).unwrap();
        }
        place
    }

    /// Removes a tool.
    pub(crate) fn uninstall(&self, tool: &str) {
        fs_err::remove_file(self.on_path(tool)).unwrap();
    }

    /// Sets a variable for all further runs.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    /// Removes a variable.
    pub(crate) fn unset(&mut self, name: &str) {
        self.env.remove(name);
    }

    /// Writes a file that makes the tools misbehave; see `fake_tool.rs`.
    pub(crate) fn control(&self, name: &str, text: &str) {
        fs_err::write(self.root.join(name), text).unwrap();
    }

    pub(crate) fn uncontrol(&self, name: &str) {
        fs_err::remove_file(self.root.join(name)).unwrap();
    }

    /// The root folder of the sandbox.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path in the project.
    #[track_caller]
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        assert!(!Path::new(inside).has_root(), "{inside} leaves the sandbox");
        self.root.join("project").join(inside)
    }

    /// A path in the output folder.
    pub(crate) fn out(&self, inside: &str) -> PathBuf {
        self.path("target/lambdapack").join(inside)
    }

    pub(crate) fn exists(&self, inside: &str) -> bool {
        self.path(inside).exists()
    }

    pub(crate) fn read(&self, inside: &str) -> String {
        fs_err::read_to_string(self.path(inside)).unwrap()
    }

    /// Writes a file of the project, and creates its folders.
    pub(crate) fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    pub(crate) fn append(&self, inside: &str, text: &str) {
        let before = fs_err::read_to_string(self.path(inside)).unwrap_or_default();
        self.write(inside, &(before + text));
    }

    pub(crate) fn remove(&self, inside: &str) {
        let path = self.path(inside);
        if path.is_dir() {
            fs_err::remove_dir_all(path).unwrap()
        } else {
            fs_err::remove_file(path).unwrap()
        }
    }

    /// Adds a Cargo package that is a function.
    pub(crate) fn function(&self, dir: &str, name: &str) {
        self.tool(dir, name);
        let runtime = self.root.join("crates/lambda_runtime");
        let dependency = format!(
            "[dependencies]\nlambda_runtime = {{ path = '{}' }}\n",
            runtime.display()
        );
        let manifest = Path::new(dir).join("Cargo.toml");
        self.append(manifest.to_str().unwrap(), &dependency);
    }

    /// Adds a Cargo package whose binary is an extension.
    pub(crate) fn extension(&self, dir: &str, name: &str) {
        self.tool(dir, name);
        let manifest = Path::new(dir).join("Cargo.toml");
        let dependency = "[dependencies]\nlambda-extension = \"1\"\n";
        self.append(manifest.to_str().unwrap(), dependency);
    }

    /// Adds a Go main package that is an extension.
    pub(crate) fn go_extension(&self, dir: &str) {
        let main = "package main\n\nimport \"net/http\"\n\nfunc main() { extension.Register() }\n";
        self.put(dir, "main.go", main);
    }

    /// Adds a Cargo package whose binary is not a function.
    pub(crate) fn tool(&self, dir: &str, name: &str) {
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
        self.put(dir, "Cargo.toml", &manifest);
        self.put(dir, "src/main.rs", &format!("fn main() {{ /* {name} */ }}"));
    }

    /// Adds a Cargo workspace of functions. A member called `xtask` is not a function.
    pub(crate) fn workspace(&self, members: &[&str]) {
        self.write(
            "Cargo.toml",
            &format!("[workspace]\nresolver = \"2\"\nmembers = {members:?}\n"),
        );
        for member in members {
            match *member {
                "xtask" => self.tool(member, member),
                _ => self.function(member, member),
            }
        }
    }

    pub(crate) fn go_module(&self, dir: &str, module: &str) {
        self.put(dir, "go.mod", &format!("module {module}\n\ngo 1.21\n"));
    }

    /// Adds a Go main package that is a function.
    pub(crate) fn go_function(&self, dir: &str) {
        self.put(
            dir,
            "main.go",
            "package main\n\nimport \"github.com/aws/aws-lambda-go/lambda\"\n\n\
             func main() { lambda.Start(func() {}) }\n",
        );
    }

    /// Adds a Go main package that is not a function.
    pub(crate) fn go_tool(&self, dir: &str) {
        self.put(dir, "main.go", "package main\n\nfunc main() {}\n");
    }

    /// The program under test, ready to run in the project.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(args)
            .env_clear()
            .envs(&self.env)
            .current_dir(self.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The program under test, run by a shell that executes another command first.
    #[cfg(unix)]
    pub(crate) fn run_after(&self, script: &str, args: &[&str]) -> Ran {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &format!("{script}; exec \"$0\" \"$@\""), PROGRAM])
            .args(args)
            .env_clear()
            .envs(&self.env)
            .current_dir(self.path(""))
            .stdin(Stdio::null());
        self.forget_calls();
        Ran::new(command.output().unwrap()).of(args)
    }

    /// Runs the program in the project until it exits.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_in("", args)
    }

    /// Runs the program in a folder of the project.
    #[track_caller]
    pub(crate) fn run_in(&self, dir: &str, args: &[&str]) -> Ran {
        self.forget_calls();
        let mut command = self.command(args);
        let output = command.current_dir(self.path(dir)).output().unwrap();
        let ran = Ran::new(output).of(args);
        self.look_at_configuration(args, &ran);
        ran
    }

    /// Runs another program, with additional variables.
    pub(crate) fn run_program(&self, program: &Path, args: &[&str], env: &[(&str, &str)]) -> Ran {
        self.forget_calls();
        let mut command = Command::new(program);
        let command = command.args(args).env_clear().envs(&self.env);
        let command = command.envs(env.iter().copied());
        Ran::new(command.current_dir(self.path("")).output().unwrap())
    }

    /// Starts the program in the project.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.forget_calls();
        self.command(args).spawn().unwrap()
    }

    fn forget_calls(&self) {
        let _ = fs_err::remove_file(self.root.join("calls.jsonl"));
    }

    /// The tools that were started by the last run, in order.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let text = fs_err::read_to_string(self.root.join("calls.jsonl")).unwrap_or_default();
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .map(Call)
            .collect()
    }

    /// The calls that start with these words.
    pub(crate) fn calls_of(&self, line: &str) -> Vec<Call> {
        let mut calls = self.calls();
        calls.retain(|call| call.line().starts_with(line));
        calls
    }

    /// The only call that starts with these words.
    #[track_caller]
    pub(crate) fn call(&self, line: &str) -> Call {
        let mut calls = self.calls_of(line);
        assert_eq!(calls.len(), 1, "{line}: {:?}", self.calls());
        calls.remove(0)
    }

    /// The text inside the bootstrap of a zip. Asserts that the bootstrap is valid and the only
    /// entry, and that the hash file matches.
    #[track_caller]
    pub(crate) fn packed(&self, zip: &str) -> String {
        bootstrap(&self.out(zip))
    }

    /// The manifest, validated against `schemas/manifest.json`.
    #[track_caller]
    pub(crate) fn manifest(&self) -> Value {
        let text = self.read("target/lambdapack/manifest.json");
        let value = serde_json::from_str(&text).unwrap();
        schema::holds("manifest.json", &value);
        value
    }

    /// After a successful run, the configuration must be valid according to the schema.
    #[track_caller]
    fn look_at_configuration(&self, args: &[&str], ran: &Ran) {
        let file = self.path("lambdapack.toml");
        // These commands do not read the configuration.
        let is_read = !["pack", "check"].contains(args.first().unwrap_or(&""));
        if is_read
            && ran.code == Some(0)
            && let Ok(text) = fs_err::read_to_string(file)
        {
            let value: Value = toml::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            schema::holds("lambdapack-toml.json", &value);
        }
    }

    /// The names of the functions in the manifest.
    pub(crate) fn manifest_names(&self) -> Vec<String> {
        let manifest = self.manifest();
        let functions = manifest["functions"].as_object().unwrap();
        functions.keys().cloned().collect()
    }

    /// The files in the output folder, with data that reveals whether they were touched.
    pub(crate) fn snapshot(&self) -> BTreeMap<PathBuf, (u64, u64, SystemTime)> {
        snapshot(&self.out(""))
    }

    /// The files in the output folder, in order.
    pub(crate) fn results(&self) -> Vec<String> {
        let results = self.snapshot().into_keys();
        let relative = |path: PathBuf| {
            let path = path.strip_prefix(self.out("")).unwrap().to_owned();
            slashed(path.to_str().unwrap())
        };
        let hidden = |name: &String| name.starts_with('.');
        results.map(relative).filter(|name| !hidden(name)).collect()
    }
}

/// The path of a folder as the program prints it.
fn real(path: &Path) -> PathBuf {
    if cfg!(unix) {
        fs_err::canonicalize(path).unwrap()
    } else {
        path.to_owned()
    }
}

pub(crate) fn snapshot(dir: &Path) -> BTreeMap<PathBuf, (u64, u64, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs_err::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        let data = fs_err::symlink_metadata(&path).unwrap();
        if data.is_dir() {
            found.extend(snapshot(&path));
        } else {
            let stamp = (inode(&data), data.len(), data.modified().unwrap());
            found.insert(path, stamp);
        }
    }
    found
}

#[cfg(unix)]
fn inode(data: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(data)
}

#[cfg(windows)]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

/// The text inside the bootstrap of a zip; see [`Sandbox::packed`].
#[track_caller]
pub(crate) fn bootstrap(zip: &Path) -> String {
    use base64::Engine;
    use sha2::Digest;
    use std::io::Read;

    let bytes = fs_err::read(zip).unwrap();
    let mut name = zip.as_os_str().to_owned();
    name.push(".base64sha256");
    let sidecar = fs_err::read_to_string(PathBuf::from(name)).unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(&bytes));
    assert_eq!(sidecar, hash, "{}", zip.display());
    let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut entry = archive.by_index(0).unwrap();
    assert_eq!(entry.name().unwrap(), "bootstrap");
    assert_eq!(entry.unix_mode(), Some(0o100_755));
    let mut content = Vec::new();
    entry.read_to_end(&mut content).unwrap();
    String::from_utf8_lossy(&content[120..]).into_owned()
}

/// Returns the text with every path spelled as on Unix.
pub(crate) fn slashed(text: &str) -> String {
    text.replace('\\', "/")
}

/// A completed run.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The command line, if a [`Sandbox`] ran the program.
    args: Vec<String>,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn new(output: std::process::Output) -> Self {
        Self {
            args: Vec::new(),
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Sets the command line.
    fn of(mut self, args: &[&str]) -> Self {
        self.args = args.iter().copied().map(str::to_owned).collect();
        self
    }

    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Asserts success.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.ends_with(0)
    }

    /// Asserts that stderr contains this text.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "missing on stderr: {text}\n{self}"
        );
        self
    }

    #[track_caller]
    pub(crate) fn says_nothing_of(self, text: &str) -> Self {
        assert!(
            !self.stderr.contains(text),
            "unexpected on stderr: {text}\n{self}"
        );
        self
    }

    /// stdout as JSON, validated against `schemas/messages.json`.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let value = serde_json::from_str(&self.stdout);
        let value = value.unwrap_or_else(|error| panic!("{error}\n{self}"));
        schema::holds("messages.json", &value);
        value
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { stdout, stderr, .. } = self;
        write!(
            f,
            "exit {:?}\n-- stdout\n{stdout}-- stderr\n{stderr}",
            self.code
        )
    }
}

/// A call of a tool.
#[derive(Debug)]
pub(crate) struct Call(Value);

impl Call {
    pub(crate) fn program(&self) -> &Path {
        Path::new(self.0["program"].as_str().unwrap())
    }

    pub(crate) fn args(&self) -> Vec<&str> {
        let args = self.0["args"].as_array().unwrap();
        args.iter().map(|arg| arg.as_str().unwrap()).collect()
    }

    /// The tool's name and its arguments.
    pub(crate) fn line(&self) -> String {
        let name = self.program().file_stem().unwrap().to_str().unwrap();
        format!("{name} {}", self.args().join(" "))
    }

    pub(crate) fn dir(&self) -> &Path {
        Path::new(self.0["dir"].as_str().unwrap())
    }

    pub(crate) fn env(&self, name: &str) -> Option<&str> {
        self.0["env"][name].as_str()
    }

    #[cfg(unix)]
    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.0["pid"].as_u64().unwrap()).unwrap()
    }

    /// The values of an option.
    pub(crate) fn values(&self, option: &str) -> Vec<&str> {
        let args = self.args();
        let pairs = args.windows(2).filter(|pair| pair[0] == option);
        pairs.map(|pair| pair[1]).collect()
    }

    /// The packages that cargo is asked to build, without their versions.
    pub(crate) fn packages(&self) -> Vec<&str> {
        let specs = self.values("-p").into_iter();
        specs.map(|spec| spec.split('@').next().unwrap()).collect()
    }

    #[track_caller]
    pub(crate) fn has(&self, arg: &str) -> &Self {
        assert!(self.args().contains(&arg), "no {arg} in {}", self.line());
        self
    }

    #[track_caller]
    pub(crate) fn has_not(&self, arg: &str) -> &Self {
        assert!(!self.args().contains(&arg), "{arg} in {}", self.line());
        self
    }
}

/// Waits until a condition holds.
#[cfg(unix)]
#[track_caller]
pub(crate) fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    use std::time::{Duration, Instant};

    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(120), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Asks a running program to stop.
pub(crate) fn wait(child: Child) -> Ran {
    Ran::new(child.wait_with_output().unwrap())
}
