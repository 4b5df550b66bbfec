//! Layers with an extension, and included extensions and libraries.

use snapbox::str;

use crate::support::{MACHINES, Ran, Sandbox, Transcript, contents, names, needing, program};

/// The only file of a layer.
#[track_caller]
pub(super) fn is_layer(sandbox: &Sandbox, zip: &str, name: &str) {
    let entries = contents(&sandbox.path(zip));
    let files: Vec<_> = { entries.iter() }
        .map(|entry| (entry.name.as_str(), entry.mode))
        .collect();
    assert_eq!(files, [(&*format!("extensions/{name}"), 0o755)]);
    let checked = sandbox.run(&["check", zip]).ok();
    assert!(checked.stdout.contains(zip), "{checked}");
}

const ORDERS: &str = "target/lambdapack/x86_64/orders.zip";

#[test]
fn an_extension_is_a_layer_and_not_a_function() {
    let mut transcript = Transcript::default();
    for (config, args) in [("", &["--extension"][..]), ("kind = \"extension\"\n", &[])] {
        let sandbox = Sandbox::orders();
        sandbox.write("lambdapack.toml", config);
        let json = ["--message-format", "json"];
        let printed = sandbox.run(&[args, &json].concat()).ok().json();
        is_layer(&sandbox, ORDERS, "orders");
        for all in [printed, sandbox.manifest()] {
            let function = &all["functions"]["orders"];
            assert_eq!(function["kind"], "extension");
            assert!(function.get("handler").is_none(), "{function}");
            let entries = &function["archs"]["x86_64"]["entries"];
            assert_eq!(entries.as_array().unwrap().len(), 1);
            assert_eq!(entries[0]["name"], "extensions/orders");
            assert_eq!(entries[0]["mode"], "0755");
        }
        sandbox.run(args).ok().record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --extension
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]


"#]]);
}

#[test]
fn one_function_of_a_project_may_be_an_extension() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["agent", "orders"]);
    sandbox.write(
        "lambdapack.toml",
        "[function.agent]\nkind = \"extension\"\n",
    );
    sandbox.run(&[]).ok();
    is_layer(&sandbox, "target/lambdapack/x86_64/agent.zip", "agent");
    let functions = &sandbox.manifest()["functions"];
    assert_eq!(functions["agent"]["kind"], "extension");
    assert_eq!(functions["orders"]["kind"], "function");
    assert_eq!(functions["orders"]["handler"], "bootstrap");
    let listed = sandbox
        .run(&["list", "--message-format", "json"])
        .ok()
        .json();
    assert_eq!(listed["functions"][0]["kind"], "extension");
}

/// A former function gets a different zip as an extension.
#[test]
fn a_function_that_becomes_an_extension_is_repackaged() {
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    sandbox.run(&["--extension"]).ok().stderr_eq(str![[r#"
warning: orders (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders contains no Extensions API client and looks like a function, so Lambda would wait for it to register [no-extension-client]
help: package it as a function: remove `--extension` or `kind`
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    is_layer(&sandbox, ORDERS, "orders");
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(names(&sandbox.zip("orders")), ["bootstrap"]);
}

#[test]
fn a_prebuilt_extension_is_packaged_as_a_layer() {
    let sandbox = Sandbox::with_main();
    sandbox.run(&["pack", "--extension", "main"]).ok();
    is_layer(&sandbox, "main.zip", "main");
}

/// Bazel and Nix provide programs as symlinks to files with generated names.
#[cfg(unix)]
#[test]
fn a_program_behind_a_symlink_has_the_symlinks_name() {
    let sandbox = Sandbox::with_main();
    let link = sandbox.path("agent");
    fs_err::os::unix::fs::symlink("main", link).unwrap();
    sandbox.run(&["pack", "--extension", "agent"]).ok();
    is_layer(&sandbox, "agent.zip", "agent");
}

/// On Linux a backslash is an ordinary part of a file name, but a zip must not contain such a
/// name.
#[cfg(unix)]
#[test]
fn a_program_with_an_unsafe_name_is_rejected() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes(r"a\b", program(MACHINES[0]));
    for how in [&["--extension"][..], &["--entry", "script"]] {
        let ran = sandbox.run(&[&["pack"], how, &["-o", "a.zip", r"a\b"]].concat());
        assert!(![Some(0), Some(70)].contains(&ran.code), "{how:?}: {ran}");
        assert!(!sandbox.exists("a.zip"), "{how:?}");
    }
}

#[test]
fn an_extension_rejects_the_entry_option() {
    let sandbox = Sandbox::with_main();
    sandbox.function("", "orders");
    let mut transcript = Transcript::default();
    for command in [&["build"][..], &["pack", "main"]] {
        for entry in ["script", "bootstrap"] {
            let words = ["--extension", "--entry", entry];
            let ran = sandbox.run(&[command, &words].concat()).ends_with(2);
            transcript.add(&ran);
        }
    }
    transcript.eq(str![[r#"
$ cargo lambdapack build --extension --entry script
error: the argument '--extension' cannot be used with '--entry <WHAT>'

Usage: cargo lambdapack build --extension [PATH]... [-- <ARGS>...]

For more information, try '--help'.

$ cargo lambdapack build --extension --entry bootstrap
error: the argument '--extension' cannot be used with '--entry <WHAT>'

Usage: cargo lambdapack build --extension [PATH]... [-- <ARGS>...]

For more information, try '--help'.

$ cargo lambdapack pack main --extension --entry script
error: the argument '--extension' cannot be used with '--entry <WHAT>'

Usage: cargo lambdapack pack --extension <BINARY> [FILE]...

For more information, try '--help'.

$ cargo lambdapack pack main --extension --entry bootstrap
error: the argument '--extension' cannot be used with '--entry <WHAT>'

Usage: cargo lambdapack pack --extension <BINARY> [FILE]...

For more information, try '--help'.


"#]]);
}

/// A key that has no effect there is an error.
#[test]
fn an_extension_rejects_entry_in_the_configuration() {
    let sandbox = Sandbox::orders();
    let config = "kind = \"extension\"\nentry = \"script\"\n";
    sandbox.write("lambdapack.toml", &format!("[function.orders]\n{config}"));
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: `[ROOT]/project/lambdapack.toml`, line 3: `entry` cannot be combined with `kind = "extension"`
help: remove `entry`: Lambda starts an extension by its own name

"#]]);
    // A setting for all functions does not apply to this one.
    let config = "entry = \"script\"\n[function.orders]\nkind = \"extension\"\n";
    sandbox.write("lambdapack.toml", config);
    sandbox.run(&[]).ok();
}

/// Packages `main` with a file as `extensions/x`.
fn with_extension(bytes: &[u8]) -> (Sandbox, Ran) {
    let sandbox = Sandbox::with_main();
    sandbox.write_bytes("x", bytes);
    let ran = sandbox.run(&["pack", "main", "x=extensions/x"]);
    (sandbox, ran)
}

#[test]
fn an_included_extension_is_checked() {
    let mut transcript = Transcript::default();
    for (bytes, expected_text) in [
        (&b"text\n"[..], "neither ELF nor a script"),
        (b"", "is empty"),
        (b"#!/bin/sh\r\n", "CR LF"),
        (b"#!/usr/bin/python3\n", "/usr/bin/python3"),
        (b"MZ", "a Windows program"),
        (
            &program(MACHINES[1]),
            "is for arm64, and the function is for x86_64",
        ),
        (&needing("libpq.so.5"), "needs libpq.so.5"),
    ] {
        let (sandbox, ran) = with_extension(bytes);
        ran.ends_with(104).record(&mut transcript);
        assert!(!sandbox.exists("main.zip"), "{expected_text}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack pack main x=extensions/x
error: main (x86_64): [ROOT]/project/x is neither an ELF file nor a script, but Lambda starts every file in `extensions/` [not-a-program]
help: remove it from `extensions/`; a script must start with `#!`

$ cargo lambdapack pack main x=extensions/x
error: main (x86_64): [ROOT]/project/x is empty [empty]
help: build again

$ cargo lambdapack pack main x=extensions/x
error: main (x86_64): [ROOT]/project/x has a first line that ends with CR LF, so Linux looks for `/bin/sh\r` [shebang]
help: save it with LF line endings; to keep them, add `*.sh text eol=lf` to .gitattributes

$ cargo lambdapack pack main x=extensions/x
error: main (x86_64): [ROOT]/project/x needs the interpreter `/usr/bin/python3`, which the runtime does not have [shebang]
help: use `/bin/sh` or `/bin/bash`, or add the interpreter to the zip (/var/task) or to a layer (/opt)

$ cargo lambdapack pack main x=extensions/x
error: main (x86_64): [ROOT]/project/x is a Windows program, not a Linux executable [not-a-program]
help: build it for Linux; the target determines the system

$ cargo lambdapack pack main x=extensions/x
error: main (x86_64): [ROOT]/project/x is built for arm64, but the function uses x86_64 [wrong-architecture]
help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper

$ cargo lambdapack pack main x=extensions/x
warning: main (x86_64): [ROOT]/project/x contains no Extensions API client and looks like a tool, so Lambda would wait for it to register [no-extension-client]
help: register with the Extensions API (Rust: `lambda-extension`)
error: main (x86_64): [ROOT]/project/x needs libpq.so.5, which provided.al2023 does not contain [library]
help: link it statically, add it to the zip (`--include libx.so=lib/libx.so`), or pass `--layer-library NAME` if a layer contains it


"#]]);
    for bytes in [&b"#!/bin/sh\n"[..], &program(MACHINES[0])] {
        let (sandbox, ran) = with_extension(bytes);
        ran.ok();
        let entries = contents(&sandbox.path("main.zip"));
        assert_eq!(
            (&*entries[1].name, entries[1].mode),
            ("extensions/x", 0o755)
        );
        sandbox.run(&["check", "main.zip"]).ok();
    }
}

/// The same applies to a build, whose functions cannot be scripts.
#[test]
fn an_included_extension_of_a_build_is_checked() {
    let sandbox = Sandbox::orders();
    sandbox.write("extensions/x", "text\n");
    let args = ["--include", "extensions"];
    sandbox.run(&args).ends_with(104).stderr_eq(str![[r#"
error: orders (x86_64): [ROOT]/project/extensions/x is neither an ELF file nor a script, but Lambda starts every file in `extensions/` [not-a-program]
help: remove it from `extensions/`; a script must start with `#!`

"#]]);
    assert!(sandbox.results().is_empty());
    sandbox.write("extensions/x", "#!/bin/sh\n");
    sandbox.run(&args).ok();
    // Files deeper in the folder are not started.
    sandbox.write("extensions/lib/y", "text\n");
    sandbox.run(&args).ok();
}

#[test]
fn a_program_of_the_other_architecture_elsewhere_is_a_warning() {
    let sandbox = Sandbox::with_main();
    sandbox.write_bytes("x", program(MACHINES[1]));
    sandbox
        .run(&["pack", "main", "x=bin/x"])
        .ok()
        .stderr_eq(str![[r#"
warning: main (x86_64): [ROOT]/project/x is built for arm64, but the function uses x86_64 [included-architecture]
help: include the file for the function's architecture
      Packed main x86_64 (prebuilt, provided.al2023) [SIZE] -> [SIZE]

"#]]);
}

#[test]
fn more_extensions_than_can_register_cause_a_warning() {
    let sandbox = Sandbox::with_main();
    for number in 0..11 {
        sandbox.write(&format!("extensions/{number}"), "#!/bin/sh\n");
    }
    let args = ["pack", "main", "extensions"];
    sandbox.run(&args).ok().stderr_eq(str![[r#"
warning: 11 extensions are included, but at most 10 can register
      Packed main x86_64 (prebuilt, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    sandbox.remove("extensions/10");
    sandbox.run(&args).ok().says_nothing_of("can register");
}

#[test]
fn a_missing_library_is_rejected() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("main", needing("libpq.so.5"));
    sandbox.write_bytes("libpq.so.5", program(MACHINES[0]));
    sandbox.write("lambdapack.toml", "layer-library = \"libpq.so.5\"\n");
    let mut transcript = Transcript::default();
    for files in [
        &[][..],
        &["libpq.so.5=libs/libpq.so.5"],
        &["libpq.so.5=lib/libpq.so"],
        &["--layer-library", "libpq.so"],
    ] {
        let ran = sandbox.run(&[&["pack", "main"], files].concat());
        ran.ends_with(104).record(&mut transcript);
        assert!(!sandbox.exists("main.zip"), "{files:?}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack pack main
warning: main (x86_64): [ROOT]/project/main contains no Runtime API client and looks like a tool, so it would never request an event [no-runtime-client]
help: start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); ignore this if a layer or another file requests the events
error: main (x86_64): [ROOT]/project/main needs libpq.so.5, which provided.al2023 does not contain [library]
help: link it statically, add it to the zip (`--include libx.so=lib/libx.so`), or pass `--layer-library NAME` if a layer contains it

$ cargo lambdapack pack main libpq.so.5=libs/libpq.so.5
warning: main (x86_64): [ROOT]/project/main contains no Runtime API client and looks like a tool, so it would never request an event [no-runtime-client]
help: start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); ignore this if a layer or another file requests the events
error: main (x86_64): [ROOT]/project/main needs libpq.so.5, which provided.al2023 does not contain [library]
help: link it statically, add it to the zip (`--include libx.so=lib/libx.so`), or pass `--layer-library NAME` if a layer contains it

$ cargo lambdapack pack main libpq.so.5=lib/libpq.so
warning: main (x86_64): [ROOT]/project/main contains no Runtime API client and looks like a tool, so it would never request an event [no-runtime-client]
help: start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); ignore this if a layer or another file requests the events
error: main (x86_64): [ROOT]/project/main needs libpq.so.5, which provided.al2023 does not contain [library]
help: link it statically, add it to the zip (`--include libx.so=lib/libx.so`), or pass `--layer-library NAME` if a layer contains it

$ cargo lambdapack pack main --layer-library libpq.so
warning: main (x86_64): [ROOT]/project/main contains no Runtime API client and looks like a tool, so it would never request an event [no-runtime-client]
help: start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); ignore this if a layer or another file requests the events
error: main (x86_64): [ROOT]/project/main needs libpq.so.5, which provided.al2023 does not contain [library]
help: link it statically, add it to the zip (`--include libx.so=lib/libx.so`), or pass `--layer-library NAME` if a layer contains it


"#]]);
    for files in [
        &["--layer-library", "libpq.so.5"][..],
        &["libpq.so.5=lib/"],
        &["libpq.so.5"],
        &[
            "--layer-library",
            "libx.so",
            "--layer-library",
            "libpq.so.5",
        ],
    ] {
        sandbox.run(&[&["pack", "main"], files].concat()).ok();
    }
}
