//! Verbosity and colors of the output.

use snapbox::str;

use crate::support::Sandbox;

fn function_and_tool() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "xtask"]);
    sandbox
}

#[test]
fn progress_is_printed_to_stderr_in_cargos_format() {
    let sandbox = function_and_tool();
    let ran = sandbox.run(&[]).ok();
    for line in ran.stderr.lines() {
        let verb = line.trim_start().split(' ').next().unwrap();
        assert_eq!(line.find(verb).unwrap() + verb.len(), 12, "{line}");
    }
    let ran = ran.stderr_eq(str![[r#"
     Skipped xtask: no Lambda runtime among the dependencies (pass `--bin xtask` to package it anyway)
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert!(!ran.stdout.contains("Packed"), "{ran}");
}

/// CARGO_TERM_QUIET has the same effect.
#[test]
fn quiet_prints_only_results_and_errors() {
    let mut sandbox = function_and_tool();
    let ran = sandbox.run(&["-q"]).ok();
    assert!(ran.stderr.is_empty(), "{ran}");
    assert_eq!(ran.stdout.lines().count(), 1);
    sandbox.call("cargo build").has("--quiet");
    let ran = sandbox.run(&["--quiet", "--runtime", "provided.al2"]).ok();
    assert!(ran.stderr.is_empty(), "{ran}");
    sandbox
        .run(&["-q", "--bin", "nobody"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: `--bin nobody` matches nothing in this project
help: available names: orders, xtask

"#]]);
    sandbox.set("CARGO_TERM_QUIET", "true");
    let ran = sandbox.run(&[]).ok();
    assert!(ran.stderr.is_empty(), "{ran}");
    assert!(!sandbox.run(&["-v"]).ok().stderr.is_empty());
}

/// CARGO_TERM_VERBOSE has the same effect.
#[test]
fn verbose_prints_the_commands() {
    let mut sandbox = function_and_tool();
    let ran = sandbox.run(&["-v"]).ok();
    let ran = ran.stderr_eq(str![[r#"
     Skipped xtask: no Lambda runtime among the dependencies (pass `--bin xtask` to package it anyway)
     Planned x86_64-unknown-linux-gnu: profile `lambda` (CARGO_PROFILE_LAMBDA_CODEGEN_UNITS=1 CARGO_PROFILE_LAMBDA_INHERITS=release CARGO_PROFILE_LAMBDA_LTO=thin CARGO_PROFILE_LAMBDA_STRIP=symbols)
     Planned x86_64-unknown-linux-gnu: linker `cc` (the system's linker is compatible: glibc 2.34 in provided.al2023)
     Running cd [ROOT]/project && CARGO_ENCODED_RUSTFLAGS="$(printf -- '--remap-path-prefix=[ROOT]/cargo-home=/cargo\037--remap-path-prefix=[ROOT]/project=/src\037--remap-path-prefix=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime\037--remap-path-prefix=[ROOT]/project/target=/src/target')" CARGO_INCREMENTAL=0 CARGO_PROFILE_LAMBDA_CODEGEN_UNITS=1 CARGO_PROFILE_LAMBDA_INHERITS=release CARGO_PROFILE_LAMBDA_LTO=thin CARGO_PROFILE_LAMBDA_STRIP=symbols CFLAGS_x86_64_unknown_linux_gnu='-ffile-prefix-map=[ROOT]/cargo-home=/cargo -ffile-prefix-map=[ROOT]/project=/src -ffile-prefix-map=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime -ffile-prefix-map=[ROOT]/project/target=/src/target' CXXFLAGS_x86_64_unknown_linux_gnu='-ffile-prefix-map=[ROOT]/cargo-home=/cargo -ffile-prefix-map=[ROOT]/project=/src -ffile-prefix-map=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime -ffile-prefix-map=[ROOT]/project/target=/src/target' LC_ALL=C SOURCE_DATE_EPOCH=315532800 TZ=UTC [ROOT]/bin/cargo build --profile lambda --target x86_64-unknown-linux-gnu --message-format json-render-diagnostics -p orders@0.1.0 --bin orders
     Checked orders (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders is statically linked and needs no libraries of the runtime [static]
      No key orders x86_64: there is no Cargo.lock before the first build
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    sandbox.run(&[]).ok().says_nothing_of("Running");
    sandbox.set("CARGO_TERM_VERBOSE", "true");
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
     Skipped xtask: no Lambda runtime among the dependencies (pass `--bin xtask` to package it anyway)
     Planned x86_64-unknown-linux-gnu: profile `lambda` (CARGO_PROFILE_LAMBDA_CODEGEN_UNITS=1 CARGO_PROFILE_LAMBDA_INHERITS=release CARGO_PROFILE_LAMBDA_LTO=thin CARGO_PROFILE_LAMBDA_STRIP=symbols)
     Planned x86_64-unknown-linux-gnu: linker `cc` (the system's linker is compatible: glibc 2.34 in provided.al2023)
     Running cd [ROOT]/project && CARGO_ENCODED_RUSTFLAGS="$(printf -- '--remap-path-prefix=[ROOT]/cargo-home=/cargo\037--remap-path-prefix=[ROOT]/project=/src\037--remap-path-prefix=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime\037--remap-path-prefix=[ROOT]/project/target=/src/target')" CARGO_INCREMENTAL=0 CARGO_PROFILE_LAMBDA_CODEGEN_UNITS=1 CARGO_PROFILE_LAMBDA_INHERITS=release CARGO_PROFILE_LAMBDA_LTO=thin CARGO_PROFILE_LAMBDA_STRIP=symbols CFLAGS_x86_64_unknown_linux_gnu='-ffile-prefix-map=[ROOT]/cargo-home=/cargo -ffile-prefix-map=[ROOT]/project=/src -ffile-prefix-map=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime -ffile-prefix-map=[ROOT]/project/target=/src/target' CXXFLAGS_x86_64_unknown_linux_gnu='-ffile-prefix-map=[ROOT]/cargo-home=/cargo -ffile-prefix-map=[ROOT]/project=/src -ffile-prefix-map=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime -ffile-prefix-map=[ROOT]/project/target=/src/target' LC_ALL=C SOURCE_DATE_EPOCH=315532800 TZ=UTC [ROOT]/bin/cargo build --profile lambda --target x86_64-unknown-linux-gnu --message-format json-render-diagnostics -p orders@0.1.0 --bin orders
      No key orders x86_64: there is no Cargo.lock before the first build
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
}

/// Keys cost a run of `cargo tree`, so they are only read if functions are compared by them.
#[test]
fn a_verbose_list_explains_missing_keys_if_it_reads_keys() {
    let sandbox = function_and_tool();
    sandbox.run(&[]).ok();
    sandbox
        .run(&["list", "-v"])
        .ok()
        .says_nothing_of("No key")
        .says_nothing_of("Running");
    let changed = ["list", "--changed", "target/lambdapack/manifest.json"];
    sandbox.run(&changed).ok().says_nothing_of("No key");
    for args in [&[][..], &["--message-format", "json"]] {
        let args = [&changed, &["-v"][..], args].concat();
        let ran = sandbox.run(&args).ok();
        let line = "No key orders x86_64: there is no Cargo.lock before the first build\n";
        assert_eq!(ran.stderr.matches(line).count(), 1, "{ran}");
        assert!(!ran.stdout.contains("No key"), "{ran}");
    }
}

#[test]
fn colors_follow_the_options_and_never_appear_in_results() {
    let mut sandbox = function_and_tool();
    let coloured = |sandbox: &Sandbox, args: &[&str]| {
        let ran = sandbox.run(args).ok();
        assert!(!ran.stdout.contains('\u{1b}'), "{ran}");
        ran.stderr.contains('\u{1b}')
    };
    assert!(!coloured(&sandbox, &[]), "not where nobody looks");
    assert!(coloured(&sandbox, &["--color", "always"]));
    assert!(coloured(&sandbox, &["--color=always", "list"]));
    sandbox.set("CARGO_TERM_COLOR", "always");
    assert!(coloured(&sandbox, &[]));
    assert!(!coloured(&sandbox, &["--color", "never"]));
    sandbox.set("CARGO_TERM_COLOR", "never");
    assert!(coloured(&sandbox, &["--color", "always"]));
    sandbox.unset("CARGO_TERM_COLOR");
    sandbox.set("CLICOLOR_FORCE", "1");
    assert!(coloured(&sandbox, &[]));
    sandbox.unset("CLICOLOR_FORCE");
    sandbox.set("NO_COLOR", "1");
    assert!(!coloured(&sandbox, &[]));
}

#[test]
fn the_color_setting_is_passed_to_cargo() {
    let sandbox = function_and_tool();
    sandbox.run(&["--color", "never"]).ok();
    assert_eq!(sandbox.call("cargo build").values("--color"), ["never"]);
    sandbox.run(&["--color", "always"]).ok();
    assert_eq!(sandbox.call("cargo build").values("--color"), ["always"]);
    sandbox.run(&[]).ok();
    sandbox.call("cargo build").has_not("--color");
}

#[test]
fn errors_are_colored_like_other_output() {
    let mut sandbox = function_and_tool();
    let ran = sandbox
        .run(&["--color", "always", "--bin", "x"])
        .ends_with(102);
    ran.stderr_eq(str![[r#"
[1m[91merror[0m: `--bin x` matches nothing in this project
[1m[96mhelp[0m: available names: orders, xtask

"#]]);
    sandbox.set("CARGO_TERM_COLOR", "always");
    let ran = sandbox.run(&["nowhere"]).ends_with(2);
    ran.stderr_eq(str![[r#"
[1m[91merror[0m: `nowhere` is neither a command nor an existing path
[1m[96mhelp[0m: paths are relative to the current folder; run `cargo lambdapack --help` for a list of commands

"#]]);
    let ran = sandbox.run(&["--release"]).ends_with(2);
    ran.stderr_eq(str![[r#"
[1m[91merror[0m: `--release` is not supported
[1m[96mhelp[0m: the default profile is already optimized; pass `--profile release` to use Cargo's own

"#]]);
}

#[test]
fn an_error_is_followed_by_help() {
    let sandbox = function_and_tool();
    let ran = sandbox.run(&["--bin", "ordres"]).ends_with(102);
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert!(lines[0].starts_with("error: `--bin ordres`"), "{ran}");
    assert_eq!(lines[1], "help: did you mean `orders`?");
}

#[test]
fn a_dumb_terminal_without_a_locale_changes_nothing() {
    let mut sandbox = function_and_tool();
    let plain = sandbox.run(&["list"]).ok().stdout;
    for (name, value) in [("TERM", "dumb"), ("CI", "true"), ("LC_ALL", "C")] {
        sandbox.set(name, value);
        assert_eq!(sandbox.run(&["list"]).ok().stdout, plain, "{name}");
    }
}
