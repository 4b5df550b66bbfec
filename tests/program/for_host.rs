//! Programs for this machine that a build needs on the way: build scripts and
//! procedural macros, which are linked by `cc`.

use crate::support::{Ran, Sandbox};

const MISSING: &str = "the linker `cc` was not found on PATH";

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
    for (installer, line) in [
        ("apt-get", "`sudo apt install gcc libc6-dev`"),
        ("dnf", "`sudo dnf install gcc glibc-devel`"),
    ] {
        sandbox.install(installer);
        let ran = sandbox.run(&["--arch", "arm64"]).ends_with(96);
        let ran = ran.says(MISSING).says(line);
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{ran}");
        assert!(sandbox.calls_of("cargo build").is_empty());
        let doctor = sandbox.run(&["doctor", "--arch", "arm64"]).ends_with(96);
        let missing = format!("missing  {MISSING}");
        assert!(doctor.stdout.contains(&missing), "{doctor}");
        assert!(doctor.stdout.contains(line), "{doctor}");
        sandbox.uninstall(installer);
    }
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
