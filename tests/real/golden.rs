//! Checks the hashes of tests/golden on arm64. `cargo test` checks them on this machine, and
//! windows.rs on Windows.

use std::path::PathBuf;

use cargo_lambdapack::internals::Arch::Arm64;

use super::running::start;
use super::support::{ok_within, repository, run, tool};
use super::toolchain::{host_arch, rust};

/// tests/golden.rs as a program for arm64.
fn built() -> Option<PathBuf> {
    let rust = rust(Arm64)?;
    let gcc = tool("aarch64-linux-gnu-gcc")?;
    let mut cargo = rust.cargo(repository());
    cargo
        .args(["test", "--no-run", "--locked", "--test", "golden"])
        .args(["--target", Arm64.gnu_triple(), "--message-format", "json"])
        .env("CARGO_TARGET_DIR", repository().join("target/real/golden"))
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", &gcc)
        .env("CC_aarch64_unknown_linux_gnu", &gcc)
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    let ran = run(&mut cargo);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let said = ran.stdout.lines().map(serde_json::from_str);
    let said = said.map(|message| message.unwrap());
    let mut programs = said.filter_map(|message: serde_json::Value| {
        let is_it = message["target"]["name"] == "golden";
        Some(PathBuf::from(message["executable"].as_str()?)).filter(|_| is_it)
    });
    Some(programs.next().unwrap())
}

#[test]
fn every_zip_has_the_expected_hash_on_arm64() {
    // `cargo test` has checked this machine already.
    if cfg!(target_os = "linux") && host_arch() == Arm64 {
        return;
    }
    // Skips before anything is compiled.
    if tool("qemu-aarch64-static").is_none() {
        return;
    }
    let Some(program) = built() else { return };
    let said = ok_within(600, &mut start(&program, Arm64).unwrap());
    assert!(
        said.contains("every_zip_has_the_expected_hash ... ok"),
        "{said}"
    );
}
