//! A checkout as git makes it on Windows, with CR LF line endings.

use std::process::Command;

use cargo_lambdapack::internals::Arch;

use super::go::{commit, committer};
use super::project::{Project, tiny_project};
use super::support::{ok, tool};
use super::toolchain::{host_arch, rust};

/// Packages a project and its Windows checkout, and compares the zips.
fn same_with_other_line_ends(project: &Project, arch: Arch, pack: &dyn Fn(&Project) -> Command) {
    let Some(git) = tool("git") else { return };
    ok(&mut pack(project));
    let before = project.bytes(arch, "tiny");
    fs_err::remove_dir_all(project.path("target")).unwrap();
    let git = |args: &[&str]| committer(&git, project, args);
    commit(&git);
    git(&["config", "core.autocrlf", "true"]);
    git(&["rm", "--quiet", "--cached", "-r", "."]);
    git(&["reset", "--quiet", "--hard"]);
    let main = ["src/main.rs", "main.go"].map(|main| project.path(main));
    let main = main.iter().find(|main| main.exists()).unwrap();
    assert!(fs_err::read_to_string(main).unwrap().contains("\r\n"));
    ok(&mut pack(project));
    assert!(project.bytes(arch, "tiny") == before);
}

#[test]
fn a_crate_with_windows_line_endings_gives_the_same_zip() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("tiny");
    let main = "fn main() {\n    println!(\"a\nb runtime/invocation/next\");\n    std::env::args().nth(9).unwrap();\n}\n";
    project.write("src/main.rs", main);
    same_with_other_line_ends(&project, host_arch(), &|project| {
        let mut pack = rust.lambdapack(project.root());
        pack.args(["--arch", "host"]);
        pack
    });
}

/// Go puts a hash of the sources into the program, so the line endings must be kept, as the
/// documentation says.
#[test]
fn a_module_whose_line_endings_git_keeps_gives_the_same_zip() {
    let (Some(git), Some(_)) = (tool("git"), tool("go")) else {
        return;
    };
    let main = "package main\n\nimport _ \"syscall\"\n\n\
                func main() { println(`a\nb runtime/invocation/next`) }\n";
    let project = Project::new(&[
        ("go.mod", "module example.com/tiny\n\ngo 1.22\n"),
        ("main.go", main),
        (".gitattributes", "* text=auto eol=lf\n"),
    ]);
    let pack = || {
        let mut pack = super::support::lambdapack(project.root());
        ok(pack.args(["--arch", "arm64"]));
        project.bytes(Arch::Arm64, "tiny")
    };
    let before = pack();
    fs_err::remove_dir_all(project.path("target")).unwrap();
    let git = |args: &[&str]| committer(&git, &project, args);
    commit(&git);
    git(&["config", "core.autocrlf", "true"]);
    git(&["rm", "--quiet", "--cached", "-r", "."]);
    git(&["reset", "--quiet", "--hard"]);
    assert_eq!(
        fs_err::read_to_string(project.path("main.go")).unwrap(),
        main
    );
    assert!(pack() == before);
}
