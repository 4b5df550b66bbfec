//! A full disk, a broken disk or a signal at every system call that may meet one:
//! final paths hold the old bytes or the new ones, and nothing else is left.
//!
//! strace counts the calls of each thread by themselves, so a fault at the n-th
//! call strikes in every thread. What is struck beside its aim has to be
//! harmless: the loader's searches come before our own `openat`, and what `-v`
//! tells before our own `write`.
//! Absent: several faults in one run.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use super::faults_scene::Start::{self, Fresh, Old};
use super::faults_scene::{Fault, Scene};
use super::support::{command, tell, tool};

/// Calls that a disk can fail.
const DISK: &str = "openat,write,fsync,?rename,?renameat,?renameat2,?mkdir,mkdirat,?unlink,\
                    unlinkat,?link,linkat,ftruncate,fallocate";
/// Other calls, before which a signal may come.
const OTHER: &str = "close,statx,flock,getdents64,clone3";

/// The n-th call of this name.
type Point = (String, usize);

/// The calls of a run that are ours, as strace counts them.
#[derive(Debug, Default)]
struct Points {
    ours: BTreeSet<Point>,
    /// Those at which a library is loaded: without it there is no program.
    loading: BTreeSet<Point>,
    /// Those before anybody listens for signals.
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
            // Resumed calls were seen when they began.
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

    /// Where this fault is ours to bear.
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

/// The command under strace, and what strace is to do and to write down.
fn traced(pack: &Command, strace: &Path, what: &[&str], trace: &Path) -> Command {
    let mut traced = command(strace, pack.get_current_dir().unwrap());
    traced.env_clear();
    for (name, value) in pack.get_envs() {
        traced.env(name, value.unwrap());
    }
    // Compilers are not ours: strace lets go of them. Not with --seccomp-bpf,
    // which is quick and passes no signals on.
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

/// Lets a fault strike at every point of a run; returns how often it did.
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
            // Threads that met in another order; what is counted tells if many did.
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

/// Strikes with all these faults where nothing stands, or where old results do.
/// How often is asserted, so that what is tested cannot shrink unseen; a little less
/// than is usual, for the workers share the calls differently each time.
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
