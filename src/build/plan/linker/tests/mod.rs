//! Machines made of literals: a sysroot of empty files, no compiler.

mod machine;
mod missing;

use std::path::Path;

use crate::build::plan::linker::LinkPlan;
use crate::build::plan::linker::tests::machine::{linux, machine};
use crate::build::request::{Libc, LinkerChoice};
use crate::lambda::Arch;
use crate::ui::failure::ExitKind;

const ARM: &str = "aarch64-unknown-linux-gnu";
const X86: &str = "x86_64-unknown-linux-gnu";
const ARM_MUSL: &str = "aarch64-unknown-linux-musl";
const GCC: &str = "aarch64-linux-gnu-gcc";

fn env(linked: &LinkPlan) -> Vec<String> {
    linked.env.iter().map(|(n, v)| format!("{n}={v}")).collect()
}

#[test]
fn cc_links_the_architecture_of_the_host_without_variables() {
    let machine = linux().arch(Arch::X86_64).std(&[X86]).gcc("cc", 36);
    assert_eq!(machine.links(), format!("{X86} cc"));
    assert!(machine.choose().env.is_empty());
    let machine = machine.zig();
    assert_eq!(machine.links(), format!("{X86} cc"), "zig is not needed");
}

#[test]
fn the_cross_gcc_links_the_other_architecture() {
    let machine = linux().std(&[X86, ARM]).gcc("cc", 36).gcc(GCC, 36);
    let machine = machine
        .tools(&["aarch64-linux-gnu-ar", "aarch64-linux-gnu-g++"])
        .zig();
    assert_eq!(machine.links(), format!("{ARM} {GCC}"));
    let linker = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc";
    assert_eq!(env(&machine.choose()), [linker], "cc finds the others");
    let machine = machine
        .set("CC", "clang")
        .set("CXX", "clang++")
        .set("AR", "llvm-ar");
    assert_eq!(
        env(&machine.choose()),
        [
            "AR_aarch64_unknown_linux_gnu=aarch64-linux-gnu-ar",
            linker,
            "CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc",
            "CXX_aarch64_unknown_linux_gnu=aarch64-linux-gnu-g++",
        ]
    );
}

#[test]
fn zig_is_used_if_the_glibc_is_too_new() {
    let new = linux().arch(Arch::X86_64).std(&[X86]).gcc("cc", 39);
    assert_eq!(new.links(), format!("{X86} cc"));
    assert!(
        new.choose()
            .used
            .reason
            .contains("glibc 2.39 on this machine")
    );
    assert_eq!(new.zig().links(), format!("{X86} zig"));
    let old = || linux().arch(Arch::X86_64).std(&[X86]).gcc("cc", 36).al2();
    assert_eq!(old().zig().links(), format!("{X86} zig"));
    let (what, help) = old().misses();
    assert!(
        what.contains("`cc` is not compatible (glibc 2.36 on this machine, 2.26 in provided.al2)")
    );
    assert!(
        help.contains("ziglang.org") && !help.contains("apt"),
        "{help}"
    );
}

#[test]
fn zig_is_set_by_links_and_variables() {
    let machine = linux().std(&[ARM]).tools(&["cc"]).zig();
    let linked = machine.choose();
    let dir = Path::new("/w/target/lambdapack/.zig/0.17.1/aarch64-linux-gnu.2.34");
    let exe = std::env::consts::EXE_SUFFIX;
    let cc = dir.join(format!("cc{exe}"));
    let names = ["cc", "c++", "ar", "ranlib"].map(|name| dir.join(format!("{name}{exe}")));
    assert_eq!(linked.links, names);
    for name in [
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
        "CC_aarch64_unknown_linux_gnu",
    ] {
        assert_eq!(Path::new(&linked.env[name]), cc, "{name}");
    }
    assert_eq!(linked.env["CARGO_ZIGBUILD_ZIG_COMMAND"], "/opt/zig");
    assert_eq!(linked.env["CARGO_ZIGBUILD_RUSTC_VERSION"], "1.95.0");
    let old = linux().std(&[ARM]).tools(&["cc"]).zig().al2().choose();
    assert!(old.links[0].to_str().unwrap().contains("gnu.2.26"));
}

#[test]
fn with_rustup_alone_rust_lld_links_musl_with_a_note() {
    let machine = linux().std(&[X86, ARM_MUSL]).lld();
    assert_eq!(machine.links(), format!("{ARM_MUSL} rust-lld"));
    let linked = machine.choose();
    assert!(
        linked.notes[0].contains("linking statically with musl"),
        "{:?}",
        linked.notes
    );
    assert_eq!(
        env(&linked),
        ["CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld"]
    );
    let asked = linux().std(&[X86, ARM_MUSL]).lld().libc(Libc::Musl);
    assert!(asked.choose().notes.is_empty());
    let with_c = linux().std(&[ARM_MUSL]).lld().locks("cc").choose();
    assert!(
        with_c
            .notes
            .iter()
            .any(|note| note.contains("does not compile C"))
    );
    let with_zig = linux().std(&[ARM_MUSL]).lld().locks("cc").zig();
    assert_eq!(with_zig.links(), format!("{ARM_MUSL} zig"));
}

#[test]
fn the_requested_libc_is_kept() {
    let machine = linux().std(&[ARM_MUSL]).lld().libc(Libc::Gnu);
    let (what, _) = machine.misses();
    assert!(what.contains(ARM), "{what}");
    let mut configured = linux().std(&[ARM_MUSL]).lld();
    configured.workspace.config.build_targets = vec![ARM.into()];
    assert_eq!(configured.choose().target, ARM, "build.target");
    let musl = linux()
        .std(&[ARM, ARM_MUSL])
        .gcc(GCC, 36)
        .lld()
        .libc(Libc::Musl);
    assert_eq!(musl.links(), format!("{ARM_MUSL} rust-lld"));
}

#[test]
fn the_users_own_linker_and_tools_are_left_alone() {
    let machine = linux()
        .std(&[ARM])
        .gcc(GCC, 36)
        .tools(&["aarch64-linux-gnu-ar"]);
    let machine = machine
        .set("CC", "clang")
        .set("AR", "llvm-ar")
        .set("CC_aarch64-unknown-linux-gnu", "clang")
        .set("TARGET_AR", "llvm-ar");
    let linked = machine.choose();
    assert_eq!(linked.env.len(), 1, "{linked:?}");
    let mut machine = linux().std(&[ARM]).gcc("cc", 36).gcc(GCC, 36).zig();
    machine
        .workspace
        .config
        .linkers
        .insert(ARM.into(), "my-gcc".into());
    assert!(machine.choose().env.is_empty());
    assert_eq!(machine.choose().used.name, "my-gcc");
    assert!(machine.choose().used.reason.contains("configuration"));
    machine.request.linker = LinkerChoice::Zig;
    assert_eq!(machine.links(), format!("{ARM} zig"), "the option wins");
    machine.workspace.config.linkers_by_flags.push(ARM.into());
    assert_eq!(machine.try_choose().unwrap_err().kind, ExitKind::Usage);
}

#[test]
fn each_linker_can_be_requested() {
    let all = || {
        linux()
            .std(&[X86, ARM, ARM_MUSL])
            .gcc("cc", 36)
            .gcc(GCC, 36)
            .zig()
            .lld()
    };
    assert_eq!(
        all().with(LinkerChoice::Gcc).links(),
        format!("{ARM} {GCC}")
    );
    assert_eq!(all().with(LinkerChoice::Zig).links(), format!("{ARM} zig"));
    assert_eq!(
        all().with(LinkerChoice::Lld).links(),
        format!("{ARM_MUSL} rust-lld")
    );
    let native = all().arch(Arch::X86_64);
    assert_eq!(
        native.with(LinkerChoice::System).links(),
        format!("{X86} cc")
    );
    let (what, _) = all().with(LinkerChoice::System).misses();
    assert!(
        what.contains("this system is `x86_64-unknown-linux-gnu`"),
        "{what}"
    );
    let both = all().with(LinkerChoice::Lld).libc(Libc::Gnu);
    assert_eq!(both.try_choose().unwrap_err().kind, ExitKind::Usage);
    assert_eq!(
        all().with(LinkerChoice::Gcc).al2().links(),
        format!("{ARM} {GCC}"),
        "and refused later"
    );
}

#[test]
fn cross_compilers_of_homebrew_and_arm_are_detected() {
    for name in [
        "aarch64-unknown-linux-gnu-gcc",
        "aarch64-none-linux-gnu-gcc",
    ] {
        let machine = machine("macos", "aarch64-apple-darwin")
            .std(&[ARM])
            .gcc(name, 17);
        assert_eq!(machine.links(), format!("{ARM} {name}"));
    }
}
