//! Missing tools: all are reported at once, before anything is compiled.

use snapbox::str;

use crate::support::{ARM, Sandbox, Transcript, X86};

#[test]
fn all_missing_tools_are_reported_at_once_before_compiling() {
    let sandbox = Sandbox::both_languages();
    sandbox.uninstall_std(ARM);
    sandbox.uninstall("aarch64-linux-gnu-gcc");
    sandbox.uninstall("go");
    let ran = sandbox.run(&["--arch", "arm64"]).ends_with(96);
    ran.stderr_eq(str![[r#"
error: `go`, which is needed to build `[ROOT]/project`, was not found on `PATH`
help: install Go 1.21 or newer: https://go.dev/dl; or pass `--lang rust` to build only Rust functions
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed ([ROOT]/sysroot), and no usable linker for `aarch64-unknown-linux-gnu` was found: no `aarch64-linux-gnu-gcc` on `PATH`, no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: for your system's Rust on Debian and Ubuntu, run `sudo dpkg --add-architecture arm64 && sudo apt update && sudo apt install libstd-rust-dev:arm64` (with `rustc-web`: `libstd-rust-web-dev:arm64`); elsewhere, use rustup (https://rustup.rs); and on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    assert!(sandbox.calls_of("cargo build").is_empty());
    assert!(sandbox.calls_of("go build").is_empty());
    assert!(sandbox.results().is_empty());
}

#[test]
fn missing_cargo_and_go_are_both_reported() {
    let sandbox = Sandbox::both_languages();
    sandbox.uninstall("cargo");
    sandbox.uninstall("rustc");
    sandbox.uninstall("go");
    sandbox.run(&[]).ends_with(96).stderr_eq(str![[r#"
error: `cargo` was not found on `PATH`
help: install Rust: https://rustup.rs, or your system's `rustc` and `cargo` packages
error: `go`, which is needed to build `[ROOT]/project`, was not found on `PATH`
help: install Go 1.21 or newer: https://go.dev/dl; or pass `--lang rust` to build only Rust functions

"#]]);
    assert!(sandbox.calls().is_empty());
}

#[test]
fn missing_rustc_is_reported_with_installation_instructions() {
    let sandbox = Sandbox::both_languages();
    sandbox.uninstall("rustc");
    sandbox.run(&[]).ends_with(96).stderr_eq(str![[r#"
error: `rustc` was not found on `PATH`, or does not respond
help: install Rust: https://rustup.rs, or your system's `rustc` and `cargo` packages

"#]]);
}

#[test]
fn missing_targets_of_both_architectures_are_reported_once_each() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b", "c"]);
    sandbox.uninstall_std(ARM);
    sandbox.uninstall_std(X86);
    sandbox.uninstall("cc");
    let ran = sandbox.run(&["--arch", "arm64,x86_64"]).ends_with(96);
    for message in [
        &format!("standard library for `{ARM}`"),
        &format!("standard library for `{X86}`"),
        "no `cc` on `PATH`",
    ] {
        assert_eq!(ran.stderr.matches(message).count(), 1, "{message}: {ran}");
    }
}

#[test]
fn a_newly_installed_tool_is_found() {
    let sandbox = Sandbox::both_languages();
    sandbox.uninstall_std(ARM);
    sandbox.uninstall("aarch64-linux-gnu-gcc");
    sandbox.run(&["--arch", "arm64"]).ends_with(96);
    sandbox.install("aarch64-linux-gnu-gcc");
    let std = format!("../sysroot/lib/rustlib/{ARM}/lib/libstd-x.rlib");
    sandbox.write(&std, "");
    sandbox.run(&["--arch", "arm64"]).ok();
}

#[test]
fn a_tool_removed_after_a_good_run_is_reported_before_compiling() {
    let sandbox = Sandbox::both_languages();
    sandbox.run(&["--arch", "arm64"]).ok();
    sandbox.uninstall_std(ARM);
    sandbox
        .run(&["--arch", "arm64"])
        .ends_with(96)
        .stderr_eq(str![[r#"
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed ([ROOT]/sysroot)
help: for your system's Rust on Debian and Ubuntu, run `sudo dpkg --add-architecture arm64 && sudo apt update && sudo apt install libstd-rust-dev:arm64` (with `rustc-web`: `libstd-rust-web-dev:arm64`); elsewhere, use rustup (https://rustup.rs)

"#]]);
    assert!(sandbox.calls_of("cargo build").is_empty());
    // Existing results are kept.
    assert!(sandbox.packed("arm64/orders.zip").contains("orders"));
}

#[test]
fn a_standard_library_that_cargo_builds_is_not_reported_as_missing() {
    let sandbox = Sandbox::orders();
    sandbox.uninstall_std(ARM);
    sandbox
        .run(&["--arch", "arm64", "--cargo-arg=-Zbuild-std"])
        .ok();
}

#[test]
fn help_for_a_distributions_rust_does_not_start_with_rustup() {
    let sandbox = Sandbox::orders();
    sandbox.uninstall_std(ARM);
    let ran = sandbox.run(&["--arch", "arm64"]).ends_with(96);
    assert!(!ran.stderr.contains("rustup target add"), "{ran}");
    ran.stderr_eq(str![[r#"
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed ([ROOT]/sysroot)
help: for your system's Rust on Debian and Ubuntu, run `sudo dpkg --add-architecture arm64 && sudo apt update && sudo apt install libstd-rust-dev:arm64` (with `rustc-web`: `libstd-rust-web-dev:arm64`); elsewhere, use rustup (https://rustup.rs)

"#]]);
}

#[test]
fn list_works_without_linker_and_target() {
    let sandbox = Sandbox::orders();
    sandbox.uninstall_std(ARM);
    sandbox.uninstall("aarch64-linux-gnu-gcc");
    let ran = sandbox.run(&["list", "--arch", "arm64"]).ok();
    ran.stdout_eq(str![[r#"
orders  rust  arm64   target/lambdapack/arm64/orders.zip

"#]]);
}

#[test]
fn a_missing_go_does_not_hide_a_project_error() {
    let sandbox = Sandbox::both_languages();
    sandbox.uninstall("go");
    sandbox.write("lambdapack.toml", "colour = 1\n");
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 1
  |
1 | colour = 1
  | ^^^^^^
unknown field `colour`, expected one of `arch`, `runtime`, `profile`, `linker`, `libc`, `auditable`, `zig`, `compression`, `format`, `sbom`, `include`, `layer-library`, `kind`, `entry`, `out-dir`, `cache`, `cache-size`, `tags`, `ldflags`, `cgo`, `keep-symbols`, `vcs-stamp`, `skip`, `paths`, `function`, `path`, `bin`, `deploy`, `env`, `watch`
help: correct or remove line 1

"#]]);
}

#[cfg(unix)]
#[test]
fn a_tool_that_cannot_be_started_is_named() {
    let sandbox = Sandbox::orders();
    sandbox.uninstall("cargo");
    sandbox.write("../bin/cargo", "#!/nowhere/sh\n");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs_err::set_permissions(sandbox.path("../bin/cargo"), executable).unwrap();
    sandbox.run(&[]).ends_with(96).stderr_eq(str![[r#"
error: cannot start [ROOT]/bin/cargo: No such file or directory (os error 2)
help: check that the file exists and is executable

"#]]);
}

/// The components that are missing on a machine that has Rust, but nothing to build for arm64.
const LACKING: [&str; 3] = [
    "standard library for `aarch64-unknown-linux-gnu`",
    "no `aarch64-linux-gnu-gcc` on `PATH`",
    "no zig on `PATH`",
];

#[test]
fn one_error_names_missing_target_gcc_and_zig_with_help() {
    let sandbox = Sandbox::orders();
    sandbox.bare();
    sandbox.uninstall("cc");
    let ran = sandbox.run(&["--arch", "arm64"]).ends_with(96);
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{ran}");
    let (error, help) = ran.stderr.split_once("help: ").unwrap();
    for missing in LACKING {
        assert!(error.contains(missing), "{missing}: {ran}");
    }
    let gcc = "gcc-aarch64-linux-gnu";
    for remedy in [
        "run `rustup target add aarch64-unknown-linux-musl",
        "`rustup target add aarch64-unknown-linux-gnu",
        if cfg!(target_os = "linux") {
            gcc
        } else {
            "zig"
        },
        "zig",
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
    ] {
        assert!(help.contains(remedy), "{remedy}: {ran}");
    }
    assert!(sandbox.calls_of("cargo build").is_empty());
    assert!(sandbox.results().is_empty());
}

#[test]
fn with_an_empty_path_the_calling_cargo_suffices_to_report_missing_tools() {
    let mut sandbox = Sandbox::orders();
    sandbox.bare();
    sandbox.set("CARGO", sandbox.on_path("cargo").to_str().unwrap());
    sandbox.set("RUSTC", sandbox.on_path("rustc").to_str().unwrap());
    let mut transcript = Transcript::default();
    for path in ["", "nowhere"] {
        sandbox.set("PATH", path);
        let ran = sandbox.run(&["--arch", "arm64"]).ends_with(96);
        transcript.add(&ran);
        assert!(sandbox.calls_of("cargo build").is_empty());
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --arch arm64
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed ([ROOT]/toolchains/stable-x86_64-unknown-linux-gnu), and no usable linker for `aarch64-unknown-linux-gnu` was found: no `aarch64-linux-gnu-gcc` on `PATH`, no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: run `rustup target add aarch64-unknown-linux-musl --toolchain stable-x86_64-unknown-linux-gnu` to build a static program with rustup's own `rust-lld` (dependencies that compile C also need zig); for the runtime's glibc: `rustup target add aarch64-unknown-linux-gnu --toolchain stable-x86_64-unknown-linux-gnu`; and on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch arm64
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed ([ROOT]/toolchains/stable-x86_64-unknown-linux-gnu), and no usable linker for `aarch64-unknown-linux-gnu` was found: no `aarch64-linux-gnu-gcc` on `PATH`, no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: run `rustup target add aarch64-unknown-linux-musl --toolchain stable-x86_64-unknown-linux-gnu` to build a static program with rustup's own `rust-lld` (dependencies that compile C also need zig); for the runtime's glibc: `rustup target add aarch64-unknown-linux-gnu --toolchain stable-x86_64-unknown-linux-gnu`; and on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)


"#]]);
    sandbox.set("PATH", "");
    sandbox
        .run(&["--arch", "arm64"])
        .ends_with(96)
        .stderr_eq(str![[r#"
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed ([ROOT]/toolchains/stable-x86_64-unknown-linux-gnu), and no usable linker for `aarch64-unknown-linux-gnu` was found: no `aarch64-linux-gnu-gcc` on `PATH`, no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: run `rustup target add aarch64-unknown-linux-musl --toolchain stable-x86_64-unknown-linux-gnu` to build a static program with rustup's own `rust-lld` (dependencies that compile C also need zig); for the runtime's glibc: `rustup target add aarch64-unknown-linux-gnu --toolchain stable-x86_64-unknown-linux-gnu`; and on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
}

/// A stable cargo ignores the variable and the configuration.
#[test]
fn a_stable_rust_builds_no_standard_library() {
    let variable = "CARGO_UNSTABLE_BUILD_STD";
    let config = ".cargo/config.toml";
    for place in [variable, config] {
        for (version, builds) in [
            ("1.95.0", false),
            ("1.96.0-beta.2", false),
            ("1.97.0-nightly", true),
            ("1.97.0-dev", true),
        ] {
            let mut sandbox = Sandbox::orders();
            sandbox.control("rustc-version", version);
            sandbox.uninstall_std(ARM);
            if place == variable {
                sandbox.set(variable, "std")
            } else {
                sandbox.write(config, "[unstable]\nbuild-std = [\"std\"]\n")
            }
            let ran = sandbox.run(&["--arch", "arm64"]);
            let missed = ran
                .stderr
                .contains(&format!("standard library for `{ARM}`"));
            assert_eq!(missed, !builds, "{place} {version}: {ran}");
            assert_eq!(ran.code, Some(if builds { 0 } else { 96 }), "{ran}");
            // rustc and cargo honor them if they are told to act like a nightly version.
            if !builds {
                sandbox.set("RUSTC_BOOTSTRAP", "1");
                sandbox.run(&["--arch", "arm64"]).ok();
            }
        }
    }
}
