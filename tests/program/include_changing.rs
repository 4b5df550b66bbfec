//! Included paths that are not regular files, cannot be read, change during the run, or are too
//! large.

use snapbox::str;

use crate::support::{Ran, Sandbox, Transcript, names};

/// Asserts that the output folder is empty.
#[track_caller]
fn leaves_nothing(sandbox: &Sandbox, ran: Ran, code: i32) -> Ran {
    let ran = ran.ends_with(code);
    assert!(ran.stdout.is_empty(), "{ran}");
    assert!(sandbox.results().is_empty(), "{:?}", sandbox.results());
    for path in sandbox.snapshot().keys() {
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(!name.contains("-tmp-"), "{}", path.display());
    }
    ran
}

#[test]
fn special_files_are_rejected_without_blocking() {
    let sandbox = Sandbox::orders();
    fs_err::create_dir(sandbox.path("a")).unwrap();
    fifo(&sandbox, "a/pipe");
    let socket = sandbox.path("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let mut transcript = Transcript::default();
    for word in ["a/pipe", "a", "a/*", "socket", "/dev/zero=z", "/dev/null=z"] {
        let ran = leaves_nothing(&sandbox, sandbox.run_soon(&["--include", word]), 103);
        transcript.add(&ran);
        assert!(sandbox.calls_of("cargo build").is_empty(), "{word}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include a/pipe
error: `[ROOT]/project/a/pipe` is a pipe, not a file
help: omit it

$ cargo lambdapack --include a
error: `[ROOT]/project/a/pipe` is a pipe, not a file
help: omit it

$ cargo lambdapack --include a/*
error: `[ROOT]/project/a/pipe` is a pipe, not a file
help: omit it

$ cargo lambdapack --include socket
error: `[ROOT]/project/socket` is a socket, not a file
help: omit it

$ cargo lambdapack --include /dev/zero=z
error: `/dev/zero` is a device, not a file
help: omit it

$ cargo lambdapack --include /dev/null=z
error: `/dev/null` is a device, not a file
help: omit it


"#]]);
}

/// These files report a size of zero but have content; some cannot be read at all.
#[cfg(target_os = "linux")]
#[test]
fn files_in_proc_are_rejected_without_blocking() {
    let sandbox = Sandbox::orders();
    let mut transcript = Transcript::default();
    for file in ["/proc/version", "/proc/self/mem", "/proc/self/maps"] {
        let word = format!("{file}=x");
        let ran = leaves_nothing(&sandbox, sandbox.run_soon(&["--include", &word]), 103);
        // By then, `self` refers to another process.
        transcript.add(&ran);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include /proc/version=x
error: `/proc/version` reports a size of 0 bytes, but is not empty
help: include a regular copy of the file instead

$ cargo lambdapack --include /proc/self/mem=x
error: failed to read from file `/proc/self/mem`: Input/output error (os error 5)
help: make it readable, or omit it

$ cargo lambdapack --include /proc/self/maps=x
error: `/proc/self/maps` reports a size of 0 bytes, but is not empty
help: include a regular copy of the file instead


"#]]);
}

#[test]
fn unreadable_files_are_named() {
    use std::os::unix::fs::PermissionsExt;

    let mut transcript = Transcript::default();
    for (inside, word) in [
        ("a/x", "a"),
        ("a/x", "a/x"),
        ("a/d/x", "a"),
        ("a/d/x", "a/**"),
    ] {
        let sandbox = Sandbox::orders();
        sandbox.write(inside, "secret");
        let closed = match inside {
            "a/d/x" => "a/d",
            file => file,
        };
        let none = PermissionsExt::from_mode(0o000);
        fs_err::set_permissions(sandbox.path(closed), none).unwrap();
        let ran = sandbox.run_bound(&["--include", word]);
        let open = PermissionsExt::from_mode(0o755);
        fs_err::set_permissions(sandbox.path(closed), open).unwrap();
        // Skipped if root's privileges cannot be dropped.
        let Some(ran) = ran else { return };
        leaves_nothing(&sandbox, ran, 103).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
error: failed to open file `[ROOT]/project/a/x`: Permission denied (os error 13)
help: make it readable, or omit it

$ cargo lambdapack
error: failed to open file `[ROOT]/project/a/x`: Permission denied (os error 13)
help: make it readable, or omit it

$ cargo lambdapack
error: failed to read directory `[ROOT]/project/a/d`: Permission denied (os error 13)
help: make it readable, or omit it

$ cargo lambdapack
error: failed to read directory `[ROOT]/project/a/d`: Permission denied (os error 13)
help: make it readable, or omit it


"#]]);
}

/// The compiler runs between listing the files and writing the zip.
#[test]
fn a_file_that_changes_while_the_compiler_runs_is_an_error() {
    let mut transcript = Transcript::default();
    for script in [
        "echo longer >> a/x",
        "echo ONE > a/x",
        "/bin/rm a/x",
        "/bin/rm a/x; /bin/mkdir a/x",
        "echo ONE > a/y; /bin/mv a/y a/x",
    ] {
        let sandbox = Sandbox::orders();
        sandbox.write("a/x", "one\n");
        sandbox.before(
            "cargo",
            &format!("if [ \"$1\" = build ]; then {script}; fi"),
        );
        let ran = sandbox.run_soon(&["--include", "a"]);
        leaves_nothing(&sandbox, ran, 103).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include a
error: `[ROOT]/project/a/x` changed while it was read
help: make sure that nothing writes to it, and run again

$ cargo lambdapack --include a
error: `[ROOT]/project/a/x` changed while it was read
help: make sure that nothing writes to it, and run again

$ cargo lambdapack --include a
error: `[ROOT]/project/a/x` changed while it was read
help: make sure that nothing writes to it, and run again

$ cargo lambdapack --include a
error: `[ROOT]/project/a/x` changed while it was read
help: make sure that nothing writes to it, and run again

$ cargo lambdapack --include a
error: `[ROOT]/project/a/x` changed while it was read
help: make sure that nothing writes to it, and run again


"#]]);
}

/// Opening it blocks until another process writes.
#[test]
fn a_file_that_becomes_a_pipe_is_rejected_without_blocking() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/x", "one\n");
    let script = "if [ \"$1\" = build ]; then /bin/rm a/x; /usr/bin/mkfifo a/x; fi";
    sandbox.before("cargo", script);
    let ran = sandbox.run_soon(&["--include", "a"]);
    leaves_nothing(&sandbox, ran, 103).stderr_eq(str![[r#"
error: `[ROOT]/project/a/x` changed while it was read
help: make sure that nothing writes to it, and run again

"#]]);
}

/// The previous zip is kept.
#[test]
fn a_change_during_the_run_keeps_the_old_zip() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/x", "one\n");
    sandbox.run(&["--include", "a"]).ok();
    let before = sandbox.snapshot();
    sandbox.append("src/main.rs", "// changed");
    sandbox.before("cargo", "if [ \"$1\" = build ]; then echo >> a/x; fi");
    sandbox.run(&["--include", "a"]).ends_with(103);
    assert_eq!(sandbox.snapshot(), before);
}

/// The reported size decides, because reading would take too long.
#[test]
fn files_over_lambdas_unpacked_limit_are_rejected_unread() {
    let sandbox = Sandbox::orders();
    // `run_soon` is too short to read a terabyte.
    sandbox.write_sparse("large", 1 << 40);
    sandbox.write_sparse("half", 131_072_000);
    let mut transcript = Transcript::default();
    for words in [
        &["large"][..],
        &["large", "large=again"],
        &["half", "half=other"],
        &["half=1", "half=2", "half=3"],
    ] {
        let words: Vec<_> = words.iter().flat_map(|word| ["--include", word]).collect();
        let ran = leaves_nothing(&sandbox, sandbox.run_soon(&words), 105);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include large
error: orders (x86_64): `[ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders` and the included files have 1099511628050 bytes, but Lambda unpacks at most 262144000 (250 MiB)
help: strip the program, include fewer files, or deploy a container image (up to 10 GB); pass `--allow-oversize` to package it anyway

$ cargo lambdapack --include large --include large=again
error: orders (x86_64): `[ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders` and the included files have 2199023255826 bytes, but Lambda unpacks at most 262144000 (250 MiB)
help: strip the program, include fewer files, or deploy a container image (up to 10 GB); pass `--allow-oversize` to package it anyway

$ cargo lambdapack --include half --include half=other
error: orders (x86_64): `[ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders` and the included files have 262144274 bytes, but Lambda unpacks at most 262144000 (250 MiB)
help: strip the program, include fewer files, or deploy a container image (up to 10 GB); pass `--allow-oversize` to package it anyway

$ cargo lambdapack --include half=1 --include half=2 --include half=3
error: orders (x86_64): `[ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders` and the included files have 393216274 bytes, but Lambda unpacks at most 262144000 (250 MiB)
help: strip the program, include fewer files, or deploy a container image (up to 10 GB); pass `--allow-oversize` to package it anyway


"#]]);
}

/// The sum of three of the largest files exceeds 64 bits.
#[test]
fn sizes_that_overflow_exceed_the_limit() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/0", "");
    // On ext4, no file is larger than the last one.
    let set = |size: u64| {
        let file = fs_err::File::create(sandbox.path("a/0")).unwrap();
        file.set_len(size).is_ok()
    };
    let sizes = [(1 << 63) - 65_536, (1 << 44) - 65_536, 1 << 40];
    assert!(sizes.into_iter().any(set));
    let ran = sandbox.run_soon(&["--include", "a", "--include", "a=b", "--include", "a=c"]);
    leaves_nothing(&sandbox, ran, 105).stderr_eq(str![[r#"
error: orders (x86_64): `[ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders` and the included files have 52776557936914 bytes, but Lambda unpacks at most 262144000 (250 MiB)
help: strip the program, include fewer files, or deploy a container image (up to 10 GB); pass `--allow-oversize` to package it anyway

"#]]);
}

/// No option allows a zip of more than 4 GiB, and the check needs no additional memory.
#[test]
fn contents_over_the_zip_limit_are_rejected_even_with_allow_oversize() {
    let sandbox = Sandbox::orders();
    sandbox.write_sparse("large", 5 << 30);
    let args = ["--allow-oversize", "--include", "large"];
    let ran = sandbox.run_after("ulimit -v 4000000", &args);
    assert!([Some(103), Some(105)].contains(&ran.code), "{ran}");
    ran.stderr_eq(str![[r#"
error: orders (x86_64): 5368709394 bytes exceed the 4 GiB that a zip can contain
help: deploy a container image (up to 10 GB)

"#]]);
    assert!(sandbox.results().is_empty());
}

/// Packaging the large file would take long, so the test adds another error. The size must not
/// be reported.
#[test]
fn with_allow_oversize_the_size_is_not_an_error() {
    let sandbox = Sandbox::with_main();
    sandbox.write_sparse("large", 262_144_000);
    sandbox.write("x", "text");
    let args = ["pack", "main", "large", "x=extensions/x"];
    let ran = sandbox.run_soon(&args).ends_with(105);
    ran.stderr_eq(str![[r#"
error: main (x86_64): `[ROOT]/project/main` and the included files have 262144224 bytes, but Lambda unpacks at most 262144000 (250 MiB)
help: strip the program, include fewer files, or deploy a container image (up to 10 GB); pass `--allow-oversize` to package it anyway

"#]]).says_nothing_of("extensions/x");
    let ran = sandbox.run_soon(&[&args[..], &["--allow-oversize"]].concat());
    ran.ends_with(104).says_nothing_of("262144000");
    assert!(!sandbox.exists("main.zip"));
}

#[test]
fn a_zip_over_the_direct_upload_limit_is_packaged_with_a_warning() {
    let sandbox = Sandbox::with_main();
    for (size, warned) in [(52_428_800, true), (1_000_000, false)] {
        sandbox.write_sparse("large", size);
        let store = ["--compression", "store"];
        let args = [&["pack", "main", "large"][..], &store].concat();
        let ran = sandbox.run(&args).ok();
        assert_eq!(ran.stderr.contains("through S3"), warned, "{ran}");
        assert_eq!(ran.stderr.contains("allows only 52428800"), warned, "{ran}");
        assert_eq!(names(&sandbox.path("main.zip")), ["bootstrap", "large"]);
    }
}

fn fifo(sandbox: &Sandbox, inside: &str) {
    let mkfifo = std::path::Path::new("/usr/bin/mkfifo");
    let place = sandbox.path(inside);
    sandbox
        .run_program(mkfifo, &[place.to_str().unwrap()], &[])
        .ok();
}
