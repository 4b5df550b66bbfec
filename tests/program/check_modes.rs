//! `check` on file modes in a zip that prevent a function from starting, reading, or entering
//! files.

use super::check::good;
use snapbox::str;

use crate::support::image::Program;
use crate::support::zip::{Entry, Zip};
use crate::support::{Transcript, checked};

fn file(name: &str, mode: u32) -> Entry {
    Entry {
        mode,
        ..Entry::stored(name, b"{}")
    }
}

fn script(name: &str, mode: u32) -> Entry {
    Entry {
        mode,
        ..Entry::stored(name, b"#!/bin/sh\n")
    }
}

/// A valid zip with additional entries.
fn with(entries: &[Entry]) -> Zip {
    let mut zip = good();
    zip.entries.extend_from_slice(entries);
    zip
}

/// Python's `zipfile` writes modes without the file type bits.
#[test]
fn an_unreadable_file_is_reported_with_and_without_file_type_bits() {
    let mut transcript = Transcript::default();
    for mode in [0o100_600, 0o600, 0o100_640, 0] {
        checked("function.zip", with(&[file("config.json", mode)]).bytes())
            .finds(0, &["unreadable"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
warning   function.zip  zip arm64  564 B -> 464 B
          [HASH]
  warning[unreadable]: it has config.json with mode 0600, so the function cannot read it
    help: set mode 0755 for programs and folders, and 0644 for other files

$ cargo lambdapack check function.zip
warning   function.zip  zip arm64  564 B -> 464 B
          [HASH]
  warning[unreadable]: it has config.json with mode 0600, so the function cannot read it
    help: set mode 0755 for programs and folders, and 0644 for other files

$ cargo lambdapack check function.zip
warning   function.zip  zip arm64  564 B -> 464 B
          [HASH]
  warning[unreadable]: it has config.json with mode 0640, so the function cannot read it
    help: set mode 0755 for programs and folders, and 0644 for other files

$ cargo lambdapack check function.zip
warning   function.zip  zip arm64  564 B -> 464 B
          [HASH]
  warning[unreadable]: it has config.json with mode 0000, so the function cannot read it
    help: set mode 0755 for programs and folders, and 0644 for other files


"#]]);
    let readable = [file("a", 0o100_644), file("b", 0o444), file("c", 0o755)];
    checked("function.zip", with(&readable).bytes()).finds(0, &[]);
}

#[test]
fn an_inaccessible_folder_is_reported_once_with_its_contents() {
    let mut transcript = Transcript::default();
    for mode in [0o040_700, 0o700] {
        let folder = Entry {
            mode,
            ..Entry::folder("assets/")
        };
        let entries = [folder, file("assets/a.json", 0o600), file("b.json", 0o644)];
        checked("function.zip", with(&entries).bytes())
            .finds(0, &["unreadable"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
warning   function.zip  zip arm64  566 B -> 648 B
          [HASH]
  warning[unreadable]: it has the folder assets/ with mode 0700, so the function cannot access the files in it
    help: set mode 0755 for programs and folders, and 0644 for other files

$ cargo lambdapack check function.zip
warning   function.zip  zip arm64  566 B -> 648 B
          [HASH]
  warning[unreadable]: it has the folder assets/ with mode 0700, so the function cannot access the files in it
    help: set mode 0755 for programs and folders, and 0644 for other files


"#]]);
    let listed = Entry {
        mode: 0o040_711,
        ..Entry::folder("assets/")
    };
    checked("function.zip", with(&[listed]).bytes())
        .finds(0, &["unreadable"])
        .stdout_eq(str![[r#"
warning   function.zip  zip arm64  562 B -> 454 B
          [HASH]
  warning[unreadable]: it has the folder assets/ with mode 0711, so the function cannot list it
    help: set mode 0755 for programs and folders, and 0644 for other files

"#]]);
    checked("function.zip", with(&[Entry::folder("assets/")]).bytes()).finds(0, &[]);
}

#[test]
fn files_with_the_same_mode_are_one_finding() {
    let files: Vec<_> = (0..20).map(|n| file(&format!("f{n:02}"), 0o600)).collect();
    checked("function.zip", with(&files).bytes())
        .finds(0, &["unreadable"])
        .stdout_eq(str![[r#"
warning   function.zip  zip arm64  602 B -> 2.0 kB
          [HASH]
  warning[unreadable]: it has f00, f01, f02, and 17 more with mode 0600, so the function cannot read them
    help: set mode 0755 for programs and folders, and 0644 for other files

"#]]);
}

/// The kernel starts a program that is not readable, but not a script.
#[test]
fn a_script_that_its_interpreter_cannot_read_is_rejected() {
    let mut transcript = Transcript::default();
    for name in ["bootstrap", "extensions/mon"] {
        for mode in [0o100_711, 0o711, 0o100_733] {
            checked("function.zip", Zip::of([script(name, mode)]).bytes())
                .finds(104, &["not-executable"])
                .record(&mut transcript);
        }
        checked("function.zip", Zip::of([script(name, 0o555)]).bytes()).finds(0, &[]);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
refused   function.zip  zip ?  10 B -> 126 B
          [HASH]
  refused[not-executable]: it has bootstrap with mode 0711, so the interpreter cannot read the script
    help: package it again with mode 0755: run `chmod 755` before `zip`, or `cargo lambdapack pack SCRIPT`

$ cargo lambdapack check function.zip
refused   function.zip  zip ?  10 B -> 126 B
          [HASH]
  refused[not-executable]: it has bootstrap with mode 0711, so the interpreter cannot read the script
    help: package it again with mode 0755: run `chmod 755` before `zip`, or `cargo lambdapack pack SCRIPT`

$ cargo lambdapack check function.zip
refused   function.zip  zip ?  10 B -> 126 B
          [HASH]
  refused[not-executable]: it has bootstrap with mode 0733, so the interpreter cannot read the script
    help: package it again with mode 0755: run `chmod 755` before `zip`, or `cargo lambdapack pack SCRIPT`

$ cargo lambdapack check function.zip
refused   function.zip  zip ?  10 B -> 136 B
          [HASH]
  refused[not-executable]: it has extensions/mon with mode 0711, so the interpreter cannot read the script
    help: package it again with mode 0755: run `chmod 755` before `zip`, or `cargo lambdapack pack SCRIPT`

$ cargo lambdapack check function.zip
refused   function.zip  zip ?  10 B -> 136 B
          [HASH]
  refused[not-executable]: it has extensions/mon with mode 0711, so the interpreter cannot read the script
    help: package it again with mode 0755: run `chmod 755` before `zip`, or `cargo lambdapack pack SCRIPT`

$ cargo lambdapack check function.zip
refused   function.zip  zip ?  10 B -> 136 B
          [HASH]
  refused[not-executable]: it has extensions/mon with mode 0733, so the interpreter cannot read the script
    help: package it again with mode 0755: run `chmod 755` before `zip`, or `cargo lambdapack pack SCRIPT`


"#]]);
    let mut zip = good();
    zip.entries[0].mode = 0o100_711;
    checked("function.zip", zip.bytes()).finds(0, &[]);
}

#[test]
fn other_programs_without_an_execute_bit_are_warnings() {
    let program = |name: &str| Entry::deflated(name, &Program::arm().bytes());
    let zip = with(&[
        program("bin/tool"),
        script("run.sh", 0o644),
        script("start", 0o644),
    ]);
    checked("function.zip", zip.bytes())
        .finds(0, &["no-execute-bit"])
        .stdout_eq(str![[r#"
warning   function.zip  zip arm64  1.1 kB -> 898 B
          [HASH]
  warning[no-execute-bit]: it has the programs bin/tool, run.sh, and start with mode 0644, so the function cannot start them
    help: give programs that the function starts mode 0755: run `chmod +x` before `zip`

"#]]);
    // Libraries are not started, and modules of other languages are only read.
    let zip = with(&[program("lib/libx.so.1"), script("tool.py", 0o644)]);
    checked("function.zip", zip.bytes()).finds(0, &[]);
    // A zip by a Windows tool has no modes at all: one cause, one finding.
    let mut zip = with(&[program("bin/tool")]);
    zip.entries.iter_mut().for_each(|entry| entry.made_by = 0);
    checked("function.zip", zip.bytes()).finds(104, &["not-unix"]);
}
