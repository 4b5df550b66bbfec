//! The choice of linker and libc, and the messages about it.

use serde_json::Value;
use snapbox::str;

use crate::support::{ARM, Ran, Sandbox, Transcript, X86};

const MUSL: &str = "aarch64-unknown-linux-musl";
const GCC: &str = "aarch64-linux-gnu-gcc";
const LINKER: &str = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER";
const MUSL_LINKER: &str = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER";

/// A machine with every linker for arm64.
fn full() -> Sandbox {
    let sandbox = Sandbox::orders();
    sandbox.rustup();
    sandbox.install_std(MUSL);
    sandbox.install_zig();
    sandbox
}

fn arm64(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["--arch", "arm64"], args].concat())
}

/// The entry of `orders` for arm64 in the manifest.
#[track_caller]
fn built(sandbox: &Sandbox, args: &[&str]) -> Value {
    arm64(sandbox, args).ok();
    sandbox.manifest()["functions"]["orders"]["archs"]["arm64"]["build"].clone()
}

#[track_caller]
fn links(sandbox: &Sandbox, args: &[&str]) -> String {
    let build = built(sandbox, args);
    let words = [&build["target"], &build["linker"]["name"]];
    words.map(|word| word.as_str().unwrap()).join(" ")
}

#[test]
fn each_linker_and_libc_can_be_requested() {
    let sandbox = full();
    for (args, linked) in [
        (&[][..], [ARM, GCC]),
        (&["--linker", "auto"], [ARM, GCC]),
        (&["--linker", "gcc"], [ARM, GCC]),
        (&["--linker", "zig"], [ARM, "zig"]),
        (&["--linker", "lld"], [MUSL, "rust-lld"]),
        (&["--libc", "gnu"], [ARM, GCC]),
        // zig also compiles C for musl.
        (&["--libc", "musl"], [MUSL, "zig"]),
        (&["--libc", "musl", "--linker", "zig"], [MUSL, "zig"]),
    ] {
        assert_eq!(links(&sandbox, args), linked.join(" "), "{args:?}");
        let build = sandbox.call("cargo build");
        assert_eq!(build.values("--target"), [linked[0]], "{args:?}");
    }
    assert_eq!(sandbox.call("cargo build").env(LINKER), None);
    arm64(&sandbox, &["--linker", "lld"]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env(MUSL_LINKER), Some("rust-lld"));
    sandbox.run(&["--linker", "system"]).ok();
    let build = sandbox.call("cargo build");
    let linker = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER";
    assert_eq!(build.env(linker), None);
    assert_eq!(build.values("--target"), [X86]);
}

#[test]
fn an_unknown_linker_or_libc_is_a_usage_error_with_the_list() {
    let sandbox = full();
    let mut transcript = Transcript::default();
    for args in [["--linker", "nonsense"], ["--libc", "uclibc"]] {
        sandbox.run(&args).ends_with(2).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --linker nonsense
error: invalid value 'nonsense' for '--linker <LINKER>'
  [possible values: auto, system, gcc, zig, lld]

For more information, try '--help'.

$ cargo lambdapack --libc uclibc
error: invalid value 'uclibc' for '--libc <LIBC>'
  [possible values: gnu, musl]

For more information, try '--help'.


"#]]);
    let mut transcript = Transcript::default();
    for text in ["linker = \"mold\"", "libc = \"uclibc\"", "zig = 3"] {
        sandbox.write("lambdapack.toml", text);
        sandbox.run(&[]).ends_with(102).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 10
  |
1 | linker = "mold"
  |          ^^^^^^
unknown variant `mold`, expected one of `auto`, `system`, `gcc`, `zig`, `lld`
help: correct or remove line 1

$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 8
  |
1 | libc = "uclibc"
  |        ^^^^^^^^
unknown variant `uclibc`, expected `gnu` or `musl`
help: correct or remove line 1

$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 7
  |
1 | zig = 3
  |       ^
invalid type: integer `3`, expected path string
help: correct or remove line 1


"#]]);
    assert!(sandbox.calls_of("cargo build").is_empty());
}

#[test]
fn configuration_sets_linker_and_libc_and_options_override_it() {
    for file in ["lambdapack.toml", "Cargo.toml"] {
        let sandbox = full();
        let table = match file {
            "Cargo.toml" => "[workspace]\n[workspace.metadata.lambdapack]\n",
            _ => "",
        };
        sandbox.append(file, &format!("{table}linker = \"zig\"\nlibc = \"musl\"\n"));
        assert_eq!(links(&sandbox, &[]), format!("{MUSL} zig"), "{file}");
        assert_eq!(links(&sandbox, &["--libc", "gnu"]), format!("{ARM} zig"));
        let lld = links(&sandbox, &["--linker", "lld"]);
        assert_eq!(lld, format!("{MUSL} rust-lld"), "{file}");
        let both = links(&sandbox, &["--linker=gcc", "--libc=gnu"]);
        assert_eq!(both, format!("{ARM} {GCC}"), "{file}");
    }
}

#[test]
fn linker_libc_and_zig_are_only_accepted_at_the_top_level() {
    let mut transcript = Transcript::default();
    for key in ["linker = \"zig\"", "libc = \"musl\"", "zig = \"zig\""] {
        for table in ["[function.orders]", "[package.metadata.lambdapack]"] {
            let sandbox = full();
            let file = match table {
                "[function.orders]" => "lambdapack.toml",
                _ => "Cargo.toml",
            };
            sandbox.append(file, &format!("{table}\n{key}\n"));
            sandbox.run(&[]).ends_with(102).record(&mut transcript);
        }
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
error: `[ROOT]/project/lambdapack.toml`, line 2: `linker` is not allowed in a `[function.NAME]` table
help: set it for the whole project, at the top of `lambdapack.toml` or in `[workspace.metadata.lambdapack]`

$ cargo lambdapack
error: `[package.metadata.lambdapack]` in `[ROOT]/project/Cargo.toml`: `linker` is not allowed in `[package.metadata.lambdapack]`
help: set it for the whole project, at the top of `lambdapack.toml` or in `[workspace.metadata.lambdapack]`

$ cargo lambdapack
error: `[ROOT]/project/lambdapack.toml`, line 2: `libc` is not allowed in a `[function.NAME]` table
help: set it for the whole project, at the top of `lambdapack.toml` or in `[workspace.metadata.lambdapack]`

$ cargo lambdapack
error: `[package.metadata.lambdapack]` in `[ROOT]/project/Cargo.toml`: `libc` is not allowed in `[package.metadata.lambdapack]`
help: set it for the whole project, at the top of `lambdapack.toml` or in `[workspace.metadata.lambdapack]`

$ cargo lambdapack
error: `[ROOT]/project/lambdapack.toml`, line 2: `zig` is not allowed in a `[function.NAME]` table
help: set it for the whole project, at the top of `lambdapack.toml` or in `[workspace.metadata.lambdapack]`

$ cargo lambdapack
error: `[package.metadata.lambdapack]` in `[ROOT]/project/Cargo.toml`: `zig` is not allowed in `[package.metadata.lambdapack]`
help: set it for the whole project, at the top of `lambdapack.toml` or in `[workspace.metadata.lambdapack]`


"#]]);
}

#[test]
fn rust_lld_and_glibc_conflict() {
    let sandbox = full();
    let lld = ["--linker", "lld"];
    arm64(&sandbox, &[&lld[..], &["--libc", "gnu"]].concat())
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `--linker lld` does not support glibc, because rust-lld does not include one
help: pass `--libc musl`, or pass `--linker zig`, which includes glibc; or omit `--linker`

"#]]);
    sandbox.write("lambdapack.toml", "libc = \"gnu\"\n");
    arm64(&sandbox, &lld).ends_with(2);
    sandbox.write(
        ".cargo/config.toml",
        &format!("[build]\ntarget = \"{ARM}\"\n"),
    );
    sandbox.remove("lambdapack.toml");
    arm64(&sandbox, &lld).ends_with(2);
    assert!(sandbox.calls_of("cargo build").is_empty());
}

#[test]
fn a_linker_in_the_flags_conflicts_with_another_by_option() {
    let mut sandbox = full();
    sandbox.set("RUSTFLAGS", "-C linker=my-linker");
    let mut transcript = Transcript::default();
    for linker in ["gcc", "zig", "lld"] {
        arm64(&sandbox, &["--linker", linker])
            .ends_with(2)
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --arch arm64 --linker gcc
error: `--linker gcc` conflicts with `-C linker` in the rustflags for `aarch64-unknown-linux-gnu`
help: remove one of them; rustflags come from `RUSTFLAGS` and cargo's configuration

$ cargo lambdapack --arch arm64 --linker zig
error: `--linker zig` conflicts with `-C linker` in the rustflags for `aarch64-unknown-linux-gnu`
help: remove one of them; rustflags come from `RUSTFLAGS` and cargo's configuration

$ cargo lambdapack --arch arm64 --linker lld
error: `--linker lld` conflicts with `-C linker` in the rustflags for `aarch64-unknown-linux-musl`
help: remove one of them; rustflags come from `RUSTFLAGS` and cargo's configuration


"#]]);
    for linker in ["auto", "system"] {
        arm64(&sandbox, &["--linker", linker]).ok();
        assert_eq!(sandbox.call("cargo build").env(LINKER), None);
    }
}

#[test]
fn with_only_rustup_musl_is_linked_and_reported() {
    let sandbox = Sandbox::orders();
    sandbox.bare();
    sandbox.install_std(MUSL);
    let ran = arm64(&sandbox, &[])
        .ok()
        .stderr_eq(str![[r#"
note: linking statically with musl for arm64: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed; pass `--libc musl` to silence this note
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    ran.stderr_eq(str![[r#"
note: linking statically with musl for arm64: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed; pass `--libc musl` to silence this note
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    let build = sandbox.call("cargo build");
    assert_eq!(build.values("--target"), [MUSL]);
    assert_eq!(build.env(MUSL_LINKER), Some("rust-lld"));
    assert_eq!(links(&sandbox, &[]), format!("{MUSL} rust-lld"));
    // Nothing changes silently, and requested settings cause no note.
    arm64(&sandbox, &["--libc", "musl"])
        .ok()
        .says_nothing_of("note");
    arm64(&sandbox, &["--libc", "gnu"])
        .ends_with(96)
        .stderr_eq(str![[r#"
error: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed ([ROOT]/toolchains/stable-x86_64-unknown-linux-gnu), and no usable linker for `aarch64-unknown-linux-gnu` was found: no `aarch64-linux-gnu-gcc` on `PATH`, no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: `rustup target add aarch64-unknown-linux-gnu --toolchain stable-x86_64-unknown-linux-gnu`; and on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    sandbox.write("lambdapack.toml", "libc = \"gnu\"\n");
    arm64(&sandbox, &[]).ends_with(96);
}

#[test]
fn the_note_about_musl_explains_why_glibc_was_not_linked() {
    let sandbox = Sandbox::orders();
    sandbox.bare();
    sandbox.install_std(MUSL);
    sandbox.install_std(ARM);
    arm64(&sandbox, &[])
        .ok()
        .stderr_eq(str![[r#"
note: linking statically with musl for arm64: no usable linker for `aarch64-unknown-linux-gnu` was found: no `aarch64-linux-gnu-gcc` on `PATH`, no zig on `PATH` or in the `ziglang` package of a Python on `PATH`; pass `--libc musl` to silence this note
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
}

#[test]
fn a_dependency_that_compiles_c_is_noted_if_only_rust_lld_links() {
    let sandbox = Sandbox::orders();
    sandbox.bare();
    sandbox.install_std(MUSL);
    arm64(&sandbox, &[]).ok().says_nothing_of("cc crate");
    let lock = "version = 4\n[[package]]\nname = \"cc\"\nversion = \"1.0.0\"\n";
    sandbox.write("Cargo.lock", lock);
    arm64(&sandbox, &[]).ok().stderr_eq(str![[r#"
note: rust-lld does not compile C, but `Cargo.lock` contains the `cc` crate; if a dependency fails because it needs a C compiler, install zig (https://ziglang.org/download)
note: linking statically with musl for arm64: Rust's standard library for `aarch64-unknown-linux-gnu` is not installed; pass `--libc musl` to silence this note
       Fresh orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    sandbox.install_zig();
    arm64(&sandbox, &["--libc", "musl"])
        .ok()
        .says_nothing_of("cc crate");
    let cc = sandbox.call("cargo build");
    assert!(cc.env("CC_aarch64_unknown_linux_musl").is_some());
}

#[test]
fn choice_version_and_reason_are_printed_and_recorded() {
    let sandbox = full();
    let build = built(&sandbox, &["--linker", "zig"]);
    let linker = &build["linker"];
    assert_eq!(linker["name"], "zig");
    assert_eq!(linker["version"], "0.15.2");
    assert_eq!(linker["reason"], "requested with `--linker zig`");
    let build = built(&sandbox, &[]);
    assert_eq!(build["linker"]["version"], format!("{GCC} (fake) 12.2.0"));
    let ran = arm64(&sandbox, &["-v"]).ok();
    ran.stderr_eq(str![[r#"
     Planned aarch64-unknown-linux-gnu: profile `lambda` (CARGO_PROFILE_LAMBDA_CODEGEN_UNITS=1 CARGO_PROFILE_LAMBDA_INHERITS=release CARGO_PROFILE_LAMBDA_LTO=thin CARGO_PROFILE_LAMBDA_STRIP=symbols)
     Planned aarch64-unknown-linux-gnu: linker `aarch64-linux-gnu-gcc` (a compiler for the target is on PATH: glibc 2.34 in provided.al2023)
     Running cd [ROOT]/project && CARGO_ENCODED_RUSTFLAGS="$(printf -- '--remap-path-prefix=[ROOT]/cargo-home=/cargo\037--remap-path-prefix=[ROOT]/project=/src\037--remap-path-prefix=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime\037--remap-path-prefix=[ROOT]/project/target=/src/target')" CARGO_INCREMENTAL=0 CARGO_PROFILE_LAMBDA_CODEGEN_UNITS=1 CARGO_PROFILE_LAMBDA_INHERITS=release CARGO_PROFILE_LAMBDA_LTO=thin CARGO_PROFILE_LAMBDA_STRIP=symbols CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc CFLAGS_aarch64_unknown_linux_gnu='-ffile-prefix-map=[ROOT]/cargo-home=/cargo -ffile-prefix-map=[ROOT]/project=/src -ffile-prefix-map=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime -ffile-prefix-map=[ROOT]/project/target=/src/target' CXXFLAGS_aarch64_unknown_linux_gnu='-ffile-prefix-map=[ROOT]/cargo-home=/cargo -ffile-prefix-map=[ROOT]/project=/src -ffile-prefix-map=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime -ffile-prefix-map=[ROOT]/project/target=/src/target' LC_ALL=C SOURCE_DATE_EPOCH=315532800 TZ=UTC [ROOT]/bin/cargo build --profile lambda --target aarch64-unknown-linux-gnu --message-format json-render-diagnostics -p orders@0.1.0 --bin orders
      No key orders arm64: there is no Cargo.lock before the first build
       Fresh orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    arm64(&sandbox, &[]).ok().says_nothing_of("linked by");
    let plan = arm64(&sandbox, &["--dry-run", "--message-format", "json"]).ok();
    let plan = plan.json();
    assert_eq!(plan["functions"][0]["build"]["linker"], build["linker"]);
    assert_eq!(plan["steps"][0]["env"][LINKER], GCC);
    assert_eq!(plan["functions"][0]["build"]["target"], ARM);
}

#[test]
fn a_gcc_without_a_c_library_is_replaced_by_zig_or_named() {
    let sandbox = Sandbox::orders();
    sandbox.control("no-libc", GCC);
    arm64(&sandbox, &[])
        .ends_with(96)
        .stderr_eq(str![[r#"
error: no usable linker for `aarch64-unknown-linux-gnu` was found: `aarch64-linux-gnu-gcc` is not compatible (no glibc to link with), no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    assert!(sandbox.calls_of("cargo build").is_empty());
    sandbox.install_zig();
    assert_eq!(links(&sandbox, &[]), format!("{ARM} zig"));
    let linker = &built(&sandbox, &[])["linker"];
    let reason = linker["reason"].as_str().unwrap();
    assert!(reason.contains("no glibc to link with"), "{reason}");
}

/// The build for x86_64 caches the answer of the other compiler.
#[test]
fn a_newly_installed_c_library_is_found() {
    let sandbox = Sandbox::orders();
    sandbox.control("no-libc", GCC);
    sandbox.run(&[]).ok();
    arm64(&sandbox, &[]).ends_with(96).stderr_eq(str![[r#"
error: no usable linker for `aarch64-unknown-linux-gnu` was found: `aarch64-linux-gnu-gcc` is not compatible (no glibc to link with), no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    sandbox.uncontrol("no-libc");
    sandbox.glibc(GCC, "2.34");
    assert_eq!(links(&sandbox, &[]), format!("{ARM} {GCC}"));
}

/// Fedora's cross compiler has no C library; those of Arm and Homebrew include one.
#[test]
fn another_gcc_is_tried_if_the_first_is_unsuitable() {
    let sandbox = Sandbox::orders();
    sandbox.control("no-libc", GCC);
    let other = "aarch64-none-linux-gnu-gcc";
    sandbox.install(other);
    sandbox.glibc(other, "2.34");
    assert_eq!(links(&sandbox, &[]), format!("{ARM} {other}"));
    sandbox.glibc(other, "2.36");
    arm64(&sandbox, &["--runtime", "provided.al2"])
        .ends_with(96)
        .stderr_eq(str![[r#"
warning: `provided.al2` has been deprecated since 2026-07-31, and does not allow new functions from 2027-02-01 or updates from 2027-03-03 (as of 2026-11); move to `provided.al2023`
error: no usable linker for `aarch64-unknown-linux-gnu` was found: `aarch64-linux-gnu-gcc` is not compatible (no glibc to link with), `aarch64-none-linux-gnu-gcc` is not compatible (glibc 2.36 on this machine, 2.26 in provided.al2), no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
}
