//! One program, packed by every packer: bytes, CPU time, and memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::inputs::Input;
use super::measure::{Cost, Job, interleaved};
use super::tools::{LAMBDAPACK, Tools, command, folder, ok};

pub(crate) const DEFAULT: &str = "cargo-lambdapack";
pub(crate) const BEST: &str = "cargo-lambdapack, best";
pub(crate) const FAST: &str = "cargo-lambdapack, fast";
pub(crate) const ZIP: &str = "zip -9";
pub(crate) const SEVEN_ZIP: &str = "7z";
pub(crate) const GO: &str = "Go archive/zip";
pub(crate) const PYTHON: &str = "Python zipfile";
pub(crate) const CARGO_LAMBDA: &str = "cargo-lambda";

/// In the order of the table.
pub(crate) const PACKERS: [&str; 8] = [
    DEFAULT,
    FAST,
    BEST,
    ZIP,
    SEVEN_ZIP,
    GO,
    PYTHON,
    CARGO_LAMBDA,
];

/// Python's zipfile, as in its documentation.
const PYTHON_ZIP: &str = "import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as zip:
    zip.write('bootstrap')";

/// The zip of a packer, and its cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub(crate) bytes: f64,
    pub(crate) cost: Cost,
}

/// By name of the packer. Missing packers are left out.
pub(crate) type Results = BTreeMap<&'static str, Made>;

/// From this size on, three runs are enough, and one for the slowest packers.
const LARGE: u64 = 20_000_000;

/// Packs one program with every packer.
pub(crate) fn compare(input: &Input, tools: &Tools, stub: Option<&Stub>) -> Results {
    let mut jobs: BTreeMap<&'static str, (PathBuf, Job)> = BTreeMap::new();
    let mut add = |name: &'static str, program: Option<&Path>, args: &[&str]| {
        let Some(program) = program else { return };
        let zip = input.dir().join(name.replace(['/', ' '], "-") + ".zip");
        let mut pack = command(program, input.dir());
        for arg in args {
            if *arg == "ZIP" {
                pack.arg(&zip);
            } else {
                pack.arg(arg);
            }
        }
        let mut sidecar = zip.clone().into_os_string();
        sidecar.push(".base64sha256");
        let job = Job::new(&pack)
            .leaving(&zip)
            .leaving(Path::new(&sidecar))
            .at_most(match (name, input.size > LARGE) {
                (SEVEN_ZIP | BEST, true) => 1,
                (SEVEN_ZIP, false) => 3,
                _ => usize::MAX,
            });
        jobs.insert(name, (zip, job));
    };
    let ours = Some(Path::new(LAMBDAPACK));
    for (name, level) in [(DEFAULT, "default"), (FAST, "fast"), (BEST, "best")] {
        let args = ["pack", "--compression", level, "-o", "ZIP", "bootstrap"];
        add(name, ours, &args);
    }
    add(ZIP, tools.zip.as_deref(), &["-q", "-9", "ZIP", "bootstrap"]);
    let seven_zip = "a -tzip -mx=9 -mpass=15 -mfb=258 ZIP bootstrap";
    let seven_zip: Vec<_> = seven_zip.split(' ').collect();
    add(SEVEN_ZIP, tools.seven_zip.as_deref(), &seven_zip);
    let go = ["header", "ZIP", "bootstrap"];
    add(GO, tools.go_zip.as_deref(), &go);
    let python = ["-c", PYTHON_ZIP, "ZIP"];
    add(PYTHON, tools.python.as_deref(), &python);

    let mut cargo_lambda = stub.map(|stub| stub.jobs(input));
    let rounds = if input.size > LARGE { 3 } else { 7 };
    let all = jobs.values_mut().map(|(_, job)| job);
    interleaved(rounds, all.chain(cargo_lambda.iter_mut().flatten()));

    let mut results: Results = { jobs.iter() }
        .map(|(name, (zip, job))| (*name, made(zip, job.cost())))
        .collect();
    if let (Some(stub), Some([zipped, bare])) = (stub, &cargo_lambda) {
        let (zipped, bare) = (zipped.cost(), bare.cost());
        let cost = Cost {
            cpu: zipped.cpu - bare.cpu,
            peak: zipped.peak,
        };
        results.insert(CARGO_LAMBDA, made(&stub.zip(), cost));
    }
    results
}

fn made(zip: &Path, cost: Cost) -> Made {
    let bytes = fs_err::metadata(zip).unwrap().len() as f64;
    Made { bytes, cost }
}

/// A crate that is built already, because cargo-lambda packs only programs that it built.
/// Another program replaces the one that cargo built; cargo only compares times, and finds
/// nothing to do.
#[derive(Debug)]
pub(crate) struct Stub {
    cargo_lambda: PathBuf,
    dir: PathBuf,
}

impl Stub {
    /// A built crate, if cargo-lambda is installed.
    pub(crate) fn new(tools: &Tools) -> Option<Self> {
        let dir = folder().join("stub");
        fs_err::create_dir_all(dir.join("src")).unwrap();
        let manifest = "[package]\nname = \"stub\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                        [workspace]\n";
        fs_err::write(dir.join("Cargo.toml"), manifest).unwrap();
        fs_err::write(dir.join("src/main.rs"), "fn main() {}\n").unwrap();
        let cargo_lambda = tools.cargo_lambda.clone()?;
        let stub = Self { cargo_lambda, dir };
        ok(&mut stub.build("zip"));
        Some(stub)
    }

    fn build(&self, format: &str) -> Command {
        let mut build = command(&self.cargo_lambda, &self.dir);
        build.args(["lambda", "build", "--release", "--compiler", "cargo"]);
        build.args(["--output-format", format]);
        build
    }

    fn zip(&self) -> PathBuf {
        self.dir.join("target/lambda/stub/bootstrap.zip")
    }

    /// With a zip, and with the bare program: the difference is packing.
    fn jobs(&self, input: &Input) -> [Job; 2] {
        // The program in the release folder is a hard link to this one.
        let mut made = Vec::new();
        for entry in fs_err::read_dir(self.dir.join("target")).unwrap() {
            let deps = entry.unwrap().path().join("release/deps");
            made.extend(fs_err::read_dir(deps).into_iter().flatten().flatten());
        }
        let is_program = |path: &PathBuf| {
            path.extension().is_none() && { path.file_name() }
                .is_some_and(|n| n.to_string_lossy().starts_with("stub-"))
        };
        let paths: Vec<_> = made.into_iter().map(|entry| entry.path()).collect();
        let program = paths.into_iter().find(is_program).unwrap();
        // Writes into the same file, because a new file would not be linked.
        fs_err::write(program, fs_err::read(&input.path).unwrap()).unwrap();
        ["zip", "binary"].map(|format| Job::new(&self.build(format)))
    }
}
