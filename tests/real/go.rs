//! Go modules: names, workspaces, and bytes that depend only on the source.

use std::path::Path;
use std::process::Command;

use cargo_lambdapack::internals::Arch;

use super::project::{Project, copy, zips_in};
use super::running::answer;
use super::support::{command, lambdapack, ok, tool};
use super::template::Template;

/// The template's module file, for another module.
fn module(name: &str) -> String {
    let template = fs_err::read_to_string(Template::Go.source().join("go.mod")).unwrap();
    let (_, rest) = template.split_once('\n').unwrap();
    format!("module {name}\n{rest}")
}

/// A function that answers with this word.
pub(crate) fn function(word: &str) -> String {
    format!(
        "package main\n\nimport \"github.com/aws/aws-lambda-go/lambda\"\n\n\
         func main() {{\n\tlambda.Start(func() (string, error) {{ return \"{word}\", nil }})\n}}\n"
    )
}

/// Adds a module with a function in each of these folders. Each function answers with the
/// folder's name.
pub(crate) fn add_module(project: &Project, dir: &str, name: &str, functions: &[&str]) {
    project.write(&format!("{dir}/go.mod"), &module(name));
    let sums = fs_err::read_to_string(Template::Go.source().join("go.sum")).unwrap();
    project.write(&format!("{dir}/go.sum"), &sums);
    for folder in functions {
        project.write(&format!("{dir}/{folder}/main.go"), &function(folder));
    }
}

fn two_apis() -> Project {
    let project = Project::new(&[]);
    let functions = ["orders/api", "users/api"];
    add_module(&project, ".", "example.com/shop", &functions);
    project
}

fn pack(dir: &Path) -> Command {
    let mut command = lambdapack(dir);
    command.args(["--arch", "x86_64"]);
    command
}

fn assert_answers(project: &Project, functions: &[(&str, &str)]) {
    for (name, word) in functions {
        let zip = project.zip(Arch::X86_64, name);
        if let Some(answer) = answer(&zip, Arch::X86_64, "{}") {
            assert_eq!(answer, format!("{word:?}"));
        }
    }
}

#[test]
fn mains_with_the_same_last_path_element_get_separate_zips() {
    if tool("go").is_none() {
        return;
    }
    let project = two_apis();
    ok(&mut pack(project.root()));
    let zips = zips_in(&project.path("target/lambdapack"));
    assert_eq!(zips, ["x86_64/orders-api", "x86_64/users-api"]);
    let functions = [("orders-api", "orders/api"), ("users-api", "users/api")];
    assert_answers(&project, &functions);

    // A function packaged alone has the same bytes as among all.
    let before = project.bytes(Arch::X86_64, "users-api");
    fs_err::remove_dir_all(project.path("target")).unwrap();
    ok(pack(project.root()).args(["-p", "users-api"]));
    assert_eq!(
        zips_in(&project.path("target/lambdapack")),
        ["x86_64/users-api"]
    );
    assert!(project.bytes(Arch::X86_64, "users-api") == before);
}

#[test]
fn modules_of_a_go_workspace_are_packaged_together() {
    if tool("go").is_none() {
        return;
    }
    let project = Project::new(&[("go.work", "go 1.22\n\nuse (\n\t./in\n\t./out\n)\n")]);
    add_module(
        &project,
        "in",
        "example.com/in",
        &["cmd/receive", "cmd/api"],
    );
    add_module(&project, "out", "example.com/out", &["send", "api"]);
    ok(&mut pack(project.root()));
    let names = ["cmd-api", "out-api", "receive", "send"];
    let zips = names.map(|name| format!("x86_64/{name}"));
    assert_eq!(zips_in(&project.path("target/lambdapack")), zips);
    let words = ["cmd/api", "api", "cmd/receive", "send"];
    let functions: Vec<_> = names.into_iter().zip(words).collect();
    assert_answers(&project, &functions);

    // From inside one module, only its own functions are packaged, into the same output folder.
    fs_err::remove_dir_all(project.path("target/lambdapack")).unwrap();
    ok(&mut pack(&project.path("out")));
    let zips = zips_in(&project.path("target/lambdapack"));
    assert_eq!(zips, ["x86_64/out-api", "x86_64/send"]);
}

#[test]
fn a_clone_in_another_folder_gives_the_same_zips() {
    if tool("go").is_none() {
        return;
    }
    let (here, there) = (two_apis(), Project::called("a longer name", &[]));
    ok(&mut pack(here.root()));
    copy(here.root(), there.root());
    ok(&mut pack(there.root()));
    for name in ["orders-api", "users-api"] {
        let same = here.bytes(Arch::X86_64, name) == there.bytes(Arch::X86_64, name);
        assert!(same, "{name}");
    }
}

/// git, without the configuration of this machine.
pub(crate) fn committer(git: &Path, project: &Project, args: &[&str]) -> String {
    let mut git = command(git, project.root());
    git.env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    git.args(["-c", "user.name=A", "-c", "user.email=a@example.com"]);
    ok(git.args(args))
}

/// Commits everything.
pub(crate) fn commit(git: &dyn Fn(&[&str]) -> String) {
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "one"]);
}

#[test]
fn commits_and_untracked_files_do_not_change_the_bytes() {
    let Some(git) = tool("git") else { return };
    if tool("go").is_none() {
        return;
    }
    let project = two_apis();
    let git = |args: &[&str]| committer(&git, &project, args);
    commit(&git);
    ok(&mut pack(project.root()));
    // The target folder lies outside of the repository.
    assert_eq!(git(&["status", "--porcelain"]), "");
    let before = project.bytes(Arch::X86_64, "users-api");
    let rebuilt = || {
        fs_err::remove_dir_all(project.path("target")).unwrap();
        ok(&mut pack(project.root()));
        project.bytes(Arch::X86_64, "users-api")
    };
    git(&["commit", "--quiet", "--allow-empty", "-m", "two"]);
    git(&["tag", "v1.2.3"]);
    assert!(rebuilt() == before);
    project.write("notes.txt", "untracked");
    assert!(rebuilt() == before);

    // Go itself would have stamped the commit. The tool turns this off.
    ok(pack(project.root()).arg("--vcs-stamp"));
    assert!(project.bytes(Arch::X86_64, "users-api") != before);
}

/// Only go can detect the change, because size and time are the same.
#[test]
fn an_edit_of_the_same_size_and_time_is_packaged() {
    if tool("go").is_none() {
        return;
    }
    let project = two_apis();
    ok(&mut pack(project.root()));
    let source = project.path("users/api/main.go");
    let time = fs_err::metadata(&source).unwrap().modified().unwrap();
    project.write("users/api/main.go", &function("edited/ap"));
    let file = std::fs::File::options().append(true).open(&source).unwrap();
    file.set_modified(time).unwrap();
    let other = project.bytes(Arch::X86_64, "orders-api");
    ok(&mut pack(project.root()));
    assert_answers(&project, &[("users-api", "edited/ap")]);
    assert!(project.bytes(Arch::X86_64, "orders-api") == other);
}

#[test]
fn changed_truncated_and_missing_results_are_repaired() {
    if tool("go").is_none() {
        return;
    }
    let project = two_apis();
    ok(&mut pack(project.root()));
    let zip = project.zip(Arch::X86_64, "users-api");
    let hash = zip.with_extension("zip.base64sha256");
    let good = (fs_err::read(&zip).unwrap(), fs_err::read(&hash).unwrap());
    let mut tampered = good.0.clone();
    tampered[1000] ^= 1;
    let spoil: [&dyn Fn(); 4] = [
        &|| fs_err::write(&zip, &tampered).unwrap(),
        &|| fs_err::write(&zip, &good.0[..1000]).unwrap(),
        &|| fs_err::remove_file(&hash).unwrap(),
        &|| fs_err::remove_file(&zip).unwrap(),
    ];
    for (number, spoil) in spoil.into_iter().enumerate() {
        spoil();
        ok(&mut pack(project.root()));
        let now = (fs_err::read(&zip).unwrap(), fs_err::read(&hash).unwrap());
        assert!(now == good, "{number}");
    }
}
