//! Nothing has changed: the cost of finding that out, compared with the compiler alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::generated::{kept_module, kept_workspace};
use super::measure::{Cost, Job, interleaved};
use super::tools::{LAMBDAPACK, Tools, command, folder, ok, repository};

/// The costs.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) ours: Cost,
    /// `cargo build --release`, or `go build`.
    pub(crate) plain: Cost,
    pub(crate) cargo_lambda: Option<Cost>,
    /// Ours, into another folder: everything is packed, nothing is built.
    pub(crate) packed: Cost,
}

impl Row {
    /// Returns true if it is at most 10 % or 10 ms more than the compiler, whichever is larger.
    pub(crate) fn is_met(&self) -> bool {
        self.ours.cpu <= self.plain.cpu + f64::max(self.plain.cpu / 10.0, 0.010)
    }
}

/// The number of runs of each command.
pub(crate) const ROUNDS: usize = 21;

/// A template, and 1, 5, and 50 functions, in Rust and in Go. All are measured in turn, so each
/// is spread over minutes, because a machine may be slow for seconds.
pub(crate) fn rows(tools: &Tools) -> Vec<Row> {
    let mut ready = ready(tools);
    interleaved(ROUNDS, ready.iter_mut().flat_map(|row| &mut row.jobs));
    // Packing again comes last: a project remembers all of its zips that exist, and a run without
    // changes reads that list.
    interleaved(ROUNDS, ready.iter_mut().map(|row| &mut row.packed));
    ready.into_iter().map(Ready::row).collect()
}

/// The commands of a row.
struct Ready {
    what: String,
    /// Ours, the compiler's, and for Rust also cargo-lambda's.
    jobs: Vec<Job>,
    packed: Job,
}

impl Ready {
    /// Runs everything once, so that nothing is left to do. Results of an earlier benchmark are
    /// removed first.
    fn new(what: &str, dir: &Path, ours: [Command; 2], peers: Vec<Command>) -> Self {
        let [kept, new] = ours;
        let anew = out(dir).join("new");
        let _ = fs_err::remove_dir_all(&anew);
        let jobs = std::iter::once(kept).chain(peers).map(|mut command| {
            ok(&mut command);
            Job::new(&command).warm()
        });
        Self {
            what: what.to_owned(),
            jobs: jobs.collect(),
            packed: Job::new(&new).leaving(&anew),
        }
    }

    fn row(self) -> Row {
        Row {
            what: self.what,
            ours: self.jobs[0].least(),
            plain: self.jobs[1].least(),
            cargo_lambda: self.jobs.get(2).map(Job::least),
            packed: self.packed.least(),
        }
    }
}

fn ready(tools: &Tools) -> Vec<Ready> {
    let mut rows = Vec::new();
    let template = repository().join("templates/rust-function");
    let target = folder().join("target");
    rows.push(rust("`templates/rust-function`", &template, &target, None));
    for count in [1, 5, 50] {
        let (dir, what) = (kept_workspace(count), many("Rust", count));
        rows.push(rust(&what, &dir, &dir.join("target"), Some(tools)));
    }
    if let Some(go) = &tools.go {
        let template = repository().join("templates/go-function");
        rows.push(self::go("`templates/go-function`", &template, go));
        for count in [1, 5, 50] {
            let (dir, what) = (kept_module(count), many("Go", count));
            rows.push(self::go(&what, &dir, go));
        }
    }
    rows
}

fn many(language: &str, count: usize) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} tiny function{s} in {language}")
}

/// Ours, once into the folder that stays and once into one that is always new.
fn ours(dir: &Path, args: &[&str]) -> [Command; 2] {
    ["kept", "new"].map(|place| {
        let mut pack = command(LAMBDAPACK, dir);
        pack.args(args).arg("--out-dir").arg(out(dir).join(place));
        pack
    })
}

fn out(dir: &Path) -> PathBuf {
    let name = dir.file_name().unwrap().to_string_lossy();
    folder().join(format!("out-{name}"))
}

fn rust(what: &str, dir: &Path, target: &Path, tools: Option<&Tools>) -> Ready {
    let target = target.to_str().unwrap();
    let ours = ours(dir, &["--arch", "host", "--target-dir", target]);
    let mut cargo = command(env!("CARGO"), dir);
    cargo.args(["build", "--release", "--target-dir", target]);
    let mut peers = vec![cargo];
    if let Some(cargo_lambda) = tools.and_then(|tools| tools.cargo_lambda.as_ref()) {
        peers.push(cargo_lambda_build(cargo_lambda, dir));
    }
    Ready::new(what, dir, ours, peers)
}

fn go(what: &str, dir: &Path, go: &Path) -> Ready {
    let build = go_build(go, dir, &out(dir).join("programs"));
    Ready::new(what, dir, ours(dir, &["--arch", "arm64"]), vec![build])
}

/// Go alone, with our flags. The programs are written to a folder, because there may be several.
pub(crate) fn go_build(go: &Path, dir: &Path, programs: &Path) -> Command {
    let mut build = command(go, dir);
    build.env("GOOS", "linux").env("GOARCH", "arm64");
    build.env("CGO_ENABLED", "0");
    build.args(["build", "-trimpath", "-buildvcs=false"]);
    build.args(["-tags=lambda.norpc", "-ldflags=-s -w", "-o"]);
    fs_err::create_dir_all(programs).unwrap();
    build.arg(format!("{}/", programs.display())).arg("./...");
    build
}

/// cargo-lambda, which creates zips with the Cargo of this machine.
pub(crate) fn cargo_lambda_build(cargo_lambda: &Path, dir: &Path) -> Command {
    let mut build = command(cargo_lambda, dir);
    build.args(["lambda", "build", "--release", "--compiler", "cargo"]);
    build.args(["--output-format", "zip"]);
    build
}
