//! `verify`: a rebuild with different paths, and the reported differences.

use serde_json::json;
use snapbox::str;

use crate::support::{Sandbox, snapshot};

#[test]
fn an_unchanged_function_is_verified_and_nothing_is_written() {
    let sandbox = Sandbox::packed_once();
    let before = snapshot(&sandbox.path(""));
    let ran = sandbox.run(&["verify"]).ok().stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
    Verified orders x86_64

"#]]);
    let hash = sandbox.read("target/lambdapack/x86_64/orders.zip.base64sha256");
    let path = std::path::Path::new("target/lambdapack").join("x86_64/orders.zip");
    assert_eq!(ran.stdout, format!("{hash}  {}\n", path.display()));
    assert_eq!(snapshot(&sandbox.path("")), before);
    // It was built in another folder, with a separate Cargo home.
    let build = sandbox.call("cargo build");
    assert!(!build.dir().starts_with(sandbox.root()), "{build:?}");
    if cfg!(unix) {
        let project = sandbox.path("");
        assert!(build.dir().ends_with(project.strip_prefix("/").unwrap()));
        let home = sandbox.root().join("cargo-home");
        assert_ne!(build.env("CARGO_HOME"), home.to_str());
    }
    assert!(!build.dir().exists(), "{build:?}");
}

#[test]
fn both_languages_are_rebuilt_and_json_lists_them() {
    let sandbox = Sandbox::both_languages();
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    let ran = sandbox.run(&["verify", "--message-format", "json"]).ok();
    let json = ran.json();
    let functions = json["functions"].as_array().unwrap();
    let listed: Vec<_> = { functions.iter() }
        .map(|f| (f["name"].as_str().unwrap(), f["arch"].as_str().unwrap()))
        .collect();
    let all = [
        ("api", "arm64"),
        ("api", "x86_64"),
        ("orders", "arm64"),
        ("orders", "x86_64"),
    ];
    assert_eq!(listed, all);
    assert!(functions.iter().all(|f| f["verified"] == true), "{json}");
    let caches: Vec<_> = sandbox.calls_of("go build");
    assert_eq!(caches.len(), 2);
    assert!(caches[0].env("GOCACHE").unwrap().ends_with("go-cache"));
}

#[test]
fn a_source_path_in_the_program_is_found_and_named() {
    let sandbox = Sandbox::orders();
    sandbox.control("embeds-path", "orders");
    sandbox.run(&[]).ok();
    let ran = sandbox.run(&["verify"]).ends_with(106);
    ran.stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
error: orders (x86_64): bootstrap is different in the rebuild: it differs at its byte [OFFSET]
help: it contains the path [ROOT]/project/Cargo.toml, for example through `env!("CARGO_MANIFEST_DIR")` or `file!()`; embed the file with `include_str!` or `include_bytes!`, or add it with `--include` and open it below `LAMBDA_TASK_ROOT`

"#]]).says_nothing_of("Verified");
    let json = sandbox
        .run(&["verify", "--message-format", "json"])
        .ends_with(106)
        .json();
    assert_eq!(json["functions"][0]["verified"], false);
    let what = json["functions"][0]["problems"][0]["what"]
        .as_str()
        .unwrap();
    assert!(what.contains("bootstrap"), "{json}");
}

#[test]
fn a_changed_source_is_named_and_all_differences_are_reported() {
    let sandbox = Sandbox::both_languages();
    sandbox.run(&[]).ok();
    std::thread::sleep(std::time::Duration::from_millis(20));
    sandbox.append("main.go", "// changed");
    // The file that changed last is named, so the times must differ.
    std::thread::sleep(std::time::Duration::from_millis(20));
    sandbox.append("src/main.rs", "// changed");
    let ran = sandbox.run(&["verify"]).ends_with(106);
    let ran = ran.stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
  Rebuilding api (x86_64) in [VERIFY]/tree[ROOT]/project
error: api (x86_64): bootstrap is different in the rebuild: it differs at its byte [OFFSET]
help: `[ROOT]/project/src/main.rs` changed after the function was packaged; package it again, or verify it with the original sources
error: orders (x86_64): bootstrap is different in the rebuild: it differs at its byte [OFFSET]
help: `[ROOT]/project/src/main.rs` changed after the function was packaged; package it again, or verify it with the original sources

"#]]);
    assert!(ran.stdout.is_empty());
}

#[test]
fn a_changed_compiler_is_reported_as_the_cause() {
    let sandbox = Sandbox::orders();
    sandbox.control("rustc-version", "1.94.0");
    sandbox.run(&[]).ok();
    sandbox.control("rustc-version", "1.96.0");
    sandbox.append("src/main.rs", "// compiled otherwise");
    sandbox
        .run(&["verify"])
        .ends_with(106)
        .stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
error: orders (x86_64): bootstrap is different in the rebuild: it differs at its byte [OFFSET]
help: the compiler: rustc 1.94.0 (fake) then, rustc 1.96.0 (fake) now; package it again, or verify it with the original setup

"#]]);
}

#[test]
fn a_changed_lock_file_is_reported_as_the_cause() {
    let sandbox = Sandbox::packed_once();
    sandbox.write("Cargo.lock", "version = 4\n");
    sandbox.append("src/main.rs", "// built otherwise");
    sandbox
        .run(&["verify"])
        .ends_with(106)
        .stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
error: orders (x86_64): bootstrap is different in the rebuild: it differs at its byte [OFFSET]
help: Cargo.lock or go.sum changed after it was built; package it again, or verify it with the original setup

"#]]);
}

#[test]
fn a_failed_rebuild_exits_with_the_compilers_code_and_names_the_function() {
    let sandbox = Sandbox::packed_once();
    sandbox.control("fail-cargo-build", "error[E0001]: no such thing\n");
    let ran = sandbox.run(&["verify"]).ends_with(101).stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
error[E0001]: no such thing
error: orders (x86_64) could not be rebuilt
help: see the errors above; its sources or the tools on this machine may have changed after it was packaged

"#]]);
    let ran = ran.stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
error[E0001]: no such thing
error: orders (x86_64) could not be rebuilt
help: see the errors above; its sources or the tools on this machine may have changed after it was packaged

"#]]);
    assert!(ran.stdout.is_empty(), "{ran}");
}

#[test]
fn a_removed_function_cannot_be_rebuilt() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.run(&[]).ok();
    let members = "[workspace]\nresolver = \"2\"\nmembers = [\"orders\"]\n";
    sandbox.write("Cargo.toml", members);
    sandbox
        .run(&["verify"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: users no longer exists in `[ROOT]/project`
help: remove its zip if nothing deploys it
error: orders (x86_64) could not be rebuilt
help: see the errors above; its sources or the tools on this machine may have changed after it was packaged
error: users (x86_64) could not be rebuilt
help: see the errors above; its sources or the tools on this machine may have changed after it was packaged

"#]]);
}

#[test]
fn only_the_named_zip_is_rebuilt() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    let zip = "target/lambdapack/arm64/users.zip";
    let ran = sandbox.run(&["verify", zip]).ok().stderr_eq(str![[r#"
  Rebuilding users (arm64) in [VERIFY]/tree[ROOT]/project
    Verified users arm64

"#]]);
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    // With the same set of packages, from any folder.
    let build = sandbox.call("cargo build");
    assert_eq!(build.packages(), ["orders", "users"]);
    sandbox
        .run_in("orders", &["verify", &format!("../{zip}")])
        .ok();
}

#[test]
fn folders_are_verified_like_zips() {
    let sandbox = Sandbox::orders();
    sandbox.run(&["--format", "dir"]).ok();
    sandbox.run(&["verify"]).ok().stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
    Verified orders x86_64

"#]]);
    sandbox.append("src/main.rs", "// changed");
    sandbox.run(&["verify"]).ends_with(106);
    sandbox.write("target/lambdapack/x86_64/orders/more", "");
    sandbox
        .run(&["verify"])
        .ends_with(106)
        .stderr_eq(str![[r#"
error: orders (x86_64): `[ROOT]/project/target/lambdapack/x86_64/orders` changed after it was packaged: more is in the folder but not in the manifest
help: find out what changed it, then package it again with `cargo lambdapack --bin orders --arch x86_64`

"#]]);
    sandbox.remove("target/lambdapack/x86_64/orders/more");
    sandbox.write("target/lambdapack/x86_64/orders/bootstrap", "mine");
    sandbox
        .run(&["verify"])
        .ends_with(106)
        .stderr_eq(str![[r#"
error: orders (x86_64): `[ROOT]/project/target/lambdapack/x86_64/orders` changed after it was packaged: bootstrap has other bytes in the folder than in the manifest
help: find out what changed it, then package it again with `cargo lambdapack --bin orders --arch x86_64`

"#]]);
}

#[test]
fn a_manifest_without_options_and_recipe_is_still_supported() {
    let sandbox = Sandbox::packed_once();
    let mut manifest = sandbox.manifest();
    let entry = &mut manifest["functions"]["orders"]["archs"]["x86_64"];
    entry.as_object_mut().unwrap().remove("packing");
    for field in ["options", "recipe", "lock"] {
        entry["build"].as_object_mut().unwrap().remove(field);
    }
    sandbox.write(
        "target/lambdapack/manifest.json",
        &json!(manifest).to_string(),
    );
    sandbox.run(&["verify"]).ok();
    sandbox.append("src/main.rs", "// changed");
    sandbox
        .run(&["verify"])
        .ends_with(106)
        .stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
error: orders (x86_64): bootstrap is different in the rebuild: it differs at its byte [OFFSET]
help: it was packaged by a version of cargo-lambdapack that recorded no options; package it again; package it again, or verify it with the original setup

"#]]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing_behind() {
    use crate::support::{wait, wait_for};
    use rustix::process::{Pid, Signal, kill_process};

    let mut sandbox = Sandbox::packed_once();
    let tmp = sandbox.root().join("tmp");
    fs_err::create_dir(&tmp).unwrap();
    sandbox.set("TMPDIR", tmp.to_str().unwrap());
    sandbox.control("slow", "build");
    let child = sandbox.start(&["verify"]);
    wait_for("the rebuild compiles", || {
        !sandbox.calls_of("cc sleep").is_empty()
    });
    assert_eq!(fs_err::read_dir(&tmp).unwrap().count(), 1);
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let ran = wait(child).ends_with(130);
    assert!(ran.stdout.is_empty(), "{ran}");
    assert_eq!(fs_err::read_dir(&tmp).unwrap().count(), 0);
}
