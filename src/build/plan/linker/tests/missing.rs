//! Messages about missing tools.

use super::*;

#[test]
fn everything_that_is_missing_is_one_problem_with_the_simplest_fix_first() {
    let (what, help) = linux().std(&[X86]).lld().misses();
    for part in [
        "standard library for `aarch64-unknown-linux-gnu`",
        "no `aarch64-linux-gnu-gcc`",
        "no zig",
    ] {
        assert!(what.contains(part), "{part}: {what}");
    }
    let least = "run `rustup target add aarch64-unknown-linux-musl --toolchain \
                 stable-x86_64-unknown-linux-gnu`";
    assert!(help.starts_with(least), "{help}");
    for part in [
        "`rustup target add aarch64-unknown-linux-gnu --toolchain",
        "apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
        "zig",
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
}

#[test]
fn rust_from_a_distribution_gets_help_for_its_packages_first() {
    let mut machine = linux().gcc(GCC, 36);
    machine.workspace.toolchain.as_mut().unwrap().sysroot = machine.dir.path().into();
    let (_, help) = machine.misses();
    assert!(help.contains("apt install libstd-rust-dev:arm64"), "{help}");
    assert!(!help.contains("rustup target add"), "{help}");
}

#[test]
fn macos_and_windows_need_only_zig() {
    for (os, triple, installer, line) in [
        (
            "macos",
            "aarch64-apple-darwin",
            "brew",
            "`brew install zig`",
        ),
        (
            "windows",
            "x86_64-pc-windows-msvc",
            "winget",
            "`winget install zig.zig`",
        ),
    ] {
        for (arch, gnu, musl) in [
            (Arch::Arm64, ARM, ARM_MUSL),
            (Arch::X86_64, X86, "x86_64-unknown-linux-musl"),
        ] {
            let bare = || {
                machine(os, triple)
                    .arch(arch)
                    .lld()
                    .tools(&["cc", installer])
            };
            let (_, help) = bare().std(&[gnu]).misses();
            for part in [line, "rustup target add", "not needed for Go functions"] {
                assert!(help.contains(part), "{os}: {help}");
            }
            assert_eq!(
                bare().std(&[gnu]).zig().links(),
                format!("{gnu} zig"),
                "{os}"
            );
            assert_eq!(
                bare().std(&[musl]).links(),
                format!("{musl} rust-lld"),
                "{os}"
            );
            assert_eq!(
                bare().std(&[gnu, musl]).links(),
                format!("{musl} rust-lld"),
                "{os}"
            );
        }
    }
}

#[test]
fn a_zig_that_does_not_work_is_named_with_its_version() {
    let mut machine = linux().std(&[ARM]).zig();
    let zig = machine.linkers.zig.as_mut().unwrap();
    zig.trouble = Some("`zig env` fails and says: no lib".into());
    let (what, _) = machine.misses();
    assert!(
        what.contains("zig 0.17.1 cannot be used (/opt/zig, from PATH): `zig env` fails"),
        "{what}"
    );
}

#[test]
fn without_a_c_compiler_for_this_machine_zig_links_its_macros() {
    let machine = linux().std(&[ARM]).zig();
    let env = machine.choose().env;
    assert!(env["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"].contains("x86_64-linux-gnu"));
    let with_macros = linux().std(&[ARM_MUSL]).lld().locks("proc-macro2");
    assert!(with_macros.misses().0.contains("procedural macros"));
    assert!(linux().std(&[ARM_MUSL]).lld().choose().missing.is_empty());
}

#[test]
fn the_advice_for_a_new_glibc_works_on_this_machine() {
    let gcc = || {
        linux()
            .std(&[ARM])
            .gcc("cc", 36)
            .gcc(GCC, 36)
            .al2()
            .with(LinkerChoice::Gcc)
    };
    assert!(gcc().choose().glibc_advice.starts_with("install zig"));
    assert_eq!(gcc().zig().choose().glibc_advice, "pass `--linker zig`");
    let both = gcc().zig().std(&[ARM_MUSL]).lld();
    assert_eq!(
        both.choose().glibc_advice,
        "pass `--linker zig` or `--libc musl`"
    );
}

#[test]
fn a_standard_library_that_cargo_builds_is_not_missing() {
    let mut machine = linux().gcc(GCC, 36);
    machine.request.build_std = true;
    assert_eq!(machine.links(), format!("{ARM} {GCC}"));
}
