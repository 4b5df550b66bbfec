//! Signals: child processes end with the program, and existing results are kept.

use std::io::{BufRead, BufReader};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::support::{Sandbox, wait, wait_for};

/// Sends a signal while the compiler runs; returns the exit code.
fn interrupted(sandbox: &Sandbox, signal: Signal) -> Option<i32> {
    sandbox.control("slow", "build");
    let started = || {
        let mut calls = sandbox.calls_of("cargo build");
        calls.extend(sandbox.calls_of("go build"));
        calls.extend(sandbox.calls_of("cc sleep"));
        calls
    };
    let child = sandbox.start(&[]);
    wait_for("compiler and linker run", || started().len() == 2);
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
    let ran = wait(child);
    // The first build with go is announced.
    let is_progress = |line: &str| line.trim_start().starts_with("Building ");
    assert!(
        ran.stdout.is_empty() && ran.stderr.lines().all(is_progress),
        "{ran}"
    );
    for call in started() {
        wait_for(&format!("{} ends", call.line()), || !runs(call.pid()));
    }
    ran.code
}

/// A zombie counts as ended, because its parent may never reap it.
fn runs(pid: i32) -> bool {
    let stat = fs_err::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    test_kill_process(Pid::from_raw(pid).unwrap()).is_ok() && !stat.contains(") Z ")
}

#[test]
fn sigint_ends_cargo_and_its_linker_with_code_130() {
    let sandbox = Sandbox::packed_once();
    let before = sandbox.snapshot();
    assert_eq!(interrupted(&sandbox, Signal::INT), Some(130));
    assert_eq!(sandbox.snapshot(), before);
}

#[test]
fn sigterm_ends_cargo_and_its_linker_with_code_143() {
    let sandbox = Sandbox::packed_once();
    let before = sandbox.snapshot();
    assert_eq!(interrupted(&sandbox, Signal::TERM), Some(143));
    assert_eq!(sandbox.snapshot(), before);
}

#[test]
fn a_closed_terminal_acts_like_sigterm() {
    assert_eq!(interrupted(&Sandbox::packed_once(), Signal::HUP), Some(143));
}

#[test]
fn a_signal_ends_go_and_its_linker() {
    let sandbox = Sandbox::go_api();
    assert_eq!(interrupted(&sandbox, Signal::TERM), Some(143));
}

#[test]
fn the_run_after_an_interruption_succeeds() {
    let sandbox = Sandbox::packed_once();
    sandbox.append("src/main.rs", "// changed");
    interrupted(&sandbox, Signal::INT);
    sandbox.uncontrol("slow");
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains("// changed"));
}

#[test]
fn leftovers_of_a_killed_run_are_removed_by_the_next() {
    let sandbox = Sandbox::packed_once();
    let left_over = "target/lambdapack/x86_64/.lambdapack-tmp-Xy12Zq";
    sandbox.write(left_over, "half a zip");
    sandbox.append("src/main.rs", "// changed");
    sandbox.run(&[]).ok();
    assert!(!sandbox.exists(left_over));
}

/// The lock is on the folder, on every system except Windows.
#[test]
fn a_run_waits_for_the_folder_lock_and_still_handles_signals() {
    let sandbox = Sandbox::packed_once();
    let before = sandbox.snapshot();
    sandbox.append("src/main.rs", "// changed");
    let folder = fs_err::File::open(sandbox.out("")).unwrap();
    folder.file().lock().unwrap();
    let mut child = sandbox.start(&[]);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("waiting for another run"), "{line}");
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(wait(child).code, Some(143));
    assert_eq!(sandbox.snapshot(), before);

    let mut child = sandbox.start(&[]);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    drop(folder);
    wait(child).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains("// changed"));
}
