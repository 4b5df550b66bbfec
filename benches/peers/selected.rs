//! One function of many is selected: the cost of its first build, compared with the Cargo
//! command that `--dry-run` prints.

use std::path::Path;
use std::process::Command;

use super::generated::{kept_workspace, name};
use super::measure::{Cost, Job, interleaved};
use super::tools::{LAMBDAPACK, command, ok};

/// The number of functions in the workspace.
pub(crate) const FUNCTIONS: usize = 20;

/// The number of builds of each kind.
pub(crate) const ROUNDS: usize = 5;

/// The costs.
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

/// The workspace turns LTO off, to be fast elsewhere. Here it is on, as for users.
const LTO: (&str, &str) = ("CARGO_PROFILE_LAMBDA_LTO", "thin");

/// Both start without a target folder each time.
pub(crate) fn row() -> Row {
    let dir = kept_workspace(FUNCTIONS);
    // In the workspace, so that it is not shared with other projects.
    let [ours_target, plain_target] =
        ["ours", "plain"].map(|name| dir.join("target").join("selected").join(name));
    let ours = pack(&dir, &ours_target);
    let line = ok(pack(&dir, &plain_target).arg("--dry-run"));
    let mut plain = command("sh", &dir);
    plain.arg("-c").arg(line.lines().next().unwrap());
    plain.env(LTO.0, LTO.1);
    let mut jobs = [(ours, ours_target), (plain, plain_target)]
        .map(|(command, target)| Job::new(&command).leaving(&target));
    interleaved(ROUNDS, &mut jobs);
    Row {
        ours: jobs[0].least(),
        plain: jobs[1].least(),
    }
}

fn pack(dir: &Path, target: &Path) -> Command {
    let mut pack = command(LAMBDAPACK, dir);
    pack.args(["--arch", "host", "--bin", &name(7), "--target-dir"]);
    pack.arg(target).arg("--out-dir").arg(target.join("out"));
    pack.env(LTO.0, LTO.1);
    pack
}
