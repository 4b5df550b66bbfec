//! A full disk, a broken disk, or a signal at every system call that can meet one: final paths
//! contain the old bytes or the new ones, and nothing else remains.
//!
//! strace counts the calls of each thread separately, so a fault at the n-th call strikes in
//! every thread. Additional strikes must be harmless: the loader's searches come before our
//! first `openat`, and the output of `-v` comes before our first `write`. Several faults in one
//! run are not tested.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use super::faults_scene::Start::{self, Fresh, Old};
use super::faults_scene::{Fault, Scene};
use super::support::{command, tell, tool};

/// Calls that a disk can make fail.
const DISK: &str = "openat,write,fsync,?rename,?renameat,?renameat2,?mkdir,mkdirat,?unlink,\
                    unlinkat,?link,linkat,ftruncate,fallocate";
/// Other calls, before which a signal may arrive.
const OTHER: &str = "close,statx,flock,getdents64,clone3";

/// The n-th call of this name.
type Point = (String, usize);

/// Our own calls in a run, as strace counts them.
#[derive(Debug, Default)]
struct Points {
    ours: BTreeSet<Point>,
    /// The calls that load a library. Without it the program cannot run.
    loading: BTreeSet<Point>,
    /// The calls before the signal handler is installed.
    early: BTreeSet<Point>,
}

impl Points {
    fn of(trace: &str) -> Self {
        let mut points = Self::default();
        let mut counts = BTreeMap::new();
        let main = trace.split(' ').next().unwrap();
        let mut listening = false;
        for line in trace.lines() {
            let (thread, call) = line.split_once(' ').unwrap();
            // Resumed calls were counted when they started.
            let Some((name, words)) = call.trim_start().split_once('(') else {
                continue;
            };
            if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                continue;
            }
            let count = counts.entry((thread, name)).or_insert(0);
            *count += 1;
            let point = (name.to_owned(), *count);
            listening |= name == "clone3";
            if thread == main && !listening {
                points.early.insert(point.clone());
            }
            if name == "openat" && words.contains(".so") {
                points.loading.insert(point);
            } else {
                points.ours.insert(point);
            }
        }
        points
    }

    /// The calls at which this fault must be survived.
    fn for_fault(&self, fault: Fault) -> BTreeSet<Point> {
        let mut points = self.ours.clone();
        match fault {
            Fault::Error(_) => points.retain(|point| {
                let fails = DISK.split(',').any(|c| c.trim_matches('?') == point.0);
                fails && !self.loading.contains(point)
            }),
            Fault::Int | Fault::Term => points.retain(|point| !self.early.contains(point)),
            Fault::Kill => {}
        }
        points
    }
}

/// The command under strace, and the faults and traces that strace should produce.
fn traced(pack: &Command, strace: &Path, what: &[&str], trace: &Path) -> Command {
    let mut traced = command(strace, pack.get_current_dir().unwrap());
    traced.env_clear();
    for (name, value) in pack.get_envs() {
        traced.env(name, value.unwrap());
    }
    // strace detaches from compilers. `--seccomp-bpf` would be faster, but does not pass signals
    // on.
    traced.args(["-f", "-b", "execve"]);
    traced.args(what).arg("-o");
    let nowhere: Vec<_> = (0..60).map(|n| format!("/nowhere/{n}")).collect();
    let searches = format!("LD_LIBRARY_PATH={}", nowhere.join(":"));
    traced.arg(trace).args(["-E", &searches]);
    traced.arg(pack.get_program()).args(pack.get_args());
    traced
}

fn points(scene: &Scene, start: Start, strace: &Path, trace: &Path) -> Points {
    scene.prepare(start);
    let what = format!("trace={DISK},{OTHER}");
    let output = traced(&scene.pack(), strace, &["-e", &what], trace).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    Points::of(&fs_err::read_to_string(trace).unwrap())
}

/// Injects a fault at every point of a run; returns how many faults struck.
fn strike(scene: &Scene, start: Start, fault: Fault, strace: &Path) -> usize {
    let trace = scene.dir().join("trace");
    let points = points(scene, start, strace, &trace).for_fault(fault);
    let mut struck = 0;
    for (call, n) in points {
        scene.prepare(start);
        let inject = format!("inject={call}:{}:when={n}", fault.words());
        let what = ["-e", &format!("trace={call}"), "-e", &inject];
        let output = traced(&scene.pack(), strace, &what, &trace).output();
        let output = output.unwrap();
        let traced = fs_err::read_to_string(&trace).unwrap();
        if !traced.contains(fault.mark()) {
            // If threads ran in another order, the point may not exist. The count shows whether
            // this happened often.
            continue;
        }
        struck += 1;
        let about = format!(
            "{start:?}, {call} {n}, {fault:?}\n{traced}\n{}",
            said(&output)
        );
        scene.judge(start, fault, &output, &about);
    }
    struck
}

fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let (code, signal) = (output.status.code(), output.status.signal());
    format!("exit {code:?}, signal {signal:?}\n-- stdout\n{stdout}-- stderr\n{stderr}")
}

/// Injects all these faults into a clean folder or one with old results. The number of faults
/// is asserted, so that coverage cannot shrink unnoticed. The bound is a little lower than
/// usual, because workers share the calls differently each time.
fn survives(scene: fn() -> Scene, faults: &[(Fault, Start)], at_least: usize) {
    let Some(strace) = tool("strace") else {
        return;
    };
    let scene = scene();
    let mut struck = 0;
    for (fault, start) in faults {
        struck += strike(&scene, *start, *fault, &strace);
    }
    tell(&format!("{struck} faults"));
    assert!(struck >= at_least, "only {struck} faults");
}

const ERRORS: [(Fault, Start); 6] = [
    (Fault::Error("ENOSPC"), Fresh),
    (Fault::Error("ENOSPC"), Old),
    (Fault::Error("EIO"), Fresh),
    (Fault::Error("EIO"), Old),
    (Fault::Error("EDQUOT"), Fresh),
    (Fault::Error("EDQUOT"), Old),
];
const SIGNALS: [(Fault, Start); 2] = [(Fault::Int, Fresh), (Fault::Term, Old)];
const KILLS: [(Fault, Start); 2] = [(Fault::Kill, Fresh), (Fault::Kill, Old)];

#[test]
fn pack_survives_a_disk_that_fails() {
    survives(Scene::pack_of_a_script, &ERRORS, 95);
}

#[test]
fn pack_survives_signals() {
    survives(Scene::pack_of_a_script, &SIGNALS, 85);
}

#[test]
fn pack_survives_being_killed() {
    survives(Scene::pack_of_a_script, &KILLS, 170);
}

#[test]
fn a_build_survives_a_disk_that_fails() {
    survives(Scene::build, &ERRORS, 290);
}

#[test]
fn a_build_survives_signals() {
    survives(Scene::build, &SIGNALS, 300);
}

#[test]
fn a_build_survives_being_killed() {
    survives(Scene::build, &KILLS, 380);
}
