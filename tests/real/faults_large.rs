//! Zips of the maximum size: memory use, and progress messages.

use std::path::Path;
use std::process::Command;

use super::faults_full::{noise, sources};
use super::support::{LAMBDAPACK, command, lambdapack, ok, run, tell, tool};

/// Runs a command, then prints its peak memory in kB.
const MEASURE: &str = "import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";

/// The peak memory of a command, in bytes.
fn peak(python: &Path, measured: &Command) -> u64 {
    let mut python = command(python, measured.get_current_dir().unwrap());
    python.args(["-c", MEASURE]).arg(measured.get_program());
    let said = ok(python.args(measured.get_args()));
    said.trim().parse::<u64>().unwrap() * 1024
}

/// Data like that of a program, in any size: our own program, repeated.
fn program_of(size: usize) -> Vec<u8> {
    let own = fs_err::read(std::env::current_exe().unwrap()).unwrap();
    let mut bytes = Vec::with_capacity(size + own.len());
    while bytes.len() < size {
        bytes.extend(&own);
    }
    bytes.truncate(size);
    bytes
}

/// Packaged with `fast`, because test builds compile the compressor without optimization.
fn assert_frugal(program: Vec<u8>, file: Vec<u8>) {
    let Some(python) = tool("python3") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let size = (program.len() + file.len()) as u64;
    fs_err::write(dir.path().join("it"), program).unwrap();
    fs_err::write(dir.path().join("noise"), file).unwrap();
    let mut pack = lambdapack(dir.path());
    pack.args([
        "pack",
        "--compression",
        "fast",
        "-o",
        "it.zip",
        "it",
        "noise",
    ]);
    let peak = peak(&python, &pack);
    tell(&format!("{} % of {size} bytes", peak * 100 / size));
    assert!(peak < size * 14 / 10, "{peak} bytes for {size}");
}

#[test]
fn a_large_program_needs_little_more_memory_than_its_size() {
    assert_frugal(program_of(250_000_000), vec![0; 10]);
}

#[test]
fn a_large_file_of_noise_needs_little_more_memory_than_its_size() {
    assert_frugal(b"#!/bin/sh\n".to_vec(), noise(125_000_000));
}

/// Packages this many bytes on a terminal and off one; returns the messages.
fn said_of(size: usize) -> Option<[String; 2]> {
    let script = tool("script")?;
    let dir = tempfile::tempdir().unwrap();
    sources(dir.path(), size);
    let args = ["pack", "--compression", "store", "it", "noise", "-o"];
    let mut terminal = command(script, dir.path());
    let line = format!("{LAMBDAPACK} {} 1.zip", args.join(" "));
    let on_terminal = ok(terminal.args(["-qec", &line, "/dev/null"]));
    let ran = run(lambdapack(dir.path()).args(args).arg("2.zip"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    Some([on_terminal, ran.stderr])
}

#[test]
fn slow_work_is_announced_on_a_terminal() {
    let Some([on_terminal, elsewhere]) = said_of(20_000_000) else {
        return;
    };
    let announced = on_terminal.find("Packing");
    assert!(
        announced.is_some_and(|at| on_terminal[at..].contains("Packed")),
        "{on_terminal}"
    );
    assert!(
        elsewhere.contains("Packed") && !elsewhere.contains("Packing"),
        "{elsewhere}"
    );
}

#[test]
fn fast_work_is_not_announced() {
    let Some([on_terminal, elsewhere]) = said_of(1_000_000) else {
        return;
    };
    assert!(
        on_terminal.contains("Packed") && !on_terminal.contains("Packing"),
        "{on_terminal}"
    );
    assert!(
        elsewhere.contains("Packed") && !elsewhere.contains("Packing"),
        "{elsewhere}"
    );
}
