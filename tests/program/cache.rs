//! Which work is repeated, and which is skipped.

use std::io::{Seek, SeekFrom, Write};
use std::time::SystemTime;

use snapbox::str;

use crate::support::{Sandbox, X86};

const ZIP: &str = "target/lambdapack/x86_64/orders.zip";
const SIDECAR: &str = "target/lambdapack/x86_64/orders.zip.base64sha256";

#[test]
fn an_unchanged_project_runs_only_the_compiler_and_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.run(&[]).ok();
    let before = sandbox.snapshot();
    let ran = sandbox.run(&[]).ok().stderr_eq(str![[r#"
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
       Fresh users x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(ran.stdout.lines().count(), 2);
    let lines: Vec<_> = sandbox.calls().iter().map(|call| call.line()).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("cargo build"), "{lines:?}");
    assert_eq!(sandbox.snapshot(), before);
}

#[test]
fn variables_of_local_functions_change_no_build() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    let results = || {
        let mut files = sandbox.snapshot();
        files.retain(|path, _| !path.ends_with(".surveys.json"));
        files
    };
    sandbox.run(&[]).ok();
    let before = results();
    let variables = "[watch.env]\nA = \"a\"\n\n[function.orders.env]\nB = \"b\"\n";
    sandbox.write("lambdapack.toml", variables);
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
       Fresh users x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(results(), before);
}

/// go gives every binary a new time, even if it is up to date.
#[test]
fn an_unchanged_go_module_runs_only_go_build() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    sandbox.go_function("cmd/a");
    sandbox.go_function("cmd/b");
    sandbox.run(&[]).ok();
    let before = sandbox.snapshot();
    sandbox.run(&[]).ok();
    let lines: Vec<_> = sandbox.calls().iter().map(|call| call.line()).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("go build"), "{lines:?}");
    assert_eq!(sandbox.snapshot(), before);
}

#[test]
fn a_selection_uses_cached_answers() {
    let sandbox = Sandbox::both_languages();
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    for (args, children) in [
        (&["-p", "orders"][..], 2),
        (&["--lang", "go"], 2),
        (&["-v"], 4),
        (&["list"], 0),
        (&["--dry-run"], 0),
    ] {
        sandbox
            .run(&[args, &["--arch", "arm64,x86_64"]].concat())
            .ok();
        let calls = sandbox.calls();
        let lines: Vec<_> = calls.iter().map(|call| call.line()).collect();
        assert_eq!(lines.len(), children, "{args:?}: {lines:?}");
        // Otherwise, the next run would read it with `cargo tree`.
        assert!(!sandbox.exists("Cargo.lock"), "{args:?}");
    }
}

#[test]
fn variables_that_only_affect_display_keep_cached_answers() {
    let mut sandbox = Sandbox::both_languages();
    sandbox.run(&[]).ok();
    sandbox.set("CARGO_TERM_COLOR", "always");
    sandbox.set("TERM", "dumb");
    sandbox.set("RUST_BACKTRACE", "1");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.calls().len(), 2, "{:?}", sandbox.calls());
}

#[test]
fn a_changed_source_is_repackaged_and_the_other_function_is_untouched() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.run(&[]).ok();
    let before = sandbox.snapshot();
    sandbox.append("orders/src/main.rs", "// changed");
    let ran = sandbox.run(&[]).ok();
    ran.stderr_eq(str![[r#"
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
       Fresh users x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert!(sandbox.packed("x86_64/orders.zip").contains("// changed"));
    for file in ["x86_64/users.zip", "x86_64/users.zip.base64sha256"] {
        let path = sandbox.out(file);
        assert_eq!(sandbox.snapshot()[&path], before[&path]);
    }
}

/// As cargo and go write files, and as a careless copy does.
#[test]
fn a_new_modification_time_alone_repackages_nothing() {
    let sandbox = Sandbox::packed_once();
    let before = sandbox.snapshot();
    let binary = sandbox.path(&format!("target/{X86}/lambda/orders"));
    let content = fs_err::read(&binary).unwrap();
    fs_err::remove_file(&binary).unwrap();
    fs_err::write(&binary, content).unwrap();
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    let after = sandbox.snapshot();
    let changed: Vec<_> = { after.iter() }
        .filter(|(path, stamp)| before.get(*path) != Some(*stamp))
        .map(|(path, _)| path.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        changed,
        [".cache.json"],
        "the new time, so that it is read once"
    );
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(sandbox.snapshot(), after);
}

#[test]
fn an_edit_that_keeps_size_and_time_is_repackaged() {
    let sandbox = Sandbox::packed_once();
    let binary = format!("target/{X86}/lambda/orders");
    let time = fs_err::metadata(sandbox.path(&binary)).unwrap().modified();
    for file in ["src/main.rs", &binary] {
        // In place, so that the file keeps its identity.
        let bytes = fs_err::read(sandbox.path(file)).unwrap();
        let at = bytes.windows(9).position(|bytes| bytes == b"/* orders");
        let mut file = fs_err::OpenOptions::new()
            .write(true)
            .open(sandbox.path(file))
            .unwrap();
        file.seek(SeekFrom::Start(at.unwrap() as u64)).unwrap();
        file.write_all(b"/* ORDERS").unwrap();
    }
    set_time(&sandbox, &binary, time.unwrap());
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert!(sandbox.packed("x86_64/orders.zip").contains("/* ORDERS"));
}

/// Changes a packaged project. The next run must notice the change and produce the right zip.
#[track_caller]
fn packed_again_after(change: impl FnOnce(&Sandbox), args: &[&str]) {
    let sandbox = Sandbox::packed_once();
    change(&sandbox);
    sandbox.run(args).ok().says("Packed orders");
    assert!(sandbox.packed("x86_64/orders.zip").contains("bin orders"));
    let entry = &sandbox.manifest()["functions"]["orders"]["archs"]["x86_64"];
    assert_eq!(entry["code_sha256"], sandbox.read(SIDECAR));
    sandbox.run(args).ok().says("Fresh orders");
}

#[test]
fn a_modified_zip_is_rewritten() {
    packed_again_after(
        |sandbox| {
            // Same size, same time.
            let zip = sandbox.path(ZIP);
            let time = fs_err::metadata(&zip).unwrap().modified().unwrap();
            let mut bytes = fs_err::read(&zip).unwrap();
            bytes[60] ^= 1;
            fs_err::write(&zip, bytes).unwrap();
            set_time(sandbox, ZIP, time);
        },
        &[],
    );
}

#[test]
fn a_truncated_zip_is_rewritten() {
    packed_again_after(
        |sandbox| {
            let bytes = fs_err::read(sandbox.path(ZIP)).unwrap();
            fs_err::write(sandbox.path(ZIP), &bytes[..bytes.len() / 2]).unwrap();
        },
        &[],
    );
}

#[test]
fn a_deleted_zip_is_rewritten() {
    packed_again_after(|sandbox| sandbox.remove(ZIP), &[]);
}

#[test]
fn a_deleted_hash_file_is_rewritten() {
    packed_again_after(|sandbox| sandbox.remove(SIDECAR), &[]);
}

#[test]
fn a_wrong_hash_file_is_rewritten() {
    packed_again_after(|sandbox| sandbox.append(SIDECAR, "\n"), &[]);
}

#[test]
fn a_changed_compression_level_rewrites_the_zip() {
    packed_again_after(|_| {}, &["--compression", "store"]);
    let sandbox = Sandbox::packed_once();
    let deflated = fs_err::metadata(sandbox.path(ZIP)).unwrap().len();
    sandbox.run(&["--compression", "store"]).ok();
    assert!(fs_err::metadata(sandbox.path(ZIP)).unwrap().len() > deflated);
}

/// The zip is the same, but it was not checked for this runtime.
#[test]
fn a_changed_runtime_is_not_reported_as_fresh() {
    let sandbox = Sandbox::packed_once();
    sandbox.run(&["--runtime", "provided.al2"]).ok();
    assert_eq!(
        sandbox.manifest()["functions"]["orders"]["runtime"],
        "provided.al2"
    );
}

#[test]
fn a_zip_of_another_function_with_this_name_is_rewritten() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.run(&[]).ok();
    fs_err::copy(sandbox.out("x86_64/users.zip"), sandbox.path(ZIP)).unwrap();
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains("bin orders"));
}

#[test]
fn results_are_the_same_without_the_cache() {
    let sandbox = Sandbox::both_languages();
    sandbox.run(&[]).ok();
    for cache in [".cache.json", ".surveys.json"] {
        let before = sandbox.snapshot();
        let file = format!("target/lambdapack/{cache}");
        for text in [None, Some(""), Some("{\"packed\": 1}"), Some("not json")] {
            match text {
                None => sandbox.remove(&file),
                Some(text) => sandbox.write(&file, text),
            }
            sandbox.run(&[]).ok();
            assert!(sandbox.path(&file).exists(), "{cache} is written again");
            for (path, stamp) in sandbox.snapshot() {
                if !path.ends_with(cache) {
                    assert_eq!(before[&path], stamp, "{}", path.display());
                }
            }
        }
    }
}

#[test]
fn cargo_clean_and_a_rebuild_give_the_same_zips() {
    let sandbox = Sandbox::both_languages();
    sandbox.run(&[]).ok();
    let zips = || {
        ["x86_64/orders.zip", "x86_64/api.zip"].map(|zip| fs_err::read(sandbox.out(zip)).unwrap())
    };
    let before = zips();
    sandbox.remove("target");
    sandbox.run(&[]).ok();
    assert_eq!(zips(), before);
}

/// Answers of cargo and go are cached; these changes invalidate them.
#[test]
fn a_new_project_member_is_detected() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"fn/*\"]\n",
    );
    sandbox.function("fn/a", "a");
    sandbox.go_module("", "example.com/shop");
    sandbox.go_function("cmd/x");
    let names = || {
        sandbox.run(&[]).ok();
        sandbox.manifest_names()
    };
    assert_eq!(names(), ["a", "x"]);
    sandbox.function("fn/b", "b");
    assert_eq!(names(), ["a", "b", "x"]);
    sandbox.write("fn/a/src/bin/c.rs", "fn main() {}");
    assert_eq!(names(), ["a", "b", "c", "x"]);
    sandbox.write("fn/a/src/bin/d/main.rs", "fn main() {}");
    assert_eq!(names(), ["a", "b", "c", "d", "x"]);
    sandbox.go_function("cmd/y");
    assert_eq!(names(), ["a", "b", "c", "d", "x", "y"]);
    sandbox.remove("fn/a/src/bin/c.rs");
    assert_eq!(names(), ["a", "b", "d", "x", "y"]);
    sandbox.remove("cmd/x");
    assert_eq!(names(), ["a", "b", "d", "y"]);
}

#[test]
fn a_project_that_becomes_a_function_is_detected() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "xtask"]);
    sandbox.go_module("", "example.com/shop");
    sandbox.go_function("cmd/x");
    sandbox.go_tool("cmd/y");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["orders", "x"]);
    sandbox.append("xtask/Cargo.toml", "[dependencies]\nlambda_http = \"1\"\n");
    sandbox.go_function("cmd/y");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["orders", "x", "xtask", "y"]);
}

#[test]
fn changes_to_cargo_configuration_and_toolchain_are_detected() {
    let sandbox = Sandbox::packed_once();
    sandbox.write(".cargo/config.toml", "[profile.release]\nlto = false\n");
    sandbox.run(&[]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env("CARGO_PROFILE_LAMBDA_LTO"), None);
    sandbox.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.90\"\n");
    sandbox.run(&[]).ok();
    assert!(!sandbox.calls_of("rustc -vV").is_empty());
}

fn set_time(sandbox: &Sandbox, inside: &str, time: SystemTime) {
    let file = fs_err::OpenOptions::new()
        .write(true)
        .open(sandbox.path(inside));
    file.unwrap().set_modified(time).unwrap();
}
