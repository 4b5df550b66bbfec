//! A function without dependencies, linked in every way for both architectures. It needs only
//! libraries that its runtime has, and it responds.

use cargo_lambdapack::internals::Arch;
use cargo_lambdapack::internals::Arch::{Arm64, X86_64};

use super::linking::{Way, with_zig, zig};
use super::support::{fails, tool};
use super::toolchain::host_arch;

fn by_gcc(arch: Arch) {
    let Some(way) = Way::new("gcc", arch, &["--linker", "gcc"]) else {
        return;
    };
    let gcc = format!("{}-gcc", arch.gnu_prefix());
    if tool(&gcc).is_none() {
        return;
    }
    way.answers(&gcc);
    way.needs_glibc((2, 34));

    // The same compiler, for the runtime with the older glibc.
    let zip = fs_err::read(way.zip()).unwrap();
    let said = fails(104, way.pack().args(["--runtime", "provided.al2"]));
    assert!(!said.contains("Compiling"), "{said}");
    for word in ["needs glibc 2.34", "provided.al2 has 2.26", "zig"] {
        assert!(said.contains(word), "no {word}: {said}");
    }
    assert!(fs_err::read(way.zip()).unwrap() == zip);
    // The error offers the linkers that are available.
    if let Some(zig) = zig() {
        let mut pack = way.pack();
        let said = fails(
            104,
            with_zig(&mut pack, &zig).args(["--runtime", "provided.al2"]),
        );
        assert!(said.contains("--linker zig"), "{said}");
    }
}

#[test]
fn gcc_links_for_arm64_but_not_for_al2() {
    by_gcc(Arm64);
}

#[test]
fn gcc_links_for_x86_64_but_not_for_al2() {
    by_gcc(X86_64);
}

/// The system linker cannot link for the other architecture.
#[test]
fn the_system_linker_links_for_this_system() {
    let Some(way) = Way::new("system", host_arch(), &["--linker", "system"]) else {
        return;
    };
    way.answers("cc");
    way.needs_glibc((2, 34));
    let other = if host_arch() == Arm64 { X86_64 } else { Arm64 };
    let mut pack = way.rust.lambdapack(&way.dir());
    let said = fails(
        96,
        pack.args(["--arch", other.name(), "--linker", "system"]),
    );
    assert!(said.contains("`--linker system` cannot link for"), "{said}");
    assert!(!said.contains("Compiling"), "{said}");
}

const AL2023: &[&str] = &["--linker", "zig"];
const AL2: &[&str] = &["--linker", "zig", "--runtime", "provided.al2"];

fn by_zig(arch: Arch, name: &str, options: &'static [&'static str], glibc: (u32, u32)) {
    let Some(way) = Way::new(name, arch, options) else {
        return;
    };
    way.answers("zig");
    way.needs_glibc(glibc);
}

#[test]
fn zig_links_for_arm64_with_the_glibc_of_al2023() {
    by_zig(Arm64, "zig-al2023", AL2023, (2, 34));
}

#[test]
fn zig_links_for_x86_64_with_the_glibc_of_al2023() {
    by_zig(X86_64, "zig-al2023", AL2023, (2, 34));
}

#[test]
fn zig_links_for_arm64_with_the_glibc_of_al2() {
    by_zig(Arm64, "zig-al2", AL2, (2, 26));
}

#[test]
fn zig_links_for_x86_64_with_the_glibc_of_al2() {
    by_zig(X86_64, "zig-al2", AL2, (2, 26));
}

fn static_by(arch: Arch, name: &str, options: &'static [&'static str], linker: &str) {
    let Some(way) = Way::new(name, arch, options) else {
        return;
    };
    way.answers(linker);
    way.needs_nothing();
}

#[test]
fn zig_links_for_arm64_with_musl() {
    static_by(
        Arm64,
        "zig-musl",
        &["--linker", "zig", "--libc", "musl"],
        "zig",
    );
}

#[test]
fn zig_links_for_x86_64_with_musl() {
    static_by(
        X86_64,
        "zig-musl",
        &["--linker", "zig", "--libc", "musl"],
        "zig",
    );
}

#[test]
fn rust_lld_links_for_arm64_with_musl() {
    static_by(Arm64, "lld", &["--linker", "lld"], "rust-lld");
}

#[test]
fn rust_lld_links_for_x86_64_with_musl() {
    static_by(X86_64, "lld", &["--linker", "lld"], "rust-lld");
}
