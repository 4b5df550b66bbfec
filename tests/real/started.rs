//! Packaged functions start, ask for an event, and respond, natively or under qemu.

use cargo_lambdapack::internals::Arch;

use super::running::answer;
use super::template::Template::{Go, Rust};
use super::template::{Template, packed};

fn greets(template: Template, arch: Arch) {
    let Some(packed) = packed(template, arch) else {
        return;
    };
    if let Some(answer) = answer(&packed.zip, arch, r#"{"name":"Ada"}"#) {
        assert_eq!(answer, r#"{"message":"Hello, Ada"}"#);
    }
}

#[test]
fn rust_for_arm64_starts_and_responds() {
    greets(Rust, Arch::Arm64);
}

#[test]
fn rust_for_x86_64_starts_and_responds() {
    greets(Rust, Arch::X86_64);
}

#[test]
fn go_for_arm64_starts_and_responds() {
    greets(Go, Arch::Arm64);
}

#[test]
fn go_for_x86_64_starts_and_responds() {
    greets(Go, Arch::X86_64);
}
