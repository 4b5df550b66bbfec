//! `verify`: the manifest records everything that a rebuild needs.

use serde_json::json;
use snapbox::str;

use crate::support::{Call, Sandbox};

/// The arguments of a compiler call, without folders.
fn asked(call: &Call) -> Vec<String> {
    let mut args = call.args().into_iter();
    let mut kept = Vec::new();
    while let Some(arg) = args.next() {
        match arg {
            "--target-dir" | "-o" => drop(args.next()),
            "--quiet" => {}
            arg => kept.push(arg.to_owned()),
        }
    }
    kept
}

/// Packages and verifies, and asserts that the compiler gets the same arguments.
#[track_caller]
fn replays(sandbox: &Sandbox, compiler: &str, args: &[&str]) {
    sandbox.run(args).ok();
    let calls = |sandbox: &Sandbox| {
        sandbox
            .calls_of(compiler)
            .iter()
            .map(asked)
            .collect::<Vec<_>>()
    };
    let then = calls(sandbox);
    sandbox.run(&["verify"]).ok();
    assert_eq!(calls(sandbox), then);
}

#[test]
fn options_of_rust_are_recorded_and_repeated() {
    let sandbox = Sandbox::orders();
    sandbox.append(
        "Cargo.toml",
        "[features]\nextra = []\n[profile.slim]\ninherits = \"release\"\n",
    );
    sandbox.write("notes.txt", "hello");
    let args = [
        "--profile=slim",
        "--features",
        "extra",
        "--compression",
        "best",
        "--include",
        "notes.txt=docs/",
        "--arch",
        "arm64",
        "--",
        "--config",
        "build.jobs=1",
    ];
    replays(&sandbox, "cargo build", &args);
    let build = &sandbox.manifest()["functions"]["orders"]["archs"]["arm64"]["build"];
    assert_eq!(
        build["options"],
        json!([
            "--arch=arm64",
            "--profile=slim",
            "--features=extra",
            "--cargo-arg=--config",
            "--cargo-arg=build.jobs=1",
            "--include=notes.txt=docs/",
            "--compression=best",
        ])
    );
    assert_eq!(build.get("from"), None);
    let packing = &sandbox.manifest()["functions"]["orders"]["archs"]["arm64"]["packing"];
    assert_eq!(packing["compression"], "best");
    assert_eq!(packing["format"], 1);
}

#[test]
fn options_of_go_are_recorded_and_repeated() {
    let sandbox = Sandbox::go_api();
    let args = [
        "--tags",
        "extra",
        "--ldflags=-X main.v=1",
        "--keep-symbols",
        "--profile",
        "p",
        "--",
        "-race",
    ];
    replays(&sandbox, "go build", &args);
    let build = &sandbox.manifest()["functions"]["api"]["archs"]["x86_64"]["build"];
    let words = json!([
        "--arch=x86_64",
        "--tags=extra",
        "--ldflags=-X main.v=1",
        "--keep-symbols",
        "--go-arg=-race",
    ]);
    assert_eq!(build["options"], words);
}

#[test]
fn functions_that_were_built_together_are_rebuilt_together() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users", "xtask"]);
    sandbox.run(&["--bin", "xtask", "--bin", "orders"]).ok();
    sandbox.run(&["-p", "users", "--selected-only"]).ok();
    sandbox.run(&["verify"]).ok();
    let calls = sandbox.calls_of("cargo build");
    let sets: Vec<_> = calls.iter().map(|call| call.packages().join(" ")).collect();
    assert_eq!(sets.len(), 2, "{sets:?}");
    assert!(sets.contains(&"orders users xtask".to_owned()), "{sets:?}");
    assert!(sets.contains(&"users".to_owned()), "{sets:?}");
    // A new function does not affect functions that were packaged before.
    let members = "members = [\"orders\", \"users\", \"xtask\", \"audit\"]";
    sandbox.write(
        "Cargo.toml",
        &format!("[workspace]\nresolver = \"2\"\n{members}\n"),
    );
    sandbox.function("audit", "audit");
    sandbox.run(&["verify"]).ok();
}

#[test]
fn examples_are_rebuilt() {
    let sandbox = Sandbox::orders();
    sandbox.write("examples/demo.rs", "fn main() {}");
    replays(&sandbox, "cargo build", &["--example", "demo"]);
}

#[test]
fn includes_are_resolved_from_their_original_folder() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders"]);
    sandbox.write("conf/a.json", "{}");
    sandbox.control("outside.json", "[]");
    let args = [
        "--include",
        "a.json",
        "--include",
        "../../outside.json=o.json",
    ];
    sandbox
        .run_in("conf", &[&args[..], &["../orders"]].concat())
        .ok();
    let build = &sandbox.manifest()["functions"]["orders"]["archs"]["x86_64"]["build"];
    assert_eq!(build["from"], "conf");
    sandbox.run(&["verify"]).ok();
    sandbox.append("conf/a.json", " ");
    let ran = sandbox.run(&["verify"]).ends_with(106);
    ran.stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project/conf
error: orders (x86_64): a.json is different in the rebuild: it differs at its byte [OFFSET]
help: `[ROOT]/project/conf/a.json` changed after the function was packaged; package it again, or verify it with the original sources

"#]]);
    sandbox.remove("conf/a.json");
    sandbox.run(&["verify"]).ends_with(103).stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project/conf
error: `--include a.json`: `[VERIFY]/tree[ROOT]/project/conf/a.json` does not exist
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file
error: orders (x86_64) could not be rebuilt
help: see the errors above; its sources or the tools on this machine may have changed after it was packaged

"#]]);
}

#[test]
fn the_current_configuration_applies() {
    let sandbox = Sandbox::orders();
    sandbox.write(
        "lambdapack.toml",
        "arch = \"arm64\"\n[function.orders]\ninclude = \"../more=more\"\n",
    );
    fs_err::create_dir(sandbox.root().join("more")).unwrap();
    sandbox.control("more/a", "a");
    sandbox.run(&[]).ok();
    sandbox.run(&["verify"]).ok().stderr_eq(str![[r#"
  Rebuilding orders (arm64) in [VERIFY]/tree[ROOT]/project
    Verified orders arm64

"#]]);
    sandbox.write("lambdapack.toml", "arch = \"arm64\"\n");
    sandbox
        .run(&["verify"])
        .ends_with(106)
        .stderr_eq(str![[r#"
  Rebuilding orders (arm64) in [VERIFY]/tree[ROOT]/project
error: orders (arm64): more/a is in the packaged files but not in the rebuild
help: `[ROOT]/project/lambdapack.toml` changed after the function was packaged; package it again, or verify it with the original sources

"#]]);
}
