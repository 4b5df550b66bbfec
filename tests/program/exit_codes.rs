//! Every exit code that a caller can see, except 130 and 143, which `interrupt.rs` tests, and
//! 70, which `src/lib.rs` tests.

use snapbox::str;

use crate::support::{Sandbox, Transcript};

#[test]
fn code_0_if_everything_was_packaged() {
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains("orders"));
}

#[test]
fn code_0_for_help_and_version_which_go_to_stdout() {
    let sandbox = Sandbox::new();
    // `docs/reference/commands.md` contains the full text of every help.
    sandbox
        .run(&["--help"])
        .ok()
        .prints("Usage: cargo lambdapack");
    sandbox
        .run(&["lambdapack", "list", "--help"])
        .ok()
        .prints("Usage: cargo lambdapack list");
    sandbox.run(&["--version"]).ok().stdout_eq(str![[r#"
cargo-lambdapack [VERSION]

"#]]);
}

#[test]
fn code_2_for_an_invalid_command_line() {
    let sandbox = Sandbox::orders();
    let mut transcript = Transcript::default();
    for args in [
        &["--nonsense"][..],
        &["--arch", "mips"],
        &["--compression", "much"],
        &["--linker", "nonsense"],
        &["nowhere"],
        &["-q", "-v"],
        &["--out", "a.zip", "--out-dir", "b"],
        &["--print", "hash", "--message-format", "json"],
        &["--release"],
        &["list", "--print", "path"],
        &["--", "--target", "x"],
        &["--cargo-arg=--profile=release"],
    ] {
        let ran = sandbox.run(args).ends_with(2);
        transcript.add(&ran);
        assert!(ran.stdout.is_empty(), "{args:?}: {ran}");
        assert!(sandbox.calls_of("cargo build").is_empty(), "{args:?}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --nonsense
error: unexpected argument '--nonsense' found

Usage: cargo lambdapack [OPTIONS] [PATH]... [-- <ARGS>...]
       cargo lambdapack <COMMAND>

For more information, try '--help'.

$ cargo lambdapack --arch mips
error: invalid value 'mips' for '--arch <ARCH>': `mips` is not an architecture that Lambda supports; use `arm64` or `x86_64`

For more information, try '--help'.

$ cargo lambdapack --compression much
error: invalid value 'much' for '--compression <LEVEL>'
  [possible values: fast, default, best, store]

For more information, try '--help'.

$ cargo lambdapack --linker nonsense
error: invalid value 'nonsense' for '--linker <LINKER>'
  [possible values: auto, system, gcc, zig, lld]

For more information, try '--help'.

$ cargo lambdapack nowhere
error: `nowhere` is neither a command nor an existing path
help: paths are relative to the current folder; run `cargo lambdapack --help` for a list of commands

$ cargo lambdapack -q -v
error: the argument '--quiet' cannot be used with '--verbose'

Usage: cargo lambdapack --quiet [PATH]... [-- <ARGS>...]

For more information, try '--help'.

$ cargo lambdapack --out a.zip --out-dir b
error: the argument '--out <FILE>' cannot be used with '--out-dir <DIR>'

Usage: cargo lambdapack --out <FILE> [PATH]... [-- <ARGS>...]

For more information, try '--help'.

$ cargo lambdapack --print hash --message-format json
error: the argument '--print <WHAT>' cannot be used with '--message-format <FMT>'

Usage: cargo lambdapack --print <WHAT> [PATH]... [-- <ARGS>...]

For more information, try '--help'.

$ cargo lambdapack --release
error: `--release` is not supported
help: the default profile is already optimized; pass `--profile release` to use Cargo's own

$ cargo lambdapack list --print path
error: `--print` has no results to show with `list`, `doctor`, or `--dry-run`
help: omit `--print`, or pass `--message-format json` for every field

$ cargo lambdapack -- --target x
error: `--target` cannot be passed to cargo, because cargo-lambdapack sets it
help: pass `--arch`

$ cargo lambdapack --cargo-arg=--profile=release
error: `--profile=release` cannot be passed to cargo, because cargo-lambdapack sets it
help: pass `--profile` before `--`


"#]]);
}

#[test]
fn code_2_for_an_unknown_or_retired_runtime() {
    let sandbox = Sandbox::orders();
    sandbox
        .run(&["--runtime", "nodejs22.x"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: invalid value 'nodejs22.x' for '--runtime <RUNTIME>': `nodejs22.x` is not a custom runtime of Lambda; use `provided.al2023` or `provided.al2` (deprecated)

For more information, try '--help'.

"#]]);
    let mut transcript = Transcript::default();
    for ended in ["go1.x", "provided"] {
        sandbox
            .run(&["--runtime", ended])
            .ends_with(2)
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --runtime go1.x
error: invalid value 'go1.x' for '--runtime <RUNTIME>': Lambda no longer supports `go1.x` (Amazon Linux 1, ended 2024-01-08); to migrate, set the function's runtime to `provided.al2023` and its handler to `bootstrap`, then deploy a zip built with `--runtime provided.al2023`

For more information, try '--help'.

$ cargo lambdapack --runtime provided
error: invalid value 'provided' for '--runtime <RUNTIME>': Lambda no longer supports `provided` (Amazon Linux 1, ended 2024-01-08); to migrate, set the function's runtime to `provided.al2023` and its handler to `bootstrap`, then deploy a zip built with `--runtime provided.al2023`

For more information, try '--help'.


"#]]);
}

#[test]
fn code_2_for_a_source_date_epoch_that_is_not_a_number() {
    let mut sandbox = Sandbox::orders();
    sandbox.set("SOURCE_DATE_EPOCH", "yesterday");
    sandbox.run(&[]).ends_with(2).stderr_eq(str![[r#"
error: SOURCE_DATE_EPOCH is `yesterday`, which is not a number of seconds
help: set it to seconds since 1970, or unset it

"#]]);
    sandbox.set("SOURCE_DATE_EPOCH", "0");
    sandbox.run(&[]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env("SOURCE_DATE_EPOCH"), Some("0"));
}

#[test]
fn code_96_if_a_tool_is_missing() {
    let sandbox = Sandbox::orders();
    sandbox.uninstall("cargo");
    sandbox.run(&[]).ends_with(96).stderr_eq(str![[r#"
error: `cargo` was not found on `PATH`
help: install Rust: https://rustup.rs, or your system's `rustc` and `cargo` packages

"#]]);
}

#[test]
fn code_101_if_cargo_fails_and_only_its_message_is_printed() {
    let sandbox = Sandbox::orders();
    let words = "error[E0425]: cannot find value `x`\n --> src/main.rs:1:1\n";
    sandbox.control("fail-cargo-build", words);
    let ran = sandbox.run(&[]).ends_with(101);
    assert_eq!(ran.stderr, words);
    assert!(ran.stdout.is_empty(), "{ran}");
    assert!(sandbox.results().is_empty(), "{:?}", sandbox.results());
}

#[test]
fn code_101_if_go_fails_and_only_its_message_is_printed() {
    let sandbox = Sandbox::go_api();
    let words = "# example.com/api\n./main.go:5:15: undefined: lamda\n";
    sandbox.control("fail-go-build", words);
    let ran = sandbox.run(&[]).ends_with(101);
    let building = "    Building api for x86_64 with go\n";
    assert_eq!(ran.stderr, format!("{building}{words}"));
}

#[test]
fn code_102_if_a_binary_needs_disabled_features() {
    let sandbox = Sandbox::orders();
    sandbox.append(
        "Cargo.toml",
        "[features]\nextra = []\n[[bin]]\nname = \"orders\"\npath = \"src/main.rs\"\n\
         required-features = [\"extra\"]\n",
    );
    let ran = sandbox.run(&[]).ends_with(102);
    ran.stderr_eq(str![[r#"
error: orders requires features that are not enabled: extra
help: pass `--features extra`

"#]]);
    assert!(sandbox.calls_of("cargo build").is_empty());
    sandbox.run(&["--features", "extra"]).ok();
}

#[test]
fn code_102_if_there_is_no_project() {
    let sandbox = Sandbox::new();
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: no Cargo.toml or go.mod in `[ROOT]/project`, its parents, or the folders below it
help: pass the project's folder with `cargo lambdapack PATH` or `--manifest-path PATH/Cargo.toml`

"#]]);
}

#[test]
fn code_103_if_the_path_of_the_zip_is_a_folder() {
    let sandbox = Sandbox::orders();
    sandbox.write("target/lambdapack/x86_64/orders.zip/file", "");
    sandbox.run(&[]).ends_with(103).stderr_eq(str![[r#"
error: cannot write [ROOT]/project/target/lambdapack/x86_64/orders.zip: it is a folder
help: move it, or choose another path

"#]]);
    sandbox
        .run(&["--out", "src"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: cannot write [ROOT]/project/src: it is a folder
help: move it, or choose another path

"#]]);
}

#[test]
fn code_103_if_the_output_folder_cannot_be_created() {
    let sandbox = Sandbox::orders();
    sandbox.write("taken", "");
    let ran = sandbox.run(&["--out-dir", "taken"]).ends_with(103);
    ran.stderr_eq(str![[r#"
error: failed to create directory `[ROOT]/project/taken`: File exists (os error 17)
help: move the file that is in place of a folder, or choose another path

"#]]);
}

#[cfg(unix)]
#[test]
fn code_103_if_the_output_folder_is_read_only() {
    use std::os::unix::fs::PermissionsExt;

    let sandbox = Sandbox::orders();
    fs_err::create_dir(sandbox.path("dist")).unwrap();
    let read_only = std::fs::Permissions::from_mode(0o555);
    fs_err::set_permissions(sandbox.path("dist"), read_only).unwrap();
    if fs_err::write(sandbox.path("dist/probe"), "").is_ok() {
        // root may write everywhere.
        return;
    }
    sandbox
        .run(&["--out-dir", "dist"])
        .ends_with(103)
        .says("dist");
}

#[cfg(unix)]
#[test]
fn code_103_if_the_current_folder_was_deleted() {
    let sandbox = Sandbox::orders();
    fs_err::create_dir(sandbox.path("gone")).unwrap();
    sandbox
        .run_after("cd gone && /bin/rmdir ../gone", &[])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: cannot use the current directory: No such file or directory (os error 2)
help: change to an existing directory; this one may have been removed

"#]]);
}

/// Unlike a virus scanner, this program never closes the file.
#[cfg(windows)]
#[test]
fn code_103_if_another_program_keeps_the_zip_open() {
    use std::os::windows::fs::OpenOptionsExt;

    const SHARE_READ: u32 = 1;
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    let zip = sandbox.out("x86_64/orders.zip");
    let before = fs_err::read(&zip).unwrap();
    sandbox.append("src/main.rs", "// changed");
    let mut options = std::fs::OpenOptions::new();
    let open_file = options.read(true).share_mode(SHARE_READ).open(&zip);
    sandbox
        .run(&[])
        .ends_with(103)
        .says("orders.zip")
        .says("another program holds it open");
    assert_eq!(fs_err::read(&zip).unwrap(), before);
    drop(open_file.unwrap());
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains("// changed"));
}

#[cfg(target_os = "linux")]
#[test]
fn code_103_if_results_cannot_be_printed() {
    let sandbox = Sandbox::orders();
    sandbox
        .run_after("exec >/dev/full", &[])
        .ends_with(103)
        .stderr_eq(str![[r#"
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
error: cannot write to stdout: No space left on device (os error 28)
help: free some disk space, or choose another path

"#]]);
}

#[test]
fn code_103_if_the_compiler_does_not_report_the_binary() {
    let sandbox = Sandbox::orders();
    sandbox.control("print-nothing", "");
    sandbox.run(&[]).ends_with(103).stderr_eq(str![[r#"
error: cargo built `orders` without reporting the path of its binary
help: run again with `-v` to see the command, and report the problem if it persists

"#]]);
    assert!(sandbox.results().is_empty());
}

#[test]
fn code_104_if_lambda_would_not_run_the_program() {
    let sandbox = Sandbox::orders();
    sandbox.control("not-elf", "");
    sandbox
        .run(&[])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: orders (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders is a Windows program, not a Linux executable [not-a-program]
help: build it for Linux; the target determines the system

"#]]);
}

#[test]
fn code_105_if_a_limit_of_lambda_is_exceeded() {
    let sandbox = Sandbox::orders();
    sandbox.control("huge", "");
    sandbox
        .run(&[])
        .ends_with(105)
        .stderr_eq(str![[r#"
error: orders (x86_64): `[ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders` has 262144001 bytes, but Lambda unpacks at most 262144000 (250 MiB)
help: strip the program, include fewer files, or deploy a container image (up to 10 GB); pass `--allow-oversize` to package it anyway

"#]]);
    assert!(sandbox.results().is_empty());
}

#[test]
fn the_earliest_failing_stage_determines_the_code() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["large", "wrong"]);
    sandbox.control("huge", "large");
    sandbox.control("wrong-arch", "wrong");
    // A rejected program takes precedence over an exceeded limit; both are reported.
    sandbox
        .run(&[])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: wrong (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/wrong is built for arm64, but the function uses x86_64 [wrong-architecture]
help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper
error: large (x86_64): `[ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/large` has 262144001 bytes, but Lambda unpacks at most 262144000 (250 MiB)
help: strip the program, include fewer files, or deploy a container image (up to 10 GB); pass `--allow-oversize` to package it anyway

"#]]);
    // A compiler failure takes precedence over a rejected program.
    sandbox.control("fail-cargo-build", "error: x\n");
    sandbox.run(&[]).ends_with(101);
    // A project error takes precedence over a missing tool.
    sandbox.uninstall("cc");
    sandbox.run(&[]).ends_with(96);
    sandbox.write("lambdapack.toml", "colour = 1");
    sandbox.run(&[]).ends_with(102);
}
