//! `check` on the output of Go's tools: programs, by their build information, and zips,
//! including those of cargo-lambda.

use std::path::{Path, PathBuf};

use cargo_lambdapack::internals::Arch;

use super::check::{finds, folder, is_good, judged};
use super::project::{Project, tiny_project};
use super::support::{command, ok, repository, run, skip, tool};
use super::toolchain::host_arch;

/// A function built with this version of aws-lambda-go. Without the module the test is skipped.
pub(super) fn built_with(version: &str, arch: Arch) -> Option<(Project, PathBuf)> {
    let go = tool("go")?;
    let module = format!(
        "module example.com/old\n\ngo 1.21\n\nrequire github.com/aws/aws-lambda-go {version}\n"
    );
    let project = Project::new(&[
        ("go.mod", &module),
        (
            "main.go",
            "package main\n\nimport \"github.com/aws/aws-lambda-go/lambda\"\n\n\
             func main() { lambda.Start(func() {}) }\n",
        ),
    ]);
    let mut build = command(go, project.root());
    build.env("GOOS", "linux").env("GOARCH", arch.goarch());
    build.env("CGO_ENABLED", "0");
    build.args(["build", "-mod=mod", "-ldflags=-s -w", "-o", "bootstrap"]);
    let ran = run(&mut build);
    if ran.code != Some(0) {
        skip(&format!(
            "go does not build aws-lambda-go {version}: {}",
            ran.stderr
        ));
        return None;
    }
    let program = project.path("bootstrap");
    Some((project, program))
}

/// The function would wait for an RPC call that never comes.
#[test]
fn aws_lambda_go_without_the_runtime_api_is_refused() {
    let Some((_project, program)) = built_with("v1.17.0", Arch::Arm64) else {
        return;
    };
    let all = finds(&program, 104, &["go-runtime-too-old"]);
    assert!(all.to_string().contains("v1.17.0"), "{all}");
    assert!(all.to_string().contains("go get"), "{all}");
}

#[test]
fn aws_lambda_go_that_times_out_with_extensions_is_a_warning() {
    for version in ["v1.18.0", "v1.19.1"] {
        let Some((_project, program)) = built_with(version, Arch::Arm64) else {
            return;
        };
        let all = finds(&program, 0, &["go-runtime-old"]);
        assert!(all.to_string().contains(version), "{all}");
    }
}

#[test]
fn newer_versions_and_programs_without_it_are_accepted() {
    for version in ["v1.20.0", "v1.54.0"] {
        let Some((_project, program)) = built_with(version, Arch::Arm64) else {
            return;
        };
        finds(&program, 0, &[]);
    }
    let Some(dir) = folder() else { return };
    let all = finds(&dir.path().join("bootstrap"), 0, &[]);
    assert_eq!(all["arch"], "arm64");
}

#[test]
fn a_goamd64_above_the_first_is_a_warning() {
    let Some(go) = tool("go") else { return };
    let dir = tempfile::tempdir().unwrap();
    let source = "package main\n\nfunc main() { println(\"runtime/invocation/next\") }\n";
    fs_err::write(dir.path().join("main.go"), source).unwrap();
    for (level, codes) in [("v1", &[][..]), ("v3", &["cpu"])] {
        let mut build = command(&go, dir.path());
        build.env("GOOS", "linux").env("GOARCH", "amd64");
        build.env("CGO_ENABLED", "0").env("GOAMD64", level);
        build.env("GO111MODULE", "off");
        ok(build.args(["build", "-o", level]));
        finds(&dir.path().join(level), 0, codes);
    }
}

/// `Create` sets no mode, and marks the file as made by DOS.
#[test]
fn zips_by_gos_own_package_are_accepted_if_a_mode_is_set() {
    let Some(go) = tool("go") else { return };
    let Some(dir) = folder() else { return };
    let source = repository().join("tests/real/zipwrite.go");
    let writer = dir.path().join("zipwrite");
    ok(command(go, dir.path())
        .args(["build", "-o"])
        .args([&writer, &source]));
    for how in ["plain", "header"] {
        let zip = format!("{how}.zip");
        ok(command(&writer, dir.path()).args([how, &zip, "bootstrap"]));
    }
    finds(&dir.path().join("plain.zip"), 104, &["not-unix"]);
    is_good(&dir.path().join("header.zip"));
}

/// It gives every file full permissions, and no file type.
#[test]
fn zips_by_build_lambda_zip_are_accepted() {
    const PACKAGE: &str = "github.com/aws/aws-lambda-go/cmd/build-lambda-zip";
    let Some(go) = tool("go") else { return };
    let Some(dir) = folder() else { return };
    let module = "module example.com/zip\n\ngo 1.21\n\n\
                  require github.com/aws/aws-lambda-go v1.54.0\n";
    fs_err::write(dir.path().join("go.mod"), module).unwrap();
    let mut make = command(go, dir.path());
    make.args(["run", "-mod=mod", PACKAGE, "-o", "out.zip", "bootstrap"]);
    let ran = run(&mut make);
    if ran.code != Some(0) {
        return skip(&format!("go does not run build-lambda-zip: {}", ran.stderr));
    }
    is_good(&dir.path().join("out.zip"));
}

/// The zips below a folder.
fn zips(dir: &Path) -> Vec<PathBuf> {
    let files = super::project::files_in(dir).into_iter();
    let is_zip = |path: &PathBuf| path.extension().is_some_and(|e| e == "zip");
    files.filter(is_zip).map(|path| dir.join(path)).collect()
}

/// On a machine with a new glibc, this finding is allowed in addition.
#[test]
fn zips_by_cargo_lambda_are_accepted() {
    let Some(cargo_lambda) = tool("cargo-lambda") else {
        return;
    };
    if tool("cargo").is_none() {
        return;
    }
    let project = tiny_project("tiny");
    let mut build = command(cargo_lambda, project.root());
    build.args(["lambda", "build", "--release", "--compiler", "cargo"]);
    let ran = run(build.args(["--output-format", "zip"]));
    if ran.code != Some(0) {
        return skip(&format!("cargo lambda does not build here: {}", ran.stderr));
    }
    let made = zips(&project.path("target/lambda"));
    assert_eq!(made.len(), 1, "{made:?}");
    let (_, codes, all) = judged(&made[0], &[]);
    assert!(codes.iter().all(|code| code == "glibc"), "{all:#}");
    assert_eq!(all["kind"], "zip", "{all:#}");
    assert_eq!(all["arch"], host_arch().name(), "{all:#}");
    assert_eq!(all["entries"], serde_json::json!(["bootstrap"]));
}
