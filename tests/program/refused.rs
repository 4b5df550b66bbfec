//! All or nothing: the results after one invalid function or one failed write.

use snapbox::str;

use crate::support::Sandbox;

const FIVE: [&str; 5] = ["a", "b", "c", "d", "e"];

fn five() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&FIVE);
    sandbox
}

#[test]
fn a_wrong_architecture_is_rejected_and_no_zip_is_written() {
    let sandbox = five();
    sandbox.control("wrong-arch", "c");
    sandbox
        .run(&["--arch", "arm64"])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: c (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/c is built for x86_64, but the function uses arm64 [wrong-architecture]
help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper

"#]]);
    assert!(sandbox.results().is_empty(), "{:?}", sandbox.results());
}

#[test]
fn one_rejected_function_prevents_all_results_and_all_problems_are_reported() {
    let sandbox = five();
    sandbox.run(&[]).ok();
    let before = sandbox.snapshot();
    for name in FIVE {
        sandbox.append(&format!("{name}/src/main.rs"), "// changed");
    }
    sandbox.control("wrong-arch", "a b");
    sandbox.control("not-elf", "d");
    sandbox.control("huge", "e");
    let ran = sandbox.run(&[]).ends_with(104);
    assert_eq!(ran.stderr.matches("is built for arm64").count(), 2, "{ran}");
    let ran = ran.stderr_eq(str![[r#"
error: a (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/a is built for arm64, but the function uses x86_64 [wrong-architecture]
help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper
error: b (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/b is built for arm64, but the function uses x86_64 [wrong-architecture]
help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper
error: d (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/d is a Windows program, not a Linux executable [not-a-program]
help: build it for Linux; the target determines the system
error: e (x86_64): `[ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/e` has 262144001 bytes, but Lambda unpacks at most 262144000 (250 MiB)
help: strip the program, include fewer files, or deploy a container image (up to 10 GB); pass `--allow-oversize` to package it anyway

"#]]);
    assert!(!ran.stderr.contains("c (x86_64)"), "{ran}");
    assert!(ran.stdout.is_empty(), "{ran}");
    assert_eq!(sandbox.snapshot(), before);
    for control in ["wrong-arch", "not-elf", "huge"] {
        sandbox.uncontrol(control);
    }
    sandbox.run(&[]).ok();
    for name in FIVE {
        assert!(
            sandbox
                .packed(&format!("x86_64/{name}.zip"))
                .contains("// changed")
        );
    }
}

#[test]
fn a_fresh_function_is_checked_again_after_its_binary_changes() {
    let sandbox = five();
    sandbox.run(&[]).ok();
    sandbox.control("wrong-arch", "c");
    sandbox.run(&[]).ends_with(104);
    assert!(sandbox.packed("x86_64/c.zip").contains("bin c"));
}

#[test]
fn a_failed_compiler_keeps_existing_results() {
    let sandbox = five();
    sandbox.run(&[]).ok();
    let before = sandbox.snapshot();
    sandbox.append("a/src/main.rs", "// changed");
    sandbox.control("fail-cargo-build", "error: no\n");
    sandbox.run(&[]).ends_with(101);
    assert_eq!(sandbox.snapshot(), before);
}

#[test]
fn a_failure_of_go_also_prevents_rust_results() {
    let sandbox = five();
    sandbox.go_module("", "example.com/api");
    sandbox.go_function("");
    sandbox.control("fail-go-build", "no\n");
    sandbox.run(&[]).ends_with(101);
    assert!(sandbox.results().is_empty(), "{:?}", sandbox.results());
}

#[test]
fn a_failed_write_keeps_every_old_zip_and_no_temporary_file() {
    let sandbox = five();
    sandbox.run(&[]).ok();
    let hash_file = "target/lambdapack/x86_64/d.zip.base64sha256";
    sandbox.remove(hash_file);
    sandbox.write(&format!("{hash_file}/file"), "");
    for name in FIVE {
        sandbox.append(&format!("{name}/src/main.rs"), "// changed");
    }
    let before = sandbox.snapshot();
    sandbox.run(&[]).ends_with(103).stderr_eq(str![[r#"
error: cannot write [ROOT]/project/target/lambdapack/x86_64/d.zip.base64sha256: it is a folder
help: move it, or choose another path

"#]]);
    assert_eq!(sandbox.snapshot(), before);
}

/// A file size limit simulates a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_keeps_the_old_zip_and_no_temporary_file() {
    let sandbox = Sandbox::orders();
    // 300 kB of text, which compresses well.
    let large = "// the quick brown fox\n".repeat(13_000);
    sandbox.append("src/main.rs", &large);
    sandbox.run(&[]).ok();
    let before = sandbox.snapshot();
    sandbox
        .run_after("trap '' XFSZ; ulimit -f 200", &["--compression", "store"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: cannot write [ROOT]/project/target/lambdapack/x86_64/orders.zip: File too large (os error 27)
help: free some disk space, or choose another path

"#]]);
    assert_eq!(sandbox.snapshot(), before);
    sandbox.run(&["--compression", "store"]).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains("quick"));
}
