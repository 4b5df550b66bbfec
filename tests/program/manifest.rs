//! manifest.json across several runs.

use serde_json::{Value, json};
use snapbox::str;

use crate::support::{Sandbox, Transcript, X86, bootstrap, snapshot, wait};

fn two_members() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox
}

/// The keys of an object.
fn fields(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn the_manifest_describes_the_results_next_to_it() {
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    let manifest = sandbox.manifest();
    assert_eq!(manifest["version"], 1);
    let function = &manifest["functions"]["orders"];
    assert_eq!(function["kind"], "function");
    assert_eq!(function["language"], "rust");
    assert_eq!(function["runtime"], "provided.al2023");
    assert_eq!(function["handler"], "bootstrap");
    let entry = &function["archs"]["x86_64"];
    assert_eq!(entry["zip"], "x86_64/orders.zip");
    let sidecar = sandbox.read("target/lambdapack/x86_64/orders.zip.base64sha256");
    assert_eq!(entry["code_sha256"], json!(sidecar));
    assert_eq!(entry["sha256"].as_str().unwrap().len(), 64);
    let zip = fs_err::metadata(sandbox.out("x86_64/orders.zip")).unwrap();
    assert_eq!(entry["zip_size"], json!(zip.len()));
    let binary = fs_err::metadata(sandbox.path(&format!("target/{X86}/lambda/orders"))).unwrap();
    assert_eq!(entry["size"], json!(binary.len()));
    let entries = entry["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["name"], "bootstrap");
    assert_eq!(entries[0]["mode"], "0755");
    assert_eq!(entries[0]["size"], entry["size"]);
    let build = &entry["build"];
    assert_eq!(build["target"], X86);
    assert_eq!(build["profile"], "lambda");
    assert_eq!(build["toolchain"], "rustc 1.95.0 (fake)");
    assert_eq!(build["together"], "orders");
    assert_eq!(build["settings"]["CARGO_PROFILE_LAMBDA_LTO"], "thin");
    // The manifest contains no details of this machine.
    let text = sandbox.read("target/lambdapack/manifest.json");
    assert!(!text.contains(sandbox.root().to_str().unwrap()), "{text}");
    assert!(!text.contains('\\') && text.ends_with("}\n"), "{text}");
}

#[test]
fn packaging_one_of_two_keeps_the_entry_of_the_other() {
    let sandbox = two_members();
    sandbox.run(&[]).ok();
    let before = sandbox.manifest();
    sandbox.append("orders/src/main.rs", "// changed");
    sandbox.run(&["-p", "orders"]).ok();
    let after = sandbox.manifest();
    assert_eq!(after["functions"]["users"], before["functions"]["users"]);
    assert_ne!(after["functions"]["orders"], before["functions"]["orders"]);
}

#[test]
fn architectures_are_merged() {
    let sandbox = two_members();
    sandbox.run(&["-p", "orders", "--arch", "arm64"]).ok();
    sandbox.run(&["--arch", "x86_64"]).ok();
    let manifest = sandbox.manifest();
    assert_eq!(
        fields(&manifest["functions"]["orders"]["archs"]),
        ["arm64", "x86_64"]
    );
    assert_eq!(fields(&manifest["functions"]["users"]["archs"]), ["x86_64"]);
    assert!(sandbox.packed("arm64/orders.zip").contains("aarch64"));
}

#[test]
fn a_removed_function_leaves_the_manifest_and_its_zip_is_named() {
    let sandbox = two_members();
    sandbox.run(&[]).ok();
    sandbox.remove("users");
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"orders\"]\n",
    );
    sandbox
        .run(&[])
        .ok()
        .stderr_eq(str![[r#"
note: `[ROOT]/project/target/lambdapack/x86_64/users.zip` is no longer in the manifest, because its function was removed from the project; delete it if nothing deploys it
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(sandbox.manifest_names(), ["orders"]);
    assert!(sandbox.exists("target/lambdapack/x86_64/users.zip"));
    // The message is printed only once.
    sandbox.run(&[]).ok().says_nothing_of("users");
}

#[test]
fn a_renamed_function_has_one_entry() {
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    let manifest = sandbox
        .read("Cargo.toml")
        .replace("\"orders\"", "\"sales\"");
    sandbox.write("Cargo.toml", &manifest);
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
note: `[ROOT]/project/target/lambdapack/x86_64/orders.zip` is no longer in the manifest, because its function was removed from the project; delete it if nothing deploys it
      Packed sales x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(sandbox.manifest_names(), ["sales"]);
}

#[test]
fn a_newly_skipped_function_stays_in_the_manifest() {
    let sandbox = two_members();
    sandbox.run(&[]).ok();
    sandbox.write("lambdapack.toml", "[function.users]\nskip = true\n");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["orders", "users"]);
}

#[test]
fn an_entry_without_its_zip_is_removed() {
    let sandbox = two_members();
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    sandbox.remove("target/lambdapack/x86_64/users.zip");
    sandbox.run(&["-p", "orders"]).ok();
    let manifest = sandbox.manifest();
    assert_eq!(fields(&manifest["functions"]["users"]["archs"]), ["arm64"]);
    sandbox.remove("target/lambdapack/arm64/users.zip");
    sandbox.run(&["-p", "orders"]).ok();
    assert_eq!(sandbox.manifest_names(), ["orders"]);
}

#[test]
fn entries_of_another_project_in_a_shared_folder_are_kept() {
    let sandbox = Sandbox::new();
    sandbox.function("a", "orders");
    sandbox.function("b", "users");
    sandbox.run(&["a", "--out-dir", "dist"]).ok();
    sandbox.run(&["b", "--out-dir", "dist"]).ok();
    let manifest: Value = serde_json::from_str(&sandbox.read("dist/manifest.json")).unwrap();
    assert_eq!(fields(&manifest["functions"]), ["orders", "users"]);
}

#[test]
fn the_zip_of_another_project_in_a_shared_folder_is_not_replaced() {
    let sandbox = Sandbox::new();
    sandbox.function("a", "orders");
    sandbox.function("b", "orders");
    sandbox.run(&["a", "--out-dir", "dist"]).ok();
    let before = snapshot(&sandbox.path("dist"));
    sandbox
        .run(&["b", "--out-dir", "dist"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: two functions are called `orders`: one in `[ROOT]/project/a` and one in `[ROOT]/project/b`
help: rename one in `lambdapack.toml`, or pass another `--out-dir`

"#]]);
    assert_eq!(snapshot(&sandbox.path("dist")), before);
}

#[test]
fn a_deleted_manifest_is_rewritten() {
    let sandbox = two_members();
    sandbox.run(&[]).ok();
    let before = sandbox.manifest();
    sandbox.remove("target/lambdapack/manifest.json");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest(), before);
}

#[test]
fn a_damaged_manifest_is_rejected_and_nothing_is_written() {
    let sandbox = two_members();
    sandbox.run(&[]).ok();
    let manifest = sandbox.out("manifest.json");
    let whole = sandbox.read("target/lambdapack/manifest.json");
    let mut transcript = Transcript::default();
    for text in [
        &whole[..whole.len() / 2],
        "",
        "{\"version\": 2, \"functions\": []}",
    ] {
        fs_err::write(&manifest, text).unwrap();
        sandbox.append("orders/src/main.rs", "// changed");
        let before = sandbox.snapshot();
        sandbox.run(&[]).ends_with(103).record(&mut transcript);
        assert_eq!(fs_err::read_to_string(&manifest).unwrap(), text);
        assert_eq!(sandbox.snapshot(), before);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
error: `[ROOT]/project/target/lambdapack/manifest.json` is damaged, or is not a manifest of cargo-lambdapack
help: if another program wrote it, pass another `--out-dir`; otherwise remove it and package all functions again

$ cargo lambdapack
error: `[ROOT]/project/target/lambdapack/manifest.json` is damaged, or is not a manifest of cargo-lambdapack
help: if another program wrote it, pass another `--out-dir`; otherwise remove it and package all functions again

$ cargo lambdapack
error: `[ROOT]/project/target/lambdapack/manifest.json` was written by a newer version of cargo-lambdapack
help: update with `cargo install --locked cargo-lambdapack`


"#]]);
}

#[test]
fn two_concurrent_runs_on_one_project_both_succeed() {
    for same in [true, false] {
        let sandbox = two_members();
        let args: [&[&str]; 2] = if same {
            [&[], &[]]
        } else {
            [&["-p", "orders"], &["-p", "users"]]
        };
        let children = args.map(|args| sandbox.start(args));
        for child in children {
            wait(child).ok();
        }
        assert_eq!(sandbox.manifest_names(), ["orders", "users"]);
        for name in ["orders", "users"] {
            let text = sandbox.packed(&format!("x86_64/{name}.zip"));
            assert!(text.contains(&format!("bin {name}")), "{text}");
            let entry = &sandbox.manifest()["functions"][name]["archs"]["x86_64"];
            let sidecar = format!("target/lambdapack/x86_64/{name}.zip.base64sha256");
            assert_eq!(entry["code_sha256"], json!(sandbox.read(&sidecar)));
        }
        let left: Vec<_> = sandbox.snapshot().into_keys().collect();
        assert_eq!(left.len(), 10, "{left:?}");
    }
}

/// Two projects, so that the runs meet only at the file.
#[test]
fn two_concurrent_runs_for_one_file_leave_it_intact() {
    let sandbox = Sandbox::new();
    let projects = ["a", "b"];
    for name in projects {
        sandbox.function(name, name);
    }
    for round in 0..5 {
        let children = projects.map(|name| sandbox.start(&[name, "--out", "dist/one.zip"]));
        for child in children {
            let ran = wait(child).ok();
            assert!(ran.stdout.contains("one.zip"), "{round}: {ran}");
        }
        // The hash file matches the zip, whichever run was last.
        let text = bootstrap(&sandbox.path("dist/one.zip"));
        let of = |name: &str| text.contains(&format!("bin {name}"));
        assert!(of("a") != of("b"), "{round}: {text}");
        assert_eq!(snapshot(&sandbox.path("dist")).len(), 3, "{round}");
    }
}
