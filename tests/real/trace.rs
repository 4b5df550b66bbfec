//! The programs that a command starts, according to strace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use super::support::{command, ok};

/// The programs that a command starts itself: for each child process the first program that it
/// executes, with arguments.
pub(crate) fn children(pack: &Command, strace: &Path) -> Vec<String> {
    of_trace(&trace(pack, strace))
}

/// Every program that a command or one of its descendants executes, with arguments.
pub(crate) fn programs(pack: &Command, strace: &Path) -> Vec<String> {
    let trace = trace(pack, strace);
    let calls = calls(&trace).into_iter();
    let started = calls.filter(|(_, call, result)| call.starts_with("execve") && result == "0");
    started.map(|(_, call, _)| call).collect()
}

fn trace(pack: &Command, strace: &Path) -> String {
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let mut traced = command(strace, pack.get_current_dir().unwrap());
    traced.args([
        "-f",
        "-s",
        "1000",
        "-e",
        "trace=execve,clone,clone3,fork,vfork",
        "-o",
    ]);
    traced
        .arg(&trace)
        .arg(pack.get_program())
        .args(pack.get_args());
    for (name, value) in pack.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    ok(&mut traced);
    fs_err::read_to_string(trace).unwrap()
}

/// Reads a trace for the children of its first process. Threads count as their process.
fn of_trace(trace: &str) -> Vec<String> {
    let calls = calls(trace);
    let mut ours = BTreeSet::from([calls[0].0]);
    let mut children = BTreeMap::new();
    for (id, call, result) in &calls {
        let makes = ["clone", "fork", "vfork"]
            .iter()
            .any(|name| call.starts_with(name));
        if !makes || !ours.contains(id) {
            continue;
        }
        if call.contains("CLONE_THREAD") {
            ours.insert(result);
        } else {
            children.insert(result.as_str(), None);
        }
    }
    for (id, call, result) in &calls {
        if call.starts_with("execve") && result == "0" {
            // rustup's shim becomes the real cargo: one process, counted once.
            if let Some(first @ None) = children.get_mut(id) {
                *first = Some(call.clone());
            }
        }
    }
    children.into_values().flatten().collect()
}

/// The calls of a trace: process, call, and result. An interrupted call takes two lines.
fn calls(trace: &str) -> Vec<(&str, String, String)> {
    let mut begun = BTreeMap::new();
    let mut calls = Vec::new();
    for (id, text) in trace.lines().filter_map(|line| line.split_once(' ')) {
        let text = text.trim_start();
        let whole = if let Some(start) = text.strip_suffix(" <unfinished ...>") {
            begun.insert(id, start);
            continue;
        } else if let Some((_, end)) = text.split_once(" resumed>") {
            format!("{}{end}", begun.remove(id).unwrap_or_default())
        } else {
            text.to_owned()
        };
        if let Some((call, result)) = whole.rsplit_once(" = ") {
            calls.push((id, call.to_owned(), result.to_owned()));
        }
    }
    calls
}

#[test]
fn a_trace_lists_the_children_of_the_command() {
    let trace = "\
10 execve(\"/bin/lambdapack\", [\"lambdapack\"], 0x1 /* 9 vars */) = 0
10 clone3({flags=CLONE_VM|CLONE_THREAD}, 88) = 11
10 clone3({flags=CLONE_VM|CLONE_VFORK} <unfinished ...>
12 execve(\"/bin/cargo\", [\"cargo\", \"build\"], 0x1 /* 9 vars */ <unfinished ...>
10 <... clone3 resumed>, 88) = 12
12 <... execve resumed>) = 0
12 execve(\"/toolchain/cargo\", [\"cargo\", \"build\"], 0x1 /* 9 vars */) = 0
12 vfork() = 13
13 execve(\"/bin/rustc\", [\"rustc\"], 0x1 /* 9 vars */) = 0
12 +++ exited with 0 +++";
    let children = of_trace(trace);
    assert_eq!(children.len(), 1, "{children:?}");
    assert!(children[0].starts_with("execve(\"/bin/cargo\", [\"cargo\", \"build\"]"));
}
