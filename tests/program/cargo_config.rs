//! Common Cargo settings: targets, linkers, flags, and wrappers.

use snapbox::str;

use crate::support::{ARM, Ran, Sandbox, Transcript, X86};

const MUSL: &str = "aarch64-unknown-linux-musl";
const LINKER: &str = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER";
const FLAGS: &str = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS";
const CONFIG: &str = ".cargo/config.toml";

fn arm64(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["--arch", "arm64"], args].concat())
}

/// The flags of `orders` according to the manifest.
#[track_caller]
fn flags(sandbox: &Sandbox) -> Vec<String> {
    let build = &sandbox.manifest()["functions"]["orders"]["archs"]["arm64"]["build"];
    let flags = build["rustflags"].as_array();
    let flags = flags.into_iter().flatten();
    flags
        .map(|flag| flag.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn flags_from_every_source_are_kept_recorded_and_checked() {
    let native = "-C target-cpu=native";
    let list = "[\"-C\", \"target-cpu=native\"]";
    let mut transcript = Transcript::default();
    for (place, text) in [
        ("RUSTFLAGS", native),
        ("CARGO_ENCODED_RUSTFLAGS", "-C\u{1f}target-cpu=native"),
        ("CARGO_BUILD_RUSTFLAGS", native),
        (FLAGS, native),
        (CONFIG, &format!("[build]\nrustflags = \"{native}\"\n")),
        (CONFIG, &format!("[build]\nrustflags = {list}\n")),
        (
            CONFIG,
            &format!("[target.{ARM}]\nrustflags = \"{native}\"\n"),
        ),
        (CONFIG, &format!("[target.{ARM}]\nrustflags = {list}\n")),
        (
            CONFIG,
            &format!("[target.'cfg(target_os = \"linux\")']\nrustflags = {list}\n"),
        ),
        (
            CONFIG,
            &format!("[target.'cfg(unix)']\nrustflags = \"{native}\"\n"),
        ),
        (
            "../cargo-home/config.toml",
            &format!("[build]\nrustflags = {list}\n"),
        ),
    ] {
        let mut sandbox = Sandbox::orders();
        if place.ends_with("toml") {
            sandbox.write(place, text)
        } else {
            sandbox.set(place, text)
        }
        let ran = arm64(&sandbox, &[]).ok();
        let warning = "warning: rustflags set `target-cpu=native`";
        assert_eq!(
            ran.stderr.matches(warning).count(),
            1,
            "{place} {text}: {ran}"
        );
        transcript.add(&ran);
        assert_eq!(
            flags(&sandbox),
            ["-C", "target-cpu=native"],
            "{place} {text}"
        );
        let build = sandbox.call("cargo build");
        let heard = build.env("CARGO_ENCODED_RUSTFLAGS").unwrap();
        assert!(
            heard.ends_with("\u{1f}-C\u{1f}target-cpu=native"),
            "{heard}"
        );
        for name in ["RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", FLAGS] {
            let set = (name == place).then_some(text);
            assert_eq!(build.env(name), set, "{place}: {name}");
        }
        assert!(build.values("--config").is_empty());
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --arch arm64
[HASH]  target/lambdapack/arm64/orders.zip
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]


"#]]);
}

/// `include` in Cargo's configuration.
#[test]
fn flags_and_linker_of_an_included_file_are_honored() {
    let sandbox = Sandbox::orders();
    sandbox.uninstall("aarch64-linux-gnu-gcc");
    sandbox.write(CONFIG, "include = [\"more.toml\"]\n");
    let more = format!(
        "[build]\nrustflags = \"-C target-cpu=native\"\n[target.{ARM}]\nlinker = \"mine\"\n"
    );
    sandbox.write(".cargo/more.toml", &more);
    arm64(&sandbox, &[]).ok().stderr_eq(str![[r#"
warning: rustflags set `target-cpu=native`, but some arm64 hosts of Lambda lack instructions beyond neoverse-n1, and terminate such a function with SIGILL
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
}

#[test]
fn flags_that_cargo_ignores_are_not_recorded() {
    let mut sandbox = Sandbox::orders();
    sandbox.write(
        CONFIG,
        &format!(
            "[build]\nrustflags = \"--cfg build\"\n[target.{ARM}]\nrustflags = \"--cfg triple\"\n\
             [target.'cfg(unix)']\nrustflags = \"--cfg unix\"\n\
             [target.{X86}]\nrustflags = \"-C target-cpu=native\"\n"
        ),
    );
    let ran = arm64(&sandbox, &[]).ok();
    assert_eq!(flags(&sandbox), ["--cfg", "triple", "--cfg", "unix"]);
    assert!(!ran.stderr.contains("native"), "of the other target: {ran}");
    sandbox.set("RUSTFLAGS", "--cfg mine");
    arm64(&sandbox, &[]).ok();
    assert_eq!(flags(&sandbox), ["--cfg", "mine"]);
}

#[test]
fn only_instructions_that_some_hosts_lack_are_warned_about() {
    for (arch, flags, warned) in [
        ("arm64", "-Ctarget-cpu=neoverse-n1", false),
        ("x86_64", "-Ctarget-cpu=haswell", false),
        ("arm64", "-Ctarget-cpu=neoverse-v1", true),
        ("x86_64", "-Ctarget-cpu=x86-64-v4", true),
        ("x86_64", "-C target-feature=+avx2,+avx512f", true),
        ("arm64", "-C target-feature=+sve", true),
        ("arm64", "-C target-feature=+lse", false),
        ("arm64", "-C target-feature=+rand", true),
        ("arm64", "-C target-feature=+random", false),
        ("x86_64", "-C target-feature=+random", false),
    ] {
        let mut sandbox = Sandbox::orders();
        sandbox.set("RUSTFLAGS", flags);
        let ran = sandbox.run(&["--arch", arch]).ok();
        assert_eq!(ran.stderr.contains("SIGILL"), warned, "{flags}: {ran}");
    }
}

#[test]
fn c_flags_are_checked_for_their_target() {
    for (name, warned) in [
        ("CFLAGS", true),
        ("CXXFLAGS", true),
        ("TARGET_CFLAGS", true),
        ("CFLAGS_aarch64_unknown_linux_gnu", true),
        ("CXXFLAGS_aarch64-unknown-linux-gnu", true),
        ("CFLAGS_x86_64_unknown_linux_gnu", false),
        ("CFLAGS_x86_64-apple-darwin", false),
        ("HOST_CFLAGS", false),
    ] {
        let mut sandbox = Sandbox::orders();
        sandbox.set(name, "-O2 -march=native");
        let ran = arm64(&sandbox, &[]).ok();
        let is_reported = ran.stderr.contains("-march=native");
        assert_eq!(is_reported, warned, "{name}: {ran}");
    }
}

#[test]
fn c_flags_for_a_processor_that_every_host_supports_are_accepted() {
    for (arch, flag, warned) in [
        ("x86_64", "-march=znver4", true),
        ("x86_64", "-march=x86-64-v4", true),
        ("x86_64", "-march=x86-64-v3", false),
        ("x86_64", "-march=haswell", false),
        ("arm64", "-mcpu=neoverse-v2", true),
        ("arm64", "-mcpu=neoverse-n1+crypto", false),
        ("arm64", "-march=armv8-a+crc", false),
        // The architecture of neoverse-n1.
        ("arm64", "-march=armv8.2-a", false),
    ] {
        let mut sandbox = Sandbox::orders();
        sandbox.set("CFLAGS", &format!("-O2 {flag}"));
        let ran = sandbox.run(&["--arch", arch]).ok();
        let is_reported = ran.stderr.contains(&format!("`CFLAGS` sets `{flag}`"));
        assert_eq!(is_reported, warned, "{arch} {flag}: {ran}");
    }
}

#[test]
fn a_configured_linker_is_shown_by_name() {
    for place in [
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER".to_owned(),
        format!("[target.{ARM}]\nlinker = \"my-linker\"\n"),
        "[target.'cfg(unix)']\nlinker = \"my-linker\"\n".to_owned(),
        format!("[target.{ARM}]\nrustflags = [\"-Clinker=my-linker\"]\n"),
    ] {
        let mut sandbox = Sandbox::orders();
        if place.starts_with('[') {
            sandbox.write(CONFIG, &place)
        } else {
            sandbox.set(LINKER, "my-linker")
        }
        let ran = arm64(&sandbox, &["-v"]).ok();
        let line = ran.stderr.lines().find(|line| line.contains(": linker "));
        let line = line.unwrap_or_else(|| panic!("{place}: {ran}"));
        assert!(
            line.contains("set in cargo's configuration"),
            "{place}: {line}"
        );
        assert!(line.contains("my-linker"), "{place}: {line}");
    }
}

#[test]
fn a_linker_set_by_cargos_config_option_is_a_user_setting() {
    let sandbox = Sandbox::orders();
    sandbox.uninstall("aarch64-linux-gnu-gcc");
    let config = format!("target.{ARM}.linker='my-linker'");
    arm64(&sandbox, &["--", "--config", &config]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env(LINKER), None);
    assert_eq!(build.values("--config"), [config.as_str()]);
}

#[test]
fn a_build_target_determines_architecture_and_libc() {
    let mut sandbox = Sandbox::orders();
    sandbox.rustup();
    sandbox.install_std(MUSL);
    sandbox.set("CARGO_BUILD_TARGET", MUSL);
    sandbox.run(&[]).ok().says_nothing_of("note");
    assert_eq!(sandbox.call("cargo build").values("--target"), [MUSL]);
    assert_eq!(sandbox.results()[0], "arm64/orders.zip");
    // Each option overrides its half of the configured target.
    sandbox.run(&["--libc", "gnu"]).ok();
    assert_eq!(sandbox.call("cargo build").values("--target"), [ARM]);
    sandbox.run(&["--arch", "x86_64"]).ok();
    assert_eq!(sandbox.call("cargo build").values("--target"), [X86]);
    // A target for glibc requires glibc.
    sandbox.set("CARGO_BUILD_TARGET", ARM);
    sandbox.uninstall_std(ARM);
    sandbox
        .run(&[])
        .ends_with(96)
        .stderr_eq(str![[r#"
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed ([ROOT]/toolchains/stable-x86_64-unknown-linux-gnu)
help: `rustup target add aarch64-unknown-linux-gnu --toolchain stable-x86_64-unknown-linux-gnu`

"#]]);
    sandbox.run(&["--libc", "musl"]).ok();
    assert_eq!(sandbox.call("cargo build").values("--target"), [MUSL]);
}

#[test]
fn a_custom_target_is_rejected_with_an_explanation() {
    let sandbox = Sandbox::orders();
    sandbox.write("lambda.json", "{}");
    sandbox.write(CONFIG, "[build]\ntarget = \"lambda.json\"\n");
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: cargo's `build.target` is `[ROOT]/project/lambda.json`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

"#]]);
    assert!(sandbox.calls_of("cargo build").is_empty());
}

#[test]
fn cargo_runs_the_wrapper_and_reports_its_failure() {
    let mut sandbox = Sandbox::orders();
    sandbox.uninstall("aarch64-linux-gnu-gcc");
    sandbox.set("RUSTC_WRAPPER", "nowhere/sccache");
    // Queries for rustc's tables do not use the wrapper.
    sandbox.write(
        CONFIG,
        "[target.'cfg(unix)']\nlinker = \"mine\"\nrustflags = \"--cfg kept\"\n",
    );
    arm64(&sandbox, &[]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env("RUSTC_WRAPPER"), Some("nowhere/sccache"));
    assert_eq!(flags(&sandbox), ["--cfg", "kept"]);
    let words = "error: could not execute process `nowhere/sccache rustc -vV`\n";
    sandbox.control("fail-cargo-build", words);
    let ran = arm64(&sandbox, &[]).ends_with(101);
    assert_eq!(ran.stderr, words);
}

#[test]
fn a_missing_target_is_added_to_the_building_toolchain() {
    let mut sandbox = Sandbox::orders();
    sandbox.rustup();
    sandbox.install("rustup");
    let nightly = "nightly-x86_64-unknown-linux-gnu";
    sandbox.set("RUSTUP_TOOLCHAIN", nightly);
    sandbox.set("RUSTUP_TOOLCHAIN_SOURCE", "cli");
    let std = format!("../toolchains/{nightly}/lib/rustlib/{X86}/lib/libstd-x.rlib");
    sandbox.write(&std, "");
    sandbox.run(&["--arch", "x86_64"]).ok();
    arm64(&sandbox, &[])
        .ends_with(96)
        .stderr_eq(str![[r#"
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed ([ROOT]/toolchains/nightly-x86_64-unknown-linux-gnu)
help: `rustup target add aarch64-unknown-linux-gnu --toolchain nightly-x86_64-unknown-linux-gnu`

"#]]);
    assert!(sandbox.calls_of("rustup").is_empty());
    assert!(sandbox.calls_of("cargo build").is_empty());
    sandbox.unset("RUSTUP_TOOLCHAIN");
    arm64(&sandbox, &[]).ok();
}

#[test]
fn a_rust_from_a_distribution_gets_no_advice_to_install_musl() {
    let sandbox = Sandbox::orders();
    let ran = arm64(&sandbox, &["--libc", "musl"]).ends_with(96);
    let ran = ran.stderr_eq(str![[r#"
error: Rust's standard library for `aarch64-unknown-linux-musl` is not installed ([ROOT]/sysroot)
help: use rustup (https://rustup.rs): your system's Rust has no standard library for musl

"#]]);
    assert!(!ran.stderr.contains("libstd-rust-dev"), "for glibc: {ran}");
}
