//! Several projects at once, and several projects in one folder.

use cargo_lambdapack::internals::Arch;

use super::go::{add_module, function};
use super::project::{Project, tiny_crate, zips_in};
use super::running::answer;
use super::running::printed;
use super::support::{lambdapack, ok, tool};
use super::toolchain::rust;

#[test]
fn a_rust_and_a_go_folder_are_packaged_in_one_run() {
    let Some(rust) = rust(Arch::Arm64) else {
        return;
    };
    if tool("go").is_none() {
        return;
    }
    let project = Project::new(&[]);
    for (path, text) in tiny_crate("tiny") {
        project.write(&format!("rust/{path}"), &text);
    }
    add_module(&project, "go", "example.com/greeter", &["."]);
    let stdout = ok(rust
        .lambdapack(project.root())
        .args(["rust", "go", "--arch", "arm64"]));
    let (rust, go) = (
        "rust/target/lambdapack/arm64/tiny",
        "go/target/lambdapack/arm64/greeter",
    );
    assert_eq!(zips_in(project.root()), [go, rust]);
    assert_eq!(stdout.lines().count(), 2, "{stdout}");
    for zip in [rust, go] {
        assert!(stdout.contains(&format!("  {zip}.zip\n")), "{stdout}");
    }
    if let Some(printed) = printed(&project.path(&format!("{rust}.zip")), Arch::Arm64) {
        assert_eq!(printed, "tiny");
    }
    if let Some(answer) = answer(&project.path(&format!("{go}.zip")), Arch::Arm64, "{}") {
        assert_eq!(answer, "\".\"");
    }
}

/// The names in a manifest.
fn in_manifest(project: &Project) -> Vec<String> {
    let manifest = fs_err::read(project.path("target/lambdapack/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let functions = manifest["functions"].as_object().unwrap();
    functions.keys().cloned().collect()
}

/// A function that was not selected is still part of the project, and Terraform needs it.
#[test]
fn packaging_one_language_keeps_the_other_in_the_manifest() {
    let Some(rust) = rust(Arch::X86_64) else {
        return;
    };
    if tool("go").is_none() {
        return;
    }
    let project = Project::new(&[]);
    for (path, text) in tiny_crate("tiny") {
        project.write(path, &text);
        project.write(
            &format!("inner/{path}"),
            &text.replace("\"tiny\"", "\"inner\""),
        );
    }
    let manifest = fs_err::read_to_string(project.path("Cargo.toml")).unwrap();
    let manifest = format!("{manifest}[workspace]\nmembers = [\"inner\"]\n");
    project.write("Cargo.toml", &manifest);
    project.write(
        "inner/Cargo.toml",
        "[package]\nname = \"inner\"\nversion = \"0.1.0\"\n",
    );
    add_module(&project, ".", "example.com/greeter", &["."]);
    let pack = |args: &[&str]| {
        ok(rust
            .lambdapack(project.root())
            .args(["--arch", "x86_64"])
            .args(args));
    };
    pack(&["--bin", "tiny", "--bin", "inner", "--bin", "greeter"]);
    let all = ["greeter", "inner", "tiny"];
    assert_eq!(in_manifest(&project), all);
    for args in [
        &["--lang", "go"][..],
        &["--lang", "rust", "--bin", "tiny"],
        &["--manifest-path", "Cargo.toml", "--bin", "tiny"],
        &["inner", "--bin", "inner"],
    ] {
        pack(args);
        assert_eq!(in_manifest(&project), all, "{args:?}");
    }
}

#[test]
fn packaging_one_module_keeps_the_others_in_the_manifest() {
    if tool("go").is_none() {
        return;
    }
    let project = Project::new(&[("lambdapack.toml", "arch = \"x86_64\"\n")]);
    for name in ["one", "two"] {
        add_module(&project, name, &format!("example.com/{name}"), &["."]);
    }
    ok(lambdapack(project.root()).args(["one", "two"]));
    assert_eq!(in_manifest(&project), ["one", "two"]);
    ok(&mut lambdapack(&project.path("one")));
    assert_eq!(in_manifest(&project), ["one", "two"]);
}

#[test]
fn crates_that_share_a_target_folder_and_a_binary_name_keep_their_own_programs() {
    let Some(rust) = rust(Arch::X86_64) else {
        return;
    };
    let project = Project::new(&[]);
    for name in ["one", "two"] {
        let [(manifest, settings), (main, code)] = tiny_crate(name);
        let bin = "[[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n";
        project.write(&format!("{name}/{manifest}"), &format!("{settings}{bin}"));
        project.write(&format!("{name}/{main}"), &code);
    }
    let mut pack = rust.lambdapack(project.root());
    pack.args(["one", "two", "--arch", "x86_64"]);
    ok(pack.env("CARGO_TARGET_DIR", project.path("built")));
    for name in ["one", "two"] {
        let zip = format!("{name}/target/lambdapack/x86_64/{name}.zip");
        if let Some(printed) = printed(&project.path(&zip), Arch::X86_64) {
            assert_eq!(printed, name);
        }
    }
}

/// The configuration names the functions; go names both binaries `api`.
#[test]
fn modules_that_share_a_target_folder_and_a_binary_name_keep_their_own_programs() {
    if tool("go").is_none() {
        return;
    }
    let project = Project::new(&[]);
    for name in ["one", "two"] {
        add_module(&project, name, &format!("example.com/{name}/api"), &[]);
        project.write(&format!("{name}/main.go"), &function(name));
        let table = format!("[function.{name}]\nbin = \"api\"\n");
        project.write(&format!("{name}/lambdapack.toml"), &table);
    }
    let mut pack = lambdapack(project.root());
    pack.args(["one", "two", "--arch", "x86_64"]);
    ok(pack.args(["--target-dir", "built"]));
    for name in ["one", "two"] {
        let zip = format!("{name}/target/lambdapack/x86_64/{name}.zip");
        if let Some(answer) = answer(&project.path(&zip), Arch::X86_64, "{}") {
            assert_eq!(answer, format!("{name:?}"));
        }
    }
}
