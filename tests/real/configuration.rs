//! Cargo settings of users are honored: linkers, wrappers, and toolchains. `places.rs` tests
//! folders, and `rustflags.rs` tests flags.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::linking::built;
use super::project::{Project, tiny_project};
use super::running::printed;
use super::support::{command, fails, ok, tool, with_lambdapack_on_path};
use super::toolchain::{Rust, another_toolchain, host_arch, rust};

/// A program that records its arguments and then runs another program.
fn script(dir: &Path, name: &str, then: &str) -> PathBuf {
    let script = dir.join(name);
    let text = format!("#!/bin/sh\necho \"$@\" >>\"$0.log\"\n{then}\n");
    fs_err::write(&script, text).unwrap();
    fs_err::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    script
}

/// The recorded arguments.
fn calls(script: &Path) -> String {
    let mut log = script.as_os_str().to_owned();
    log.push(".log");
    fs_err::read_to_string(log).unwrap_or_default()
}

/// Packages the project with these variables, and runs the result.
fn packs(rust: &Rust, project: &Project, env: &[(&str, &str)]) {
    let mut pack = rust.lambdapack(project.root());
    ok(pack.args(["--arch", "host"]).envs(env.iter().copied()));
    let zip = project.zip(host_arch(), "tiny");
    if let Some(printed) = printed(&zip, host_arch()) {
        assert_eq!(printed, "tiny");
    }
}

#[test]
fn a_configured_linker_is_used() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("tiny");
    let linker = script(project.root(), "my linker", "exec cc \"$@\"");
    let table = format!("[target.{}]\n", host_arch().gnu_triple());
    let config = format!("{table}linker = {linker:?}\n");
    project.write(".cargo/config.toml", &config);
    packs(&rust, &project, &[]);
    assert_eq!(calls(&linker).lines().count(), 1, "{}", calls(&linker));
    let manifest = project.path("target/lambdapack/manifest.json");
    let said = built(&manifest, "tiny", host_arch());
    let reason = said["linker"]["reason"].as_str().unwrap();
    assert!(reason.contains("cargo's configuration"), "{said}");
}

#[test]
fn a_rustc_wrapper_is_used_and_named_when_it_fails() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("tiny");
    let tools = tempfile::tempdir().unwrap();
    let counts = script(tools.path(), "counts", "exec \"$@\"");
    packs(
        &rust,
        &project,
        &[("RUSTC_WRAPPER", counts.to_str().unwrap())],
    );
    assert!(calls(&counts).contains("--crate-name tiny"));

    project.write(
        "src/main.rs",
        "fn main() {\n    std::hint::black_box(\"runtime/invocation/next\");\n}\n",
    );
    let before = project.bytes(host_arch(), "tiny");
    let breaks = script(tools.path(), "breaks", "exit 7");
    let mut pack = rust.lambdapack(project.root());
    pack.args(["--arch", "host"]).env("RUSTC_WRAPPER", &breaks);
    let said = fails(101, &mut pack);
    assert!(said.contains(breaks.to_str().unwrap()), "{said}");
    assert!(project.bytes(host_arch(), "tiny") == before);
}

#[test]
fn sccache_works_as_a_wrapper() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let Some(sccache) = tool("sccache") else {
        return;
    };
    let project = tiny_project("tiny");
    let cache = tempfile::tempdir().unwrap();
    let env = [
        ("RUSTC_WRAPPER", sccache.to_str().unwrap()),
        ("SCCACHE_DIR", cache.path().to_str().unwrap()),
        ("SCCACHE_SERVER_PORT", "14226"),
    ];
    packs(&rust, &project, &env);
    let mut stop = command(&sccache, project.root());
    ok(stop.envs(env).arg("--stop-server"));
}

#[test]
fn a_toolchain_argument_is_used() {
    let Some(other) = another_toolchain() else {
        return;
    };
    let project = tiny_project("tiny");
    let elsewhere = tempfile::tempdir().unwrap();
    let expected = ok(command("rustc", elsewhere.path()).args([&format!("+{other}"), "-V"]));
    for dir in [project.root(), elsewhere.path()] {
        let mut cargo = command("cargo", dir);
        let _tools = with_lambdapack_on_path(&mut cargo);
        cargo.args([&format!("+{other}"), "lambdapack", "--arch", "host"]);
        ok(cargo.arg(project.root()));
        let manifest = project.path("target/lambdapack/manifest.json");
        let built = built(&manifest, "tiny", host_arch());
        assert_eq!(built["toolchain"], expected.trim_end(), "{built}");
        fs_err::remove_dir_all(project.path("target")).unwrap();
    }
}

/// As in Cargo itself.
#[test]
fn a_toolchain_argument_overrides_the_toolchain_file() {
    let Some(other) = another_toolchain() else {
        return;
    };
    let project = tiny_project("tiny");
    project.write("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n");
    let elsewhere = tempfile::tempdir().unwrap();
    let expected = ok(command("rustc", elsewhere.path()).args([&format!("+{other}"), "-V"]));
    let mut cargo = command("cargo", elsewhere.path());
    let _tools = with_lambdapack_on_path(&mut cargo);
    cargo.args([&format!("+{other}"), "lambdapack", "--arch", "host"]);
    ok(cargo.arg(project.root()));
    let manifest = project.path("target/lambdapack/manifest.json");
    let built = built(&manifest, "tiny", host_arch());
    assert_eq!(built["toolchain"], expected.trim_end(), "{built}");
}
