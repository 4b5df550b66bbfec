//! Functions that `invoke` does not start, reported with Lambda's error types.

use serde_json::{Value, json};

use super::invoke::{function, invoke, lines};
use snapbox::str;

use crate::support::image::Program;
use crate::support::zip::{Entry, Zip};
use crate::support::{Sandbox, Transcript};

fn zipped(entries: Vec<Entry>) -> Sandbox {
    let sandbox = function();
    let zip = Zip {
        entries,
        ..Zip::of([])
    };
    sandbox.write_bytes("f.zip", zip.bytes());
    sandbox
}

#[test]
fn a_zip_that_lambda_would_not_run_is_rejected_with_lambdas_error_type() {
    let script = b"#!/bin/sh\necho started >&2\n";
    let not_executable = Entry {
        mode: 0o100_644,
        ..Entry::bootstrap(script)
    };
    let newer = Program {
        versions: &["GLIBC_2.99"],
        ..Program::default()
    };
    let musl = Program {
        loader: Some("/lib/ld-musl-x86_64.so.1"),
        ..Program::default()
    };
    for (entry, kind, code) in [
        (
            not_executable,
            "Runtime.InvalidEntrypoint",
            "[not-executable]",
        ),
        (
            Entry::stored("main", script),
            "Runtime.InvalidEntrypoint",
            "[no-bootstrap]",
        ),
        (
            Entry::bootstrap(b"MZ, of Windows"),
            "Runtime.InvalidEntrypoint",
            "[not-a-program]",
        ),
        (
            Entry::bootstrap(b"#!/usr/bin/python3\r\n"),
            "Runtime.InvalidEntrypoint",
            "[shebang]",
        ),
        (
            Entry::bootstrap(&newer.bytes()),
            "Runtime.ExitError",
            "[glibc]",
        ),
        (
            Entry::bootstrap(&musl.bytes()),
            "Runtime.InvalidEntrypoint",
            "[loader]",
        ),
    ] {
        let sandbox = zipped(vec![entry]);
        let ran = invoke(&sandbox, &json!({}), &[]).ends_with(104);
        let error: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(error["errorType"], kind, "{ran}");
        let errors = lines(&ran, &format!("error: {kind}: "));
        assert!(errors[0].contains(code), "{ran}");
        assert!(
            ran.stderr.contains("pass `--no-check` to start it"),
            "{ran}"
        );
        assert!(lines(&ran, "started").is_empty(), "{ran}");
    }
}

#[test]
fn a_mismatched_architecture_is_rejected() {
    let sandbox = zipped(vec![Entry::bootstrap(&Program::arm().bytes())]);
    let ran = invoke(&sandbox, &json!({}), &["--arch", "x86_64"]).ends_with(104);
    assert!(
        lines(&ran, "error: Runtime.Inv")[0].contains("[wrong-architecture]"),
        "{ran}"
    );
}

#[test]
fn a_program_started_anyway_fails_as_check_predicted() {
    let not_executable = Entry {
        mode: 0o100_644,
        ..Entry::bootstrap(b"#!/bin/sh\n")
    };
    for (entry, what) in [
        (not_executable, "permission denied"),
        (Entry::bootstrap(b"\x7fELF, cut off"), "exec format error"),
        (
            Entry::bootstrap(b"#!/nowhere/sh\n"),
            "no such file or directory",
        ),
        (Entry::stored("main", b""), "no such file or directory"),
    ] {
        let ran = invoke(&zipped(vec![entry]), &json!({}), &["--no-check"]).ends_with(104);
        let error: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(error["errorType"], "Runtime.InvalidEntrypoint", "{ran}");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(
            message.ends_with(&format!("fork/exec /var/task/bootstrap: {what}")),
            "{ran}"
        );
        assert_eq!(lines(&ran, "INIT_REPORT").len(), 1, "{ran}");
    }
}

#[test]
fn a_zip_that_escapes_its_folder_is_not_unpacked() {
    let start = || Entry::bootstrap(b"#!/bin/sh\n");
    for (entries, code) in [
        (vec![start(), Entry::stored("../out", b"x")], 104),
        (vec![start(), Entry::stored("/tmp/out", b"x")], 104),
        (vec![start(), Entry::link("out", "/etc")], 104),
        (vec![start(), Entry::link("out", "../..")], 104),
        // A file below a symlink that precedes it.
        (
            vec![
                start(),
                Entry::link("out", "a"),
                Entry::stored("out/b", b"x"),
            ],
            103,
        ),
        (
            vec![
                start(),
                Entry::stored("a", b"x"),
                Entry::stored("a/b", b"x"),
            ],
            103,
        ),
    ] {
        let names: Vec<_> = entries.iter().map(|entry| entry.name.clone()).collect();
        let sandbox = zipped(entries);
        let ran = invoke(&sandbox, &json!({}), &["--no-check"]);
        assert_eq!(ran.code, Some(code), "{names:?} {ran}");
        assert!(lines(&ran, "INIT_REPORT").is_empty(), "{ran}");
    }
}

#[test]
fn a_bootstrap_symlink_is_followed() {
    let sandbox = function();
    let function = sandbox.root().join("bin/function");
    let script = format!("#!/bin/sh\nexec '{}'\n", function.display());
    let main = Entry {
        name: b"bin/main".to_vec(),
        ..Entry::bootstrap(script.as_bytes())
    };
    for target in ["bin/main", "/var/task/bin/main", "./bin/../bin/main"] {
        let entries = [Entry::link("bootstrap", target), main.clone()];
        sandbox.write_bytes("f.zip", Zip::of(entries).bytes());
        invoke(&sandbox, &json!({}), &[]).ok();
    }
}

#[test]
fn an_event_that_is_not_json_is_a_usage_error() {
    let sandbox = function();
    sandbox.write("event.txt", "hello");
    let mut transcript = Transcript::default();
    for data in ["{", "hello", "", "@event.txt"] {
        let ran = sandbox.run(&["invoke", "f.zip", "-d", data]).ends_with(2);
        let ran = ran.record(&mut transcript);
        assert!(lines(&ran, "begun").is_empty(), "{ran}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack invoke f.zip -d {
error: `--data` is not valid JSON: EOF while parsing an object at line 1 column 1
help: put strings in double quotes, as in `--data '"text"'`; to read the event from a file, pass `--data @FILE`

$ cargo lambdapack invoke f.zip -d hello
error: `--data` is not valid JSON: expected value at line 1 column 1
help: put strings in double quotes, as in `--data '"text"'`; to read the event from a file, pass `--data @FILE`

$ cargo lambdapack invoke f.zip -d
error: `--data` is not valid JSON: EOF while parsing a value at line 1 column 0
help: put strings in double quotes, as in `--data '"text"'`; to read the event from a file, pass `--data @FILE`

$ cargo lambdapack invoke f.zip -d @event.txt
error: `[ROOT]/project/event.txt` is not valid JSON: expected value at line 1 column 1
help: put strings in double quotes, as in `--data '"text"'`; to read the event from a file, pass `--data @FILE`


"#]]);
    sandbox
        .run(&["invoke", "f.zip", "-d", "@absent"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: cannot read the event: failed to open file `[ROOT]/project/absent`: No such file or directory (os error 2)
help: check that it is a file and that you can read it

"#]]);
    sandbox
        .run(&["invoke", "f.zip", "--event", "sqsx"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: invalid value 'sqsx' for '--event <NAME>'
  [possible values: activemq, alb, [..], websocket-connect]

  tip: a similar value exists: 'sqs'

For more information, try '--help'.

"#]]);
}

#[test]
fn reserved_and_invalid_variables_are_rejected() {
    let sandbox = function();
    for variable in ["_HANDLER=x", "AWS_LAMBDA_RUNTIME_API=x", "=x", "A"] {
        let ran = invoke(&sandbox, &json!({}), &["--env", variable]).ends_with(2);
        assert!(lines(&ran, "begun").is_empty(), "{ran}");
    }
    sandbox.write("vars", "A=b\nno\n");
    let ran = invoke(&sandbox, &json!({}), &["--env-file", "vars"]).ends_with(2);
    ran.stderr_eq(str![[r#"
error: [ROOT]/project/vars:2: missing `=`
help: write each variable as `NAME=value`

"#]]);
}

#[test]
fn a_file_that_is_not_a_zip_is_a_read_error() {
    let sandbox = function();
    sandbox.write("f.zip", "hello");
    invoke(&sandbox, &json!({}), &[])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: [ROOT]/project/f.zip has no end of central directory record, so it is truncated or not a zip [damaged]
help: create it again, and check that it was copied completely

"#]])
        .says_nothing_of("--no-check");
    sandbox
        .run(&["invoke", "absent.zip"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `absent.zip` does not exist
help: pass the path of a zip, or the name of a function in this project; run `cargo lambdapack` to package functions

"#]]);
}

/// The program by the fake cargo only looks like a valid one.
#[test]
fn a_packaged_function_is_found_by_its_name() {
    let sandbox = Sandbox::packed_once();
    let ran = sandbox.run(&["invoke", "orders"]);
    ran.says("error: orders: Runtime.");
    sandbox
        .run(&["invoke", "ordes"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: no packaged function or zip is called `ordes`
help: did you mean `orders`?

"#]]);
}

/// The zip for this machine's architecture is chosen.
#[test]
fn a_function_packaged_for_both_architectures_needs_no_option() {
    let sandbox = Sandbox::orders();
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    let ran = sandbox.run(&["invoke", "orders"]);
    let ran = ran.says("error: orders: Runtime.");
    assert!(!ran.stderr.contains("qemu"), "{ran}");
}

#[test]
fn missing_files_and_missing_projects_are_reported_as_such() {
    let sandbox = function();
    let mut transcript = Transcript::default();
    for (zip, code) in [(".", 2), ("..", 2), ("/dev/null", 2), ("orders", 102)] {
        let ran = sandbox.run(&["invoke", zip]).ends_with(code);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack invoke .
error: `.` is a folder
help: pass the path of a zip, or the name of a function in this project; run `cargo lambdapack` to package functions

$ cargo lambdapack invoke ..
error: `..` is a folder
help: pass the path of a zip, or the name of a function in this project; run `cargo lambdapack` to package functions

$ cargo lambdapack invoke /dev/null
error: `/dev/null` is not a file
help: pass the path of a zip, or the name of a function in this project; run `cargo lambdapack` to package functions

$ cargo lambdapack invoke orders
error: the zip `orders` does not exist; no Cargo.toml or go.mod in `[ROOT]/project`, its parents, or the folders below it
help: pass the path of a zip, run this in the function's project, or pass the folder of the results with `--out-dir DIR`


"#]]);
}

#[test]
fn an_unreadable_file_and_a_full_disk_get_different_help() {
    let mut sandbox = function();
    let mut transcript = Transcript::default();
    for args in [["-d", "@nowhere.json"], ["--env-file", "nowhere"]] {
        let ran = sandbox.run(&[&["invoke", "f.zip"], &args[..]].concat());
        ran.ends_with(103).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack invoke f.zip -d @nowhere.json
error: cannot read the event: failed to open file `[ROOT]/project/nowhere.json`: No such file or directory (os error 2)
help: check that it is a file and that you can read it

$ cargo lambdapack invoke f.zip --env-file nowhere
error: cannot read the function's environment variables: failed to open file `[ROOT]/project/nowhere`: No such file or directory (os error 2)
help: pass a UTF-8 text file to `--env-file`


"#]]);
    sandbox.set("TMPDIR", "/nowhere");
    let ran = sandbox.run(&["invoke", "f.zip"]).ends_with(103);
    ran.stderr_eq(str![[r#"
error: cannot create a temporary folder for the function: No such file or directory (os error 2) at path "/nowhere/lambdapack-task-[RANDOM]"
help: set `TMPDIR` to a writable folder on a disk with enough free space

"#]]);
}

#[test]
fn a_response_that_cannot_be_written_is_reported_as_a_stdout_error() {
    let sandbox = function();
    let ran = sandbox.run_after("exec >/dev/full", &["invoke", "f.zip"]);
    let ran = ran.ends_with(103);
    ran.messages_eq(str![[r#"
error: cannot write to stdout: No space left on device (os error 28)
help: free some disk space, or choose another path

"#]]);
}

/// Useless advice is not given: neither to free space nor to start it anyway.
#[test]
fn invalid_file_names_are_reported_as_such() {
    let file_and_folder = || [Entry::stored("a", b""), Entry::stored("a/b", b"")];
    let mut transcript = Transcript::default();
    for (entries, code) in [
        (file_and_folder().into(), 103),
        (vec![Entry::stored("n".repeat(300), b"")], 103),
        (vec![Entry::stored("../a", b"")], 104),
    ] {
        let bootstrap = Entry::bootstrap(b"#!/bin/sh\nexit 1\n");
        let all = std::iter::once(bootstrap).chain(entries).collect();
        let ran = invoke(&zipped(all), &json!({}), &[]).ends_with(code);
        transcript.add(&ran);
        for useless in ["set TMPDIR", "--no-check"] {
            assert!(!ran.stderr.contains(useless), "{useless}: {ran}");
        }
    }
    transcript.eq(str![[r#"
$ cargo lambdapack invoke f.zip --data {}
error: cannot unpack `a/b` from `[ROOT]/project/f.zip`: failed to create directory `[ROOT]/temporary/lambdapack-task-[RANDOM]/a`: File exists (os error 17)
help: check that no name in the zip is longer than 255 bytes, and that no name is both a file and a folder

$ cargo lambdapack invoke f.zip --data {}
error: cannot unpack `nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn` from `[ROOT]/project/f.zip`: failed to open file `[ROOT]/temporary/lambdapack-task-[RANDOM]/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn`: File name too long (os error 36)
help: check that no name in the zip is longer than 255 bytes, and that no name is both a file and a folder

$ cargo lambdapack invoke f.zip --data {}
error: [ROOT]/project/f.zip has an entry `../a` whose name leads outside of the folder [name]
help: create it again with relative names that use `/` and UTF-8


"#]]);
}
