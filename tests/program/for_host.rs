//! Host programs that a build needs, such as build scripts and procedural macros. `cc` links
//! them.

use snapbox::str;

use crate::support::{Ran, Sandbox, Transcript};

/// `orders` with this Cargo.lock, and a cross-compiling gcc but no `cc`.
fn without_cc(locked: &[&str]) -> Sandbox {
    let sandbox = Sandbox::orders();
    sandbox.uninstall("cc");
    let package = |name: &&str| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
    let packages: String = locked.iter().map(package).collect();
    sandbox.write("Cargo.lock", &format!("version = 4\n{packages}"));
    sandbox
}

/// The build and `doctor` report that `cc` is missing, and how to install it.
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
error: the linker `cc` was not found on `PATH`, but this workspace needs it for build scripts or procedural macros, which run on this machine
help: install a C compiler: `sudo apt install gcc libc6-dev`; or install zig: `sudo apt install pipx && pipx install ziglang`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
found    aarch64-linux-gnu-gcc: links for aarch64-unknown-linux-gnu: a compiler for the target is on PATH: glibc 2.34 in provided.al2023
           [ROOT]/bin/aarch64-linux-gnu-gcc
           aarch64-linux-gnu-gcc (fake) 12.2.0
missing  the linker `cc` was not found on `PATH`, but this workspace needs it for build scripts or procedural macros, which run on this machine
  help:  install a C compiler: `sudo apt install gcc libc6-dev`; or install zig: `sudo apt install pipx && pipx install ziglang`

$ cargo lambdapack --arch arm64
error: the linker `cc` was not found on `PATH`, but this workspace needs it for build scripts or procedural macros, which run on this machine
help: install a C compiler: `sudo dnf install gcc glibc-devel`; or install zig: `sudo dnf install zig`

$ cargo lambdapack doctor --arch arm64
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
found    aarch64-linux-gnu-gcc: links for aarch64-unknown-linux-gnu: a compiler for the target is on PATH: glibc 2.34 in provided.al2023
           [ROOT]/bin/aarch64-linux-gnu-gcc
           aarch64-linux-gnu-gcc (fake) 12.2.0
missing  the linker `cc` was not found on `PATH`, but this workspace needs it for build scripts or procedural macros, which run on this machine
  help:  install a C compiler: `sudo dnf install gcc glibc-devel`; or install zig: `sudo dnf install zig`


"#]]);
    sandbox.install("cc");
    sandbox.run(&["doctor", "--arch", "arm64"]).ok();
    sandbox.run(&["--arch", "arm64"]).ok()
}

#[test]
fn cc_is_not_required_without_host_programs() {
    let sandbox = without_cc(&["lambda_runtime", "libc-print", "cc"]);
    sandbox.run(&["doctor", "--arch", "arm64"]).ok();
    sandbox.run(&["--arch", "arm64"]).ok();
}

#[test]
fn a_build_script_requires_cc() {
    let sandbox = without_cc(&["lambda_runtime"]);
    sandbox.write("build.rs", "fn main() {}");
    misses_cc(&sandbox);
}

#[test]
fn a_procedural_macro_in_the_workspace_requires_cc() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "macros"]);
    sandbox.write("macros/src/lib.rs", "");
    sandbox.append("macros/Cargo.toml", "[lib]\nproc-macro = true\n");
    sandbox.write("Cargo.lock", "version = 4\n");
    sandbox.uninstall("cc");
    misses_cc(&sandbox);
}

#[test]
fn dependencies_with_host_programs_require_cc() {
    for name in ["libc", "proc-macro2"] {
        misses_cc(&without_cc(&["lambda_runtime", name]));
    }
}

#[test]
fn dependencies_that_are_not_locked_yet_require_cc() {
    let sandbox = without_cc(&[]);
    sandbox.remove("Cargo.lock");
    misses_cc(&sandbox);
}

#[test]
fn zig_or_a_configured_linker_links_host_programs() {
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
