//! What fails does so with the compiler's own words, or before it is called.

use super::go::add_module;
use super::project::{Project, files_in, tiny_project};
use super::support::{command, fails, lambdapack, ok, run, skip, tell, tool};
use super::toolchain::{host_arch, rust};
use cargo_lambdapack::lambda::Arch;

/// Without cargo's word on other cargos, which tests beside this one may run.
fn without_waiting(said: &str) -> Vec<&str> {
    let waiting = |line: &&str| line.trim_start().starts_with("Blocking ");
    said.lines().filter(|line| !waiting(line)).collect()
}

#[test]
fn what_rustc_complains_of_is_passed_on_as_it_is() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("tiny");
    let target = host_arch().gnu_triple();
    ok(rust
        .lambdapack(project.root())
        .args(["--arch", "host", "--profile", "release"]));
    let before = project.bytes(host_arch(), "tiny");
    project.write("src/main.rs", "fn main() {\n    let n: u32 = \"ä\";\n}\n");
    let plain = fails(
        101,
        rust.cargo(project.root())
            .args(["build", "--release", "--target", target]),
    );
    assert!(plain.contains("error[E0308]: mismatched types"), "{plain}");
    let ours =
        run(rust
            .lambdapack(project.root())
            .args(["--arch", "host", "--profile", "release"]));
    assert_eq!((ours.code, &*ours.stdout), (Some(101), ""));
    assert_eq!(without_waiting(&ours.stderr), without_waiting(&plain));
    assert!(project.bytes(host_arch(), "tiny") == before);
}

#[test]
fn what_go_complains_of_is_passed_on_as_it_is() {
    let Some(go) = tool("go") else { return };
    let project = Project::new(&[
        ("go.mod", "module example.com/tiny\n\ngo 1.22\n"),
        ("main.go", "package main\n\nfunc main() {}\n"),
    ]);
    ok(lambdapack(project.root()).args(["--arch", "x86_64"]));
    let before = project.bytes(Arch::X86_64, "tiny");
    project.write(
        "main.go",
        "package main\n\nfunc main() {\n\tvar n int = \"ä\"\n}\n",
    );
    let mut plain = command(go, project.root());
    let plain = fails(1, plain.args(["build", "-o", "/dev/null", "."]));
    assert!(plain.contains("main.go:4:"), "{plain}");
    let ours = run(lambdapack(project.root()).args(["--arch", "x86_64"]));
    assert_eq!((ours.code, &*ours.stdout), (Some(101), ""));
    assert_eq!(ours.stderr, plain);
    assert!(project.bytes(Arch::X86_64, "tiny") == before);
}

/// go itself would write an archive and be content.
#[test]
fn a_go_package_that_is_not_main_is_refused() {
    if tool("go").is_none() {
        return;
    }
    let project = Project::new(&[("prices/prices.go", "package prices\n\nconst Tax = 19\n")]);
    add_module(&project, ".", "example.com/shop", &["orders"]);
    let said = fails(104, &mut lambdapack(&project.path("prices")));
    assert!(said.contains("example.com/shop/prices"), "{said}");
    assert!(said.contains("is not main"), "{said}");
    assert!(!project.path("target").exists());
}

/// rustup's Rust without the target, which is how it comes.
#[test]
fn rustup_is_named_for_a_target_that_it_can_add() {
    if tool("rustup").is_none() {
        return;
    }
    let project = tiny_project("tiny");
    let arch = match host_arch() {
        Arch::Arm64 => Arch::X86_64,
        Arch::X86_64 => Arch::Arm64,
    };
    let target = arch.gnu_triple();
    let sysroot = ok(command("rustc", project.root()).args(["--print", "sysroot"]));
    if !sysroot.contains("/toolchains/") {
        return skip("rustc on PATH is not rustup's");
    }
    let std = format!("{}/lib/rustlib/{target}", sysroot.trim());
    if std::path::Path::new(&std).exists() {
        return tell("skipped: rustup's Rust has the target already");
    }
    let before = files_in(project.root());
    let mut pack = lambdapack(project.root());
    let said = fails(96, pack.args(["--arch", arch.name()]));
    assert!(
        said.contains(&format!("help: `rustup target add {target} --toolchain ")),
        "{said}"
    );
    assert!(!said.contains("Compiling"), "{said}");
    assert_eq!(files_in(project.root()), before, "something was built");
    // The advice is a command that rustup takes.
    let (_, advice) = said.split_once("help: `rustup ").unwrap();
    let (advice, _) = advice.split_once('`').unwrap();
    let toolchain = advice.rsplit(' ').next().unwrap();
    let list = ["target", "list", "--installed", "--toolchain", toolchain];
    ok(command("rustup", project.root()).args(list));
}
