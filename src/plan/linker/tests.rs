use super::*;
use std::path::Path;

use crate::host::canonical;

const ARM: &str = "aarch64-unknown-linux-gnu";
const X86: &str = "x86_64-unknown-linux-gnu";

/// A toolchain with a standard library for these targets.
fn workspace(sysroot: &Path, host: &str, targets: &[&str]) -> Workspace {
    for target in targets {
        let lib = sysroot.join("lib/rustlib").join(target).join("lib");
        fs_err::create_dir_all(&lib).unwrap();
        fs_err::write(lib.join("libstd-1.rlib"), "").unwrap();
    }
    Workspace {
        toolchain: Some(Toolchain {
            version: "rustc 1.95.0".into(),
            host: host.into(),
            sysroot: sysroot.into(),
        }),
        ..Workspace::default()
    }
}

fn host(os: &str, tools: &[&str], env: &[(&str, &str)]) -> Host {
    Host {
        os: os.into(),
        tools: tools.iter().map(|t| ((*t).to_owned(), t.into())).collect(),
        env: env
            .iter()
            .map(|(n, v)| (canonical(n), (*v).to_owned()))
            .collect(),
        ..Host::default()
    }
}

const CROSS: [&str; 3] = ["cc", "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-ar"];

#[test]
fn the_hosts_own_architecture_needs_nothing_but_cc() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(dir.path(), X86, &[X86]);
    let linker = choose(
        X86,
        Arch::X86_64,
        &workspace,
        false,
        &host("linux", &["cc"], &[]),
    );
    assert_eq!(linker, Linker::default());
    let linker = choose(
        X86,
        Arch::X86_64,
        &workspace,
        false,
        &host("linux", &[], &[]),
    );
    assert!(linker.missing[0].what.contains("`cc`"));
}

#[test]
fn the_other_architecture_is_linked_by_the_cross_gcc() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(dir.path(), X86, &[X86, ARM]);
    let linker = choose(
        ARM,
        Arch::Arm64,
        &workspace,
        false,
        &host("linux", &CROSS, &[]),
    );
    let env: Vec<_> = linker.env.iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(
        env,
        [
            "AR_aarch64_unknown_linux_gnu=aarch64-linux-gnu-ar",
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc",
            "CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc",
        ]
    );
    assert!(linker.missing.is_empty());
}

#[test]
fn what_the_user_has_set_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut workspace = workspace(dir.path(), X86, &[ARM]);
    let env = [
        ("CC_aarch64-unknown-linux-gnu", "clang"),
        ("TARGET_AR", "llvm-ar"),
    ];
    let linker = choose(
        ARM,
        Arch::Arm64,
        &workspace,
        false,
        &host("linux", &CROSS, &env),
    );
    assert_eq!(linker.env.len(), 1, "{linker:?}");
    workspace.config.linkers.push(ARM.into());
    let linker = choose(
        ARM,
        Arch::Arm64,
        &workspace,
        false,
        &host("linux", &[], &[]),
    );
    assert_eq!(linker, Linker::default());
}

#[test]
fn a_missing_target_and_a_missing_linker_are_said_together() {
    let dir = tempfile::tempdir().unwrap();
    let sysroot = dir
        .path()
        .join("toolchains/stable-x86_64-unknown-linux-gnu");
    let workspace = workspace(&sysroot, X86, &[X86]);
    let linker = choose(
        ARM,
        Arch::Arm64,
        &workspace,
        false,
        &host("linux", &["cc"], &[]),
    );
    let help: Vec<_> = linker
        .missing
        .iter()
        .filter_map(|p| p.help.as_deref())
        .collect();
    assert_eq!(
        help[0],
        "rustup target add aarch64-unknown-linux-gnu --toolchain stable-x86_64-unknown-linux-gnu"
    );
    assert!(help[1].contains("apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross"));
}

#[test]
fn a_distributions_rust_is_not_told_to_use_rustup_first() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(dir.path(), X86, &[X86]);
    let linker = choose(
        ARM,
        Arch::Arm64,
        &workspace,
        false,
        &host("linux", &CROSS, &[]),
    );
    let help = linker.missing[0].help.as_deref().unwrap();
    assert!(help.contains("apt install libstd-rust-dev:arm64"), "{help}");
}

#[test]
fn macos_and_windows_hear_what_is_possible() {
    for (os, triple) in [
        ("macos", "aarch64-apple-darwin"),
        ("windows", "x86_64-pc-windows-msvc"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let workspace = workspace(dir.path(), triple, &[ARM, X86]);
        for (target, arch) in [(ARM, Arch::Arm64), (X86, Arch::X86_64)] {
            let linker = choose(target, arch, &workspace, false, &host(os, &["cc"], &[]));
            let help = linker.missing[0].help.as_deref().unwrap();
            assert!(help.contains("LINKER"), "{os}: {help}");
            assert!(
                help.contains("Go functions need none of this"),
                "{os}: {help}"
            );
        }
    }
}
