//! One function of many is selected: what its first build costs, next to that of cargo
//! with the same packages, target, and profile.

use std::path::Path;
use std::process::Command;

use super::measure::{Cost, Job, interleaved};
use super::tools::{LAMBDAPACK, command, folder, ok};
use super::unchanged::{name, workspace};

/// How many functions the workspace has.
pub(crate) const FUNCTIONS: usize = 20;

/// How often each is built.
pub(crate) const ROUNDS: usize = 5;

/// What it costs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// Build, check, and pack.
    pub(crate) ours: Cost,
    /// `cargo build`.
    pub(crate) plain: Cost,
}

impl Row {
    pub(crate) const LIMIT: f64 = 1.1;

    pub(crate) fn ratio(&self) -> f64 {
        self.ours.cpu / self.plain.cpu
    }
}

/// Both start without a target folder each time.
pub(crate) fn row() -> Row {
    let dir = workspace(FUNCTIONS);
    let targets = ["selected-ours", "selected-plain"].map(|name| folder().join(name));
    let mut ours = command(LAMBDAPACK, &dir);
    ours.args(["--arch", "x86_64", "--bin", &name(7), "--target-dir"]);
    ours.arg(&targets[0])
        .arg("--out-dir")
        .arg(targets[0].join("out"));
    let plain = plain(&dir, &targets[1]);
    // Crates and surveys are on the machine before anything is measured.
    ok(command(LAMBDAPACK, &dir).arg("list"));
    let mut jobs = [(ours, &targets[0]), (plain, &targets[1])]
        .map(|(command, target)| Job::new(&command).leaving(target));
    interleaved(ROUNDS, &mut jobs);
    Row {
        ours: jobs[0].least(),
        plain: jobs[1].least(),
    }
}

/// The packages of all functions, one target, and the settings of our own profile.
fn plain(dir: &Path, target: &Path) -> Command {
    let mut cargo = command(env!("CARGO"), dir);
    cargo.args([
        "build",
        "--profile",
        "lambda",
        "--target",
        "x86_64-unknown-linux-gnu",
    ]);
    for (setting, value) in [
        ("INHERITS", "release"),
        ("STRIP", "symbols"),
        ("LTO", "thin"),
        ("CODEGEN_UNITS", "1"),
    ] {
        cargo.env(format!("CARGO_PROFILE_LAMBDA_{setting}"), value);
    }
    for number in 0..FUNCTIONS {
        cargo.args(["-p", &name(number)]);
    }
    cargo.args(["--bin", &name(7), "--target-dir"]).arg(target);
    cargo
}
