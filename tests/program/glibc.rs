//! glibc versions: the one that a compiler links with, and the one that a binary needs.

use serde_json::Value;
use snapbox::str;

use crate::support::{Ran, Sandbox, Transcript, slashed};

const GCC: &str = "aarch64-linux-gnu-gcc";
const LINKER: &str = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER";

/// `orders`, whose binary needs these versions of glibc.
fn needs(versions: &str) -> Sandbox {
    let sandbox = Sandbox::orders();
    sandbox.control("needs-glibc", &format!("orders {versions}"));
    sandbox
}

fn arm64(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["--arch", "arm64"], args].concat())
}

/// The first help line.
#[track_caller]
fn help(ran: &Ran) -> &str {
    let help = ran.stderr.lines().find(|line| line.starts_with("help: "));
    help.unwrap_or_else(|| panic!("no help: {ran}"))
}

#[test]
fn a_glibc_newer_than_the_runtimes_is_rejected_with_both_versions() {
    let sandbox = needs("2.17 2.38 2.4");
    let ran = arm64(&sandbox, &[])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.38, but provided.al2023 has 2.34, so it would fail with `GLIBC_2.38 not found` [glibc]
help: install zig (https://ziglang.org/download) and pass `--linker zig`

"#]]);
    assert!(!help(&ran).contains("--runtime"), "{ran}");
    assert!(sandbox.results().is_empty());
}

#[test]
fn a_glibc_that_the_runtime_has_is_accepted() {
    for versions in ["2.34", "2.17 2.28", "2.4", "2.2.5"] {
        let sandbox = needs(versions);
        arm64(&sandbox, &[]).ok();
    }
    let sandbox = needs("2.26");
    arm64(&sandbox, &["--runtime", "provided.al2"]).ok();
}

#[test]
fn weak_version_references_are_ignored() {
    let sandbox = needs("2.17 2.39? 2.34");
    arm64(&sandbox, &[]).ok();
    sandbox.control("needs-glibc", "orders 2.17 2.39? 2.35");
    arm64(&sandbox, &[])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.35, but provided.al2023 has 2.34, so it would fail with `GLIBC_2.35 not found` [glibc]
help: install zig (https://ziglang.org/download) and pass `--linker zig`

"#]]);
}

#[test]
fn help_suggests_a_linker_that_works_on_this_machine() {
    let musl = "aarch64-unknown-linux-musl";
    let sandbox = needs("2.38");
    let ran = arm64(&sandbox, &[]).ends_with(104).stderr_eq(str![[r#"
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.38, but provided.al2023 has 2.34, so it would fail with `GLIBC_2.38 not found` [glibc]
help: install zig (https://ziglang.org/download) and pass `--linker zig`

"#]]);
    assert!(!help(&ran).contains("--libc musl"), "{ran}");
    sandbox.install("pip");
    if cfg!(target_os = "linux") {
        arm64(&sandbox, &[]).stderr_eq(str![[r#"
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.38, but provided.al2023 has 2.34, so it would fail with `GLIBC_2.38 not found` [glibc]
help: install zig (`pip install ziglang`) and pass `--linker zig`

"#]]);
    }
    sandbox.rustup();
    sandbox.install_std(musl);
    let ran = arm64(&sandbox, &[]).ends_with(104);
    assert_eq!(help(&ran), "help: pass `--libc musl`");
    sandbox.install_zig();
    let ran = arm64(&sandbox, &["--linker", "gcc"]).ends_with(104);
    assert_eq!(help(&ran), "help: pass `--linker zig` or `--libc musl`");
    sandbox.uninstall_std(musl);
    let ran = arm64(&sandbox, &["--linker", "gcc"]).ends_with(104);
    assert_eq!(help(&ran), "help: pass `--linker zig`");
}

#[test]
fn a_broken_zig_is_not_suggested() {
    let sandbox = needs("2.38");
    sandbox.install_zig();
    sandbox.control("fail-zig-env", "no lib");
    let ran = arm64(&sandbox, &[]).ends_with(104);
    assert!(help(&ran).contains("install zig"), "{ran}");
}

/// `--linker zig` would conflict with the flags.
#[test]
fn zig_is_not_suggested_if_the_flags_name_a_linker() {
    let mut sandbox = needs("2.38");
    sandbox.install_zig();
    sandbox.set("RUSTFLAGS", "-C linker=my-linker");
    let ran = arm64(&sandbox, &[]).ends_with(104);
    if help(&ran).contains("use --linker zig") {
        let remedy = arm64(&sandbox, &["--linker", "zig"]);
        assert_ne!(remedy.code, Some(2), "{ran}\nthe remedy: {remedy}");
    }
    assert!(help(&ran).contains("RUSTFLAGS"), "{ran}");
}

#[test]
fn a_newer_runtime_is_suggested_if_it_is_sufficient() {
    let al2 = ["--runtime", "provided.al2"];
    let sandbox = needs("2.34");
    arm64(&sandbox, &al2)
        .ends_with(104)
        .stderr_eq(str![[r#"
warning: `provided.al2` has been deprecated since 2026-07-31, and does not allow new functions from 2027-02-01 or updates from 2027-03-03 (as of 2026-11); move to `provided.al2023`
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.34, but provided.al2 has 2.26, so it would fail with `GLIBC_2.34 not found` [glibc]
help: install zig (https://ziglang.org/download) and pass `--linker zig`; or deploy to provided.al2023: pass `--runtime provided.al2023`

"#]]);
    arm64(&sandbox, &[]).ok();
    sandbox.control("needs-glibc", "orders 2.38");
    let ran = arm64(&sandbox, &al2).ends_with(104);
    assert!(!help(&ran).contains("--runtime"), "{ran}");
}

#[test]
fn an_unchanged_binary_is_checked_again_for_another_runtime() {
    let sandbox = needs("2.34");
    arm64(&sandbox, &[]).ok();
    let before = sandbox.snapshot();
    arm64(&sandbox, &["--runtime", "provided.al2"]).ends_with(104);
    assert_eq!(sandbox.snapshot(), before);
    arm64(&sandbox, &[]).ok().stderr_eq(str![[r#"
       Fresh orders arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
}

#[test]
fn binaries_linked_by_zig_are_checked() {
    let sandbox = needs("2.38");
    sandbox.install_zig();
    let ran = arm64(&sandbox, &["--linker", "zig"]).ends_with(104);
    assert!(!help(&ran).contains("--linker zig"), "{ran}");
    assert!(help(&ran).contains("compiler built earlier"), "{ran}");
}

#[test]
fn the_problems_of_all_functions_are_reported_at_once() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b", "c"]);
    sandbox.go_module("go", "example.com/api");
    sandbox.go_function("go");
    sandbox.control("needs-glibc", "a 2.38\nc 2.36\napi 2.39");
    sandbox.control("wrong-arch", "a");
    let ran = sandbox
        .run(&["--arch", "arm64,x86_64", "--cgo", ".", "go"])
        .ends_with(104);
    for arch in ["arm64", "x86_64"] {
        for (name, version) in [("a", "2.38"), ("c", "2.36"), ("api", "2.39")] {
            let is_problem = |line: &&str| {
                line.contains(&format!("{name} ({arch})"))
                    && line.contains(&format!("needs glibc {version}"))
            };
            let count = ran.stderr.lines().filter(is_problem).count();
            assert_eq!(count, 1, "{name} {arch}: {ran}");
        }
    }
    assert_eq!(ran.stderr.matches("error: ").count(), 8, "{ran}");
    assert!(sandbox.results().is_empty());
}

#[test]
fn a_go_function_with_cgo_is_checked() {
    let sandbox = Sandbox::go_api();
    sandbox.control("needs-glibc", "api 2.38");
    sandbox.install("pip");
    let ran = arm64(&sandbox, &["--cgo"])
        .ends_with(104)
        .stderr_eq(str![[r#"
    Building api for arm64 with go
error: api (arm64): [ROOT]/project/target/go/linux_arm64/together/api needs glibc 2.38, but provided.al2023 has 2.34, so it would fail with `GLIBC_2.38 not found` [glibc]
help: build without cgo, or compile the C code with zig: `CC="zig cc -target aarch64-linux-gnu.2.34"` (install it: `pip install ziglang`)

"#]]);
    assert!(!help(&ran).contains("--linker"), "that is for Rust: {ran}");
    // A suggestion to use zig must include how to install it.
    assert!(help(&ran).contains("zig cc -target aarch64-linux-gnu.2.34"));
    assert!(help(&ran).contains("ziglang"), "{ran}");
    sandbox.install_zig();
    let ran = arm64(&sandbox, &["--cgo"]).ends_with(104);
    assert!(!help(&ran).contains("ziglang"), "{ran}");
}

#[test]
fn for_the_old_runtime_go_targets_the_old_glibc() {
    let sandbox = Sandbox::go_api();
    sandbox.control("needs-glibc", "api 2.34");
    arm64(&sandbox, &["--cgo", "--runtime", "provided.al2"])
        .ends_with(104)
        .stderr_eq(str![[r#"
warning: `provided.al2` has been deprecated since 2026-07-31, and does not allow new functions from 2027-02-01 or updates from 2027-03-03 (as of 2026-11); move to `provided.al2023`
    Building api for arm64 with go
error: api (arm64): [ROOT]/project/target/go/linux_arm64/together/api needs glibc 2.34, but provided.al2 has 2.26, so it would fail with `GLIBC_2.34 not found` [glibc]
help: build without cgo, or compile the C code with zig: `CC="zig cc -target aarch64-linux-gnu.2.26"` (install it: https://ziglang.org/download); or deploy to provided.al2023: pass `--runtime provided.al2023`

"#]]);
}

/// The linker of `orders` in the manifest.
#[track_caller]
fn linked(sandbox: &Sandbox, arch: &str, args: &[&str]) -> Value {
    sandbox.run(&[&["--arch", arch], args].concat()).ok();
    sandbox.manifest()["functions"]["orders"]["archs"][arch]["build"]["linker"].clone()
}

#[test]
fn a_gcc_with_a_too_new_glibc_is_replaced_by_zig_if_possible() {
    let sandbox = Sandbox::orders();
    sandbox.glibc(GCC, "2.37");
    assert_eq!(linked(&sandbox, "arm64", &[])["name"], GCC);
    sandbox.glibc(GCC, "2.39");
    assert_eq!(linked(&sandbox, "arm64", &[])["name"], GCC);
    let reason = &linked(&sandbox, "arm64", &[])["reason"];
    let expected_text = "glibc 2.39 on this machine, 2.34 in provided.al2023";
    assert!(reason.as_str().unwrap().contains(expected_text), "{reason}");
    sandbox.install_zig();
    assert_eq!(linked(&sandbox, "arm64", &[])["name"], "zig");
    // Every current glibc is too new for the old runtime.
    sandbox.uninstall("zig");
    let al2 = ["--runtime", "provided.al2"];
    sandbox.glibc(GCC, "2.36");
    arm64(&sandbox, &al2)
        .ends_with(96)
        .stderr_eq(str![[r#"
warning: `provided.al2` has been deprecated since 2026-07-31, and does not allow new functions from 2027-02-01 or updates from 2027-03-03 (as of 2026-11); move to `provided.al2023`
error: no usable linker for `aarch64-unknown-linux-gnu` was found: `aarch64-linux-gnu-gcc` is not compatible (glibc 2.36 on this machine, 2.26 in provided.al2), no zig on `PATH` or in the `ziglang` package of a Python on `PATH`
help: install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    sandbox.glibc(GCC, "2.26");
    assert_eq!(linked(&sandbox, "arm64", &al2)["name"], GCC);
}

#[cfg(target_os = "linux")]
#[test]
fn the_system_cc_is_checked_for_its_glibc() {
    let sandbox = Sandbox::orders();
    sandbox.glibc("cc", "2.39");
    sandbox.install_zig();
    assert_eq!(linked(&sandbox, "x86_64", &[])["name"], "zig");
    sandbox.glibc("cc", "2.34");
    assert_eq!(linked(&sandbox, "x86_64", &[])["name"], "cc");
}

#[test]
fn the_glibc_of_the_older_of_two_runtimes_is_linked() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["new", "old"]);
    sandbox.glibc(GCC, "2.36");
    sandbox.install_zig();
    sandbox.write(
        "lambdapack.toml",
        "arch = \"arm64\"\n[function.old]\nruntime = \"provided.al2\"\n",
    );
    // All functions of a run are linked alike, whichever are packaged.
    for args in [&[][..], &["--bin", "new"]] {
        sandbox.run(args).ok();
        let build = sandbox.call("cargo build");
        let linker = slashed(build.env(LINKER).unwrap());
        assert!(
            linker.contains("/.zig/0.15.2/aarch64-linux-gnu.2.26/"),
            "{linker}"
        );
    }
    sandbox.run(&["--bin", "new", "--selected-only"]).ok();
    assert_eq!(sandbox.call("cargo build").env(LINKER), Some(GCC));
}

/// Such a version name is defined by the first glibc that supports a change of the binary
/// format.
#[test]
fn a_binary_format_unknown_to_the_runtimes_loader_is_rejected() {
    let mut transcript = Transcript::default();
    for name in ["GLIBC_ABI_DT_RELR", "GLIBC_ABI_GNU_TLS"] {
        let sandbox = needs(&format!("2.17 {name}"));
        arm64(&sandbox, &[]).ends_with(104).record(&mut transcript);
        assert!(sandbox.results().is_empty());
        sandbox.control("needs-glibc", &format!("orders 2.17 {name}?"));
        arm64(&sandbox, &[]).ok();
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --arch arm64
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.36, but provided.al2023 has 2.34, so it would fail with `GLIBC_2.36 not found` [glibc]
help: install zig (https://ziglang.org/download) and pass `--linker zig`

$ cargo lambdapack --arch arm64
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.42, but provided.al2023 has 2.34, so it would fail with `GLIBC_2.42 not found` [glibc]
help: install zig (https://ziglang.org/download) and pass `--linker zig`


"#]]);
    arm64(&needs("2.17 GLIBC_PRIVATE GCC_4.2.0 OPENSSL_3.0.0"), &[]).ok();
}
