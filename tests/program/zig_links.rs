//! How cargo and the cc crate are set up for zig, and when zig runs.

use std::path::Path;

use snapbox::str;

use crate::support::{ARM, Call, Ran, Sandbox, slashed};

const LINKER: &str = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER";
const COMMAND: &str = "CARGO_ZIGBUILD_ZIG_COMMAND";

fn zig(sandbox: &Sandbox) -> Ran {
    sandbox.run(&["--arch", "arm64", "--linker", "zig"])
}

/// The build of a successful run.
#[track_caller]
fn build(sandbox: &Sandbox) -> Call {
    zig(sandbox).ok();
    sandbox.call("cargo build")
}

#[test]
fn cargo_and_the_cc_crate_are_configured_for_zig() {
    let sandbox = Sandbox::orders();
    sandbox.install_zig();
    let build = build(&sandbox);
    let links = sandbox.out(".zig/0.15.2/aarch64-linux-gnu.2.34");
    let exe = std::env::consts::EXE_SUFFIX;
    let triple = ARM.replace('-', "_");
    for (variable, name) in [
        (LINKER.to_owned(), "cc"),
        (format!("CC_{triple}"), "cc"),
        (format!("CXX_{triple}"), "c++"),
        (format!("AR_{triple}"), "ar"),
        (format!("RANLIB_{triple}"), "ranlib"),
    ] {
        let link = links.join(format!("{name}{exe}"));
        let value = build.env(&variable).map(Path::new);
        assert_eq!(value, Some(&*link), "{variable}");
        let program = fs_err::read(env!("CARGO_BIN_EXE_cargo-lambdapack"));
        assert!(fs_err::read(&link).unwrap() == program.unwrap(), "{name}");
    }
    assert_eq!(build.env(COMMAND), sandbox.on_path("zig").to_str());
    assert_eq!(build.env("CARGO_ZIGBUILD_ZIG_VERSION"), Some("0.15.2"));
    assert_eq!(build.env("CARGO_ZIGBUILD_RUSTC_VERSION"), Some("1.95.0"));
    // The machine's own `cc` links host programs.
    let own = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER";
    assert_eq!(build.env(own), None);
}

#[test]
fn the_links_run_zig_for_their_target() {
    let sandbox = Sandbox::orders();
    sandbox.install_zig();
    let env = build(&sandbox);
    for (name, starts) in [
        (
            "cc",
            "zig cc -g -fno-sanitize=all -target aarch64-linux-gnu.2.34",
        ),
        (
            "c++",
            "zig c++ -g -fno-sanitize=all -target aarch64-linux-gnu.2.34",
        ),
        ("ar", "zig ar"),
        ("ranlib", "zig ranlib"),
    ] {
        let exe = std::env::consts::EXE_SUFFIX;
        let link = sandbox.out(&format!(".zig/0.15.2/aarch64-linux-gnu.2.34/{name}{exe}"));
        let vars = [
            COMMAND,
            "CARGO_ZIGBUILD_ZIG_VERSION",
            "CARGO_ZIGBUILD_RUSTC_VERSION",
        ];
        let vars = vars.map(|name| (name, env.env(name).unwrap()));
        sandbox.run_program(&link, &["x.o"], &vars).ok();
        let calls = sandbox.calls();
        assert_eq!(calls.len(), 1, "zig alone: {calls:?}");
        assert!(calls[0].line().starts_with(starts), "{}", calls[0].line());
        calls[0].has("x.o");
    }
}

#[test]
fn tools_set_by_the_user_are_not_replaced_by_zig() {
    let mut sandbox = Sandbox::orders();
    sandbox.install_zig();
    let triple = ARM.replace('-', "_");
    sandbox.set(&format!("CC_{triple}"), "clang");
    sandbox.set("TARGET_AR", "llvm-ar");
    sandbox.write(
        ".cargo/config.toml",
        &format!("[env]\n\"CXX_{ARM}\" = \"clang++\"\n"),
    );
    let build = build(&sandbox);
    assert_eq!(build.env(&format!("CC_{triple}")), Some("clang"));
    assert_eq!(build.env(&format!("CXX_{triple}")), None);
    assert_eq!(build.env(&format!("AR_{triple}")), None);
    assert!(build.env(&format!("RANLIB_{triple}")).is_some());
    assert!(slashed(build.env(LINKER).unwrap()).contains("/.zig/"));
}

#[test]
fn an_unchanged_project_runs_only_cargo_and_writes_nothing() {
    let sandbox = Sandbox::orders();
    sandbox.install("python3");
    sandbox.install_ziglang();
    zig(&sandbox).ok();
    let before = sandbox.snapshot();
    zig(&sandbox).ok().stderr_eq(str![[r#"
       Fresh orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    let lines: Vec<_> = sandbox.calls().iter().map(Call::line).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("cargo build"), "{lines:?}");
    assert_eq!(sandbox.snapshot(), before);
}

#[test]
fn a_replaced_installed_or_removed_zig_is_detected() {
    let sandbox = Sandbox::orders();
    sandbox.install_zig();
    let version = |sandbox: &Sandbox| {
        let build = build(sandbox);
        build.env("CARGO_ZIGBUILD_ZIG_VERSION").unwrap().to_owned()
    };
    assert_eq!(version(&sandbox), "0.15.2");
    sandbox.control("zig-version", "0.16.0");
    assert_eq!(version(&sandbox), "0.15.2", "it is not asked again");
    sandbox.uninstall("zig");
    zig(&sandbox).ends_with(96).stderr_eq(str![[r#"
error: no usable linker for `aarch64-unknown-linux-gnu` was found: no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    sandbox.install_zig();
    assert_eq!(version(&sandbox), "0.16.0");
    sandbox.uninstall("zig");
    sandbox.install("python3");
    zig(&sandbox).ends_with(96).stderr_eq(str![[r#"
error: no usable linker for `aarch64-unknown-linux-gnu` was found: no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: install zig: `python3 -m pip install ziglang`, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    sandbox.install_ziglang();
    assert_eq!(version(&sandbox), "0.16.0");
}

#[test]
fn removed_links_are_recreated() {
    let sandbox = Sandbox::orders();
    sandbox.install_zig();
    zig(&sandbox).ok();
    sandbox.remove("target/lambdapack/.zig");
    zig(&sandbox).ok();
    assert!(sandbox.exists("target/lambdapack/.zig/0.15.2/aarch64-linux-gnu.2.34"));
}

#[cfg(target_os = "linux")]
#[test]
fn without_cc_zig_links_host_programs() {
    let sandbox = Sandbox::orders();
    sandbox.install_zig();
    sandbox.uninstall("cc");
    let build = build(&sandbox);
    let own = build.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER");
    let link = sandbox.out(".zig/0.15.2/x86_64-linux-gnu/cc");
    assert_eq!(own, link.to_str());
    assert!(link.exists());
}

/// All links lead to one program, so sccache cannot distinguish them.
#[test]
fn sccache_gets_zig_and_target_unless_the_user_sets_them() {
    let buster = "SCCACHE_C_CUSTOM_CACHE_BUSTER";
    let mut sandbox = Sandbox::orders();
    sandbox.install_zig();
    for (args, target) in [
        (&[][..], "aarch64-linux-gnu.2.34"),
        (&["--runtime", "provided.al2"], "aarch64-linux-gnu.2.26"),
    ] {
        let all = ["--arch", "arm64", "--linker", "zig"];
        sandbox.run(&[&all, args].concat()).ok();
        let build = sandbox.call("cargo build");
        let value = build.env(buster).unwrap();
        assert!(
            value.contains("0.15.2") && value.contains(target),
            "{value}"
        );
    }
    sandbox.run(&["--arch", "arm64", "--linker", "gcc"]).ok();
    assert_eq!(sandbox.call("cargo build").env(buster), None);
    sandbox.set(buster, "mine");
    assert_eq!(build(&sandbox).env(buster), Some("mine"));
}
