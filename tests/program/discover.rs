//! Projects below a folder without a manifest, and below one with a manifest.

use snapbox::str;

use crate::support::{Sandbox, Transcript, bootstrap};

/// The first and last words of each line that `list` printed, by function.
fn listed(stdout: &str) -> Vec<(&str, &str)> {
    let ends = |line: &'_ str| {
        let first = line.find(' ').unwrap_or(line.len());
        (first, line.rfind(' ').map_or(0, |at| at + 1))
    };
    let functions = stdout.lines().map(|line| {
        let (first, last) = ends(line);
        (&line[..first], &line[last..])
    });
    functions.collect()
}

/// A folder without a manifest, with projects in both languages below it.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.function("orders", "orders");
    sandbox.go_module("services/users", "example.com/users");
    sandbox.go_function("services/users");
    sandbox.go_module("services/mail", "example.com/mail");
    sandbox.go_function("services/mail/cmd/send");
    sandbox.write("README.md", "nothing to build");
    sandbox
}

#[test]
fn a_folder_without_a_manifest_lists_and_packs_the_projects_below_it() {
    let sandbox = repository();
    for folder in [
        "dist",
        "node_modules/x",
        ".cache",
        "target/x",
        "orders/testdata",
    ] {
        sandbox.function(folder, "copy");
    }
    sandbox.write(".gitignore", "/dist\n");
    let ran = sandbox.run(&["list"]).ok();
    assert_eq!(
        listed(&ran.stdout),
        [
            ("orders", "orders"),
            ("send", "services/mail"),
            ("users", "services/users"),
        ],
        "{ran}"
    );
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["orders", "send", "users"]);
    assert!(sandbox.packed("x86_64/orders.zip").contains("bin orders"));
    let manifest = sandbox.manifest();
    assert_eq!(
        manifest["functions"]["users"]["source"],
        "../../services/users"
    );
    // Compilers run in the projects, and only the shared results are in the folder above them.
    assert_eq!(sandbox.call("cargo build").dir(), sandbox.path("orders"));
    assert_eq!(sandbox.calls_of("go build").len(), 2);
    assert!(!sandbox.exists("orders/target/lambdapack"));
    sandbox.run(&["--bin", "users"]).ok();
    assert_eq!(sandbox.manifest_names(), ["orders", "send", "users"]);
    // A project in one language needs no tools of the other, and a subfolder works as a project.
    let ran = sandbox.run(&["list", "--lang", "go"]).ok();
    assert_eq!(ran.stdout.lines().count(), 2, "{ran}");
    let ran = sandbox.run_in("services", &["list"]).ok();
    assert_eq!(ran.stdout.lines().count(), 2, "{ran}");
}

#[test]
fn a_second_list_runs_no_tools() {
    let sandbox = repository();
    let first = sandbox.run(&["list"]).ok();
    assert!(!sandbox.calls().is_empty());
    let second = sandbox.run(&["list"]).ok();
    assert_eq!(sandbox.calls().len(), 0, "{:?}", sandbox.calls());
    assert_eq!(first.stdout, second.stdout);
    // git ignores the cached answers.
    assert_eq!(sandbox.read("target/lambdapack/.gitignore"), "*\n");
}

#[test]
fn each_of_several_projects_has_its_own_cache() {
    let sandbox = repository();
    let paths = ["list", "orders", "services/users"];
    sandbox.run(&paths).ok();
    sandbox.run(&paths).ok();
    assert_eq!(sandbox.calls().len(), 0, "{:?}", sandbox.calls());
    let kept = sandbox.read("services/users/target/lambdapack/.surveys.json");
    assert!(!kept.contains("Cargo.toml"), "{kept}");
    // Listing one project writes nothing.
    sandbox.run(&["list", "services/mail"]).ok();
    assert!(!sandbox.exists("services/mail/target"));
}

#[test]
fn modules_and_packages_with_the_same_name_are_distinguished() {
    let sandbox = Sandbox::new();
    for dir in ["create", "delete"] {
        sandbox.go_module(dir, "main");
        sandbox.go_function(dir);
        let nested = format!("hello/{dir}");
        sandbox.go_module(&nested, "example.com/hello");
        sandbox.go_function(&nested);
        sandbox.function(&format!("rust/{dir}"), "worker");
    }
    sandbox.run(&[]).ok();
    assert_eq!(
        sandbox.manifest_names(),
        [
            "create",
            "create-hello",
            "create-worker",
            "delete",
            "delete-hello",
            "delete-worker",
        ]
    );
    // A rebuild in another folder gives the same names.
    let ran = sandbox.run(&["verify"]).ok().stderr_eq(str![[r#"
  Rebuilding create (x86_64) in [VERIFY]/tree[ROOT]/project/create
  Rebuilding delete (x86_64) in [VERIFY]/tree[ROOT]/project/delete
  Rebuilding create-hello (x86_64) in [VERIFY]/tree[ROOT]/project/hello/create
  Rebuilding delete-hello (x86_64) in [VERIFY]/tree[ROOT]/project/hello/delete
  Rebuilding create-worker (x86_64) in [VERIFY]/tree[ROOT]/project/rust/create
  Rebuilding delete-worker (x86_64) in [VERIFY]/tree[ROOT]/project/rust/delete
    Verified create x86_64
    Verified create-hello x86_64
    Verified create-worker x86_64
    Verified delete x86_64
    Verified delete-hello x86_64
    Verified delete-worker x86_64

"#]]);
    ran.stderr_eq(str![[r#"
  Rebuilding create (x86_64) in [VERIFY]/tree[ROOT]/project/create
  Rebuilding delete (x86_64) in [VERIFY]/tree[ROOT]/project/delete
  Rebuilding create-hello (x86_64) in [VERIFY]/tree[ROOT]/project/hello/create
  Rebuilding delete-hello (x86_64) in [VERIFY]/tree[ROOT]/project/hello/delete
  Rebuilding create-worker (x86_64) in [VERIFY]/tree[ROOT]/project/rust/create
  Rebuilding delete-worker (x86_64) in [VERIFY]/tree[ROOT]/project/rust/delete
    Verified create x86_64
    Verified create-hello x86_64
    Verified create-worker x86_64
    Verified delete x86_64
    Verified delete-hello x86_64
    Verified delete-worker x86_64

"#]]);
}

#[test]
fn a_nested_project_with_its_own_settings_has_its_own_output_folder() {
    let sandbox = repository();
    sandbox.write("services/users/lambdapack.toml", "arch = \"arm64\"\n");
    sandbox.append(
        "orders/Cargo.toml",
        "[workspace.metadata.lambdapack]\nout-dir = \"dist\"\n[workspace]\n",
    );
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["send"]);
    assert!(sandbox.exists("services/users/target/lambdapack/arm64/users.zip"));
    assert!(sandbox.exists("orders/dist/x86_64/orders.zip"));
}

#[test]
fn an_unreadable_nested_project_does_not_block_the_others() {
    let sandbox = repository();
    sandbox.write("template/Cargo.toml", "[package]\nname = \"{{ name }}\"\n");
    let ran = sandbox.run(&[]).ok();
    let ran = ran.says("template").says("skipping the project");
    assert_eq!(
        sandbox.manifest_names(),
        ["orders", "send", "users"],
        "{ran}"
    );
    // On its own, this project is an error.
    sandbox.run(&["template"]).ends_with(102);
}

#[test]
fn folders_of_a_pattern_that_are_not_projects_are_skipped() {
    let sandbox = repository();
    sandbox.write("docs/page.md", "");
    sandbox.write("scripts/run.sh", "");
    let ran = sandbox
        .run(&["docs/", "orders/", "scripts/", "services/"])
        .ok();
    let line = ran.stderr.lines().find(|line| line.contains("Skipped"));
    let line = line.unwrap_or_else(|| panic!("{ran}"));
    assert!(line.contains("docs") && line.contains("scripts"), "{ran}");
    assert!(!line.contains("orders"), "{ran}");
    assert!(sandbox.exists("orders/target/lambdapack/x86_64/orders.zip"));
    assert!(sandbox.exists("services/target/lambdapack/x86_64/users.zip"));
    let mut transcript = Transcript::default();
    for exactly in [&["docs"][..], &["docs", "scripts"]] {
        sandbox.run(exactly).ends_with(102).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack docs
error: no Cargo.toml or go.mod in `[ROOT]/project/docs`, its parents, or the folders below it
help: pass the project's folder with `cargo lambdapack PATH` or `--manifest-path PATH/Cargo.toml`

$ cargo lambdapack docs scripts
error: no Cargo.toml or go.mod in `[ROOT]/project/docs`, its parents, or the folders below it
help: pass the project's folder with `cargo lambdapack PATH` or `--manifest-path PATH/Cargo.toml`
error: no Cargo.toml or go.mod in `[ROOT]/project/scripts`, its parents, or the folders below it
help: pass the project's folder with `cargo lambdapack PATH` or `--manifest-path PATH/Cargo.toml`


"#]]);
}

#[test]
fn projects_with_separate_output_folders_may_share_a_name() {
    let sandbox = Sandbox::new();
    for dir in ["a", "b"] {
        sandbox.function(dir, "orders");
    }
    let ran = sandbox.run(&["a", "b", "--message-format", "json"]).ok();
    let functions = ran.json()["functions"].as_object().unwrap().len();
    assert_eq!(functions, 2, "{ran}");
    for dir in ["a", "b"] {
        let zip = sandbox
            .path(dir)
            .join("target/lambdapack/x86_64/orders.zip");
        assert!(bootstrap(&zip).contains("bin orders"));
    }
}

#[test]
fn unrelated_nested_projects_are_named() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/infra");
    sandbox.go_tool("");
    let nested = |dir: &str| {
        sandbox.go_module(dir, &format!("example.com/{dir}"));
        sandbox.append(
            &format!("{dir}/go.mod"),
            "require github.com/aws/aws-lambda-go v1.47.0\n",
        );
        sandbox.go_function(dir);
    };
    nested("lambdas/orders");
    nested("lambdas/users");
    sandbox.go_module("tools/gen", "example.com/gen");
    sandbox.go_tool("tools/gen");
    let ran = sandbox.run(&["list"]).stderr_eq(str![[r#"
note: folders with Lambda functions that are not part of this project: lambdas/orders, lambdas/users (run `cargo lambdapack lambdas/orders lambdas/users`, or set `paths = [".", "lambdas/*"]` in `lambdapack.toml`)
error: no Lambda function found: no Lambda runtime is among the dependencies of infra
help: add one (`cargo add lambda_runtime` or `go get github.com/aws/aws-lambda-go`), or package the program anyway with `--bin infra`

"#]]);
    let ran = ran.stderr_eq(str![[r#"
note: folders with Lambda functions that are not part of this project: lambdas/orders, lambdas/users (run `cargo lambdapack lambdas/orders lambdas/users`, or set `paths = [".", "lambdas/*"]` in `lambdapack.toml`)
error: no Lambda function found: no Lambda runtime is among the dependencies of infra
help: add one (`cargo add lambda_runtime` or `go get github.com/aws/aws-lambda-go`), or package the program anyway with `--bin infra`

"#]]);
    let ran = ran.says_nothing_of("tools/gen");
    assert!(!ran.stdout.contains("orders"), "{ran}");
    // A run without changes does not search.
    sandbox.go_function("api");
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
note: folders with Lambda functions that are not part of this project: lambdas/orders, lambdas/users (run `cargo lambdapack lambdas/orders lambdas/users`, or set `paths = [".", "lambdas/*"]` in `lambdapack.toml`)
     Skipped infra: no Lambda runtime among the dependencies (pass `--bin infra` to package it anyway)
    Building api for x86_64 with go
      Packed api x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    sandbox.run(&[]).ok().says_nothing_of("lambdas/orders");
    sandbox.run(&["list"]).ok().stderr_eq(str![[r#"
note: folders with Lambda functions that are not part of this project: lambdas/orders, lambdas/users (run `cargo lambdapack lambdas/orders lambdas/users`, or set `paths = [".", "lambdas/*"]` in `lambdapack.toml`)
     Skipped infra: no Lambda runtime among the dependencies (pass `--bin infra` to package it anyway)

"#]]);
    // Running the suggested command resolves the problem.
    sandbox.write("lambdapack.toml", "paths = [\".\", \"lambdas/orders\"]\n");
    let ran = sandbox
        .run(&["list"])
        .ok()
        .stderr_eq(str![[r#"
note: folders with Lambda functions that are not part of this project: lambdas/users (add them to `paths` in `lambdapack.toml`: "lambdas/users")
     Skipped infra: no Lambda runtime among the dependencies (pass `--bin infra` to package it anyway)

"#]]);
    let ran = ran.stderr_eq(str![[r#"
note: folders with Lambda functions that are not part of this project: lambdas/users (add them to `paths` in `lambdapack.toml`: "lambdas/users")
     Skipped infra: no Lambda runtime among the dependencies (pass `--bin infra` to package it anyway)

"#]]);
    ran.stdout_eq(str![[r#"
api     go    x86_64  target/lambdapack/x86_64/api.zip     .
orders  go    x86_64  target/lambdapack/x86_64/orders.zip  lambdas/orders

"#]]);
    sandbox.write("lambdapack.toml", "paths = [\".\", \"lambdas/*\"]\n");
    sandbox.run(&["list"]).ok().says_nothing_of("not part of");
}

#[test]
fn nested_projects_are_named_if_no_function_is_found() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["xtask"]);
    sandbox.tool("tool", "tool");
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"xtask\", \"tool\"]\nexclude = [\"functions\"]\n",
    );
    sandbox.function("functions/orders", "orders");
    sandbox
        .run(&[])
        .ends_with(102)
        .stderr_eq(str![[r#"
note: folders with Lambda functions that are not part of this project: functions/orders (run `cargo lambdapack functions/orders`, or set `paths = [".", "functions/orders"]` in `lambdapack.toml`)
error: no Lambda function found: no Lambda runtime is among the dependencies of tool, xtask
help: add one (`cargo add lambda_runtime` or `go get github.com/aws/aws-lambda-go`), or package the program anyway with `--bin tool`

"#]]);
    sandbox.run(&["functions/orders"]).ok();
}
