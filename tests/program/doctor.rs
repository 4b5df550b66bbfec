//! `doctor`: what a build needs, what is installed, and how to install the rest.

use snapbox::str;

use crate::support::{ARM, Ran, Sandbox, TOOLCHAIN, X86, snapshot};

const MUSL: &str = "x86_64-unknown-linux-musl";

/// Rust and Go, and rustup with everything for either libc.
fn healthy() -> Sandbox {
    let sandbox = Sandbox::both_languages();
    sandbox.rustup();
    sandbox.install_std(MUSL);
    sandbox.install_zig();
    sandbox
}

fn doctor(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["doctor"], args].concat())
}

#[test]
fn installed_tools_are_listed_with_path_and_version() {
    let sandbox = healthy();
    let ran = doctor(&sandbox, &["--arch", "arm64,x86_64"]).ok();
    assert!(!ran.stdout.contains("missing"), "{ran}");
    let ran = ran.stdout_eq(str![[r#"
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/toolchains/stable-x86_64-unknown-linux-gnu
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/toolchains/stable-x86_64-unknown-linux-gnu/lib/rustlib/aarch64-unknown-linux-gnu
found    aarch64-linux-gnu-gcc: links for aarch64-unknown-linux-gnu: a compiler for the target is on PATH: glibc 2.34 in provided.al2023
           [ROOT]/bin/aarch64-linux-gnu-gcc
           aarch64-linux-gnu-gcc (fake) 12.2.0
found    x86_64-unknown-linux-gnu: Rust's standard library
           [ROOT]/toolchains/stable-x86_64-unknown-linux-gnu/lib/rustlib/x86_64-unknown-linux-gnu
found    cc: links for x86_64-unknown-linux-gnu: the system's linker is compatible: glibc 2.34 in provided.al2023
           [ROOT]/bin/cc
           cc (fake) 12.2.0
found    go: builds Go
           [ROOT]/bin/go
           go1.26.0

"#]]);
    assert_eq!(ran.stdout.matches("found    cargo").count(), 1, "{ran}");
    let ran = doctor(&sandbox, &["--linker", "zig"]).ok();
    ran.stdout_eq(str![[r#"
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/toolchains/stable-x86_64-unknown-linux-gnu
           rustc 1.95.0 (fake)
found    x86_64-unknown-linux-gnu: Rust's standard library
           [ROOT]/toolchains/stable-x86_64-unknown-linux-gnu/lib/rustlib/x86_64-unknown-linux-gnu
found    zig: links for x86_64-unknown-linux-gnu: requested with `--linker zig`
           [ROOT]/bin/zig
           0.15.2
found    go: builds Go
           [ROOT]/bin/go
           go1.26.0

"#]]);
}

#[test]
fn json_contains_the_same_facts() {
    let sandbox = healthy();
    let json = doctor(&sandbox, &["--message-format", "json"]).ok().json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["missing"], serde_json::json!([]));
    let tools = json["tools"].as_array().unwrap();
    let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, ["cargo", "rustc", X86, "cc", "go"].map(Some));
    for tool in tools {
        let path = tool["path"].as_str().unwrap();
        assert!(std::path::Path::new(path).exists(), "{tool}");
        assert!(!tool["purpose"].as_str().unwrap().is_empty());
        // The identity of `cc` matters only on Linux.
        let has_none = tool["name"] == X86 || (tool["name"] == "cc" && !cfg!(target_os = "linux"));
        assert_eq!(tool["version"].as_str().unwrap().is_empty(), has_none);
    }
    sandbox.uninstall("go");
    sandbox.uninstall_std(X86);
    sandbox.uninstall_std(MUSL);
    let json = doctor(&sandbox, &["--message-format", "json"]).ends_with(96);
    let json = json.json();
    let missing = json["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 2, "{json}");
    for one in missing {
        assert!(one["what"].is_string() && one["help"].is_string(), "{one}");
    }
    assert!(json["tools"].to_string().contains("cargo"), "{json}");
}

/// Removes one tool and asserts that it is reported, with instructions to install it.
#[track_caller]
fn red(args: &[&str], take: impl Fn(&Sandbox), what: &str, remedy: &str) {
    let sandbox = healthy();
    doctor(&sandbox, args).ok();
    take(&sandbox);
    let ran = doctor(&sandbox, args).ends_with(96);
    let missing: Vec<_> = { ran.stdout.lines() }
        .filter(|line| line.starts_with("missing  "))
        .collect();
    assert_eq!(missing.len(), 1, "{ran}");
    assert!(missing[0].contains(what), "{what}: {ran}");
    let help = ran
        .stdout
        .lines()
        .find(|line| line.starts_with("  help:  "));
    assert!(help.unwrap().contains(remedy), "{remedy}: {ran}");
    // A build reports the same.
    let build = sandbox.run(args).ends_with(96);
    let error = missing[0].replace("missing  ", "error: ");
    assert!(build.stderr.contains(&error), "{error}: {build}");
}

fn rustup_add(target: &str) -> String {
    format!("`rustup target add {target} --toolchain {TOOLCHAIN}`")
}

#[test]
fn missing_cargo_is_reported() {
    let take = |sandbox: &Sandbox| sandbox.uninstall("cargo");
    red(&[], take, "`cargo` was not found", "https://rustup.rs");
}

#[test]
fn missing_rustc_is_reported() {
    let take = |sandbox: &Sandbox| sandbox.uninstall("rustc");
    red(&[], take, "`rustc` was not found", "https://rustup.rs");
}

#[test]
fn missing_go_is_reported() {
    let take = |sandbox: &Sandbox| sandbox.uninstall("go");
    red(&[], take, "was not found on `PATH`", "https://go.dev/dl");
}

#[test]
fn missing_standard_libraries_are_reported() {
    let libc = "--libc=gnu";
    for (arch, target) in [("--arch=x86_64", X86), ("--arch=arm64", ARM)] {
        let take = |sandbox: &Sandbox| sandbox.uninstall_std(target);
        let what = format!("standard library for `{target}`");
        red(&[arch, libc], take, &what, &rustup_add(target));
    }
}

#[test]
fn a_missing_host_c_compiler_is_reported() {
    let take = |sandbox: &Sandbox| {
        sandbox.uninstall("cc");
        sandbox.uninstall("zig");
        sandbox.uninstall_std(MUSL);
    };
    let remedy = if cfg!(target_os = "linux") {
        "gcc libc6-dev"
    } else {
        "zig"
    };
    red(&[], take, "no `cc` on `PATH`", remedy);
}

#[test]
fn a_missing_cross_compiler_and_zig_are_reported() {
    let take = |sandbox: &Sandbox| {
        sandbox.uninstall("aarch64-linux-gnu-gcc");
        sandbox.uninstall("zig");
    };
    let what = "no `aarch64-linux-gnu-gcc` on `PATH`, no zig on `PATH`";
    red(&["--arch=arm64"], take, what, "zig");
}

#[test]
fn a_missing_requested_linker_is_reported() {
    let take = |sandbox: &Sandbox| sandbox.uninstall("aarch64-linux-gnu-gcc");
    let args = ["--arch=arm64", "--linker=gcc"];
    red(&args, take, "no `aarch64-linux-gnu-gcc`", "CARGO_TARGET_");
    let take = |sandbox: &Sandbox| sandbox.uninstall("zig");
    red(&["--linker=zig"], take, "no zig on `PATH`", "zig");
    let take = |sandbox: &Sandbox| sandbox.uninstall_lld();
    red(
        &["--linker=lld"],
        take,
        "does not include `rust-lld`",
        "https://rustup.rs",
    );
}

#[test]
fn a_linker_in_cargos_configuration_is_either_found_or_missing() {
    let sandbox = healthy();
    let configure = |linker: &str| {
        let text = format!("[target.{X86}]\nlinker = \"{linker}\"\n");
        sandbox.write(".cargo/config.toml", &text);
    };
    configure("no-such-linker");
    let ran = doctor(&sandbox, &["--arch=x86_64"]).ends_with(96);
    let ran = ran.stdout_eq(str![[r#"
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/toolchains/stable-x86_64-unknown-linux-gnu
           rustc 1.95.0 (fake)
found    x86_64-unknown-linux-gnu: Rust's standard library
           [ROOT]/toolchains/stable-x86_64-unknown-linux-gnu/lib/rustlib/x86_64-unknown-linux-gnu
found    go: builds Go
           [ROOT]/bin/go
           go1.26.0
missing  the linker `no-such-linker`, which cargo's configuration sets for `x86_64-unknown-linux-gnu`, was not found
  help:  correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

"#]]);
    assert!(!ran.stdout.contains("found    no-such-linker"), "{ran}");
    assert!(!ran.stdout.contains("links for"), "{ran}");
    sandbox.install("own-linker");
    configure("own-linker");
    let ran = doctor(&sandbox, &["--arch=x86_64"]).ok();
    ran.stdout_eq(str![[r#"
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/toolchains/stable-x86_64-unknown-linux-gnu
           rustc 1.95.0 (fake)
found    x86_64-unknown-linux-gnu: Rust's standard library
           [ROOT]/toolchains/stable-x86_64-unknown-linux-gnu/lib/rustlib/x86_64-unknown-linux-gnu
found    own-linker: links for x86_64-unknown-linux-gnu: set in cargo's configuration
found    go: builds Go
           [ROOT]/bin/go
           go1.26.0

"#]]);
}

#[test]
fn a_missing_standard_library_for_musl_is_reported() {
    let take = |sandbox: &Sandbox| sandbox.uninstall_std(MUSL);
    let what = format!("standard library for `{MUSL}`");
    red(&["--libc=musl"], take, &what, &rustup_add(MUSL));
    red(&["--linker=lld"], take, &what, &rustup_add(MUSL));
}

/// The advice on a machine with only rustup and these package managers.
#[cfg(target_os = "linux")]
fn advice(package_managers: &[&str], args: &[&str]) -> String {
    let sandbox = Sandbox::orders();
    sandbox.bare();
    sandbox.uninstall("cc");
    for tool in package_managers {
        sandbox.install(tool);
    }
    let ran = doctor(&sandbox, args).ends_with(96);
    // Package managers are detected, but never run.
    for tool in package_managers {
        assert!(sandbox.calls_of(tool).is_empty(), "{tool} was run");
    }
    ran.stdout
}

/// Unit tests cover macOS and Windows, because this test uses the real operating system.
#[cfg(target_os = "linux")]
#[test]
fn help_uses_the_installed_package_manager() {
    for (managers, args, lines) in [
        (
            &["apt-get"][..],
            &["--arch=arm64"][..],
            &["`sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`"][..],
        ),
        (&["apt-get"], &[], &["`sudo apt install gcc libc6-dev`"]),
        (
            &["dnf"],
            &[],
            &[
                "`sudo dnf install gcc glibc-devel`",
                "`sudo dnf install zig`",
            ],
        ),
        (&["dnf"], &["--arch=arm64"], &["`sudo dnf install zig`"]),
        (
            &["apt-get", "pip"],
            &["--arch=arm64"],
            &["`sudo apt install pipx && pipx install ziglang`"],
        ),
        (&[], &["--arch=arm64"], &["https://ziglang.org/download"]),
    ] {
        let advised = advice(managers, args);
        for line in lines {
            assert!(advised.contains(line), "{managers:?} {args:?}: {advised}");
        }
        let of_another = if managers.contains(&"dnf") {
            "apt install"
        } else {
            "dnf install"
        };
        assert!(!advised.contains(of_another), "{managers:?}: {advised}");
    }
}

/// On Arch or Alpine, `apt` is not the system's package manager.
#[cfg(target_os = "linux")]
#[test]
fn help_assumes_no_package_manager() {
    for args in [&[][..], &["--arch=arm64"]] {
        let advised = advice(&[], args);
        let presumed = advised.contains("apt install") && !advised.contains("on Debian and Ubuntu");
        assert!(!presumed, "{advised}");
    }
}

#[test]
fn nothing_is_compiled_written_or_installed() {
    let sandbox = healthy();
    sandbox.install("rustup");
    for take in [None, Some(ARM)] {
        if let Some(target) = take {
            sandbox.uninstall_std(target);
        }
        let before = snapshot(&sandbox.path(""));
        doctor(&sandbox, &["--arch=arm64", "--libc=gnu"]);
        assert_eq!(snapshot(&sandbox.path("")), before);
        for compiler in ["cargo build", "go build", "rustup", "zig cc"] {
            assert!(sandbox.calls_of(compiler).is_empty(), "{compiler}");
        }
    }
}

#[test]
fn only_the_given_folder_and_language_are_inspected() {
    let sandbox = Sandbox::new();
    sandbox.function("rust", "orders");
    sandbox.go_module("go", "example.com/api");
    sandbox.go_function("go");
    sandbox.uninstall("go");
    let ran = doctor(&sandbox, &["rust"]).ok();
    assert!(ran.stdout.contains("rustc") && !ran.stdout.contains("found    go"));
    let ran = doctor(&sandbox, &["rust", "go"]).ends_with(96);
    ran.stdout_eq(str![[r#"
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    x86_64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/x86_64-unknown-linux-gnu
found    cc: links for x86_64-unknown-linux-gnu: the system's linker is compatible: glibc 2.34 in provided.al2023
           [ROOT]/bin/cc
           cc (fake) 12.2.0
missing  `go`, which is needed to build `[ROOT]/project/go`, was not found on `PATH`
  help:  install Go 1.21 or newer: https://go.dev/dl; or pass `--lang rust` to build only Rust functions

"#]]);
    let sandbox = Sandbox::both_languages();
    sandbox.uninstall("go");
    doctor(&sandbox, &["--lang", "rust"]).ok();
    doctor(&sandbox, &["--lang", "go"]).ends_with(96);
}

#[test]
fn a_folder_without_a_project_is_not_reported_as_a_missing_tool() {
    let sandbox = Sandbox::new();
    let ran = doctor(&sandbox, &[]).ends_with(102).stderr_eq(str![[r#"
error: no Cargo.toml or go.mod in `[ROOT]/project`, its parents, or the folders below it
help: pass the project's folder with `cargo lambdapack PATH` or `--manifest-path PATH/Cargo.toml`

"#]]);
    assert!(ran.stdout.is_empty(), "{ran}");
    sandbox.function("", "orders");
    sandbox.write("lambdapack.toml", "linker = \"mold\"\n");
    doctor(&sandbox, &[]).ends_with(102);
    sandbox.remove("lambdapack.toml");
    doctor(&sandbox, &["--linker=lld", "--libc=gnu"]).ends_with(2);
    doctor(&sandbox, &["nowhere"]).ends_with(2);
}
