//! The templates of `init`, used by the tools that they are for.
//!
//! Every template is generated for a Rust project with one function, a workspace with five, a
//! Go module with two, and a project with Rust and Go. Functions are packaged first if a tool
//! builds or deploys them, in Go if the language does not matter, because that is fast.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_lambdapack::internals::Arch;
use serde_json::Value;

use super::go::{add_module, function};
use super::project::Project;
use super::support::{
    command, fails, lambdapack, ok, path, repository, run, skip, tool, with_lambdapack_on_path,
};

pub(crate) const ALL: [&str; 8] = [
    "makefile",
    "sam",
    "cloudformation",
    "terraform",
    "cdk",
    "cdk-go",
    "dockerfile",
    "github",
];

/// A package that is recognized as a function but not compiled: `lambda_runtime` has no code.
fn add_function(project: &Project, folder: &str, name: &str, runtime: &str) {
    project.write(
        &format!("{folder}/Cargo.toml"),
        &format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
             [dependencies]\nlambda_runtime = {{ path = \"{runtime}\" }}\n"
        ),
    );
    project.write(
        &format!("{folder}/src/main.rs"),
        &format!("fn main() {{\n    println!(\"{name}\");\n}}\n"),
    );
}

fn add_workspace(project: &Project, functions: &[&str]) {
    let members = [functions, &["lambda_runtime"]].concat();
    let workspace = format!("[workspace]\nresolver = \"2\"\nmembers = {members:?}\n");
    project.write("Cargo.toml", &workspace);
    project.write(
        "lambda_runtime/Cargo.toml",
        "[package]\nname = \"lambda_runtime\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    );
    project.write("lambda_runtime/src/lib.rs", "");
    for name in functions {
        add_function(project, name, name, "../lambda_runtime");
    }
}

pub(crate) fn one() -> Project {
    let project = Project::new(&[]);
    add_workspace(&project, &["orders"]);
    project
}

pub(crate) fn five() -> Project {
    let project = Project::new(&[]);
    let functions = ["audit-log", "mail-in", "mail_out", "orders", "users"];
    add_workspace(&project, &functions);
    project
}

pub(crate) fn two() -> Project {
    let project = Project::new(&[]);
    add_module(&project, ".", "example.com/shop", &["orders", "users"]);
    project
}

pub(crate) fn mixed() -> Project {
    let project = Project::new(&[]);
    add_workspace(&project, &["orders"]);
    add_module(&project, ".", "example.com/shop", &["api"]);
    project
}

/// Some templates that are only read are for arm64.
fn configure_arm64(project: &Project) {
    project.write("lambdapack.toml", "arch = \"arm64\"\n");
}

/// The four projects, with all templates.
pub(crate) fn all() -> Vec<(&'static str, Project)> {
    let projects = vec![
        ("one", one()),
        ("five", five()),
        ("two", two()),
        ("mixed", mixed()),
    ];
    for (name, project) in &projects {
        if matches!(*name, "one" | "mixed") {
            configure_arm64(project);
        }
        init(project, &ALL);
    }
    projects
}

/// Projects with the workflow for several runners.
pub(crate) fn partitioned() -> Vec<(&'static str, Project)> {
    let projects = vec![("two", two()), ("five", five()), ("mixed", mixed())];
    for (_, project) in &projects {
        init(project, &["github", "--partitions", "4"]);
    }
    projects
}

pub(crate) fn init(project: &Project, args: &[&str]) {
    let mut init = lambdapack(project.root());
    ok(init.arg("init").args(args));
}

pub(crate) fn pack(project: &Project) {
    ok(&mut lambdapack(project.root()));
}

/// A program from the template environment of `.ci/install-tools`. SAM needs its own version of
/// boto3.
pub(crate) fn iac(name: &str, dir: &Path) -> Option<Command> {
    let bin = repository().join("target/tools/iac/bin");
    let program = bin.join(name);
    if !program.exists() {
        skip(&format!("there is no {name} in target/tools/iac"));
        return None;
    }
    let mut command = command(program, dir);
    let mut path = bin.into_os_string();
    path.push(":");
    path.push(self::path());
    command
        .env("PATH", path)
        .env("AWS_DEFAULT_REGION", "us-east-1");
    command.env("SAM_CLI_TELEMETRY", "0");
    Some(command)
}

/// The Node packages that `.ci/install-tools` installs.
pub(crate) fn node_modules() -> Option<PathBuf> {
    tool("node")?;
    let modules = repository().join("target/tools/node/node_modules");
    if !modules.join("aws-cdk-lib").exists() {
        skip("there is no aws-cdk-lib in target/tools/node");
        return None;
    }
    Some(modules)
}

pub(crate) fn has_go() -> bool {
    tool("go").is_some()
}

pub(crate) fn hash(project: &Project, name: &str) -> String {
    let zip = project.zip(Arch::X86_64, name);
    fs_err::read_to_string(format!("{}.base64sha256", zip.display())).unwrap()
}

#[test]
fn cdk_compiles_and_uses_the_zips_unchanged() {
    let Some(modules) = node_modules() else {
        return;
    };
    if !has_go() || tool("cargo").is_none() {
        return;
    }
    let project = two();
    init(&project, &["cdk"]);
    let there = project.path("cdk/node_modules");
    fs_err::os::unix::fs::symlink(&modules, there).unwrap();
    // In one compiler run, because the compiler starts slowly.
    let settings = fs_err::read_to_string(project.path("cdk/tsconfig.json")).unwrap();
    let mut files = "\"app.ts\"".to_owned();
    for (name, other) in [("one", one()), ("five", five()), ("mixed", mixed())] {
        configure_arm64(&other);
        init(&other, &["cdk"]);
        let app = fs_err::read_to_string(other.path("cdk/app.ts")).unwrap();
        project.write(&format!("cdk/{name}.ts"), &app);
        files.push_str(&format!(", \"{name}.ts\""));
    }
    assert!(settings.contains("\"app.ts\""), "{settings}");
    let settings = settings.replace("\"app.ts\"", &files);
    project.write("cdk/tsconfig.json", &settings);
    // As CDK runs it, including packaging.
    let steps = fs_err::read_to_string(project.path("cdk/cdk.json")).unwrap();
    let steps: Value = serde_json::from_str(&steps).unwrap();
    let mut build = command("sh", &project.path("cdk"));
    let _path = with_lambdapack_on_path(&mut build);
    ok(build.args(["-c", steps["build"].as_str().unwrap()]));
    let app = || {
        let mut app = command("node", &project.path("cdk"));
        app.args(steps["app"].as_str().unwrap().split(' ').skip(1));
        app.env("CDK_OUTDIR", project.path("cdk.out"));
        app
    };
    ok(&mut app());
    let template = project.path("cdk.out/Functions.template.json");
    let template: Value = serde_json::from_slice(&fs_err::read(template).unwrap()).unwrap();
    let made = template["Resources"].as_object().unwrap().values();
    let made: Vec<_> = made
        .filter(|one| one["Type"] == "AWS::Lambda::Function")
        .collect();
    assert_eq!(made.len(), 2);
    for one in made {
        let said = &one["Properties"];
        assert_eq!(said["Runtime"], "provided.al2023");
        assert_eq!(said["Architectures"][0], "x86_64");
        let asset = said["Code"]["S3Key"].as_str().unwrap();
        let asset = fs_err::read(project.path(&format!("cdk.out/asset.{asset}"))).unwrap();
        let zips = ["orders", "users"].map(|name| project.bytes(Arch::X86_64, name));
        assert!(zips.contains(&asset), "CDK has changed a zip");
    }
    // A zip other than the one that was built and checked.
    fs_err::write(project.zip(Arch::X86_64, "users"), "other").unwrap();
    let changed = fails(1, &mut app());
    assert!(
        changed.contains("is not the one of the manifest"),
        "{changed}"
    );
    fs_err::remove_file(project.path("target/lambdapack/manifest.json")).unwrap();
    let missing = fails(1, &mut app());
    assert!(missing.contains("manifest.json"), "{missing}");
}

#[test]
fn go_ignores_the_files_that_npm_installs_for_cdk() {
    if !has_go() {
        return;
    }
    let project = two();
    init(&project, &["cdk"]);
    // As in the package aws-cdk: https://github.com/aws/aws-cdk/issues/13971
    let folder = "cdk/node_modules/aws-cdk/lib/init-templates/app/go";
    project.write(&format!("{folder}/%name%.template.go"), "package main\n");
    let packages = || ok(command(tool("go").unwrap(), project.root()).args(["list", "./..."]));
    assert_eq!(
        packages(),
        "example.com/shop/orders\nexample.com/shop/users\n"
    );
    pack(&project);
}

/// Terraform, with `.ci/terraform-aws.py` as hashicorp/aws.
pub(crate) fn terraform(project: &Project, dir: &str, args: &[&str]) -> Option<Command> {
    let mut terraform = command(tool("terraform")?, &project.path(dir));
    let python = repository().join("target/tools/iac/bin/python");
    let stub = repository().join(".ci/terraform-aws.py");
    let provider = format!(
        "#!/bin/sh\nexec {} {} \"$@\"\n",
        python.display(),
        stub.display()
    );
    project.write("provider/terraform-provider-aws", &provider);
    let program = project.path("provider/terraform-provider-aws");
    fs_err::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let rc = format!(
        "provider_installation {{\n  dev_overrides {{\n    \"hashicorp/aws\" = {:?}\n  }}\n}}\n",
        project.path("provider")
    );
    project.write("provider/rc", &rc);
    terraform.env("TF_CLI_CONFIG_FILE", project.path("provider/rc"));
    terraform.env("CHECKPOINT_DISABLE", "1");
    terraform.env("TF_IN_AUTOMATION", "1").args(args);
    Some(terraform)
}

/// `terraform test` checks that each hash is the one in the hash file.
const TEST: &str = r#"run "hashes" {
  command = plan

  assert {
    condition = alltrue([
      for name, one in aws_lambda_function.function :
      one.source_code_hash == trimspace(file("${one.filename}.base64sha256"))
    ])
    error_message = "another hash"
  }
  assert {
    condition     = length(aws_lambda_function.function) == 2
    error_message = "not two functions"
  }
}
"#;

#[test]
fn terraform_plans_built_functions_and_never_deletes_others() {
    if !has_go() || tool("terraform").is_none() || iac("python", Path::new("/")).is_none() {
        return;
    }
    let project = two();
    init(&project, &["terraform"]);
    project.write("infra/tests/hashes.tftest.hcl", TEST);
    let inside = |args: &[&str]| terraform(&project, "infra", args).unwrap();
    let outside =
        |args: &[&str]| terraform(&project, "", &[&["-chdir=infra"], args].concat()).unwrap();
    // A job without a build.
    ok(&mut inside(&["validate", "-no-color"]));
    let plan = ["plan", "-detailed-exitcode", "-input=false", "-no-color"];
    let unbuilt = fails(1, &mut inside(&plan));
    for name in ["orders", "users"] {
        let told = format!("{name} is not packed for x86_64: run `cargo lambdapack` first.");
        assert!(unbuilt.contains(&told), "{unbuilt}");
    }

    pack(&project);
    ok(&mut inside(&["test", "-no-color"]));
    let apply = ["apply", "-auto-approve", "-input=false", "-no-color"];
    let said = ok(&mut inside(&apply));
    assert!(said.contains("8 added, 0 changed, 0 destroyed"), "{said}");
    ok(&mut inside(&plan));
    ok(&mut outside(&plan));

    // One of two functions is edited and packaged; the other stays.
    project.write("users/main.go", &function("edited"));
    ok(lambdapack(project.root()).args(["-p", "users"]));
    for mut planned in [inside(&plan), outside(&plan)] {
        let ran = run(&mut planned);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(
            ran.stdout.contains("0 to add, 1 to change, 0 to destroy"),
            "{ran:?}"
        );
        assert!(
            ran.stdout
                .contains("aws_lambda_function.function[\"users\"]"),
            "{ran:?}"
        );
    }
    ok(&mut outside(&apply));

    // After a partial build from a clean state: an error, and no deletion.
    fs_err::remove_dir_all(project.path("target")).unwrap();
    ok(lambdapack(project.root()).args(["-p", "users"]));
    let partial = fails(1, &mut inside(&plan));
    assert!(
        partial.contains("orders is not packed for x86_64"),
        "{partial}"
    );
    assert!(!partial.contains("users is not packed"), "{partial}");

    // A zip other than the one that was built and checked.
    pack(&project);
    ok(&mut inside(&plan));
    fs_err::write(project.zip(Arch::X86_64, "users"), "other").unwrap();
    let changed = fails(1, &mut inside(&plan));
    assert!(
        changed.contains("The zip of users is not the one of the manifest"),
        "{changed}"
    );
}
