//! The templates of `init`, built, tested, and deployed to AWS as implemented by moto.
//!
//! Creating a stack is left out, because moto would need a dozen more packages.

use std::process::Command;

use serde_json::Value;

use cargo_lambdapack::internals::Arch;

use super::go::function;
use super::moto::{at, moto};
use super::project::Project;
use super::support::{command, ok, path, run, tool, with_lambdapack_on_path};
use super::templates::{five, has_go, hash, iac, init, mixed, pack, two};
use super::toolchain::rust;

#[test]
fn sam_build_uses_the_zips_unchanged() {
    if !has_go() {
        return;
    }
    let project = two();
    init(&project, &["sam"]);
    pack(&project);
    let Some(mut build) = iac("sam", project.root()) else {
        return;
    };
    ok(build.arg("build"));
    let built = fs_err::read_to_string(project.path(".aws-sam/build/template.yaml")).unwrap();
    for name in ["orders", "users"] {
        let zip = format!("../../target/lambdapack/x86_64/{name}.zip");
        assert!(built.contains(&format!("CodeUri: {zip}\n")), "{built}");
    }
}

#[test]
fn make_builds_checks_and_tests() {
    if !has_go() || tool("make").is_none() {
        return;
    }
    let project = two();
    init(&project, &["makefile"]);
    let make = |words: &[&str]| {
        let mut make = command("make", project.root());
        let _path = with_lambdapack_on_path(&mut make);
        // Go projects need no cargo: the subcommand is a program like any other.
        make.arg("LAMBDAPACK=cargo-lambdapack").args(words);
        run(&mut make)
    };
    let help = make(&["help"]);
    for word in ["build", "test", "check", "verify", "deploy", "clean"] {
        assert!(help.stdout.contains(&format!("{word}\t")), "{help:?}");
    }
    let checked = make(&["check"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    for name in ["orders", "users"] {
        assert!(
            checked.stdout.contains(&hash(&project, name)),
            "{checked:?}"
        );
    }
    let tested = make(&["test"]);
    assert_eq!(tested.code, Some(0), "{tested:?}");
    let cleaned = make(&["clean"]);
    assert_eq!(cleaned.code, Some(0), "{cleaned:?}");
    assert!(!project.path("target/lambdapack").exists());
}

#[test]
fn make_runs_the_tests_of_rust_and_of_go() {
    let Some(rust) = rust(Arch::X86_64) else {
        return;
    };
    if !has_go() || tool("make").is_none() {
        return;
    }
    let project = mixed();
    init(&project, &["makefile"]);
    let mut make = command("make", project.root());
    make.env("PATH", rust.path()).arg("test");
    let said = ok(&mut make);
    assert!(said.contains("cargo test --workspace\n"), "{said}");
    assert!(said.contains("example.com/shop/api"), "{said}");
}

/// The AWS CLI in a project, and its output.
struct Aws<'a> {
    project: &'a Project,
    address: &'a str,
}

impl Aws<'_> {
    fn command(&self, program: &str) -> Command {
        let mut command = command(program, self.project.root());
        at(self.address, &mut command);
        command.env("PATH", path());
        command
    }

    fn says(&self, args: &[&str]) -> String {
        ok(self.command("aws").args(args))
    }

    fn functions(&self) -> Vec<Value> {
        let said = self.says(&["lambda", "list-functions", "--output", "json"]);
        let said: Value = serde_json::from_str(&said).unwrap();
        said["Functions"].as_array().unwrap().clone()
    }
}

#[test]
fn cloudformation_and_make_deploy_the_packaged_hash() {
    if !has_go() || tool("make").is_none() || tool("aws").is_none() {
        return;
    }
    let project = two();
    let Some(moto) = moto(project.root()) else {
        return;
    };
    init(&project, &["cloudformation", "makefile"]);
    pack(&project);
    let aws = Aws {
        project: &project,
        address: &moto.address,
    };
    // As the first lines of the template say.
    aws.says(&[
        "cloudformation",
        "package",
        "--template-file",
        "cloudformation.yaml",
        "--s3-bucket",
        "zips",
        "--output-template-file",
        "packaged.yaml",
    ]);
    // moto has no CloudFormation without a dozen more packages. Functions are created from the
    // template's properties, one from S3 and one from the file.
    let packaged = fs_err::read_to_string(project.path("packaged.yaml")).unwrap();
    let key = |id: &str| {
        let (_, of) = packaged
            .split_once(&format!("\n  {id}Function:\n"))
            .unwrap();
        let (_, key) = of.split_once("S3Key: ").unwrap();
        key.lines().next().unwrap().to_owned()
    };
    let codes = [
        [
            "--code".to_owned(),
            format!("S3Bucket=zips,S3Key={}", key("Orders")),
        ],
        [
            "--zip-file".to_owned(),
            "fileb://target/lambdapack/x86_64/users.zip".to_owned(),
        ],
    ];
    for (name, code) in ["prod-orders", "prod-users"].iter().zip(&codes) {
        let mut create = aws.command("aws");
        create.args(["lambda", "create-function", "--function-name", name]);
        create.args(["--runtime", "provided.al2023", "--handler", "bootstrap"]);
        create.args(["--architectures", "x86_64", "--role"]);
        ok(create.arg("arn:aws:iam::123456789012:role/role").args(code));
    }
    let hashes = || {
        let of = |name: &str| {
            let functions = aws.functions();
            let mut functions = functions.iter();
            let one = functions.find(|one| one["FunctionName"] == format!("prod-{name}"));
            one.unwrap()["CodeSha256"].as_str().unwrap().to_owned()
        };
        ["orders", "users"].map(of)
    };
    let packed = || ["orders", "users"].map(|name| hash(&project, name));
    let before = packed();
    assert_eq!(hashes(), before);
    project.write("users/main.go", &function("edited"));
    let mut make = aws.command("make");
    let _path = with_lambdapack_on_path(&mut make);
    make.args(["LAMBDAPACK=cargo-lambdapack", "deploy", "STAGE=prod-"]);
    let ran = run(&mut make);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("Updated prod-users to"), "{ran:?}");
    assert!(!ran.stderr.contains("Updated prod-orders"), "{ran:?}");
    assert_ne!(packed()[1], before[1]);
    assert_eq!(hashes(), packed());
}

/// Each cargo command of the Dockerfile. Docker itself is not available here.
#[test]
fn the_dockerfile_compiles_each_function_of_a_workspace() {
    let Some(rust) = rust(Arch::X86_64) else {
        return;
    };
    let project = five();
    init(&project, &["dockerfile"]);
    let text = fs_err::read_to_string(project.path("Dockerfile")).unwrap();
    let text = text.replace("\\\n", " ");
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("RUN cargo "));
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), 5, "{text}");
    ok(rust.cargo(project.root()).arg("generate-lockfile"));
    for line in &lines {
        let out = project.path("out");
        let line = line.replace(" /tmp/target", " target/docker");
        let line = line.replace(" /out/", &format!(" {}/", out.display()));
        let line = line.replace("--release ", "");
        let line = line.replace("/release/", "/debug/");
        let mut shell = command("sh", project.root());
        shell.env("PATH", rust.path());
        ok(shell.args(["-c", &format!("cargo {line}")]));
    }
    for name in ["audit-log", "mail-in", "mail_out", "orders", "users"] {
        assert!(text.contains(&format!("ENTRYPOINT [\"/var/task/{name}\"]")));
        let said = ok(&mut Command::new(project.path("out").join(name)));
        assert_eq!(said, format!("{name}\n"));
    }
}
