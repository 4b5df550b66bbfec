//! Which programs are packaged, which are skipped, and which are built together.

use snapbox::str;

use crate::support::Sandbox;

/// Five members: three functions, one of them called `bootstrap`, and an xtask.
fn shop() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "stock", "users", "webhook", "xtask"]);
    sandbox.append(
        "users/Cargo.toml",
        "[[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n",
    );
    sandbox
}

fn listed(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let ran = sandbox.run(&[&["list"], args].concat()).ok();
    let first = |line: &str| line.split_whitespace().next().unwrap().to_owned();
    ran.stdout.lines().map(first).collect()
}

/// A virtual manifest needs only one run of cargo.
#[test]
fn all_functions_are_built_in_one_run_and_other_binaries_are_skipped() {
    let sandbox = shop();
    let ran = sandbox.run(&[]).ok();
    assert_eq!(
        sandbox.manifest_names(),
        ["orders", "stock", "users", "webhook"]
    );
    let about: Vec<_> = ran
        .stderr
        .lines()
        .filter(|line| line.contains("xtask"))
        .collect();
    assert_eq!(about.len(), 1, "{ran}");
    assert!(about[0].contains("Skipped") && about[0].contains("--bin xtask"));
    let build = sandbox.call("cargo build");
    assert_eq!(build.packages(), ["orders", "stock", "users", "webhook"]);
    assert_eq!(
        build.values("--bin"),
        ["orders", "stock", "bootstrap", "webhook"]
    );
    build.has_not("xtask").has_not("--workspace");
}

#[test]
fn several_other_binaries_are_skipped_with_one_line() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders"]);
    sandbox.append("Cargo.toml", "exclude = []\n");
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"orders\", \"tools/*\"]\n",
    );
    for tool in ["gen", "bench", "xtask"] {
        sandbox.tool(&format!("tools/{tool}"), tool);
    }
    let ran = sandbox.run(&[]).ok();
    assert_eq!(ran.stderr.matches("Skipped").count(), 1, "{ran}");
    ran.stderr_eq(str![[r#"
     Skipped bench, gen, xtask: no Lambda runtime among the dependencies (pass `--bin bench` to package it anyway)
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
}

#[test]
fn another_binary_is_packaged_if_it_is_named() {
    let sandbox = shop();
    sandbox.run(&["--bin", "xtask"]).ok();
    assert_eq!(sandbox.manifest_names(), ["xtask"]);
    assert!(sandbox.packed("x86_64/xtask.zip").contains("bin xtask"));
}

/// The other functions keep the same files.
#[test]
fn a_selected_package_is_built_alone_but_resolved_with_all() {
    let sandbox = shop();
    sandbox.run(&[]).ok();
    let before = sandbox.snapshot();
    let bytes = sandbox.packed("x86_64/orders.zip");
    sandbox.remove("target/lambdapack/x86_64/orders.zip");
    let ran = sandbox.run(&["-p", "orders"]).ok();
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    assert_eq!(sandbox.packed("x86_64/orders.zip"), bytes);
    let build = sandbox.call("cargo build");
    assert_eq!(build.packages(), ["orders", "stock", "users", "webhook"]);
    assert_eq!(build.values("--bin"), ["orders"]);
    for (path, stamp) in sandbox.snapshot() {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.starts_with('.') && name != "orders.zip" {
            assert_eq!(before[&path], stamp, "{name} was touched");
        }
    }
    assert_eq!(
        sandbox.manifest_names(),
        ["orders", "stock", "users", "webhook"]
    );
}

/// Every way to select builds only the selected functions.
#[test]
fn only_selected_targets_are_built() {
    let sandbox = shop();
    for (args, bins) in [
        (&["--bin", "stock"][..], &["stock"][..]),
        (&["--bin", "xtask"], &["xtask"]),
        (&["--exclude", "orders"], &["stock", "bootstrap", "webhook"]),
        (&["users"], &["bootstrap"]),
    ] {
        sandbox.run(args).ok();
        assert_eq!(
            sandbox.call("cargo build").values("--bin"),
            bins,
            "{args:?}"
        );
    }
}

/// The fake's bytes depend on the packages of a run, as with the real cargo.
#[test]
fn a_package_packaged_alone_has_the_same_bytes_as_among_all() {
    let (alone, all) = (shop(), shop());
    alone.run(&["-p", "orders"]).ok();
    all.run(&[]).ok();
    assert_eq!(alone.manifest_names(), ["orders"]);
    assert_eq!(
        fs_err::read(alone.out("x86_64/orders.zip")).unwrap(),
        fs_err::read(all.out("x86_64/orders.zip")).unwrap()
    );
}

#[test]
fn selected_only_builds_only_the_selection() {
    let sandbox = shop();
    sandbox.run(&["-p", "orders", "--selected-only"]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.packages(), ["orders"]);
    assert_eq!(build.values("--bin"), ["orders"]);
    let entry = &sandbox.manifest()["functions"]["orders"]["archs"]["x86_64"];
    assert_eq!(entry["build"]["together"], "orders");
}

#[test]
fn options_select_and_exclude() {
    let sandbox = shop();
    sandbox.go_module("", "example.com/api");
    sandbox.go_function("");
    let all = ["api", "orders", "stock", "users", "webhook"];
    assert_eq!(listed(&sandbox, &[]), all);
    assert_eq!(listed(&sandbox, &["-p", "orders"]), ["orders"]);
    assert_eq!(
        listed(&sandbox, &["-p", "orders", "-p", "users"]),
        ["orders", "users"]
    );
    assert_eq!(
        listed(&sandbox, &["--exclude", "orders", "--exclude", "api"]),
        ["stock", "users", "webhook"]
    );
    assert_eq!(
        listed(&sandbox, &["--bin", "users", "--bin", "api"]),
        ["api", "users"]
    );
    assert_eq!(listed(&sandbox, &["-p", "example.com/api"]), ["api"]);
    assert_eq!(listed(&sandbox, &["--lang", "go"]), ["api"]);
    assert_eq!(listed(&sandbox, &["orders"]), ["orders"]);
    // The Cargo workspace around it, without other projects in that folder.
    assert_eq!(listed(&sandbox, &["orders", "--workspace"]), all[1..]);
}

#[test]
fn unknown_names_are_all_reported_with_suggestions() {
    let sandbox = shop();
    sandbox
        .run(&[
            "-p",
            "ordesr",
            "--bin",
            "wehbook",
            "--exclude",
            "stokc",
            "--example",
            "demo",
        ])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: `--package ordesr` matches nothing in this project
help: did you mean `orders`?
error: `--exclude stokc` matches nothing in this project
help: did you mean `stock`?
error: `--bin wehbook` matches nothing in this project
help: did you mean `webhook`?
error: `--example demo` matches nothing in this project
help: available names: none

"#]]);
    let ran = sandbox.run(&["--bin", "zzz"]).ends_with(102);
    ran.stderr_eq(str![[r#"
error: `--bin zzz` matches nothing in this project
help: available names: orders, stock, users, webhook, xtask

"#]]);
}

#[test]
fn an_example_is_packaged_if_it_is_named() {
    let sandbox = shop();
    sandbox.write("orders/examples/replay.rs", "fn main() {}");
    sandbox.run(&["--example", "replay"]).ok();
    assert_eq!(sandbox.manifest_names(), ["replay"]);
    let build = sandbox.call("cargo build");
    assert_eq!(build.values("--example"), ["replay"]);
    let text = sandbox.packed("x86_64/replay.zip");
    assert!(text.contains("example replay"), "{text}");
}

#[test]
fn an_example_and_a_binary_with_the_same_name_are_distinguished() {
    let sandbox = shop();
    sandbox.write("orders/examples/orders.rs", "fn main() {}");
    sandbox.run(&["--bin", "orders"]).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains("bin orders"));
    sandbox.run(&["--example", "orders"]).ok();
    let example = sandbox.packed("x86_64/orders-example.zip");
    assert!(example.contains("example orders"), "{example}");
    assert!(sandbox.packed("x86_64/orders.zip").contains("bin orders"));
    assert_eq!(sandbox.manifest_names(), ["orders", "orders-example"]);
}

#[test]
fn a_library_without_binaries_is_an_error_with_help() {
    let sandbox = Sandbox::new();
    sandbox.function("", "shapes");
    sandbox.remove("src/main.rs");
    sandbox.write("src/lib.rs", "");
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: package `shapes` contains only a library
help: add a `src/main.rs`, or a `[[bin]]` table in `Cargo.toml`

"#]]);
}

#[test]
fn the_only_binary_is_packaged_if_it_has_a_custom_client() {
    let client = "/2018-06-01/runtime/invocation/next";
    let sandbox = Sandbox::new();
    sandbox.tool("", "plain");
    sandbox.write(
        "src/client.rs",
        &format!("const NEXT: &str = \"{client}\";"),
    );
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("x86_64/plain.zip").contains("plain"));
    assert_eq!(listed(&sandbox, &[]), ["plain"]);
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/plain");
    let main = format!("package main\n\nimport \"net\"\n\nfunc main() {{ ask(\"{client}\") }}\n");
    sandbox.write("main.go", &main);
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("x86_64/plain.zip").contains("plain"));
}

#[test]
fn without_functions_help_explains_how_to_package_a_binary() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["xtask"]);
    sandbox.write("xtask/src/bin/gen.rs", "fn main() {}");
    sandbox
        .run(&[])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: no Lambda function found: no Lambda runtime is among the dependencies of gen, xtask
help: add one (`cargo add lambda_runtime` or `go get github.com/aws/aws-lambda-go`), or package the program anyway with `--bin gen`

"#]]);
}

#[test]
fn every_lambda_runtime_for_rust_makes_a_function() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b", "xtask"]);
    for (member, runtime) in [("a", "lambda_http"), ("b", "lambda-extension")] {
        sandbox.tool(member, member);
        sandbox.append(
            &format!("{member}/Cargo.toml"),
            &format!("[dependencies]\n{runtime} = \"1\"\n"),
        );
    }
    // Only if it is needed at run time, not for tests or a build script.
    sandbox.append(
        "xtask/Cargo.toml",
        "[dev-dependencies]\nlambda_runtime = \"1\"\n",
    );
    assert_eq!(listed(&sandbox, &[]), ["a", "b"]);
}

#[test]
fn a_renamed_runtime_dependency_is_recognized() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "xtask"]);
    sandbox.tool("a", "a");
    sandbox.append(
        "a/Cargo.toml",
        "[dependencies]\nrt = { package = \"lambda_runtime\", version = \"1\" }\n",
    );
    assert_eq!(listed(&sandbox, &[]), ["a"]);
}

#[test]
fn a_go_main_that_reaches_the_runtime_through_a_package_is_a_function() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    sandbox.go_tool("cmd/migrate");
    sandbox.write(
        "cmd/api/main.go",
        "package main\n\nimport (\n\t\"fmt\"\n\n\tstart \"example.com/shop/internal/start\"\n)\n\n\
         func main() { start.Now(fmt.Sprint()) /* it reaches lambda.Start */ }\n",
    );
    sandbox.write(
        "internal/start/start.go",
        "package start\n\nimport \"github.com/aws/aws-lambda-go/lambda\"\n",
    );
    let ran = sandbox.run(&[]).ok().stderr_eq(str![[r#"
     Skipped migrate: no Lambda runtime among the dependencies (pass `--bin migrate` to package it anyway)
    Building api for x86_64 with go
      Packed api x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    assert_eq!(sandbox.manifest_names(), ["api"]);
    assert_eq!(listed(&sandbox, &["--bin", "migrate"]), ["migrate"]);
}

#[test]
fn a_go_package_that_is_not_main_is_rejected() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    sandbox.go_function("cmd/api");
    sandbox.write("store/store.go", "package store\n");
    sandbox
        .run(&["store"])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: package `example.com/shop/store` (`[ROOT]/project/store`) is not `main`: go would build an archive, which Lambda cannot start
help: pass the folder of a package whose files declare `package main`

"#]]);
    assert!(sandbox.calls_of("go build").is_empty());
    // Also if it is the only package.
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/store");
    sandbox.write("store.go", "package store\n");
    sandbox.run(&[]).ends_with(104).stderr_eq(str![[r#"
error: package `example.com/store` (`[ROOT]/project`) is not `main`: go would build an archive, which Lambda cannot start
help: pass the folder of a package whose files declare `package main`

"#]]);
}

/// The message names the Linux architecture, because another one may have files.
#[test]
fn a_go_main_only_for_windows_is_reported_as_such() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/api");
    sandbox.write(
        "main.go",
        "//go:build windows\n\npackage main\n\nfunc main() {}\n",
    );
    sandbox.run(&[]).ends_with(101).stderr_eq(str![[r#"
error: build constraints exclude all Go files in `[ROOT]/project` for linux/amd64
help: check the `//go:build` lines, the file names, `--tags`, and `--cgo`

"#]]);
    sandbox
        .run(&["--arch", "arm64"])
        .ends_with(101)
        .stderr_eq(str![[r#"
error: build constraints exclude all Go files in `[ROOT]/project` for linux/arm64
help: check the `//go:build` lines, the file names, `--tags`, and `--cgo`

"#]]);
}

#[test]
fn a_go_main_for_one_architecture_or_tag_is_found_for_that_build() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    sandbox.go_function("cmd/both");
    for (dir, constraint) in [("cmd/arm", "arm64"), ("cmd/paid", "premium")] {
        sandbox.go_function(dir);
        let main = format!("{dir}/main.go");
        let text = sandbox.read(&main);
        sandbox.write(&main, &format!("//go:build {constraint}\n\n{text}"));
    }
    assert_eq!(listed(&sandbox, &[]), ["both"]);
    assert_eq!(listed(&sandbox, &["--arch", "arm64"]), ["arm", "both"]);
    assert_eq!(listed(&sandbox, &["--tags", "premium"]), ["both", "paid"]);
    assert_eq!(
        listed(&sandbox, &["--lang", "go", "--", "-tags=premium"]),
        ["both", "paid"]
    );
    sandbox.write("lambdapack.toml", "tags = \"premium\"\n");
    assert_eq!(listed(&sandbox, &[]), ["both", "paid"]);
}

#[test]
fn the_folder_of_a_go_package_selects_everything_below_it() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    for dir in ["cmd/a", "cmd/b", "jobs/c"] {
        sandbox.go_function(dir);
    }
    assert_eq!(listed(&sandbox, &["cmd"]), ["a", "b"]);
    assert_eq!(listed(&sandbox, &["cmd/a", "jobs"]), ["a", "c"]);
    sandbox.run_in("cmd/b", &[]).ok();
    assert_eq!(sandbox.manifest_names(), ["b"]);
}

#[test]
fn all_modules_of_a_go_workspace_belong_to_it() {
    let sandbox = Sandbox::new();
    sandbox.write("go.work", "go 1.21\n\nuse (\n\t./a\n\t./b\n)\n");
    for module in ["a", "b"] {
        sandbox.go_module(module, &format!("example.com/{module}"));
        sandbox.go_function(module);
    }
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["a", "b"]);
    assert_eq!(sandbox.call("go build").dir(), sandbox.path(""));
    assert_eq!(listed(&sandbox, &["b"]), ["b"]);
    assert!(!sandbox.exists("b/target"));
}

#[test]
fn one_module_per_function_works_through_configuration() {
    let sandbox = Sandbox::new();
    for module in ["a", "b"] {
        sandbox.go_module(&format!("fn/{module}"), &format!("example.com/{module}"));
        sandbox.go_function(&format!("fn/{module}"));
    }
    sandbox.function("fn/c", "c");
    sandbox.write("lambdapack.toml", "paths = [\"fn/*\"]\n");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["a", "b", "c"]);
    sandbox.run_in("fn/b", &[]).ok();
    assert!(!sandbox.exists("fn/b/target/lambdapack"));
    assert_eq!(listed(&sandbox, &["fn/b"]), ["b"]);
}

#[test]
fn a_go_workspace_module_in_a_sibling_folder_is_included() {
    let sandbox = Sandbox::new();
    sandbox.write("here/go.work", "go 1.21\n\nuse (\n\t./a\n\t../b\n)\n");
    for (dir, module) in [("here/a", "a"), ("b", "b")] {
        sandbox.go_module(dir, &format!("example.com/{module}"));
        sandbox.go_function(dir);
    }
    sandbox.run_in("here", &[]).ok();
    assert!(sandbox.exists("here/target/lambdapack/x86_64/a.zip"));
    assert!(sandbox.exists("here/target/lambdapack/x86_64/b.zip"));
}

#[test]
fn a_workspace_member_in_a_sibling_folder_is_included() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "here/Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"a\", \"../b\"]\n",
    );
    for (dir, name) in [("here/a", "a"), ("b", "b")] {
        sandbox.function(dir, name);
    }
    let manifest = sandbox.read("b/Cargo.toml");
    sandbox.write(
        "b/Cargo.toml",
        &manifest.replace("[package]\n", "[package]\nworkspace = \"../here\"\n"),
    );
    sandbox.run_in("here", &[]).ok();
    assert!(sandbox.exists("here/target/lambdapack/x86_64/a.zip"));
    assert!(sandbox.exists("here/target/lambdapack/x86_64/b.zip"));
    sandbox.run_in("b", &[]).ok();
    assert!(!sandbox.exists("b/target"));
}

#[test]
fn excluding_everything_is_reported() {
    let sandbox = shop();
    let all = ["orders", "stock", "users", "webhook"];
    let args: Vec<_> = all.iter().flat_map(|name| ["--exclude", name]).collect();
    sandbox.run(&args).ends_with(102).stderr_eq(str![[r#"
error: no binary matches all of `--package`, `--bin`, `--example`, `--exclude`, and `--lang`
help: omit one of these options; run `cargo lambdapack list --workspace` to list the whole project

"#]]);
}

#[cfg(unix)]
#[test]
fn a_symlink_to_a_folder_selects_the_folder() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    fs_err::os::unix::fs::symlink("orders", sandbox.path("link")).unwrap();
    let ran = sandbox.run(&["link"]).ok();
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    assert_eq!(sandbox.manifest_names(), ["orders"]);
}
