//! Finding projects from folders and paths.

use snapbox::str;

use crate::support::{Sandbox, Transcript};

#[test]
fn every_way_to_start_the_program_is_equivalent() {
    let sandbox = Sandbox::orders();
    let mut transcript = Transcript::default();
    for args in [
        &[][..],
        &["lambdapack"],
        &["build"],
        &["lambdapack", "build"],
    ] {
        let ran = sandbox.run(args).ok();
        transcript.add(&ran);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/orders.zip
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack lambdapack
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack build
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack lambdapack build
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]


"#]]);
}

#[test]
fn a_folder_named_like_the_program_is_a_folder() {
    let sandbox = Sandbox::new();
    sandbox.function("lambdapack", "orders");
    sandbox.run(&["lambdapack", "lambdapack"]).ok();
    assert!(sandbox.exists("lambdapack/target/lambdapack/x86_64/orders.zip"));
    // Cargo passes the subcommand's name as the first argument. It is not a path, so the project
    // in the current folder is packaged.
    sandbox.run(&["lambdapack"]).ok();
    assert!(sandbox.exists("target/lambdapack/x86_64/orders.zip"));
}

#[test]
fn a_folder_named_like_a_command_is_selected_by_its_path() {
    let sandbox = Sandbox::new();
    sandbox.function("list", "orders");
    sandbox.run(&["./list"]).ok();
    assert!(sandbox.exists("list/target/lambdapack/x86_64/orders.zip"));
}

#[test]
fn a_missing_path_gets_a_suggestion_of_a_command_or_folder() {
    let sandbox = Sandbox::new();
    sandbox.function("orders", "orders");
    sandbox.run(&["lsit"]).ends_with(2).stderr_eq(str![[r#"
error: `lsit` is neither a command nor an existing path
help: did you mean `list`?

"#]]);
    sandbox
        .run(&["order", "list"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `order` is neither a command nor an existing path
help: did you mean `orders`?
error: the command `list` must come before all other arguments
help: run `cargo lambdapack list …`

"#]]);
    sandbox
        .run(&["--arch", "arm64", "list"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: the command `list` must come before all other arguments
help: run `cargo lambdapack list …`

"#]]);
}

#[test]
fn a_package_is_packaged_into_the_workspaces_output_folder() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.run_in("orders/src", &[]).ok();
    assert_eq!(
        sandbox.results(),
        [
            "manifest.json",
            "x86_64/orders.zip",
            "x86_64/orders.zip.base64sha256",
            "x86_64/orders.zip.cdx.json"
        ]
    );
    let build = sandbox.call("cargo build");
    assert_eq!(build.packages(), ["orders", "users"]);
    assert_eq!(build.dir(), sandbox.path(""));
}

#[test]
fn the_path_of_a_member_selects_the_member() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    let mut transcript = Transcript::default();
    for path in ["users", "users/Cargo.toml", "./users/src"] {
        let ran = sandbox.run(&["list", path]).ok();
        assert_eq!(ran.stdout.lines().count(), 1, "{path}: {ran}");
        transcript.add(&ran);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack list users
users  rust  x86_64  target/lambdapack/x86_64/users.zip

$ cargo lambdapack list users/Cargo.toml
users  rust  x86_64  target/lambdapack/x86_64/users.zip

$ cargo lambdapack list ./users/src
users  rust  x86_64  target/lambdapack/x86_64/users.zip


"#]]);
    let ran = sandbox
        .run(&["list", "--manifest-path", "users/Cargo.toml"])
        .ok();
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
}

#[test]
fn each_of_several_paths_is_packaged_into_its_own_project() {
    let sandbox = Sandbox::new();
    sandbox.function("orders", "orders");
    sandbox.go_module("api", "example.com/api");
    sandbox.go_function("api");
    let ran = sandbox.run(&["orders", "api", "orders"]).ok();
    assert_eq!(ran.stdout.lines().count(), 2, "{ran}");
    assert!(sandbox.exists("orders/target/lambdapack/x86_64/orders.zip"));
    assert!(sandbox.exists("api/target/lambdapack/x86_64/api.zip"));
    // Each compiler runs in its project's folder.
    assert_eq!(
        sandbox.call("cargo build").dir(),
        sandbox.path("orders").as_path()
    );
    assert_eq!(
        sandbox.call("go build").dir(),
        sandbox.path("api").as_path()
    );
}

#[test]
fn two_members_of_one_workspace_are_packaged_in_one_run() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b", "c"]);
    let ran = sandbox.run(&["a", "b"]).ok();
    assert_eq!(ran.stdout.lines().count(), 2, "{ran}");
    sandbox.call("cargo build");
}

#[test]
fn projects_that_share_a_function_name_need_two_output_folders() {
    let sandbox = Sandbox::new();
    sandbox.function("a", "orders");
    sandbox.function("b", "orders");
    sandbox
        .run(&["a", "b", "--out-dir", "dist"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: two functions are called `orders`: one in `[ROOT]/project/a` and one in `[ROOT]/project/b`
help: omit `--out-dir`, or list both folders in `paths` in a `lambdapack.toml` above them, so that they get different names

"#]]);
}

#[test]
fn a_cargo_toml_and_a_go_mod_in_one_folder_are_both_packaged() {
    let sandbox = Sandbox::orders();
    sandbox.go_module("", "example.com/api");
    sandbox.go_function("");
    let ran = sandbox.run(&[]).ok();
    assert_eq!(ran.stdout.lines().count(), 2, "{ran}");
    assert_eq!(sandbox.manifest_names(), ["api", "orders"]);
    for (lang, name) in [("rust", "orders"), ("go", "api")] {
        let ran = sandbox.run(&["list", "--lang", lang]).ok();
        assert!(ran.stdout.starts_with(name), "{ran}");
        assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    }
    // --manifest-path means Cargo's option.
    let ran = sandbox.run(&["list", "--manifest-path", "Cargo.toml"]).ok();
    assert!(ran.stdout.starts_with("orders"), "{ran}");
}

#[test]
fn one_language_needs_no_tools_of_the_other() {
    let sandbox = Sandbox::orders();
    sandbox.go_module("", "example.com/api");
    sandbox.go_function("");
    sandbox.uninstall("go");
    sandbox.run(&["--lang", "rust"]).ok();
    sandbox.install("go");
    sandbox.uninstall("cargo");
    sandbox.uninstall("rustc");
    sandbox.run(&["--lang", "go"]).ok();
    sandbox
        .run(&["--lang", "rust"])
        .ends_with(96)
        .stderr_eq(str![[r#"
error: `cargo` was not found on `PATH`
help: install Rust: https://rustup.rs, or your system's `rustc` and `cargo` packages

"#]]);
}

#[test]
fn go_files_without_a_module_get_help_to_create_one() {
    let sandbox = Sandbox::new();
    sandbox.go_function("");
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: no Cargo.toml or go.mod in `[ROOT]/project`, its parents, or the folders below it
help: create a module: `go mod init example.com/NAME && go mod tidy`

"#]]);
}

#[test]
fn cargos_error_about_a_broken_manifest_is_passed_on() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[package]\nname = 1\n");
    sandbox
        .run(&[])
        .ends_with(102)
        .says("cargo cannot read")
        .says("Cargo.toml");
}

#[test]
fn gos_error_about_a_broken_module_is_passed_on() {
    let sandbox = Sandbox::go_api();
    let words = "go: errors parsing go.mod:\ngo.mod:3: unknown directive: gooo\n";
    sandbox.control(
        "fail-go-list",
        &format!("go: downloading a/b v1.0.0\n{words}"),
    );
    let ran = sandbox.run(&[]).ends_with(101).stderr_eq(str![[r#"
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
error: go cannot read the module in `[ROOT]/project`: go: errors parsing go.mod:
go.mod:3: unknown directive: gooo

"#]]);
    assert!(!ran.stderr.contains("go: downloading"), "{ran}");
    assert!(
        !ran.stderr.contains("help:"),
        "go's words are enough: {ran}"
    );
}

#[test]
fn an_unset_home_changes_nothing() {
    let mut sandbox = Sandbox::orders();
    sandbox.go_module("", "example.com/api");
    sandbox.go_function("");
    for name in ["HOME", "USERPROFILE", "CARGO_HOME"] {
        sandbox.unset(name);
    }
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["api", "orders"]);
}

#[test]
fn unusual_characters_in_paths_are_preserved() {
    let sandbox = Sandbox::new();
    let odd = "it's 100% größe [1] {a} $x #=& 🦀";
    sandbox.function(&format!("{odd}/rust"), "orders");
    sandbox.go_module(&format!("{odd}/go"), "example.com/api");
    sandbox.go_function(&format!("{odd}/go"));
    sandbox.run_in(odd, &["rust", "go"]).ok();
    sandbox.run_in(odd, &["rust", "go", "-q"]).ok();
    assert!(sandbox.exists(&format!("{odd}/rust/target/lambdapack/x86_64/orders.zip")));
    assert!(sandbox.exists(&format!("{odd}/go/target/lambdapack/x86_64/api.zip")));
    sandbox.write(
        &format!("{odd}/lambdapack.toml"),
        "paths = [\"rust\", \"g*\"]\nout-dir = \"d i s t\"",
    );
    sandbox.run_in(odd, &[]).ok();
    assert!(sandbox.exists(&format!("{odd}/d i s t/x86_64/orders.zip")));
    assert!(sandbox.exists(&format!("{odd}/d i s t/x86_64/api.zip")));
}
