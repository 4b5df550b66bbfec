//! The linker that `--linker auto` picks, and how zig is found without asking again.

use std::os::unix::fs::PermissionsExt;

use cargo_lambdapack::internals::Arch::Arm64;

use super::linking::{Way, built, with_zig, zig};
use super::project::Project;
use super::support::{ok, repository, run, tool, venv};
use super::toolchain::{host_arch, musl_rust, rust};
use super::trace::{children, programs};

/// Without a C compiler, zig, and Python, rustup's own linker is enough.
#[test]
fn auto_picks_musl_with_only_rust_and_says_so() {
    let Some(rust) = musl_rust(Arm64) else { return };
    let way = Way {
        name: "plain-alone-arm64".to_owned(),
        arch: Arm64,
        options: &[],
        rust,
        zig: None,
    };
    let mut pack = way.pack();
    let tools = tempfile::tempdir().unwrap();
    for tool in ["cargo", "rustc"] {
        let program = way.rust.program(tool);
        let text = format!("#!/bin/sh\nexec '{}' \"$@\"\n", program.display());
        fs_err::write(tools.path().join(tool), text).unwrap();
        let mode = PermissionsExt::from_mode(0o755);
        fs_err::set_permissions(tools.path().join(tool), mode).unwrap();
    }
    let ran = run(pack.env("PATH", tools.path()));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for words in ["linking statically with musl for", "pass `--libc musl`"] {
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    way.needs_nothing();
    let manifest = way.dir().join("target/lambdapack/manifest.json");
    let built = built(&manifest, "plain", Arm64);
    assert_eq!(built["linker"]["name"], "rust-lld", "{built}");
}

/// For the older runtime, zig is the first compatible linker. A second run asks only cargo:
/// neither zig, nor Python for the location of zig.
#[test]
fn auto_picks_zig_for_al2_and_caches_its_answers() {
    let Some(way) = Way::new("auto-al2", Arm64, &["--runtime", "provided.al2"]) else {
        return;
    };
    let (Some(zig), Some(strace)) = (zig(), tool("strace")) else {
        return;
    };
    let mut pack = way.pack();
    with_zig(&mut pack, &zig);
    let hash = ok(&mut pack);
    let manifest = way.dir().join("target/lambdapack/manifest.json");
    let built = built(&manifest, "plain", Arm64);
    assert_eq!(built["linker"]["name"], "zig", "{built}");
    way.needs_glibc((2, 26));
    let children = children(&pack, &strace);
    assert_eq!(children.len(), 1, "{children:#?}");
    let programs = programs(&pack, &strace);
    let names = programs.iter().map(|call| call.split(',').next().unwrap());
    for name in names {
        let asked = ["/zig\"", "/python", "-gcc\"", "/cc\""];
        assert!(
            !asked.iter().any(|tool| name.contains(tool)),
            "{programs:#?}"
        );
    }
    assert_eq!(ok(&mut pack), hash);
}

/// A Python with the ziglang package is enough, and is asked once.
#[test]
fn zig_is_found_in_a_python_package() {
    let (Some(zig), Some(rust)) = (zig(), rust(host_arch())) else {
        return;
    };
    let project = Project::new(&[]);
    for file in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        let text = fs_err::read_to_string(repository().join("tests/real/plain").join(file));
        project.write(file, &text.unwrap());
    }
    let mut doctor = rust.lambdapack(project.root());
    let set = doctor.get_envs().find(|(name, _)| *name == "PATH");
    let mut path = venv("").into_os_string();
    path.push(":");
    path.push(set.unwrap().1.unwrap());
    doctor.env("PATH", path);
    let ran = run(doctor.args(["doctor", "--arch", "host", "--linker", "zig"]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains(zig.to_str().unwrap()), "{ran:?}");
    assert!(ran.stdout.contains("found    zig"), "{ran:?}");
}
