//! The user's flags for rustc are passed on, regardless of where they are set.

use std::process::Command;

use super::project::Project;
use super::running::printed;
use super::support::ok;
use super::toolchain::{Rust, host_arch, rust};

/// Prints the flags that it was compiled with.
const MAIN: &str = "#![allow(unexpected_cfgs)]\n\
    fn main() {\n\
    \x20   let first = cfg!(first);\n\
    \x20   let second = cfg!(second = \"with space\");\n\
    \x20   println!(\"{first} {second}\");\n\
    \x20   std::hint::black_box(\"runtime/invocation/next\");\n\
    }\n";

fn project(config: &str) -> Project {
    let manifest = "[package]\nname = \"flags\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
                    [profile.release]\nlto = \"off\"\n";
    let config = config.replace("<TARGET>", host_arch().gnu_triple());
    Project::new(&[
        ("Cargo.toml", manifest),
        ("src/main.rs", MAIN),
        (".cargo/config.toml", &config),
    ])
}

/// Packages with a linker that we configure for Cargo, and with rustc's own.
fn prints(config: &str, env: &[(&str, &str)], expected: &str) {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    for linker in ["auto", "gcc"] {
        let project = project(config);
        let mut pack = pack(&rust, &project, linker);
        ok(pack.envs(env.iter().copied()));
        let zip = project.zip(host_arch(), "flags");
        if let Some(printed) = printed(&zip, host_arch()) {
            assert_eq!(printed, expected, "{linker} {config} {env:?}");
        }
    }
}

fn pack(rust: &Rust, project: &Project, linker: &str) -> Command {
    let mut pack = rust.lambdapack(project.root());
    pack.args(["--arch", "host", "--linker", linker]);
    pack
}

#[test]
fn flags_in_build_as_a_list() {
    let flags =
        "[build]\nrustflags = [\"--cfg\", \"first\", \"--cfg=second=\\\"with space\\\"\"]\n";
    prints(flags, &[], "true true");
}

#[test]
fn flags_in_build_as_a_string() {
    prints("[build]\nrustflags = \"--cfg first\"\n", &[], "true false");
}

#[test]
fn flags_for_a_target_as_a_list_and_as_a_string() {
    let list = "[target.<TARGET>]\nrustflags = [\"--cfg\", \"second=\\\"with space\\\"\"]\n";
    prints(list, &[], "false true");
    let words = "[target.<TARGET>]\nrustflags = \"--cfg first\"\n";
    prints(words, &[], "true false");
}

#[test]
fn flags_for_a_target_and_for_a_cfg_are_combined() {
    let both = "[target.<TARGET>]\nrustflags = [\"--cfg\", \"first\"]\n\
                [target.'cfg(target_os = \"linux\")']\n\
                rustflags = [\"--cfg\", \"second=\\\"with space\\\"\"]\n";
    prints(both, &[], "true true");
}

/// As in Cargo, the variable replaces the flags in files.
#[test]
fn flags_in_the_environment() {
    let file = "[build]\nrustflags = [\"--cfg=second=\\\"with space\\\"\"]\n";
    prints(file, &[("RUSTFLAGS", "--cfg first")], "true false");
    let encoded = "--cfg\u{1f}first\u{1f}--cfg\u{1f}second=\"with space\"";
    let both = [
        ("RUSTFLAGS", "--cfg third"),
        ("CARGO_ENCODED_RUSTFLAGS", encoded),
    ];
    prints("", &both, "true true");
}
