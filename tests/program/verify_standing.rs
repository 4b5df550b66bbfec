//! `verify`: existing results are compared with the records in the manifest.

use snapbox::str;

use crate::support::zip::{Entry, Zip};
use crate::support::{Sandbox, Transcript, entry};

const ZIP: &str = "target/lambdapack/x86_64/orders.zip";
const MANIFEST: &str = "target/lambdapack/manifest.json";

/// Replaces the packaged zip with another one.
fn replaced(sandbox: &Sandbox, entries: &[Entry]) {
    fs_err::write(sandbox.path(ZIP), Zip::of(entries).bytes()).unwrap();
}

#[track_caller]
fn differs(sandbox: &Sandbox, how: &str) {
    let ran = sandbox.run(&["verify"]).ends_with(106).says(how);
    assert!(ran.stdout.is_empty(), "{ran}");
    // The results already differ from the records, so nothing is rebuilt.
    assert!(sandbox.calls_of("cargo build").is_empty(), "{how}");
}

#[test]
fn a_changed_byte_is_detected() {
    let sandbox = Sandbox::packed_once();
    let mut bytes = fs_err::read(sandbox.path(ZIP)).unwrap();
    bytes[60] ^= 1;
    fs_err::write(sandbox.path(ZIP), bytes).unwrap();
    differs(&sandbox, " changed after it was packaged: bootstrap ");
}

#[test]
fn a_changed_mode_is_detected() {
    let sandbox = Sandbox::packed_once();
    let program = entry(&sandbox.path(ZIP), "bootstrap").bytes;
    let mut bootstrap = Entry::bootstrap(&program);
    bootstrap.mode = 0o100_644;
    replaced(&sandbox, &[bootstrap]);
    differs(
        &sandbox,
        "bootstrap has mode 0644 in the zip but 0755 in the manifest",
    );
}

#[test]
fn changed_contents_and_files_are_detected() {
    let sandbox = Sandbox::packed_once();
    let program = entry(&sandbox.path(ZIP), "bootstrap").bytes;
    replaced(&sandbox, &[Entry::bootstrap(b"mine")]);
    differs(
        &sandbox,
        "bootstrap has other bytes in the zip than in the manifest",
    );
    let more = [Entry::bootstrap(&program), Entry::stored("key.pem", b"")];
    replaced(&sandbox, &more);
    differs(&sandbox, "key.pem is in the zip but not in the manifest");
    replaced(&sandbox, &[]);
    differs(&sandbox, "bootstrap is in the manifest but not in the zip");
    replaced(&sandbox, &[Entry::bootstrap(&program)]);
    differs(&sandbox, "its files match the manifest");
    sandbox.write(ZIP, "no zip");
    differs(&sandbox, "it does not end like a zip");
}

#[test]
fn missing_results_are_named() {
    let sandbox = Sandbox::packed_once();
    sandbox.remove(&format!("{ZIP}.base64sha256"));
    differs(&sandbox, "orders.zip.base64sha256` does not exist");
    sandbox.write(&format!("{ZIP}.base64sha256"), "x");
    differs(
        &sandbox,
        "orders.zip.base64sha256` does not contain the zip's hash",
    );
    sandbox.remove(ZIP);
    differs(&sandbox, "orders.zip` does not exist");
}

#[test]
fn a_changed_result_does_not_prevent_the_verification_of_others() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.run(&[]).ok();
    sandbox.remove(ZIP);
    let ran = sandbox.run(&["verify"]).ends_with(106);
    let ran = ran.stderr_eq(str![[r#"
  Rebuilding users (x86_64) in [VERIFY]/tree[ROOT]/project
    Verified users x86_64
error: orders (x86_64): `[ROOT]/project/target/lambdapack/x86_64/orders.zip` does not exist
help: package it again with `cargo lambdapack --bin orders --arch x86_64`

"#]]);
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
}

#[test]
fn prebuilt_programs_are_skipped_or_rejected_if_named() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.run(&[]).ok();
    let mut manifest = sandbox.manifest();
    let orders = manifest["functions"]["orders"].as_object_mut().unwrap();
    orders.remove("language");
    sandbox.write(MANIFEST, &manifest.to_string());
    let ran = sandbox.run(&["verify"]).ok();
    ran.stderr_eq(str![[r#"
note: orders (x86_64) was packaged from a prebuilt program, so it cannot be rebuilt
  Rebuilding users (x86_64) in [VERIFY]/tree[ROOT]/project
    Verified users x86_64

"#]]);
    let ran = sandbox.run(&["verify", ZIP]).ends_with(102);
    ran.stderr_eq(str![[r#"
error: [ROOT]/project/target/lambdapack/x86_64/orders.zip was packaged from a prebuilt program, so it cannot be rebuilt
help: run `cargo lambdapack check` to see its contents

"#]]);
}

#[test]
fn a_zip_missing_from_the_manifest_is_rejected() {
    let sandbox = Sandbox::with_main();
    sandbox.run(&["pack", "-o", "a.zip", "main"]).ok();
    let ran = sandbox.run(&["verify", "a.zip"]).ends_with(102);
    ran.stderr_eq(str![[r#"
error: `[ROOT]/project/a.zip` is not recorded in a manifest.json next to it or above it
help: run `cargo lambdapack` without `--out`, which writes a manifest; `pack` and `--out` do not

"#]]);
}

#[test]
fn a_missing_or_damaged_manifest_is_an_error() {
    let sandbox = Sandbox::orders();
    let ran = sandbox.run(&["verify"]).ends_with(102);
    ran.stderr_eq(str![[r#"
error: no functions are recorded in [ROOT]/project/target/lambdapack/manifest.json
help: run `cargo lambdapack` first, or pass the folder of the results with `--out-dir DIR`

"#]]);
    sandbox.run(&[]).ok();
    sandbox.write(MANIFEST, "{");
    let mut transcript = Transcript::default();
    for args in [&["verify"][..], &["verify", ZIP]] {
        sandbox.run(args).ends_with(103).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack verify
error: `[ROOT]/project/target/lambdapack/manifest.json` is damaged, or is not a manifest of cargo-lambdapack
help: if another program wrote it, pass another `--out-dir`; otherwise remove it and package all functions again

$ cargo lambdapack verify target/lambdapack/x86_64/orders.zip
error: `[ROOT]/project/target/lambdapack/manifest.json` is damaged, or is not a manifest of cargo-lambdapack
help: if another program wrote it, pass another `--out-dir`; otherwise remove it and package all functions again


"#]]);
}

#[test]
fn results_in_other_folders_are_found_by_option_or_configuration() {
    let sandbox = Sandbox::orders();
    sandbox.run(&["--out-dir", "dist"]).ok();
    sandbox.run(&["verify"]).ends_with(102);
    sandbox.run(&["verify", "--out-dir", "dist"]).ok();
    sandbox.run(&["verify", "dist/x86_64/orders.zip"]).ok();
    sandbox.write("lambdapack.toml", "out-dir = \"dist\"\n");
    sandbox.run(&["verify"]).ok().stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
    Verified orders x86_64

"#]]);
}
