//! Where nothing changed, one compiler is asked and nothing is written.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use cargo_lambdapack::lambda::Arch;

use super::go::add_module;
use super::project::{Project, files_in, tiny_project};
use super::support::{command, lambdapack, ok, tool, with_umask};
use super::template::Template::{self, Go, Rust};
use super::template::packed;
use super::toolchain::{host_arch, rust};

/// Which file it is, and when it and its name were last changed.
type Stamps = BTreeMap<PathBuf, (u64, i64, i64, i64, i64)>;

/// Of every file and folder below a folder.
fn stamps(dir: &Path) -> Stamps {
    let mut paths: BTreeSet<_> = files_in(dir).into_iter().collect();
    let folders: Vec<_> = paths.iter().flat_map(|p| p.ancestors().skip(1)).collect();
    let folders: Vec<_> = folders.into_iter().map(Path::to_owned).collect();
    paths.extend(folders);
    let stamp = |path: PathBuf| {
        let data = fs_err::metadata(dir.join(&path)).unwrap();
        let stamp = (
            data.ino(),
            data.mtime(),
            data.mtime_nsec(),
            data.ctime(),
            data.ctime_nsec(),
        );
        (path, stamp)
    };
    paths.into_iter().map(stamp).collect()
}

/// The programs that a command starts itself: for each of its children the
/// first that it becomes, with its arguments.
fn children(pack: &Command, strace: &Path) -> Vec<String> {
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
    let trace = fs_err::read_to_string(trace).unwrap();
    of_trace(&trace)
}

/// Reads a trace for the children of its first process, whose threads count as it.
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

/// The calls of a trace: process, call, result. One that others interrupted is
/// written in two lines.
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
fn a_trace_is_read_for_the_commands_own_children() {
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

fn does_nothing(template: Template, arch: Arch, compiler: &str) {
    let (Some(strace), Some(packed)) = (tool("strace"), packed(template, arch)) else {
        return;
    };
    let mut pack = template.command(arch).unwrap();
    let _guard = template.lock();
    // Another architecture may have been packed in between, with another Rust.
    let expected = ok(&mut pack);
    let results = template.dir().join("target/lambdapack");
    let before = stamps(&results);
    assert!(before.len() > 5, "{before:?}");
    let children = children(&pack, &strace);
    assert_eq!(children.len(), 1, "{children:#?}");
    let starts = format!("/{compiler}\", [");
    assert!(children[0].contains(&starts), "{children:#?}");
    assert!(children[0].contains("\"build\""), "{children:#?}");
    assert_eq!(stamps(&results), before, "{}", packed.about());
    assert_eq!(ok(&mut pack), expected);
    assert_eq!(stamps(&results), before, "{}", packed.about());
}

#[test]
fn rust_for_arm64_is_asked_once_and_nothing_is_written() {
    does_nothing(Rust, Arch::Arm64, "cargo");
}

#[test]
fn rust_for_x86_64_is_asked_once_and_nothing_is_written() {
    does_nothing(Rust, Arch::X86_64, "cargo");
}

#[test]
fn go_is_asked_once_and_nothing_is_written() {
    does_nothing(Go, Arch::Arm64, "go");
}

/// With everything that users have: dependencies, thin LTO, proc macros.
#[test]
fn a_template_whose_source_is_touched_keeps_its_zip() {
    let zips = [(Rust, "src/main.rs"), (Go, "main.go")];
    for (template, source) in zips {
        let Some(packed) = packed(template, Arch::Arm64) else {
            continue;
        };
        let mut pack = template.command(packed.arch).unwrap();
        let _guard = template.lock();
        let expected = ok(&mut pack);
        let before = stamps(packed.zip.parent().unwrap());
        let source = template.dir().join(source);
        let file = std::fs::File::options().append(true).open(source).unwrap();
        let time = file.metadata().unwrap().modified().unwrap();
        file.set_modified(SystemTime::now()).unwrap();
        assert_eq!(ok(&mut with_umask("077", &pack)), expected);
        assert_eq!(stamps(packed.zip.parent().unwrap()), before);
        // For the other architecture there is nothing to do again.
        file.set_modified(time).unwrap();
    }
}

/// The second run is the one that users wait for: nothing has to settle first.
#[test]
fn after_the_first_run_a_go_module_costs_one_run_of_go() {
    let (Some(strace), Some(_)) = (tool("strace"), tool("go")) else {
        return;
    };
    let project = Project::new(&[]);
    add_module(&project, ".", "example.com/shop", &["orders", "users"]);
    let mut pack = lambdapack(project.root());
    pack.args(["--arch", "x86_64"]);
    ok(&mut pack);
    let results = project.path("target/lambdapack");
    let before = stamps(&results);
    let children = children(&pack, &strace);
    assert_eq!(children.len(), 1, "{children:#?}");
    assert_eq!(stamps(&results), before);
}

#[test]
fn after_the_first_run_a_crate_costs_one_run_of_cargo() {
    let (Some(strace), Some(rust)) = (tool("strace"), rust(host_arch())) else {
        return;
    };
    let project = tiny_project("tiny");
    let mut pack = rust.lambdapack(project.root());
    pack.args(["--arch", "host"]);
    ok(&mut pack);
    let results = project.path("target/lambdapack");
    let before = stamps(&results);
    let children = children(&pack, &strace);
    assert_eq!(children.len(), 1, "{children:#?}");
    assert_eq!(stamps(&results), before);
}
