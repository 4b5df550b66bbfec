//! Programs for this machine that a build needs on the way: build scripts and
//! procedural macros, which are linked by `cc`.

use snapbox::str;

use crate::support::{Ran, Sandbox, Transcript};

/// `orders` with this Cargo.lock, a cross gcc, and no `cc`.
fn without_cc(locked: &[&str]) -> Sandbox {
    let sandbox = Sandbox::orders();
    sandbox.uninstall("cc");
    let package = |name: &&str| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
    let packages: String = locked.iter().map(package).collect();
    sandbox.write("Cargo.lock", &format!("version = 4\n{packages}"));
    sandbox
}

/// The build and `doctor` say that `cc` is missing, and how to get it.
#[track_caller]
fn misses_cc(sandbox: &Sandbox) -> Ran {
    let mut transcript = Transcript::default();
    for installer in ["apt-get", "dnf"] {
        sandbox.install(installer);
        let ran = sandbox.run(&["--arch", "arm64"]).ends_with(96);
        let ran = ran.record(&mut transcript);
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{ran}");
        assert!(sandbox.calls_of("cargo build").is_empty());
        let doctor = sandbox.run(&["doctor", "--arch", "arm64"]).ends_with(96);
        doctor.record(&mut transcript);
        sandbox.uninstall(installer);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --arch arm64
error: the linker `cc` was not found on PATH: build scripts and procedural macros, of which this workspace needs some, are programs for this machine
help: install a C compiler: `sudo apt install gcc libc6-dev`; or zig: `sudo apt install pipx && pipx install ziglang`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
found    aarch64-linux-gnu-gcc: links for aarch64-unknown-linux-gnu: a compiler for the target is on PATH: provided.al2023 has 2.34
           [ROOT]/bin/aarch64-linux-gnu-gcc
           aarch64-linux-gnu-gcc (fake) 12.2.0
missing  the linker `cc` was not found on PATH: build scripts and procedural macros, of which this workspace needs some, are programs for this machine
  help:  install a C compiler: `sudo apt install gcc libc6-dev`; or zig: `sudo apt install pipx && pipx install ziglang`

$ cargo lambdapack --arch arm64
error: the linker `cc` was not found on PATH: build scripts and procedural macros, of which this workspace needs some, are programs for this machine
help: install a C compiler: `sudo dnf install gcc glibc-devel`; or zig: `sudo dnf install zig`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
found    aarch64-linux-gnu-gcc: links for aarch64-unknown-linux-gnu: a compiler for the target is on PATH: provided.al2023 has 2.34
           [ROOT]/bin/aarch64-linux-gnu-gcc
           aarch64-linux-gnu-gcc (fake) 12.2.0
missing  the linker `cc` was not found on PATH: build scripts and procedural macros, of which this workspace needs some, are programs for this machine
  help:  install a C compiler: `sudo dnf install gcc glibc-devel`; or zig: `sudo dnf install zig`


"#]]);
    sandbox.install("cc");
    sandbox.run(&["doctor", "--arch", "arm64"]).ok();
    sandbox.run(&["--arch", "arm64"]).ok()
}

#[test]
fn without_any_of_them_cc_is_not_missed() {
    let sandbox = without_cc(&["lambda_runtime", "libc-print", "cc"]);
    sandbox.run(&["doctor", "--arch", "arm64"]).ok();
    sandbox.run(&["--arch", "arm64"]).ok();
}

#[test]
fn for_a_build_script_cc_is_missed() {
    let sandbox = without_cc(&["lambda_runtime"]);
    sandbox.write("build.rs", "fn main() {}");
    misses_cc(&sandbox);
}

#[test]
fn for_a_procedural_macro_of_the_workspace_cc_is_missed() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "macros"]);
    sandbox.write("macros/src/lib.rs", "");
    sandbox.append("macros/Cargo.toml", "[lib]\nproc-macro = true\n");
    sandbox.write("Cargo.lock", "version = 4\n");
    sandbox.uninstall("cc");
    misses_cc(&sandbox);
}

#[test]
fn for_dependencies_that_have_them_cc_is_missed() {
    for name in ["libc", "proc-macro2"] {
        misses_cc(&without_cc(&["lambda_runtime", name]));
    }
}

#[test]
fn for_dependencies_that_are_not_locked_yet_cc_is_missed() {
    let sandbox = without_cc(&[]);
    sandbox.remove("Cargo.lock");
    misses_cc(&sandbox);
}

#[test]
fn zig_links_them_or_a_linker_that_is_configured() {
    let sandbox = without_cc(&["libc"]);
    let own = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER";
    let config = "[target.x86_64-unknown-linux-gnu]\nlinker = \"mine\"\n";
    sandbox.write(".cargo/config.toml", config);
    sandbox.run(&["--arch", "arm64"]).ok();
    assert_eq!(sandbox.call("cargo build").env(own), None);
    sandbox.remove(".cargo/config.toml");
    sandbox.install_zig();
    sandbox.run(&["--arch", "arm64"]).ok();
    assert!(sandbox.call("cargo build").env(own).is_some());
}
