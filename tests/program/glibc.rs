//! glibc: the one that a compiler links with, and the one that a binary needs.

use serde_json::Value;
use snapbox::str;

use crate::support::{Ran, Sandbox, Transcript, slashed};

const GCC: &str = "aarch64-linux-gnu-gcc";
const LINKER: &str = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER";

/// `orders`, whose binary needs this of glibc.
fn needs(versions: &str) -> Sandbox {
    let sandbox = Sandbox::orders();
    sandbox.control("needs-glibc", &format!("orders {versions}"));
    sandbox
}

fn arm64(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["--arch", "arm64"], args].concat())
}

/// The line that says what to do.
#[track_caller]
fn help(ran: &Ran) -> &str {
    let help = ran.stderr.lines().find(|line| line.starts_with("help: "));
    help.unwrap_or_else(|| panic!("no help: {ran}"))
}

#[test]
fn a_floor_above_the_runtimes_is_refused_with_both_versions() {
    let sandbox = needs("2.17 2.38 2.4");
    let ran = arm64(&sandbox, &[])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.38, and provided.al2023 has 2.34: it would end with `GLIBC_2.38 not found` [glibc]
help: install zig (https://ziglang.org/download) and use --linker zig

"#]]);
    assert!(!help(&ran).contains("--runtime"), "{ran}");
    assert!(sandbox.results().is_empty());
}

#[test]
fn a_floor_that_the_runtime_has_passes() {
    for versions in ["2.34", "2.17 2.28", "2.4", "2.2.5"] {
        let sandbox = needs(versions);
        arm64(&sandbox, &[]).ok();
    }
    let sandbox = needs("2.26");
    arm64(&sandbox, &["--runtime", "provided.al2"]).ok();
}

#[test]
fn what_is_needed_weakly_does_not_count() {
    let sandbox = needs("2.17 2.39? 2.34");
    arm64(&sandbox, &[]).ok();
    sandbox.control("needs-glibc", "orders 2.17 2.39? 2.35");
    arm64(&sandbox, &[])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.35, and provided.al2023 has 2.34: it would end with `GLIBC_2.35 not found` [glibc]
help: install zig (https://ziglang.org/download) and use --linker zig

"#]]);
}

#[test]
fn the_remedy_is_one_that_works_here() {
    let musl = "aarch64-unknown-linux-musl";
    let sandbox = needs("2.38");
    let ran = arm64(&sandbox, &[]).ends_with(104).stderr_eq(str![[r#"
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.38, and provided.al2023 has 2.34: it would end with `GLIBC_2.38 not found` [glibc]
help: install zig (https://ziglang.org/download) and use --linker zig

"#]]);
    assert!(!help(&ran).contains("--libc musl"), "{ran}");
    sandbox.install("pip");
    if cfg!(target_os = "linux") {
        arm64(&sandbox, &[]).stderr_eq(str![[r#"
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.38, and provided.al2023 has 2.34: it would end with `GLIBC_2.38 not found` [glibc]
help: install zig (`pip install ziglang`) and use --linker zig

"#]]);
    }
    sandbox.rustup();
    sandbox.install_std(musl);
    let ran = arm64(&sandbox, &[]).ends_with(104);
    assert_eq!(help(&ran), "help: use --libc musl");
    sandbox.install_zig();
    let ran = arm64(&sandbox, &["--linker", "gcc"]).ends_with(104);
    assert_eq!(help(&ran), "help: use --linker zig or --libc musl");
    sandbox.uninstall_std(musl);
    let ran = arm64(&sandbox, &["--linker", "gcc"]).ends_with(104);
    assert_eq!(help(&ran), "help: use --linker zig");
}

#[test]
fn a_zig_that_does_not_work_is_no_remedy() {
    let sandbox = needs("2.38");
    sandbox.install_zig();
    sandbox.control("fail-zig-env", "no lib");
    let ran = arm64(&sandbox, &[]).ends_with(104);
    assert!(help(&ran).contains("install zig"), "{ran}");
}

/// `--linker zig` would contradict the flags.
#[test]
fn zig_is_no_remedy_where_the_flags_name_a_linker() {
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
fn a_newer_runtime_is_offered_where_it_would_do() {
    let al2 = ["--runtime", "provided.al2"];
    let sandbox = needs("2.34");
    arm64(&sandbox, &al2)
        .ends_with(104)
        .stderr_eq(str![[r#"
warning: provided.al2 is deprecated since 2026-07-31; no new functions from 2027-02-01, no updates from 2027-03-03 (as of 2026-11): move to provided.al2023
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.34, and provided.al2 has 2.26: it would end with `GLIBC_2.34 not found` [glibc]
help: install zig (https://ziglang.org/download) and use --linker zig; or deploy to provided.al2023: --runtime provided.al2023

"#]]);
    arm64(&sandbox, &[]).ok();
    sandbox.control("needs-glibc", "orders 2.38");
    let ran = arm64(&sandbox, &al2).ends_with(104);
    assert!(!help(&ran).contains("--runtime"), "{ran}");
}

#[test]
fn a_binary_that_did_not_change_is_judged_anew_for_another_runtime() {
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
fn what_zig_linked_is_looked_at_too() {
    let sandbox = needs("2.38");
    sandbox.install_zig();
    let ran = arm64(&sandbox, &["--linker", "zig"]).ends_with(104);
    assert!(!help(&ran).contains("--linker zig"), "{ran}");
    assert!(help(&ran).contains("compiled before"), "{ran}");
}

#[test]
fn the_problems_of_all_functions_are_told_at_once() {
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
            let said = |line: &&str| {
                line.contains(&format!("{name} ({arch})"))
                    && line.contains(&format!("needs glibc {version}"))
            };
            let count = ran.stderr.lines().filter(said).count();
            assert_eq!(count, 1, "{name} {arch}: {ran}");
        }
    }
    assert_eq!(ran.stderr.matches("error: ").count(), 8, "{ran}");
    assert!(sandbox.results().is_empty());
}

#[test]
fn a_go_function_with_cgo_is_looked_at() {
    let sandbox = Sandbox::go_api();
    sandbox.control("needs-glibc", "api 2.38");
    sandbox.install("pip");
    let ran = arm64(&sandbox, &["--cgo"])
        .ends_with(104)
        .stderr_eq(str![[r#"
    Building api for arm64 with go
error: api (arm64): [ROOT]/project/target/go/linux_arm64/together/api needs glibc 2.38, and provided.al2023 has 2.34: it would end with `GLIBC_2.38 not found` [glibc]
help: build without cgo, or let zig compile the C: CC="zig cc -target aarch64-linux-gnu.2.34" (install it: `pip install ziglang`)

"#]]);
    assert!(!help(&ran).contains("--linker"), "that is for Rust: {ran}");
    // zig is no remedy here without the line that brings it.
    assert!(help(&ran).contains("zig cc -target aarch64-linux-gnu.2.34"));
    assert!(help(&ran).contains("ziglang"), "{ran}");
    sandbox.install_zig();
    let ran = arm64(&sandbox, &["--cgo"]).ends_with(104);
    assert!(!help(&ran).contains("ziglang"), "{ran}");
}

#[test]
fn for_the_old_runtime_go_is_told_of_the_old_glibc() {
    let sandbox = Sandbox::go_api();
    sandbox.control("needs-glibc", "api 2.34");
    arm64(&sandbox, &["--cgo", "--runtime", "provided.al2"])
        .ends_with(104)
        .stderr_eq(str![[r#"
warning: provided.al2 is deprecated since 2026-07-31; no new functions from 2027-02-01, no updates from 2027-03-03 (as of 2026-11): move to provided.al2023
    Building api for arm64 with go
error: api (arm64): [ROOT]/project/target/go/linux_arm64/together/api needs glibc 2.34, and provided.al2 has 2.26: it would end with `GLIBC_2.34 not found` [glibc]
help: build without cgo, or let zig compile the C: CC="zig cc -target aarch64-linux-gnu.2.26" (install it: https://ziglang.org/download); or deploy to provided.al2023: --runtime provided.al2023

"#]]);
}

/// What the manifest says of the linker of `orders`.
#[track_caller]
fn linked(sandbox: &Sandbox, arch: &str, args: &[&str]) -> Value {
    sandbox.run(&[&["--arch", arch], args].concat()).ok();
    sandbox.manifest()["functions"]["orders"]["archs"][arch]["build"]["linker"].clone()
}

#[test]
fn a_gcc_whose_glibc_is_too_new_hands_over_to_zig_and_is_else_tried() {
    let sandbox = Sandbox::orders();
    sandbox.glibc(GCC, "2.37");
    assert_eq!(linked(&sandbox, "arm64", &[])["name"], GCC);
    sandbox.glibc(GCC, "2.39");
    assert_eq!(linked(&sandbox, "arm64", &[])["name"], GCC);
    let reason = &linked(&sandbox, "arm64", &[])["reason"];
    let said = "glibc 2.39 here, provided.al2023 has 2.34";
    assert!(reason.as_str().unwrap().contains(said), "{reason}");
    sandbox.install_zig();
    assert_eq!(linked(&sandbox, "arm64", &[])["name"], "zig");
    // For the old runtime no glibc of today will do.
    sandbox.uninstall("zig");
    let al2 = ["--runtime", "provided.al2"];
    sandbox.glibc(GCC, "2.36");
    arm64(&sandbox, &al2)
        .ends_with(96)
        .stderr_eq(str![[r#"
warning: provided.al2 is deprecated since 2026-07-31; no new functions from 2027-02-01, no updates from 2027-03-03 (as of 2026-11): move to provided.al2023
error: there is no linker for aarch64-unknown-linux-gnu on this machine: `aarch64-linux-gnu-gcc` does not serve (glibc 2.36 here, provided.al2 has 2.26), no zig on PATH or as the ziglang package of a Python there
help: install zig: https://ziglang.org/download, or set CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER to one that you have. Go functions need none of this

"#]]);
    sandbox.glibc(GCC, "2.26");
    assert_eq!(linked(&sandbox, "arm64", &al2)["name"], GCC);
}

#[cfg(target_os = "linux")]
#[test]
fn this_systems_own_cc_is_judged_by_its_glibc_too() {
    let sandbox = Sandbox::orders();
    sandbox.glibc("cc", "2.39");
    sandbox.install_zig();
    assert_eq!(linked(&sandbox, "x86_64", &[])["name"], "zig");
    sandbox.glibc("cc", "2.34");
    assert_eq!(linked(&sandbox, "x86_64", &[])["name"], "cc");
}

#[test]
fn of_two_runtimes_the_older_ones_glibc_is_linked() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["new", "old"]);
    sandbox.glibc(GCC, "2.36");
    sandbox.install_zig();
    sandbox.write(
        "lambdapack.toml",
        "arch = \"arm64\"\n[function.old]\nruntime = \"provided.al2\"\n",
    );
    // All of a run are linked alike, whichever are packed.
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

/// Such a name stands for the glibc that first knew of a change to the format.
#[test]
fn a_format_that_the_runtimes_loader_does_not_know_is_refused() {
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
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.36, and provided.al2023 has 2.34: it would end with `GLIBC_2.36 not found` [glibc]
help: install zig (https://ziglang.org/download) and use --linker zig

$ cargo lambdapack --arch arm64
error: orders (arm64): [ROOT]/project/target/aarch64-unknown-linux-gnu/lambda/orders needs glibc 2.42, and provided.al2023 has 2.34: it would end with `GLIBC_2.42 not found` [glibc]
help: install zig (https://ziglang.org/download) and use --linker zig


"#]]);
    arm64(&needs("2.17 GLIBC_PRIVATE GCC_4.2.0 OPENSSL_3.0.0"), &[]).ok();
}
