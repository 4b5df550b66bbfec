//! Builds that fail, either with the compiler's own words or before it is called.

use super::go::add_module;
use super::project::{Project, files_in, tiny_project};
use super::support::{command, fails, lambdapack, ok, run, skip, tell, tool};
use super::toolchain::{host_arch, rust};
use cargo_lambdapack::internals::Arch;

/// Without Cargo's message about other cargo processes, which parallel tests may run.
fn without_waiting(said: &str) -> Vec<&str> {
    let waiting = |line: &&str| line.trim_start().starts_with("Blocking ");
    said.lines().filter(|line| !waiting(line)).collect()
}

#[test]
fn errors_of_rustc_are_passed_on() {
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
fn errors_of_go_are_passed_on() {
    let Some(go) = tool("go") else { return };
    let project = Project::new(&[
        ("go.mod", "module example.com/tiny\n\ngo 1.22\n"),
        (
            "main.go",
            "package main\n\nimport _ \"syscall\"\n\nfunc main() { println(\"runtime/invocation/next\") }\n",
        ),
    ]);
    ok(lambdapack(project.root()).args(["--arch", "x86_64"]));
    let before = project.bytes(Arch::X86_64, "tiny");
    project.write(
        "main.go",
        "package main\nimport _ \"syscall\"\nfunc main() {\n\tvar n int = \"ä\"\n}\n",
    );
    let mut plain = command(go, project.root());
    let plain = fails(1, plain.args(["build", "-o", "/dev/null", "."]));
    assert!(plain.contains("main.go:4:"), "{plain}");
    let ours = run(lambdapack(project.root()).args(["--arch", "x86_64"]));
    assert_eq!((ours.code, &*ours.stdout), (Some(101), ""));
    assert_eq!(ours.stderr, plain);
    assert!(project.bytes(Arch::X86_64, "tiny") == before);
}

/// go itself would write an archive and succeed.
#[test]
fn a_go_package_that_is_not_main_is_refused() {
    if tool("go").is_none() {
        return;
    }
    let project = Project::new(&[("prices/prices.go", "package prices\n\nconst Tax = 19\n")]);
    add_module(&project, ".", "example.com/shop", &["orders"]);
    let said = fails(104, &mut lambdapack(&project.path("prices")));
    assert!(said.contains("example.com/shop/prices"), "{said}");
    assert!(said.contains("is not `main`"), "{said}");
    assert!(!project.path("target").exists());
}

/// cargo would fail the whole run.
#[test]
fn a_binary_with_disabled_features_is_refused_with_their_names() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("tiny");
    let bin = "[[bin]]\nname = \"tiny\"\npath = \"src/main.rs\"\nrequired-features = [\"extra\"]\n";
    let manifest = fs_err::read_to_string(project.path("Cargo.toml")).unwrap();
    project.write(
        "Cargo.toml",
        &format!("{manifest}{bin}[features]\nextra = []\n"),
    );
    let pack = |more: &[&str]| {
        let mut pack = rust.lambdapack(project.root());
        run(pack
            .args(["--arch", "host", "--profile", "release"])
            .args(more))
    };
    let ours = pack(&[]);
    assert_eq!((ours.code, &*ours.stdout), (Some(102), ""));
    let needs = "tiny requires features that are not enabled: extra";
    assert!(ours.stderr.contains(needs), "{}", ours.stderr);
    let with = pack(&["--features", "extra"]);
    assert_eq!(with.code, Some(0), "{}", with.stderr);
}

/// `go list` itself does not report it.
#[test]
fn a_go_main_only_for_windows_is_refused_with_the_searched_target() {
    if tool("go").is_none() {
        return;
    }
    let main = "//go:build windows\n\npackage main\n\nfunc main() {}\n";
    let project = Project::new(&[
        ("go.mod", "module example.com/tiny\n\ngo 1.22\n"),
        ("main.go", main),
    ]);
    for arch in Arch::ALL {
        let mut pack = lambdapack(project.root());
        let said = fails(101, pack.args(["--arch", arch.name()]));
        assert!(said.contains("Go files"), "{said}");
        assert!(said.contains(&format!("linux/{}", arch.goarch())), "{said}");
    }
}

fn with_c() -> Project {
    Project::new(&[
        ("go.mod", "module example.com/tiny\n\ngo 1.22\n"),
        (
            "main.go",
            "package main\n\n// int one() { return 1; }\nimport \"C\"\n\nfunc main() { println(C.one()) }\n",
        ),
    ])
}

/// go would only say that there are no files.
#[test]
fn a_go_main_that_needs_c_is_refused_with_the_cgo_option() {
    if tool("go").is_none() {
        return;
    }
    let project = with_c();
    for arch in Arch::ALL {
        let mut pack = lambdapack(project.root());
        let said = fails(101, pack.args(["--arch", arch.name()]));
        let help = "`main.go` imports \"C\", which requires cgo: pass `--cgo`";
        assert!(said.contains(help), "{said}");
    }
}

/// gcc reports only unknown options.
#[test]
fn a_gcc_for_the_wrong_architecture_is_reported_for_cgo() {
    let (Some(_), Some(gcc)) = (tool("go"), tool("gcc")) else {
        return;
    };
    let project = with_c();
    let mut pack = lambdapack(project.root());
    pack.args(["--cgo", "--arch", other_arch().name()]);
    let said = fails(101, pack.env("CC", gcc));
    // The compiler's own messages come first.
    assert!(said.contains("gcc"), "{said}");
    let advice = format!(
        "compiles the C code for {} (set in `CC`); set `CC`",
        other_arch().name()
    );
    assert!(said.contains(&advice), "{said}");
}

fn other_arch() -> Arch {
    match host_arch() {
        Arch::Arm64 => Arch::X86_64,
        Arch::X86_64 => Arch::Arm64,
    }
}

/// rustup's default Rust, without the target.
#[test]
fn the_rustup_command_for_a_missing_target_is_suggested() {
    if tool("rustup").is_none() {
        return;
    }
    let project = tiny_project("tiny");
    let arch = other_arch();
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
    // rustup accepts the suggested command.
    let (_, advice) = said.split_once("help: `rustup ").unwrap();
    let (advice, _) = advice.split_once('`').unwrap();
    let toolchain = advice.rsplit(' ').next().unwrap();
    let list = ["target", "list", "--installed", "--toolchain", toolchain];
    ok(command("rustup", project.root()).args(list));
}
