//! The `check` command: its options, its output, and its exit codes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cargo_lambdapack::internals::FindingCode;
use sha2::{Digest, Sha256};
use snapbox::str;

use crate::support::image::Program;
use crate::support::zip::{Entry, Zip};
use crate::support::{Sandbox, Transcript, snapshot};

/// A zip that Lambda can run.
pub(super) fn good() -> Zip {
    Zip::of([Entry::bootstrap(&Program::arm().bytes())])
}

/// A zip whose bootstrap is not executable.
fn not_executable() -> Zip {
    let mut zip = good();
    zip.entries[0].mode = 0o100_644;
    zip
}

#[test]
fn a_valid_zip_is_ok_and_its_hash_and_architecture_are_printed() {
    let sandbox = Sandbox::new();
    let bytes = good().bytes();
    let hash = STANDARD.encode(Sha256::digest(&bytes));
    let ran = sandbox.check_bytes("good.zip", bytes).finds(0, &[]);
    let ran = ran.prints(&hash).stdout_eq(str![[r#"
ok        good.zip  zip arm64  562 B -> 364 B
          [HASH]

"#]]);
    assert!(ran.stderr.is_empty(), "{ran}");
    assert!(sandbox.calls().is_empty());
}

#[test]
fn a_missing_file_argument_is_a_usage_error() {
    Sandbox::new().check(&[]).ends_with(2);
}

#[test]
fn all_files_are_reported_and_the_worst_determines_the_exit_code() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("good.zip", good().bytes());
    sandbox.write_bytes("bad.zip", not_executable().bytes());
    sandbox.write_bytes("cut.zip", &good().bytes()[..50]);
    sandbox.write_bytes("noted.zip", good().bytes());
    sandbox.write("noted.zip.base64sha256", "");
    let large = fs_err::File::create(sandbox.path("large")).unwrap();
    large.set_len(262_144_001).unwrap();
    let mut transcript = Transcript::default();
    for (files, code) in [
        (&["good.zip", "good.zip"][..], 0),
        (&["good.zip", "noted.zip"], 106),
        (&["large", "noted.zip", "good.zip"], 105),
        (&["bad.zip", "large", "noted.zip"], 104),
        (&["noted.zip", "large", "cut.zip", "bad.zip"], 103),
    ] {
        let ran = sandbox.check(files).ends_with(code);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check good.zip good.zip
ok        good.zip  zip arm64  562 B -> 364 B
          [HASH]
ok        good.zip  zip arm64  562 B -> 364 B
          [HASH]

$ cargo lambdapack check good.zip noted.zip
ok        good.zip  zip arm64  562 B -> 364 B
          [HASH]
different noted.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that contains no hash
    help: write `[HASH]` without a newline, or package the function again

$ cargo lambdapack check large noted.zip good.zip
limit     large  program ?  262.1 MB
  limit[too-large]: it has 262144001 bytes, but Lambda unpacks at most 262144000 (250 MiB)
    help: strip it, or deploy a container image, which can have up to 10 GB
different noted.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that contains no hash
    help: write `[HASH]` without a newline, or package the function again
ok        good.zip  zip arm64  562 B -> 364 B
          [HASH]

$ cargo lambdapack check bad.zip large noted.zip
refused   bad.zip  zip arm64  562 B -> 364 B
          [HASH]
  refused[not-executable]: it has bootstrap with mode 0644, so it is not executable
    help: package it again with mode 0755: run `chmod +x` before `zip`, or `cargo lambdapack pack BINARY`
limit     large  program ?  262.1 MB
  limit[too-large]: it has 262144001 bytes, but Lambda unpacks at most 262144000 (250 MiB)
    help: strip it, or deploy a container image, which can have up to 10 GB
different noted.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that contains no hash
    help: write `[HASH]` without a newline, or package the function again

$ cargo lambdapack check noted.zip large cut.zip bad.zip
different noted.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that contains no hash
    help: write `[HASH]` without a newline, or package the function again
limit     large  program ?  262.1 MB
  limit[too-large]: it has 262144001 bytes, but Lambda unpacks at most 262144000 (250 MiB)
    help: strip it, or deploy a container image, which can have up to 10 GB
damaged   cut.zip  zip ?  ? -> 50 B
          [HASH]
  damaged[damaged]: it has no end of central directory record, so it is truncated or not a zip
    help: create it again, and check that it was copied completely
refused   bad.zip  zip arm64  562 B -> 364 B
          [HASH]
  refused[not-executable]: it has bootstrap with mode 0644, so it is not executable
    help: package it again with mode 0755: run `chmod +x` before `zip`, or `cargo lambdapack pack BINARY`


"#]]);
}

#[test]
fn json_lists_every_file_with_finding_codes_and_levels() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("good.zip", good().bytes());
    sandbox.write_bytes("bad.zip", not_executable().bytes());
    sandbox.write("run.sh", "#!/bin/sh\n");
    let args = ["good.zip", "bad.zip", "run.sh", "--message-format", "json"];
    let report = sandbox.check(&args).ends_with(104).json();
    assert_eq!(report["version"], 1);
    let [good, bad, script] = &report["files"].as_array().unwrap()[..] else {
        panic!("{report}");
    };
    assert_eq!(good["path"], sandbox.path("good.zip").to_str().unwrap());
    assert_eq!(
        (&good["kind"], &good["arch"]),
        (&"zip".into(), &"arm64".into())
    );
    assert_eq!(good["entries"], serde_json::json!(["bootstrap"]));
    assert_eq!(good["unzipped"], Program::arm().bytes().len());
    assert_eq!(good["findings"], serde_json::json!([]));
    assert_eq!(script["kind"], "script");
    assert_eq!(script["code_sha256"], serde_json::Value::Null);
    let finding = &bad["findings"][0];
    assert_eq!(finding["code"], "not-executable");
    assert_eq!(finding["level"], "refused");
    assert!(finding["what"].as_str().unwrap().contains("0644"));
    assert!(finding["help"].as_str().unwrap().contains("0755"));
}

/// Scripts rely on these names.
#[test]
fn finding_codes_are_unique() {
    let mut names: Vec<_> = FindingCode::ALL
        .iter()
        .map(|(code, _)| code.name())
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn a_zip_must_match_the_given_architecture() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("good.zip", good().bytes());
    let args = ["good.zip", "--arch", "x86_64"];
    sandbox
        .check(&args)
        .finds(104, &["wrong-architecture"])
        .stdout_eq(str![[r#"
refused   good.zip  zip x86_64  562 B -> 364 B
          [HASH]
  refused[wrong-architecture]: it has bootstrap, which is built for arm64, but the function uses x86_64
    help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper

"#]]);
}

#[test]
fn unknown_runtimes_are_usage_errors() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("good.zip", good().bytes());
    let mut transcript = Transcript::default();
    for runtime in ["go1.x", "provided", "provided.al2024"] {
        let args = ["good.zip", "--runtime", runtime];
        sandbox.check(&args).ends_with(2).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check good.zip --runtime go1.x
error: invalid value 'go1.x' for '--runtime <RUNTIME>': Lambda no longer supports `go1.x` (Amazon Linux 1, ended 2024-01-08); to migrate, set the function's runtime to `provided.al2023` and its handler to `bootstrap`, then deploy a zip built with `--runtime provided.al2023`

For more information, try '--help'.

$ cargo lambdapack check good.zip --runtime provided
error: invalid value 'provided' for '--runtime <RUNTIME>': Lambda no longer supports `provided` (Amazon Linux 1, ended 2024-01-08); to migrate, set the function's runtime to `provided.al2023` and its handler to `bootstrap`, then deploy a zip built with `--runtime provided.al2023`

For more information, try '--help'.

$ cargo lambdapack check good.zip --runtime provided.al2024
error: invalid value 'provided.al2024' for '--runtime <RUNTIME>': `provided.al2024` is not a custom runtime of Lambda; use `provided.al2023` or `provided.al2` (deprecated)

For more information, try '--help'.


"#]]);
}

#[test]
fn a_deprecated_runtime_is_reported_as_when_packaging() {
    let sandbox = Sandbox::new();
    let fixed = Program::fixed(crate::support::image::AARCH64).bytes();
    sandbox.write_bytes("old.zip", Zip::of([Entry::bootstrap(&fixed)]).bytes());
    let args = ["old.zip", "--runtime", "provided.al2"];
    let ran = sandbox.check(&args).ok();
    let printed = ran.stdout.clone() + &ran.stderr;
    assert!(printed.contains("deprecated since 2026-07-31"), "{ran}");
}

#[test]
fn a_missing_file_is_named_and_counts_as_a_read_error() {
    let ran = Sandbox::new().check(&["absent.zip"]).ends_with(103);
    ran.stdout_eq(str![[r#"
damaged   absent.zip  no file
  damaged[no-file]: it does not exist
    help: check the path and the file's permissions

"#]]);
}

#[test]
fn unreadable_files_do_not_hide_findings_of_others() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("bad.zip", not_executable().bytes());
    sandbox.write("folder/file", "");
    let args = ["absent.zip", "folder", "bad.zip", "missing"];
    let ran = sandbox.check(&args).ends_with(103);
    let printed = ran.stdout.clone() + &ran.stderr;
    for word in ["absent.zip", "folder", "not-executable", "missing"] {
        assert!(printed.contains(word), "{word}: {ran}");
    }
}

#[test]
fn a_folder_is_rejected() {
    let sandbox = Sandbox::new();
    sandbox.write("folder.zip/file", "");
    let ran = sandbox.check(&["folder.zip"]).ends_with(103);
    ran.stdout_eq(str![[r#"
damaged   folder.zip  no file
  damaged[no-file]: it is not a file
    help: check the path and the file's permissions

"#]]);
}

/// Nothing writes to this pipe, so opening it for reading would block forever.
#[cfg(unix)]
#[test]
fn a_pipe_is_rejected_without_blocking() {
    let sandbox = Sandbox::new();
    let pipe = sandbox.path("pipe.zip");
    let made = sandbox.run_program(
        std::path::Path::new("/bin/sh"),
        &[
            "-c",
            "PATH=/usr/bin:/bin mkfifo \"$0\"",
            pipe.to_str().unwrap(),
        ],
        &[],
    );
    made.ok();
    let ran = sandbox.run_soon(&["check", "pipe.zip"]).ends_with(103);
    ran.stdout_eq(str![[r#"
damaged   pipe.zip  no file
  damaged[no-file]: it is not a file
    help: check the path and the file's permissions

"#]]);
}

/// With a correct hash file, and without one.
#[test]
fn a_correct_or_missing_hash_file_is_accepted() {
    let sandbox = Sandbox::new();
    let bytes = good().bytes();
    let hash = STANDARD.encode(Sha256::digest(&bytes));
    sandbox.check_bytes("good.zip", &bytes).finds(0, &[]);
    sandbox.write("good.zip.base64sha256", &hash);
    sandbox.check(&["good.zip"]).finds(0, &[]);
}

/// Each mistake is named with its own explanation.
#[test]
fn a_wrong_hash_file_is_reported_with_the_reason() {
    let sandbox = Sandbox::new();
    let bytes = good().bytes();
    sandbox.write_bytes("good.zip", &bytes);
    let digest = Sha256::digest(&bytes);
    let right = STANDARD.encode(digest);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let hex88 = STANDARD.encode(&hex);
    assert_eq!((right.len(), hex88.len()), (44, 88));
    let mut transcript = Transcript::default();
    for text in [
        format!("{right}\n"),
        format!("{right}\r\n"),
        format!(" {right}"),
        hex88,
        hex.to_uppercase(),
        format!("{hex}\n"),
        STANDARD.encode(Sha256::digest(b"other")),
        String::new(),
    ] {
        sandbox.write("good.zip.base64sha256", &text);
        let ran = sandbox.check(&["good.zip"]).finds(106, &["sidecar"]);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check good.zip
different good.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that has whitespace around the hash, so Terraform's `file()` never matches
    help: write `[HASH]` without a newline, or package the function again

$ cargo lambdapack check good.zip
different good.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that has whitespace around the hash, so Terraform's `file()` never matches
    help: write `[HASH]` without a newline, or package the function again

$ cargo lambdapack check good.zip
different good.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that has whitespace around the hash, so Terraform's `file()` never matches
    help: write `[HASH]` without a newline, or package the function again

$ cargo lambdapack check good.zip
different good.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that contains 88 characters: the base64 of the hexadecimal text instead of the 32 bytes
    help: write `[HASH]` without a newline, or package the function again

$ cargo lambdapack check good.zip
different good.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that contains the hash in hexadecimal, but Lambda compares base64
    help: write `[HASH]` without a newline, or package the function again

$ cargo lambdapack check good.zip
different good.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that contains the hash in hexadecimal, but Lambda compares base64
    help: write `[HASH]` without a newline, or package the function again

$ cargo lambdapack check good.zip
different good.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that contains the hash of other bytes
    help: write `[HASH]` without a newline, or package the function again

$ cargo lambdapack check good.zip
different good.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that contains no hash
    help: write `[HASH]` without a newline, or package the function again


"#]]);
}

/// `shasum` prints the name after the hash.
#[test]
fn output_of_shasum_is_recognized_as_hexadecimal() {
    let sandbox = Sandbox::new();
    let bytes = good().bytes();
    let hex: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    sandbox.write("good.zip.base64sha256", &format!("{hex}  good.zip\n"));
    let ran = sandbox.check_bytes("good.zip", &bytes);
    ran.finds(106, &["sidecar"]).stdout_eq(str![[r#"
different good.zip  zip arm64  562 B -> 364 B
          [HASH]
  different[sidecar]: it has a hash file that contains the hash in hexadecimal, but Lambda compares base64
    help: write `[HASH]` without a newline, or package the function again

"#]]);
}

/// The function's user is not the owner.
#[test]
fn a_file_that_the_function_cannot_read_is_a_warning() {
    let mut zip = good();
    zip.entries.push(Entry {
        mode: 0o100_600,
        ..Entry::stored("config.json", b"{}")
    });
    let sandbox = Sandbox::new();
    sandbox
        .check_bytes("function.zip", zip.bytes())
        .finds(0, &["unreadable"])
        .stdout_eq(str![[r#"
warning   function.zip  zip arm64  564 B -> 464 B
          [HASH]
  warning[unreadable]: it has config.json with mode 0600, so the function cannot read it
    help: set mode 0755 for programs and folders, and 0644 for other files

"#]]);
}

#[test]
fn check_changes_no_files() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("good.zip", good().bytes());
    sandbox.write_bytes("bad.zip", not_executable().bytes());
    let before = snapshot(sandbox.root());
    sandbox.check(&["good.zip", "bad.zip"]).ends_with(104);
    assert_eq!(snapshot(sandbox.root()), before);
}

/// Only Linux allows such names.
#[cfg(target_os = "linux")]
#[test]
fn a_file_name_that_is_not_utf_8_is_accepted() {
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.zip");
    fs_err::write(sandbox.path("").join(name), good().bytes()).unwrap();
    let ran = sandbox.run_after("set -- check *.zip", &[]).ok();
    ran.stdout_eq(str![[r#"
ok        caf�.zip  zip arm64  562 B -> 364 B
          [HASH]

"#]]);
    let script = "set -- check *.zip --message-format json";
    let report = sandbox.run_after(script, &[]).ok().json();
    assert_eq!(report["files"].as_array().unwrap().len(), 1);
}
