//! The machine on which the benchmark runs, in words.

use std::process::Command;

use crate::peers::tools::ok;

/// The load average over the last minute; Linux only.
pub(crate) fn load() -> String {
    let text = fs_err::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = text.split_whitespace().next().unwrap_or("unknown");
    first.to_owned()
}

pub(super) fn cpu() -> String {
    let text = fs_err::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.unwrap_or("unknown processor");
    let sha = text.contains("sha_ni") || text.contains(" sha2 ");
    let sha = if sha { "with" } else { "without" };
    let model = model.trim_start_matches(['\t', ' ', ':']);
    format!("{model}, {sha} instructions for SHA-256")
}

pub(super) fn date() -> String {
    let mut date = Command::new("date");
    ok(date.args(["-u", "+%F"])).trim().to_owned()
}

pub(super) fn system() -> String {
    let mut uname = Command::new("uname");
    ok(uname.args(["-s", "-m"])).trim().to_owned()
}
