//! Terraform reads the manifest, from its own folder and from outside.

use std::path::Path;
use std::process::Command;

use super::go::{add_module, function};
use super::project::Project;
use super::support::{command, fails, lambdapack, ok, run, tool};

/// As the documentation recommends: the functions are named here and looked up in the manifest,
/// never the other way round.
const MAIN: &str = r#"locals {
  results       = "${path.module}/../target/lambdapack"
  manifest_file = "${local.results}/manifest.json"
  manifest      = fileexists(local.manifest_file) ? jsondecode(file(local.manifest_file)).functions : {}

  functions = {
    audit  = { memory_size = 128 }
    orders = { memory_size = 256 }
    users  = { memory_size = 512 }
  }
}

resource "terraform_data" "function" {
  for_each = local.functions

  input = {
    memory_size = each.value.memory_size
    runtime     = local.manifest[each.key].runtime
    handler     = local.manifest[each.key].handler
    code_sha256 = local.manifest[each.key].archs["x86_64"].code_sha256
  }

  lifecycle {
    precondition {
      condition = (
        filebase64sha256("${local.results}/${local.manifest[each.key].archs["x86_64"].zip}")
        == local.manifest[each.key].archs["x86_64"].code_sha256
      )
      error_message = "The zip of ${each.key} is not the one in the manifest."
    }
  }
}
"#;

fn three_functions() -> Project {
    let project = Project::new(&[("infra/main.tf", MAIN)]);
    add_module(
        &project,
        ".",
        "example.com/shop",
        &["audit", "orders", "users"],
    );
    project
}

fn terraform(program: &Path, dir: &Path, args: &[&str]) -> Command {
    let mut command = command(program, dir);
    command
        .env("TF_CLI_CONFIG_FILE", "")
        .env("CHECKPOINT_DISABLE", "1");
    command.env("TF_IN_AUTOMATION", "1").args(args);
    command
}

fn pack(project: &Project, args: &[&str]) {
    let mut pack = lambdapack(project.root());
    ok(pack.args(["--arch", "x86_64"]).args(args));
}

#[test]
fn terraform_deploys_what_changed_and_deletes_nothing() {
    let Some(program) = tool("terraform") else {
        return;
    };
    if tool("go").is_none() {
        return;
    }
    let project = three_functions();
    let infra = project.path("infra");
    let inside = |args: &[&str]| terraform(&program, &infra, args);
    let outside = |args: &[&str]| {
        let args = [&["-chdir=infra"], args].concat();
        terraform(&program, project.root(), &args)
    };
    // A job without a build.
    ok(&mut inside(&["init", "-input=false", "-no-color"]));
    ok(&mut inside(&["validate", "-no-color"]));
    ok(&mut inside(&["fmt", "-check"]));

    pack(&project, &[]);
    let apply = ["apply", "-auto-approve", "-input=false", "-no-color"];
    let said = ok(&mut inside(&apply));
    assert!(said.contains("3 added, 0 changed, 0 destroyed"), "{said}");
    let plan = ["plan", "-detailed-exitcode", "-input=false", "-no-color"];
    ok(&mut inside(&plan));
    ok(&mut outside(&plan));

    // One of three functions is edited and packaged.
    project.write("users/main.go", &function("edited"));
    pack(&project, &["-p", "users"]);
    for mut planned in [inside(&plan), outside(&plan)] {
        let ran = run(&mut planned);
        assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
        let (planned, summary) = (&ran.stdout, "0 to add, 1 to change, 0 to destroy");
        assert!(planned.contains(summary), "{planned}");
        assert!(
            planned.contains("terraform_data.function[\"users\"]"),
            "{planned}"
        );
    }
    ok(&mut outside(&apply));

    // A clean build folder with one function: still no deletion.
    fs_err::remove_dir_all(project.path("target")).unwrap();
    pack(&project, &["-p", "users"]);
    let refused = fails(1, &mut inside(&plan));
    assert!(refused.contains("Invalid index"), "{refused}");
    assert!(!refused.contains("destroy"), "{refused}");
    pack(&project, &[]);
    ok(&mut inside(&plan));
}

#[test]
fn terraform_refuses_a_zip_that_differs_from_the_manifest() {
    let Some(program) = tool("terraform") else {
        return;
    };
    if tool("go").is_none() {
        return;
    }
    let project = three_functions();
    pack(&project, &[]);
    let infra = project.path("infra");
    ok(&mut terraform(&program, &infra, &["init", "-no-color"]));
    let zip = project.path("target/lambdapack/x86_64/orders.zip");
    let mut bytes = fs_err::read(&zip).unwrap();
    bytes[999] ^= 1;
    fs_err::write(&zip, bytes).unwrap();
    let refused = fails(1, &mut terraform(&program, &infra, &["plan", "-no-color"]));
    assert!(
        refused.contains("The zip of orders is not the one"),
        "{refused}"
    );
}
