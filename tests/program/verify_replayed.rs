//! `verify`: the manifest records everything that a rebuild needs.

use serde_json::{Map, Value, json};
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

const MANIFEST: &str = "target/lambdapack/manifest.json";

/// Changes the description of every build in the manifest.
fn change_builds(sandbox: &Sandbox, change: impl Fn(&mut Map<String, Value>)) {
    let mut manifest = sandbox.manifest();
    for function in manifest["functions"].as_object_mut().unwrap().values_mut() {
        for arch in function["archs"].as_object_mut().unwrap().values_mut() {
            change(arch["build"].as_object_mut().unwrap());
        }
    }
    sandbox.write(MANIFEST, &manifest.to_string());
}

/// Packages and verifies, and asserts that the compiler gets the same arguments: from the recipe
/// alone, and from the options of a manifest without a recipe.
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
    let whole = sandbox.read(MANIFEST);
    assert!(!then.is_empty() && whole.contains("\"recipe\""), "{whole}");
    for removed in [&[][..], &["options", "from", "together"], &["recipe"]] {
        sandbox.write(MANIFEST, &whole);
        change_builds(sandbox, |build| {
            build.retain(|field, _| !removed.contains(&field.as_str()));
        });
        sandbox.run(&["verify"]).ok();
        assert_eq!(calls(sandbox), then, "without {removed:?}");
    }
    sandbox.write(MANIFEST, &whole);
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
    let recipe = json!({
        "arch": "arm64",
        "together": "orders",
        "rust": {
            "profile": "slim",
            "features": ["extra"],
            "args": ["--config", "build.jobs=1"],
        },
        "contents": { "include": [{ "word": "notes.txt=docs/", "base": "." }] },
        "output": { "compression": "best" },
    });
    assert_eq!(build["recipe"], recipe);
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
        "--go-arg=-asan",
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
        "--go-arg=-asan",
        "--go-arg=-race",
    ]);
    assert_eq!(build["options"], words);
    let go = json!({
        "tags": ["extra"],
        "ldflags": ["-X main.v=1"],
        "keep_symbols": true,
        "args": ["-asan", "-race"],
    });
    assert_eq!(build["recipe"], json!({ "arch": "x86_64", "go": go }));
}

#[test]
fn several_selected_packages_with_unusual_options_are_repeated() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users", "audit"]);
    for name in ["orders", "users"] {
        sandbox.append(&format!("{name}/Cargo.toml"), "[features]\nextra = []\n");
    }
    let args = [
        "-p=orders",
        "-p=users",
        "--selected-only",
        "--features=orders/extra,users/extra",
        "--no-default-features",
        "--profile=release",
        "--locked",
        "--entry=script",
        "--layer-library=libpq.so.5",
        "--compression=store",
        "--cargo-arg=--config",
        "--cargo-arg=build.jobs=1",
    ];
    replays(&sandbox, "cargo build", &args);
}

#[test]
fn recipes_contain_no_absolute_path() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders"]);
    sandbox.write("conf/a.json", "{}");
    sandbox.write("data/b.json", "{}");
    sandbox.control("outside.json", "[]");
    let inside = sandbox.path("data/b.json");
    let outside = sandbox.root().join("outside.json");
    let args = [
        "../orders".to_owned(),
        "--include=a.json".to_owned(),
        format!("--include={}=b.json", inside.display()),
        format!("--include={}=docs/", outside.display()),
    ];
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    sandbox.run_in("conf", &args).ok();
    let build = &sandbox.manifest()["functions"]["orders"]["archs"]["x86_64"]["build"];
    let include = json!([
        { "word": "a.json", "base": "conf" },
        { "word": "data/b.json=b.json", "base": "." },
        { "word": "outside.json=docs/", "base": ".." },
    ]);
    let recorded = build["recipe"]["contents"]["include"].to_string();
    assert_eq!(recorded.replace("\\\\", "/"), include.to_string());
    sandbox.run(&["verify"]).ok();
}

#[test]
fn an_invalid_recipe_is_an_error_of_its_functions_only() {
    let sandbox = Sandbox::both_languages();
    sandbox.run(&[]).ok();
    change_builds(&sandbox, |build| {
        if build.contains_key("together") {
            build["recipe"]["rust"] = json!({ "wings": 2 });
        }
    });
    sandbox
        .run(&["verify"])
        .ends_with(103)
        .stderr_eq(str![[r#"
  Rebuilding api (x86_64) in [VERIFY]/tree[ROOT]/project
    Verified api x86_64
error: cannot read the recipe of orders (x86_64) in the manifest: unknown field `wings`, expected one of `profile`, `features`, `all_features`, `no_default_features`, `lock`, `linker`, `libc`, `auditable`, `args`
help: if a newer version of cargo-lambdapack wrote it, update with `cargo install --locked cargo-lambdapack`; otherwise package the function again
error: orders (x86_64) could not be rebuilt
help: see the errors above; its sources or the tools on this machine may have changed after it was packaged

"#]]);
    // Other commands do not read it, and a build replaces it.
    sandbox.run(&[]).ok();
    sandbox.run(&["verify"]).ok();
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
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
error: orders (x86_64): a.json is different in the rebuild: it differs at its byte [OFFSET]
help: `[ROOT]/project/conf/a.json` changed after the function was packaged; package it again, or verify it with the original sources

"#]]);
    sandbox.remove("conf/a.json");
    sandbox.run(&["verify"]).ends_with(103).stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
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
