//! `verify`: real compilers produce the same bytes elsewhere, or the cause is reported.

use cargo_lambdapack::internals::Arch;

use super::project::{Project, tiny_project};
use super::support::{command, fails, lambdapack, ok, run, tool};
use super::template::{Template, packed};
use super::toolchain::{Rust, host_arch, rust};

fn pack_and(rust: &Rust, project: &Project, command: &[&str]) -> std::process::Command {
    ok(rust.lambdapack(project.root()).args(["--arch", "host"]));
    let mut verify = rust.lambdapack(project.root());
    verify.args(command);
    verify
}

#[test]
fn a_rust_program_has_the_same_bytes_elsewhere() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("tiny");
    project.write(
        "src/main.rs",
        "fn main() {\n    println!(include_str!(\"../lib/words.txt\"));\n    std::hint::black_box(\"runtime/invocation/next\");\n    lib::say();\n}\n",
    );
    project.write("lib/words.txt", "hello");
    // A path dependency outside of the project.
    project.write(
        "../lib/Cargo.toml",
        "[package]\nname = \"lib\"\nversion = \"0.1.0\"\n",
    );
    project.write(
        "../lib/src/lib.rs",
        "pub fn say() {\n    println!(\"lib\");\n}\n",
    );
    let manifest = fs_err::read_to_string(project.path("Cargo.toml")).unwrap();
    let dependency = "[dependencies]\nlib = { path = \"../lib\" }\n";
    project.write("Cargo.toml", &format!("{manifest}{dependency}"));
    let ran = run(&mut pack_and(&rust, &project, &["verify"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let line = format!("Verified tiny {}", host_arch());
    assert!(ran.stderr.contains(&line), "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
}

/// The path is part of the program, which is a fault.
#[test]
fn an_embedded_path_is_reported_with_its_section() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = tiny_project("embeds");
    project.write(
        "src/main.rs",
        "fn main() {\n    println!(\"{}\", env!(\"CARGO_MANIFEST_DIR\"));\n    std::hint::black_box(\"runtime/invocation/next\");\n}\n",
    );
    let said = fails(106, &mut pack_and(&rust, &project, &["verify"]));
    assert!(
        said.contains("bootstrap is different in the rebuild"),
        "{said}"
    );
    assert!(said.contains(".rodata"), "{said}");
    let path = format!("the path {}", project.root().display());
    assert!(said.contains(&path), "{said}");
    assert!(said.contains("CARGO_MANIFEST_DIR"), "{said}");
}

#[test]
fn a_go_program_has_the_same_bytes_elsewhere_until_its_source_changes() {
    if tool("go").is_none() {
        return;
    }
    let main = |word: &str| {
        format!(
            "package main\n\nimport _ \"syscall\"\n\n\
             func main() {{ println(\"{word}\", \"runtime/invocation/next\") }}\n"
        )
    };
    let project = Project::new(&[("go.mod", "module example.com/api\n\ngo 1.21\n")]);
    project.write("main.go", &main("hello"));
    ok(&mut lambdapack(project.root()));
    let ran = run(lambdapack(project.root()).arg("verify"));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    project.write("main.go", &main("another word"));
    let said = fails(106, lambdapack(project.root()).arg("verify"));
    assert!(said.contains("it differs in the section ."), "{said}");
    assert!(said.contains("main.go` changed after"), "{said}");
}

/// Without one of these options, the rebuild would have other bytes.
#[test]
fn a_build_with_unusual_options_has_the_same_bytes_elsewhere() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let project = Project::new(&[]);
    project.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"orders\", \"users\"]\n\
         [profile.slim]\ninherits = \"release\"\nopt-level = \"s\"\n",
    );
    for name in ["orders", "users"] {
        project.write(
            &format!("{name}/Cargo.toml"),
            &format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
                 [features]\nextra = []\n"
            ),
        );
        project.write(
            &format!("{name}/src/main.rs"),
            "fn main() {\n    if cfg!(feature = \"extra\") {\n        println!(\"extra\");\n    }\n    println!(\"{}\", cfg!(flagged));\n    std::hint::black_box(\"runtime/invocation/next\");\n}\n",
        );
    }
    project.write("conf/a.json", "{}");
    ok(rust.lambdapack(&project.path("conf")).args([
        "../orders",
        "../users",
        "--arch=host",
        "--bin=orders",
        "--bin=users",
        "--features=extra",
        "--profile=slim",
        "--include=a.json=conf/",
        "--compression=best",
        "--",
        "--config=build.rustflags=['--cfg=flagged', '--check-cfg=cfg(flagged)']",
    ]));
    let ran = run(rust.lambdapack(project.root()).arg("verify"));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
}

#[test]
fn a_go_program_with_unusual_options_has_the_same_bytes_elsewhere() {
    if tool("go").is_none() {
        return;
    }
    let main = "package main\n\nimport _ \"syscall\"\n\nvar version, extra string\n\n\
                func main() { println(version, extra, \"runtime/invocation/next\") }\n";
    let extra = "//go:build extra\n\npackage main\n\nfunc init() { extra = \"extra\" }\n";
    let project = Project::new(&[("go.mod", "module example.com/api\n\ngo 1.21\n")]);
    project.write("main.go", main);
    project.write("extra.go", extra);
    ok(lambdapack(project.root()).args([
        "--arch=arm64",
        "--tags=extra",
        "--ldflags=-X main.version=7",
        "--keep-symbols",
        "--go-arg=-gcflags=all=-l",
    ]));
    let ran = run(lambdapack(project.root()).arg("verify"));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
}

#[test]
fn the_go_template_has_the_same_bytes_elsewhere() {
    verify_template(Template::Go, Arch::Arm64);
}

/// Its dependencies come from a registry, and embed their paths for panics.
#[test]
fn the_rust_template_has_the_same_bytes_elsewhere() {
    verify_template(Template::Rust, host_arch());
}

fn verify_template(template: Template, arch: Arch) {
    let Some(packed) = packed(template, arch) else {
        return;
    };
    let _guard = template.lock();
    let mut verify = match template {
        Template::Go => lambdapack(template.dir()),
        Template::Rust => match rust(arch) {
            Some(rust) => rust.lambdapack(template.dir()),
            None => return,
        },
    };
    let stdout = ok(verify.arg("verify").arg(&packed.zip));
    assert!(
        stdout.contains(&format!("{}.zip", template.name())),
        "{stdout}"
    );
}

/// git is asked about the copies as about the sources, and writes nothing.
#[test]
fn a_stamped_commit_gives_the_same_bytes_in_part_of_a_repository_and_in_all_of_it() {
    let (Some(_), Some(git)) = (tool("go"), tool("git")) else {
        return;
    };
    for folder in ["service", "."] {
        let main = "package main\n\nimport _ \"syscall\"\n\n\
                    func main() { println(\"runtime/invocation/next\") }\n";
        let project = Project::new(&[(".gitignore", "target/\n"), ("shared/words", "")]);
        project.write(
            &format!("{folder}/go.mod"),
            "module example.com/api\n\ngo 1.21\n",
        );
        project.write(&format!("{folder}/main.go"), main);
        for args in [
            &["init", "-q"][..],
            &["add", "."],
            &["commit", "-qm", "first"],
        ] {
            let who = ["-c", "user.name=ada", "-c", "user.email=ada@example.com"];
            ok(command(&git, project.root()).args(who).args(args));
        }
        ok(lambdapack(&project.path(folder)).arg("--vcs-stamp"));
        let before = fs_err::read(project.path(".git/index")).unwrap();
        let ran = run(lambdapack(&project.path(folder)).arg("verify"));
        assert_eq!(ran.code, Some(0), "{folder}: {}", ran.stderr);
        assert!(fs_err::read(project.path(".git/index")).unwrap() == before);
    }
}
