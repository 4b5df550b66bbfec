//! Tools that exist but cannot be started do not stop runs that do not need them.

use snapbox::str;

use crate::support::{Sandbox, Transcript};

const GCC: &str = "aarch64-linux-gnu-gcc";

/// `orders`, with these tools as executable files that cannot be started.
fn broken(tools: &[&str]) -> Sandbox {
    let sandbox = Sandbox::orders();
    for tool in tools {
        if sandbox.on_path(tool).exists() {
            sandbox.uninstall(tool);
        }
        sandbox.write(&format!("../bin/{tool}"), "\u{7f}ELF, cut off");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs_err::set_permissions(sandbox.on_path(tool), executable).unwrap();
    }
    sandbox
}

#[test]
fn unstartable_tools_stop_neither_list_nor_a_build_for_this_machine() {
    let mut transcript = Transcript::default();
    for tools in [&[GCC][..], &["python3"], &[GCC, "python3", "python"]] {
        let sandbox = broken(tools);
        let ran = sandbox.run(&["list"]).ok();
        transcript.add(&ran);
        sandbox.run(&[]).ok();
        assert!(sandbox.packed("x86_64/orders.zip").contains("orders"));
    }
    transcript.eq(str![[r#"
$ cargo lambdapack list
orders  rust  x86_64  target/lambdapack/x86_64/orders.zip

$ cargo lambdapack list
orders  rust  x86_64  target/lambdapack/x86_64/orders.zip

$ cargo lambdapack list
orders  rust  x86_64  target/lambdapack/x86_64/orders.zip


"#]]);
}

#[test]
fn an_unstartable_gcc_is_reported_as_unsuitable() {
    let sandbox = broken(&[GCC, "python3"]);
    let ran = sandbox.run(&["doctor", "--arch", "arm64"]).ends_with(96);
    ran.stdout_eq(str![[r#"
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    aarch64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/aarch64-unknown-linux-gnu
missing  no usable linker for `aarch64-unknown-linux-gnu` was found: `aarch64-linux-gnu-gcc` is not compatible (it fails or cannot be started), no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
  help:  on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: `python3 -m pip install ziglang`, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    sandbox.run(&["--arch", "arm64"]).ends_with(96).stderr_eq(str![[r#"
error: no usable linker for `aarch64-unknown-linux-gnu` was found: `aarch64-linux-gnu-gcc` is not compatible (it fails or cannot be started), no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: `python3 -m pip install ziglang`, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    assert!(sandbox.calls_of("cargo build").is_empty());
    // It does not hide a usable one, either.
    let other = "aarch64-none-linux-gnu-gcc";
    sandbox.install(other);
    sandbox.run(&["--arch", "arm64"]).ok();
    let linker = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER";
    assert_eq!(sandbox.call("cargo build").env(linker), Some(other));
}

#[test]
fn after_an_unstartable_python_the_next_one_is_tried() {
    let sandbox = broken(&["python3"]);
    sandbox.install("python");
    let zig = sandbox.install_ziglang();
    sandbox.run(&["--arch", "arm64", "--linker", "zig"]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env("CARGO_ZIGBUILD_ZIG_COMMAND"), zig.to_str());
}
