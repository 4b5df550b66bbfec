//! `cargo auditable`: the list of packages in the program, in the hands of its own reader.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_lambdapack::internals::Arch;
use serde_json::Value;

use super::linking::{with_zig, zig};
use super::project::tiny_project;
use super::running::{printed, unpack};
use super::sbom;
use super::support::{command, lambdapack, ok, repository, run, skip};
use super::template::{Template, kept};
use super::toolchain::{Rust, host_arch, rust};

/// `cargo-auditable` and `rust-audit-info`, which `.ci/install-tools` compiles.
fn programs() -> Option<PathBuf> {
    let programs = repository().join("target/tools/cargo/bin");
    let found = ["cargo-auditable", "rust-audit-info"]
        .iter()
        .all(|program| programs.join(program).is_file());
    if !found {
        skip("there is no cargo-auditable in target/tools/cargo");
    }
    found.then_some(programs)
}

/// Our program, which will find `cargo auditable`.
fn auditable(rust: &Rust, programs: &Path, dir: &Path) -> Command {
    let mut path = OsString::from(programs);
    path.push(":");
    path.push(rust.path());
    let mut pack = rust.lambdapack(dir);
    pack.env("PATH", path);
    pack
}

/// The packages in a program, each with its version. Without build dependencies if they are not
/// requested.
fn listed(programs: &Path, program: &Path, with_build_dependencies: bool) -> BTreeSet<String> {
    let mut reader = command(programs.join("rust-audit-info"), Path::new("/"));
    let list: Value = serde_json::from_str(&ok(reader.arg(program))).unwrap();
    let packages = list["packages"].as_array().unwrap().iter();
    packages
        .filter(|package| with_build_dependencies || package["kind"] != "build")
        .map(with_version)
        .collect()
}

/// The Rust packages in the bill of materials of a zip, with one scope or any.
fn described(zip: &Path, scope: Option<&str>) -> BTreeSet<String> {
    let bill = sbom::read(zip);
    let components = bill["components"].as_array().unwrap().iter();
    components
        .filter(|it| it["type"] == "library" && it["name"] != "std")
        .filter(|it| scope.is_none_or(|scope| it["scope"] == scope))
        .map(with_version)
        .collect()
}

fn with_version(package: &Value) -> String {
    let word = |field: &str| package[field].as_str().unwrap().to_owned();
    format!("{}@{}", word("name"), word("version"))
}

/// The target folder is shared with other projects, so this program is a wrapper of rustc too.
#[test]
fn the_list_in_a_program_is_that_of_its_packages() {
    let arch = Arch::X86_64;
    let (Some(rust), Some(programs)) = (rust(arch), programs()) else {
        return;
    };
    let dir = kept(&Template::Rust.source(), "auditable-rust-function");
    let _ = fs_err::remove_dir_all(dir.join("target/lambdapack"));
    let mut pack = auditable(&rust, &programs, &dir);
    pack.args(["--auditable", "--locked", "--arch", arch.name()]);
    ok(pack.arg("--target-dir").arg(rust.target_dir()));
    let zip = dir.join(format!("target/lambdapack/{arch}/rust-function.zip"));
    let unpacked = tempfile::tempdir().unwrap();
    let program = unpack(&zip, unpacked.path());

    let all = listed(&programs, &program, true);
    let compiled = listed(&programs, &program, false);
    assert!(compiled.len() > 20, "{compiled:?}");
    assert_eq!(described(&zip, None), all);
    // For `cargo auditable`, only the dependencies of build scripts are not in the program.
    let required = described(&zip, Some("required"));
    assert!(required.is_subset(&compiled), "{required:?} {compiled:?}");
    let ran = run(lambdapack(&dir).arg("check").arg(&zip));
    let note = format!("contains a list of its {} Rust packages", all.len());
    assert!(ran.stdout.contains(&note), "{}", ran.stdout);

    ok(lambdapack(unpacked.path()).arg("pack").arg(&program));
    let packed = unpacked.path().join("bootstrap.zip");
    assert_eq!(described(&packed, None), all);
    assert_eq!(described(&packed, Some("required")), compiled);
}

#[test]
fn a_program_with_a_list_has_the_same_bytes_elsewhere() {
    let (Some(rust), Some(programs)) = (rust(host_arch()), programs()) else {
        return;
    };
    let project = tiny_project("tiny");
    project.write("lambdapack.toml", "auditable = true\n");
    let pack = || auditable(&rust, &programs, project.root());
    ok(pack().args(["--arch", "host"]));
    let zip = project.zip(host_arch(), "tiny");
    assert_eq!(printed(&zip, host_arch()).as_deref(), Some("tiny"));
    let listing = fs_err::read(&zip).unwrap();
    ok(pack().arg("verify"));

    // The setting alone makes Cargo link the program again.
    project.write("lambdapack.toml", "");
    ok(pack().args(["--arch", "host"]));
    assert_ne!(fs_err::read(&zip).unwrap(), listing);
    project.write("lambdapack.toml", "auditable = true\n");
    ok(pack().args(["--arch", "host"]));
    assert_eq!(fs_err::read(&zip).unwrap(), listing);
}

#[test]
fn zig_keeps_the_list() {
    let (Some(rust), Some(programs), Some(zig)) = (rust(host_arch()), programs(), zig()) else {
        return;
    };
    let project = tiny_project("tiny");
    let mut pack = auditable(&rust, &programs, project.root());
    pack.args(["--auditable", "--arch", "host", "--linker", "zig"]);
    ok(with_zig(&mut pack, &zig));
    let unpacked = tempfile::tempdir().unwrap();
    let program = unpack(&project.zip(host_arch(), "tiny"), unpacked.path());
    let packages = listed(&programs, &program, true);
    assert_eq!(packages, BTreeSet::from(["tiny@0.1.0".to_owned()]));
}
