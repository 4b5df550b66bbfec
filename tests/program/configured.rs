//! Linkers and targets in Cargo's configuration: missing linkers, targets that are not
//! Lambda's, and settings in included files.

use snapbox::str;

use crate::support::{ARM, Ran, Sandbox, Transcript, X86};

const LINKER: &str = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER";
const CONFIG: &str = ".cargo/config.toml";
const MORE: &str = ".cargo/more.toml";

fn arm64(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["--arch", "arm64"], args].concat())
}

/// The entry of `orders` for arm64 in the manifest.
#[track_caller]
fn built(sandbox: &Sandbox) -> serde_json::Value {
    sandbox.manifest()["functions"]["orders"]["archs"]["arm64"]["build"].clone()
}

#[test]
fn a_missing_linker_is_named_and_works_once_it_is_installed() {
    let mut transcript = Transcript::default();
    for (name, folder) in [("nope", "bin"), ("tools/nope", "project/tools")] {
        for place in [
            LINKER.to_owned(),
            format!("[target.{ARM}]\nlinker = \"{name}\"\n"),
            format!("[target.'cfg(target_arch = \"aarch64\")']\nlinker = \"{name}\"\n"),
            format!("[target.{ARM}]\nrustflags = [\"-Clinker={name}\"]\n"),
        ] {
            let mut sandbox = Sandbox::orders();
            if place.starts_with('[') {
                sandbox.write(CONFIG, &place)
            } else {
                sandbox.set(&place, name)
            }
            for _ in 0..2 {
                let ran = arm64(&sandbox, &[]).ends_with(96);
                transcript.add(&ran);

                assert!(sandbox.calls_of("cargo build").is_empty());
            }
            let doctor = sandbox.run(&["doctor", "--arch", "arm64"]).ends_with(96);
            transcript.add(&doctor);
            // The other architecture is not affected.
            sandbox.run(&["--arch", "x86_64"]).ok();
            sandbox.install_in(folder, "nope");
            let ran = arm64(&sandbox, &[]);
            assert_eq!(ran.code, Some(0), "{place} {name}: {ran}");
            let linker = built(&sandbox)["linker"]["name"].to_string();
            assert!(linker.contains("nope"), "{place} {name}: {linker}");
        }
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --arch arm64
error: the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
missing  the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
  help:  correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
missing  the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
  help:  correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
missing  the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
  help:  correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
missing  the linker `nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
  help:  correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `[ROOT]/project/tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `[ROOT]/project/tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
missing  the linker `[ROOT]/project/tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
  help:  correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `[ROOT]/project/tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `[ROOT]/project/tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
missing  the linker `[ROOT]/project/tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
  help:  correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `[ROOT]/project/tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `[ROOT]/project/tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
missing  the linker `[ROOT]/project/tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
  help:  correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack --arch arm64
error: the linker `tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
help: correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
missing  the linker `tools/nope`, which cargo's configuration sets for `aarch64-unknown-linux-gnu`, was not found
  help:  correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`


"#]]);
}

#[test]
fn a_missing_linker_does_not_matter_if_another_is_requested() {
    let sandbox = Sandbox::orders();
    sandbox.write(CONFIG, &format!("[target.{ARM}]\nlinker = \"nope\"\n"));
    arm64(&sandbox, &["--linker", "gcc"]).ok();
    let gcc = "aarch64-linux-gnu-gcc";
    assert_eq!(sandbox.call("cargo build").env(LINKER), Some(gcc));
}

#[test]
fn an_unsupported_target_is_rejected_unless_an_architecture_is_given() {
    let mut transcript = Transcript::default();
    for target in [
        "x.json",
        // The file's name alone does not make it one of rustc's targets.
        "aarch64-unknown-linux-gnu.json",
        "x86_64-unknown-linux-gnux32",
        "aarch64-unknown-linux-gnu_ilp32",
        "x86_64-unknown-linux-ohos",
    ] {
        for place in [CONFIG, "CARGO_BUILD_TARGET"] {
            let mut sandbox = Sandbox::orders();
            if target.ends_with(".json") {
                sandbox.write(target, "{}");
            }
            match place {
                CONFIG => sandbox.write(CONFIG, &format!("[build]\ntarget = \"{target}\"\n")),
                _ => sandbox.set(place, target),
            }
            sandbox.run(&[]).ends_with(102).record(&mut transcript);
            assert!(sandbox.calls_of("cargo build").is_empty());
            for (arch, gnu) in [("arm64", ARM), ("x86_64", X86)] {
                let ran = sandbox.run(&["--arch", arch]);
                assert_eq!(ran.code, Some(0), "{target} {place}: {ran}");
                assert_eq!(sandbox.call("cargo build").values("--target"), [gnu]);
            }
        }
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
error: cargo's `build.target` is `[ROOT]/project/x.json`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `[ROOT]/project/x.json`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `[ROOT]/project/aarch64-unknown-linux-gnu.json`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `[ROOT]/project/aarch64-unknown-linux-gnu.json`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `x86_64-unknown-linux-gnux32`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `x86_64-unknown-linux-gnux32`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `aarch64-unknown-linux-gnu_ilp32`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `aarch64-unknown-linux-gnu_ilp32`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `x86_64-unknown-linux-ohos`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `x86_64-unknown-linux-ohos`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`


"#]]);
}

/// The project `orders` with this Cargo configuration, which includes the second file.
fn including(own: &str, more: &str) -> Sandbox {
    let sandbox = Sandbox::orders();
    sandbox.write(CONFIG, &format!("include = [\"more.toml\"]\n{own}"));
    sandbox.write(MORE, more);
    sandbox
}

#[test]
fn an_included_linker_applies_to_its_targets() {
    let cfg = "[target.'cfg(target_arch=\"aarch64\")']";
    let sandbox = including("", &format!("{cfg}\nlinker = \"mine\"\n"));
    sandbox.uninstall("aarch64-linux-gnu-gcc");
    arm64(&sandbox, &[]).ok();
    assert_eq!(sandbox.call("cargo build").env(LINKER), None);
    assert_eq!(built(&sandbox)["linker"]["name"], "mine");
    let ran = sandbox.run(&["--arch", "x86_64", "-v"]).ok();
    ran.stderr_eq(str![[r#"
     Planned x86_64-unknown-linux-gnu: profile `lambda` (CARGO_PROFILE_LAMBDA_CODEGEN_UNITS=1 CARGO_PROFILE_LAMBDA_INHERITS=release CARGO_PROFILE_LAMBDA_LTO=thin CARGO_PROFILE_LAMBDA_STRIP=symbols)
     Planned x86_64-unknown-linux-gnu: linker `cc` (the system's linker is compatible: glibc 2.34 in provided.al2023)
     Running cd [ROOT]/project && CARGO_ENCODED_RUSTFLAGS="$(printf -- '--remap-path-prefix=[ROOT]/cargo-home=/cargo\037--remap-path-prefix=[ROOT]/project=/src\037--remap-path-prefix=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime\037--remap-path-prefix=[ROOT]/project/target=/src/target')" CARGO_INCREMENTAL=0 CARGO_PROFILE_LAMBDA_CODEGEN_UNITS=1 CARGO_PROFILE_LAMBDA_INHERITS=release CARGO_PROFILE_LAMBDA_LTO=thin CARGO_PROFILE_LAMBDA_STRIP=symbols CFLAGS_x86_64_unknown_linux_gnu='-ffile-prefix-map=[ROOT]/cargo-home=/cargo -ffile-prefix-map=[ROOT]/project=/src -ffile-prefix-map=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime -ffile-prefix-map=[ROOT]/project/target=/src/target' CXXFLAGS_x86_64_unknown_linux_gnu='-ffile-prefix-map=[ROOT]/cargo-home=/cargo -ffile-prefix-map=[ROOT]/project=/src -ffile-prefix-map=[ROOT]/crates/lambda_runtime=/outside/lambda_runtime -ffile-prefix-map=[ROOT]/project/target=/src/target' LC_ALL=C SOURCE_DATE_EPOCH=315532800 TZ=UTC [ROOT]/bin/cargo build --profile lambda --target x86_64-unknown-linux-gnu --message-format json-render-diagnostics -p orders@0.1.0 --bin orders
     Checked orders (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders is statically linked and needs no libraries of the runtime [static]
      No key orders x86_64: there is no Cargo.lock before the first build
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    // The files are read again if they change.
    sandbox.write(MORE, "");
    arm64(&sandbox, &[]).ends_with(96);
}

/// cargo resolves a path relative to the folder that contains `.cargo`.
#[test]
fn an_included_linker_may_be_a_path_in_the_project() {
    let more = format!("[target.{ARM}]\nlinker = \"tools/own\"\n");
    let sandbox = including("", &more);
    let own = sandbox.install_in("project/tools", "own");
    let ran = arm64(&sandbox, &[]);
    assert_eq!(ran.code, Some(0), "{} is there: {ran}", own.display());
}

#[test]
fn an_included_build_target_is_honored() {
    let sandbox = including("", &format!("[build]\ntarget = \"{ARM}\"\n"));
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.call("cargo build").values("--target"), [ARM]);
    assert_eq!(sandbox.results()[0], "arm64/orders.zip");
    let own = "[build]\ntarget = \"x.json\"\n";
    let sandbox = including(own, &format!("[build]\ntarget = \"{ARM}\"\n"));
    sandbox.write("x.json", "{}");
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: cargo's `build.target` is `[TEMP]/x.json`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

"#]]);
}

#[test]
fn included_variables_are_not_overridden_by_zig() {
    let cc = format!("CC_{}", ARM.replace('-', "_"));
    let sandbox = including("", &format!("[env]\n{cc} = \"clang\"\n"));
    sandbox.install_zig();
    arm64(&sandbox, &["--linker", "zig"]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env(&cc), None);
    assert!(build.env(&cc.replace("CC", "CXX")).is_some());
}

#[test]
fn included_flags_precede_those_of_the_including_file() {
    let flags = |words: &str| format!("[target.{ARM}]\nrustflags = [\"--cfg\", \"{words}\"]\n");
    let sandbox = including(&flags("own"), &flags("more"));
    arm64(&sandbox, &[]).ok();
    let kept = &built(&sandbox)["rustflags"];
    assert_eq!(*kept, serde_json::json!(["--cfg", "more", "--cfg", "own"]));
}

/// rustc runs in the workspace's folder, regardless of the current directory.
#[test]
fn a_linker_in_flags_is_resolved_from_the_workspace() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders"]);
    let text = format!("[target.{ARM}]\nrustflags = [\"-Clinker=tools/own\"]\n");
    sandbox.write(CONFIG, &text);
    sandbox.install_in("project/tools", "own");
    arm64(&sandbox, &[]).ok();
    let ran = sandbox.run_in("orders", &["--arch", "arm64"]);
    assert_eq!(ran.code, Some(0), "{ran}");
}
