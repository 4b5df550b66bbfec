//! `--auditable`: Rust is built by `cargo auditable`, which embeds the list of packages.

use serde_json::{Value, json};
use snapbox::str;

use crate::support::image::{Program, auditable};
use crate::support::{Sandbox, checked};

const PROGRAM: &str = "cargo-auditable";

/// A Rust and a Go function, and `cargo auditable`.
fn equipped() -> Sandbox {
    let sandbox = Sandbox::both_languages();
    sandbox.install(PROGRAM);
    sandbox
}

fn built(sandbox: &Sandbox, function: &str) -> Value {
    sandbox.manifest()["functions"][function]["archs"]["x86_64"]["build"].clone()
}

#[test]
fn rust_is_built_by_cargo_auditable_if_it_is_requested() {
    let sandbox = equipped();
    sandbox.run(&["--auditable"]).ok();
    let call = sandbox.call("cargo auditable build");
    assert_eq!(call.values("--bin"), ["orders"]);
    assert_eq!(sandbox.calls_of("cargo build").len(), 0);
    let rust = built(&sandbox, "orders");
    assert_eq!(rust["auditable"], true);
    assert_eq!(rust["options"], json!(["--arch=x86_64", "--auditable"]));
    assert_eq!(rust["recipe"]["rust"], json!({ "auditable": true }));
    let go = built(&sandbox, "api");
    assert_eq!(go.get("auditable"), None);
    assert_eq!(go["options"], json!(["--arch=x86_64"]));

    sandbox.run(&[]).ok();
    sandbox.call("cargo build");
    assert_eq!(sandbox.calls_of("cargo auditable").len(), 0);
    assert_eq!(built(&sandbox, "orders").get("auditable"), None);
}

#[test]
fn the_configuration_requests_it_for_the_whole_project() {
    let sandbox = equipped();
    sandbox.write("lambdapack.toml", "auditable = true\n");
    sandbox.run(&[]).ok();
    sandbox.call("cargo auditable build");
    assert_eq!(built(&sandbox, "orders")["auditable"], true);
    // The configuration is read again, so it is not recorded as an option.
    assert_eq!(
        built(&sandbox, "orders")["options"],
        json!(["--arch=x86_64"])
    );
    sandbox.run(&["verify"]).ok();
    sandbox.call("cargo auditable build");

    sandbox.write("lambdapack.toml", "[function.orders]\nauditable = true\n");
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: `[ROOT]/project/lambdapack.toml`, line 2: `auditable` is not allowed in a `[function.NAME]` table
help: set it for the whole project, at the top of `lambdapack.toml` or in `[workspace.metadata.lambdapack]`

"#]]);
}

#[test]
fn a_rebuild_without_it_is_different() {
    let sandbox = equipped();
    sandbox.write("lambdapack.toml", "auditable = true\n");
    sandbox.run(&["--bin", "orders"]).ok();
    sandbox.write("lambdapack.toml", "");
    sandbox.run(&["verify"]).ends_with(106).stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
error: orders (x86_64): bootstrap is different in the rebuild: it differs at its byte [OFFSET]
help: cargo auditable: used then, not used now; package it again, or verify it with the original setup

"#]]);
}

#[test]
fn an_option_is_repeated_by_verify() {
    let sandbox = equipped();
    sandbox.run(&["--auditable"]).ok();
    sandbox.run(&["verify"]).ok();
    sandbox.call("cargo auditable build");
}

#[test]
fn cargo_finds_the_program_next_to_others_that_it_installed() {
    let sandbox = Sandbox::orders();
    let program = sandbox.install_in("cargo-home/bin", PROGRAM);
    sandbox.run(&["--auditable"]).ok();
    let json = sandbox.run(&["doctor", "--auditable", "--message-format", "json"]);
    let json = json.ok().json();
    let tools = json["tools"].as_array().unwrap();
    let tool = tools.iter().find(|tool| tool["name"] == PROGRAM).unwrap();
    assert_eq!(tool["path"], json!(program));
}

#[test]
fn a_missing_program_is_reported_before_anything_is_compiled() {
    let sandbox = Sandbox::both_languages();
    let ran = sandbox.run(&["--auditable"]).ends_with(96);
    ran.stderr_eq(str![[r#"
error: `cargo-auditable`, which `auditable` needs, was not found on `PATH`
help: run `cargo install cargo-auditable --locked`, or omit `--auditable` and `auditable = true`

"#]]);
    for compiler in ["cargo build", "cargo auditable", "go build"] {
        assert_eq!(sandbox.calls_of(compiler).len(), 0, "{compiler}");
    }
    sandbox.run(&["doctor"]).ok();
    sandbox.write("lambdapack.toml", "auditable = true\n");
    let ran = sandbox.run(&["doctor"]).ends_with(96);
    ran.stdout_eq(str![[r#"
found    cargo: builds Rust
           [ROOT]/bin/cargo
           cargo (fake) 12.2.0
found    rustc: compiles Rust
           [ROOT]/sysroot
           rustc 1.95.0 (fake)
found    x86_64-unknown-linux-gnu: Rust's standard library
           [ROOT]/sysroot/lib/rustlib/x86_64-unknown-linux-gnu
found    cc: links for x86_64-unknown-linux-gnu: the system's linker is compatible: glibc 2.34 in provided.al2023
           [ROOT]/bin/cc
           cc (fake) 12.2.0
found    go: builds Go
           [ROOT]/bin/go
           go1.26.0
missing  `cargo-auditable`, which `auditable` needs, was not found on `PATH`
  help:  run `cargo install cargo-auditable --locked`, or omit `--auditable` and `auditable = true`

"#]]);
    sandbox.run(&["--lang", "go"]).ok();
}

#[test]
fn the_list_of_packages_is_noted() {
    let list = |packages: &str| format!("{{\"packages\":[{packages}]}}");
    let package = r#"{"name":"a","version":"1.0.0","source":"local"}"#;
    let check = |list: &str| checked("bootstrap", auditable(Program::default().bytes(), list));
    let ran = check(&list(package)).finds(0, &[]);
    ran.stdout_eq(str![[r#"
ok        bootstrap  program x86_64  840 B
  note[auditable]: it contains a list of its only Rust package (cargo auditable)

"#]]);
    let ran = check(&list(&[package; 3].join(","))).finds(0, &[]);
    ran.stdout_eq(str![[r#"
ok        bootstrap  program x86_64  848 B
  note[auditable]: it contains a list of its 3 Rust packages (cargo auditable)

"#]]);
    for damaged in ["", "{}", "[]", "{\"packages\":[1]}"] {
        check(damaged).finds(0, &[]).prints_nothing_of("auditable");
    }
}
