//! Rust workspaces: every function gets its own program, with the same bytes regardless of the
//! selection.
//!
//! Functions are recognized by their dependency on `lambda_runtime`. An empty crate with that
//! name keeps compiling short, and each program prints its name.

use std::collections::BTreeMap;
use std::path::Path;

use cargo_lambdapack::internals::Arch;

use super::project::{Project, files_in, tiny_project, zips_in};
use super::running::printed;
use super::support::{command, ok, run, with_lambdapack_on_path, with_umask};
use super::toolchain::{Rust, another_toolchain, rust};

/// The dependencies of a package on the other packages.
const RUNTIME: &str = "lambda_runtime = { path = \"../lambda_runtime\" }\n";
const QUIET: &str = "greeting = { path = \"../greeting\" }\n";
const LOUD: &str = "greeting = { path = \"../greeting\", features = [\"loud\"] }\n";

const GREETING: &str = "pub const WORD: &str = if cfg!(feature = \"loud\") { \"HELLO\" } \
                        else { \"hello\" };\n";

/// Adds a package with a binary that prints its name and this value.
fn add(project: &Project, package: &str, bin: &str, dependencies: &str, value: &str) {
    project.write(
        &format!("{package}/Cargo.toml"),
        &format!(
            "[package]\nname = \"{package}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
             [[bin]]\nname = \"{bin}\"\npath = \"src/main.rs\"\n[dependencies]\n{dependencies}"
        ),
    );
    project.write(
        &format!("{package}/src/main.rs"),
        &format!("fn main() {{\n    println!(\"{package} {{}}\", {value});\n    std::hint::black_box(\"runtime/invocation/next\");\n}}\n"),
    );
}

/// Five functions: one with a binary named `bootstrap`, two with the same binary name, two that
/// need different features of one crate; and an xtask.
pub(super) fn five_functions() -> Project {
    let project = Project::new(&[
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\n\
             members = [\"lambda_runtime\", \"greeting\", \"orders\", \"users\", \"audit\", \
             \"mail-in\", \"mail-out\", \"xtask\"]\n[profile.release]\nlto = \"off\"\n",
        ),
        (
            "lambda_runtime/Cargo.toml",
            "[package]\nname = \"lambda_runtime\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
        ),
        ("lambda_runtime/src/lib.rs", ""),
        (
            "greeting/Cargo.toml",
            "[package]\nname = \"greeting\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
             [features]\nloud = []\n",
        ),
        ("greeting/src/lib.rs", GREETING),
    ]);
    let word = "greeting::WORD";
    add(
        &project,
        "orders",
        "orders",
        &format!("{RUNTIME}{QUIET}"),
        word,
    );
    add(
        &project,
        "users",
        "bootstrap",
        &format!("{RUNTIME}{LOUD}"),
        word,
    );
    add(&project, "audit", "audit-log", RUNTIME, "1");
    add(&project, "mail-in", "worker", RUNTIME, "2");
    add(&project, "mail-out", "worker", RUNTIME, "3");
    add(&project, "xtask", "xtask", "", "4");
    project
}

const FIVE: [&str; 5] = ["audit-log", "mail-in", "mail-out", "orders", "users"];

fn pack(rust: &Rust, project: &Project, args: &[&str]) {
    let mut pack = rust.lambdapack(project.root());
    ok(pack.args(["--arch", "arm64"]).args(args));
}

/// The bytes of every zip below a folder.
fn zips(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let zip = |name: String| {
        let bytes = fs_err::read(dir.join(format!("{name}.zip"))).unwrap();
        (name, bytes)
    };
    zips_in(dir).into_iter().map(zip).collect()
}

/// With cargo itself.
#[test]
fn each_function_of_a_workspace_gets_its_own_program() {
    let Some(rust) = rust(Arch::Arm64) else {
        return;
    };
    let project = five_functions();
    let mut pack = rust.lambdapack(project.root());
    let ran = run(pack.args(["--arch", "arm64"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("Skipped xtask"), "{}", ran.stderr);
    let names = FIVE.map(|name| format!("arm64/{name}"));
    assert_eq!(zips_in(&project.path("target/lambdapack")), names);
    assert_eq!(ran.stdout.lines().count(), 5, "{}", ran.stdout);
    for (name, says) in [
        ("orders", "orders HELLO"),
        ("users", "users HELLO"),
        ("audit-log", "audit 1"),
        ("mail-in", "mail-in 2"),
        ("mail-out", "mail-out 3"),
    ] {
        if let Some(printed) = printed(&project.zip(Arch::Arm64, name), Arch::Arm64) {
            assert_eq!(printed, says);
        }
    }
}

/// Cargo would build `orders` alone without the feature that `users` needs.
#[test]
fn a_function_packaged_alone_has_the_same_bytes_as_among_all() {
    let Some(rust) = rust(Arch::Arm64) else {
        return;
    };
    let alone = five_functions();
    pack(&rust, &alone, &["-p", "orders"]);
    assert_eq!(zips_in(&alone.path("target/lambdapack")), ["arm64/orders"]);
    // Nothing else was linked.
    let linked = fs_err::read_dir(alone.path("target/aarch64-unknown-linux-gnu/lambda")).unwrap();
    let linked = linked.map(|entry| entry.unwrap());
    let linked = linked.filter(|entry| entry.file_type().unwrap().is_file());
    let names = linked.map(|entry| entry.file_name().into_string().unwrap());
    let programs: Vec<_> = names.filter(|name| !name.contains('.')).collect();
    assert_eq!(programs, ["orders"]);
    let among_all = five_functions();
    pack(&rust, &among_all, &[]);
    let bytes = alone.bytes(Arch::Arm64, "orders");
    assert!(bytes == among_all.bytes(Arch::Arm64, "orders"));

    // The feature does make a difference.
    let selected_only = five_functions();
    pack(&rust, &selected_only, &["-p", "orders", "--selected-only"]);
    assert!(bytes != selected_only.bytes(Arch::Arm64, "orders"));

    // After all functions, one: only that one is processed.
    let before = zips(&among_all.path("target/lambdapack"));
    for package in ["users", "mail-in", "mail-out"] {
        pack(&rust, &among_all, &["-p", package, "--out-dir", "out"]);
        let written = zips(&among_all.path("out"));
        let key = format!("arm64/{package}");
        assert_eq!(written.keys().collect::<Vec<_>>(), [&key]);
        assert!(written[&key] == before[&key], "{package}");
        fs_err::remove_dir_all(among_all.path("out")).unwrap();
    }
    assert!(zips(&among_all.path("target/lambdapack")) == before);
}

#[test]
fn touched_sources_umask_folder_and_rebuild_do_not_change_the_bytes() {
    let Some(rust) = rust(Arch::Arm64) else {
        return;
    };
    let project = five_functions();
    pack(&rust, &project, &[]);
    let before = zips(&project.path("target/lambdapack"));
    assert_eq!(before.len(), 5);

    for file in files_in(project.root()) {
        if !file.starts_with("target") {
            let file = std::fs::File::options()
                .append(true)
                .open(project.root().join(file));
            file.unwrap()
                .set_modified(std::time::SystemTime::now())
                .unwrap();
        }
    }
    let mut again = rust.lambdapack(project.root());
    again.args(["--arch", "arm64", "--out-dir", "another folder"]);
    ok(&mut with_umask("077", &again));
    assert!(zips(&project.path("another folder")) == before);

    let mut clean = rust.cargo(project.root());
    ok(clean.args(["clean", "--quiet"]));
    assert!(!project.path("target").exists());
    ok(&mut with_umask(
        "077",
        rust.lambdapack(project.root()).args(["--arch", "arm64"]),
    ));
    assert!(zips(&project.path("target/lambdapack")) == before);
}

#[test]
fn a_project_elsewhere_is_built_by_its_own_toolchain() {
    let Some(other) = another_toolchain() else {
        return;
    };
    let project = tiny_project("pinned");
    project.write(
        "rust-toolchain.toml",
        &format!("[toolchain]\nchannel = \"{other}\"\n"),
    );
    // As Cargo runs it, in a folder with another toolchain.
    let elsewhere = tempfile::tempdir().unwrap();
    let mut cargo = command("cargo", elsewhere.path());
    let _tools = with_lambdapack_on_path(&mut cargo);
    cargo
        .args(["lambdapack", "--arch", "host"])
        .arg(project.root());
    ok(&mut cargo);
    let rustc = ok(command("rustc", project.root()).arg("-V"));
    let manifest = project.path("target/lambdapack/manifest.json");
    let manifest = fs_err::read_to_string(manifest).unwrap();
    let toolchain = format!("\"toolchain\": \"{}\"", rustc.trim_end());
    assert!(manifest.contains(&toolchain), "{toolchain}\n{manifest}");
}
