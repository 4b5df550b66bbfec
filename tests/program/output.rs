//! Printed output, and the files that are written.

use std::path::Path;

use snapbox::str;

use crate::support::{Sandbox, X86, bootstrap, slashed, wait};

#[test]
fn stdout_has_only_a_hash_and_a_path_for_each_zip() {
    let sandbox = Sandbox::both_languages();
    let ran = sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    let mut expected = Vec::new();
    for zip in ["arm64/api", "x86_64/api", "arm64/orders", "x86_64/orders"] {
        let sidecar = sandbox.read(&format!("target/lambdapack/{zip}.zip.base64sha256"));
        let path = format!("target/lambdapack/{zip}.zip");
        expected.push(format!("{sidecar}  {path}"));
    }
    assert_eq!(slashed(&ran.stdout).lines().collect::<Vec<_>>(), expected);
    ran.stderr_eq(str![[r#"
    Building api for arm64 with go
    Building api for x86_64 with go
      Packed api arm64 (go, provided.al2023) [SIZE] -> [SIZE]
      Packed api x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
      Packed orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
}

#[test]
fn paths_inside_the_current_folder_are_printed_relative_to_it() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders"]);
    let ran = sandbox.run_in("orders", &["--print", "path"]).ok();
    let absolute = sandbox.out("x86_64/orders.zip");
    assert_eq!(
        slashed(ran.stdout.trim_end()),
        slashed(absolute.to_str().unwrap())
    );
}

#[test]
fn print_selects_hashes_or_paths() {
    let sandbox = Sandbox::both_languages();
    let ran = sandbox.run(&["--print", "hash"]).ok();
    let hashes = ["api", "orders"]
        .map(|name| sandbox.read(&format!("target/lambdapack/x86_64/{name}.zip.base64sha256")));
    assert_eq!(slashed(&ran.stdout).lines().collect::<Vec<_>>(), hashes);
    let ran = sandbox.run(&["--print", "path"]).ok();
    let paths = ["api", "orders"].map(|name| format!("target/lambdapack/x86_64/{name}.zip"));
    assert_eq!(slashed(&ran.stdout).lines().collect::<Vec<_>>(), paths);
}

#[test]
fn the_json_of_a_run_is_a_manifest_of_only_this_run() {
    let sandbox = Sandbox::both_languages();
    sandbox.run(&[]).ok();
    let ran = sandbox
        .run(&["-p", "orders", "--message-format", "json"])
        .ok();
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    let printed = ran.json();
    assert_eq!(printed["version"], 1);
    assert_eq!(printed["functions"].as_object().unwrap().len(), 1);
    let function = &printed["functions"]["orders"];
    let entry = &function["archs"]["x86_64"];
    let kept = &sandbox.manifest()["functions"]["orders"];
    for key in ["kind", "language", "runtime", "handler"] {
        assert_eq!(function[key], kept[key], "{key}");
    }
    for key in [
        "code_sha256",
        "sha256",
        "zip_size",
        "size",
        "entries",
        "build",
    ] {
        assert_eq!(entry[key], kept["archs"]["x86_64"][key], "{key}");
    }
    let zip = sandbox.out("x86_64/orders.zip");
    let printed = slashed(entry["zip"].as_str().unwrap());
    assert_eq!(printed, slashed(zip.to_str().unwrap()));
}

#[test]
fn list_prints_language_architecture_and_zip_and_writes_nothing() {
    let sandbox = Sandbox::both_languages();
    let ran = sandbox.run(&["list", "--arch", "arm64"]).ok();
    let lines: Vec<Vec<_>> = ran
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let zip = |name: &str| format!("target/lambdapack/arm64/{name}.zip");
    assert_eq!(
        lines,
        [
            ["api", "go", "arm64", &zip("api")],
            ["orders", "rust", "arm64", &zip("orders")]
        ]
    );
    assert!(!sandbox.exists("target"));
    assert!(sandbox.calls_of("cargo build").is_empty());
    let printed = sandbox
        .run(&["list", "--message-format", "json"])
        .ok()
        .json();
    assert_eq!(printed["version"], 1);
    let orders = &printed["functions"][1];
    assert_eq!(orders["name"], "orders");
    assert_eq!(orders["language"], "rust");
    assert_eq!(orders["arch"], "x86_64");
    assert_eq!(orders["runtime"], "provided.al2023");
    let target = sandbox.out("x86_64/orders.zip");
    let printed = slashed(orders["target"].as_str().unwrap());
    assert_eq!(printed, slashed(target.to_str().unwrap()));
    assert_eq!(orders["build"]["target"], X86);
}

#[test]
fn a_dry_run_prints_commands_and_results_and_does_nothing() {
    let sandbox = Sandbox::both_languages();
    let ran = sandbox.run(&["--dry-run"]).ok();
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{ran}");
    assert!(lines[0].contains("cargo build") || lines[0].contains("build --profile lambda"));
    assert!(lines[0].contains(X86) && lines[0].contains("CARGO_PROFILE_LAMBDA_LTO=thin"));
    assert!(lines[1].contains("GOOS=linux") && lines[1].contains("-trimpath"));
    assert!(lines[2].starts_with("# api x86_64: ") && lines[2].contains("api.zip.base64sha256"));
    assert!(lines[3].starts_with("# orders x86_64: "));
    assert!(!sandbox.exists("target"));
    assert!(sandbox.calls_of("cargo build").is_empty());
    assert!(sandbox.calls_of("go build").is_empty());
}

#[test]
fn the_json_of_a_dry_run_contains_commands_and_functions() {
    let sandbox = Sandbox::both_languages();
    let printed = sandbox
        .run(&["--dry-run", "--message-format", "json"])
        .ok()
        .json();
    let steps = printed["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0]["arch"], "x86_64");
    assert_eq!(steps[0]["args"][0], "build");
    assert_eq!(steps[0]["env"]["CARGO_PROFILE_LAMBDA_LTO"], "thin");
    assert_eq!(steps[1]["env"]["GOOS"], "linux");
    let dir = Path::new(steps[1]["dir"].as_str().unwrap());
    assert_eq!(dir, sandbox.path(""));
    assert_eq!(printed["functions"][0]["name"], "api");
    assert_eq!(printed["functions"][0]["language"], "go");
}

/// The lines are the commands that run, in a form that a shell accepts.
#[cfg(unix)]
#[test]
fn the_commands_of_a_dry_run_can_be_pasted() {
    let sandbox = Sandbox::new();
    let odd = "it's $HOME & größe";
    sandbox.function(odd, "orders");
    sandbox.go_module(odd, "example.com/api");
    sandbox.go_function(odd);
    let ran = sandbox.run_in(odd, &["--dry-run", "--arch", "arm64"]).ok();
    sandbox.write("pasted", &ran.stdout);
    sandbox.run_after(". ./pasted", &["--version"]).ok();
    let pasted: Vec<_> = ["cargo build", "go build"]
        .map(|line| sandbox.call(line))
        .into();
    sandbox.run_in(odd, &["--arch", "arm64"]).ok();
    for (pasted, line) in pasted.iter().zip(["cargo build", "go build"]) {
        let run = sandbox.call(line);
        assert_eq!(pasted.args(), run.args());
        assert_eq!(pasted.dir(), run.dir());
        for name in [
            "GOARCH",
            "CGO_ENABLED",
            "CARGO_PROFILE_LAMBDA_STRIP",
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
        ] {
            assert_eq!(pasted.env(name), run.env(name), "{name}");
        }
    }
}

/// A missing folder is created.
#[test]
fn out_dir_moves_results_and_manifest() {
    let sandbox = Sandbox::both_languages();
    sandbox.run(&["--out-dir", "dist/here"]).ok();
    assert!(!sandbox.exists("target/lambdapack/manifest.json"));
    assert!(!sandbox.exists("target/lambdapack/x86_64"));
    assert!(bootstrap(&sandbox.path("dist/here/x86_64/api.zip")).contains("example.com/api"));
    let manifest: serde_json::Value =
        serde_json::from_str(&sandbox.read("dist/here/manifest.json")).unwrap();
    let orders = &manifest["functions"]["orders"];
    assert_eq!(orders["archs"]["x86_64"]["zip"], "x86_64/orders.zip");
    // A user's folder is not hidden from git.
    assert!(!sandbox.exists("dist/here/.gitignore"));
    // In another folder, the path is relative to that.
    sandbox.write("sub/file", "");
    sandbox
        .run_in(
            "sub",
            &["--manifest-path", "../Cargo.toml", "--out-dir", "d"],
        )
        .ok();
    assert!(sandbox.exists("sub/d/x86_64/orders.zip"));
}

#[test]
fn a_configured_output_folder_is_relative_to_its_file() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders"]);
    sandbox.append(
        "Cargo.toml",
        "[workspace.metadata.lambdapack]\nout-dir = \"../artifacts\"\n",
    );
    sandbox.run_in("orders", &[]).ok();
    assert!(sandbox.exists("../artifacts/x86_64/orders.zip"));
}

#[test]
fn out_sets_the_path_of_a_single_zip_and_writes_no_manifest() {
    let sandbox = Sandbox::both_languages();
    let ran = sandbox
        .run(&["--bin", "orders", "--out", "dist/function.zip"])
        .ok();
    ran.stdout_eq(str![[r#"
[HASH]  dist/function.zip

"#]]);
    assert!(bootstrap(&sandbox.path("dist/function.zip")).contains("bin orders"));
    assert!(!sandbox.exists("target/lambdapack/manifest.json"));
    assert!(!sandbox.exists("dist/manifest.json"));
    let names = fs_err::read_dir(sandbox.path("dist")).unwrap().count();
    assert_eq!(names, 3);
}

#[test]
fn out_for_two_zips_is_a_usage_error() {
    let sandbox = Sandbox::both_languages();
    sandbox
        .run(&["--out", "a.zip"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `--out` is for a single zip, but this run would package several: api (x86_64), orders (x86_64)
help: select one with `--bin` and `--arch`, or pass `--out-dir`

"#]]);
    sandbox
        .run(&["--bin", "api", "--arch", "arm64,x86_64", "--out", "a.zip"])
        .ends_with(2);
    assert!(sandbox.calls_of("go build").is_empty());
    assert!(!sandbox.exists("a.zip"));
}

#[test]
fn format_dir_writes_an_executable_bootstrap() {
    let sandbox = Sandbox::both_languages();
    let ran = sandbox.run(&["--format", "dir"]).ok();
    assert!(slashed(&ran.stdout).contains("x86_64/orders"), "{ran}");
    assert_eq!(
        sandbox.results(),
        [
            "manifest.json",
            "x86_64/api/bootstrap",
            "x86_64/orders/bootstrap"
        ]
    );
    let built = sandbox.path(&format!("target/{X86}/lambda/orders"));
    assert_eq!(
        fs_err::read(sandbox.out("x86_64/orders/bootstrap")).unwrap(),
        fs_err::read(built).unwrap()
    );
    let entry = &sandbox.manifest()["functions"]["orders"]["archs"]["x86_64"];
    assert_eq!(entry["dir"], "x86_64/orders");
    assert!(entry["zip"].is_null() && entry["code_sha256"].is_null());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let data = fs_err::metadata(sandbox.out("x86_64/orders/bootstrap")).unwrap();
        assert_eq!(data.permissions().mode() & 0o100, 0o100);
    }
}

#[test]
fn the_hash_file_has_44_characters_and_no_newline() {
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    let hash = sandbox.read("target/lambdapack/x86_64/orders.zip.base64sha256");
    assert_eq!(hash.len(), 44);
    assert!(hash.ends_with('='), "{hash}");
    // The hash belongs to the zip.
    sandbox.packed("x86_64/orders.zip");
}

#[test]
fn the_zip_depends_only_on_the_bytes_of_the_binary() {
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    let zip = fs_err::read(sandbox.out("x86_64/orders.zip")).unwrap();
    let binary = sandbox.path(&format!("target/{X86}/lambda/orders"));
    let file = fs_err::OpenOptions::new()
        .write(true)
        .open(&binary)
        .unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(86_400);
    file.set_modified(long_ago).unwrap();
    #[cfg(unix)]
    {
        let unusual = std::os::unix::fs::PermissionsExt::from_mode(0o4640);
        fs_err::set_permissions(&binary, unusual).unwrap();
    }
    sandbox.run(&["--out-dir", "dist"]).ok();
    let other = fs_err::read(sandbox.path("dist/x86_64/orders.zip")).unwrap();
    assert_eq!(other, zip);
}

#[cfg(unix)]
#[test]
fn umask_time_zone_and_locale_do_not_change_the_zip() {
    let mut sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    let zip = fs_err::read(sandbox.out("x86_64/orders.zip")).unwrap();
    sandbox.set("TZ", "Pacific/Kiritimati");
    sandbox.set("LC_ALL", "tr_TR.UTF-8");
    for umask in ["000", "077"] {
        let dir = format!("dist-{umask}");
        sandbox
            .run_after(&format!("umask {umask}"), &["--out-dir", &dir])
            .ok();
        let path = sandbox.path(&format!("{dir}/x86_64/orders.zip"));
        assert_eq!(fs_err::read(&path).unwrap(), zip);
        bootstrap(&path);
    }
}

#[cfg(unix)]
#[test]
fn the_target_of_a_symlink_is_replaced_and_the_link_is_kept() {
    let sandbox = Sandbox::orders();
    sandbox.write("store/orders.zip", "old");
    fs_err::os::unix::fs::symlink("store/orders.zip", sandbox.path("link.zip")).unwrap();
    sandbox.run(&["--out", "link.zip"]).ok();
    assert!(sandbox.path("link.zip").is_symlink());
    assert!(
        fs_err::read(sandbox.path("store/orders.zip"))
            .unwrap()
            .starts_with(b"PK")
    );
}

#[test]
fn a_closed_stdout_is_not_an_error() {
    let sandbox = Sandbox::orders();
    for args in [&[][..], &["list"], &["--dry-run"], &["--help"]] {
        let mut child = sandbox.start(args);
        drop(child.stdout.take());
        let ran = wait(child);
        assert_eq!(ran.code, Some(0), "{args:?}: {ran}");
        assert!(!ran.stderr.contains("panic"), "{ran}");
    }
    assert!(sandbox.packed("x86_64/orders.zip").contains("orders"));
}

#[test]
fn a_closed_stderr_is_not_an_error() {
    let sandbox = Sandbox::orders();
    let mut child = sandbox.start(&["-v"]);
    drop(child.stderr.take());
    let ran = wait(child);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(ran.stdout.lines().count(), 1);
}

#[test]
fn reusing_one_output_file_keeps_the_last_function() {
    let sandbox = Sandbox::both_languages();
    for (name, holds) in [
        ("orders", "bin orders"),
        ("api", "example.com/api"),
        ("orders", "bin orders"),
    ] {
        sandbox.run(&["--bin", name, "--out", "x.zip"]).ok();
        let text = bootstrap(&sandbox.path("x.zip"));
        assert!(text.contains(holds), "{text}");
    }
}

#[test]
fn a_function_that_changes_from_zip_to_folder_has_one_entry() {
    let sandbox = Sandbox::orders();
    for format in ["zip", "dir", "zip"] {
        sandbox.run(&["--format", format]).ok();
        let entry = &sandbox.manifest()["functions"]["orders"]["archs"]["x86_64"];
        assert_eq!(entry["zip"].is_string(), format == "zip", "{entry}");
        assert_eq!(entry["dir"].is_string(), format == "dir", "{entry}");
        assert_eq!(entry["code_sha256"].is_string(), format == "zip");
    }
    sandbox.packed("x86_64/orders.zip");
}

#[test]
fn a_repeated_architecture_is_packaged_once() {
    let sandbox = Sandbox::orders();
    let ran = sandbox
        .run(&["--arch", "arm64,aarch64", "--arch", "graviton"])
        .ok();
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    sandbox.call("cargo build");
}
