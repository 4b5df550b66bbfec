//! One function for an old runtime makes all functions of the same build link for that runtime.

use snapbox::str;

use crate::support::{Sandbox, Transcript};

const NOTE: &str = "linking for provided.al2, because it is the runtime of `old`";

/// Functions for two runtimes, which only the configuration determines.
fn mixed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["new", "newer", "old"]);
    let table = "arch = \"arm64\"\n[function.old]\nruntime = \"provided.al2\"\n";
    sandbox.write("lambdapack.toml", table);
    sandbox
}

#[test]
fn an_unselected_function_that_determines_the_glibc_is_named() {
    let sandbox = mixed();
    let mut transcript = Transcript::default();
    for args in [&["--bin", "new"][..], &["--bin", "new", "--bin", "newer"]] {
        let ran = sandbox.run(args).ok().record(&mut transcript);
        assert_eq!(ran.stderr.matches(NOTE).count(), 1, "{args:?}: {ran}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --bin new
[HASH]  target/lambdapack/arm64/new.zip
note: linking for provided.al2, because it is the runtime of `old`, which is built in the same run; pass `--selected-only` to exclude it
      Packed new arm64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --bin new --bin newer
[HASH]  target/lambdapack/arm64/new.zip
[HASH]  target/lambdapack/arm64/newer.zip
note: linking for provided.al2, because it is the runtime of `old`, which is built in the same run; pass `--selected-only` to exclude it
       Fresh new arm64 (rust, provided.al2023) [SIZE] -> [SIZE]
      Packed newer arm64 (rust, provided.al2023) [SIZE] -> [SIZE]


"#]]);
}

#[test]
fn there_is_no_note_if_the_old_runtime_is_requested_or_excluded() {
    let sandbox = mixed();
    for args in [
        &[][..],
        &["--bin", "old"],
        &["--bin", "new", "--selected-only"],
        &["--bin", "new", "--runtime", "provided.al2"],
        &["--bin", "new", "--runtime", "provided.al2023"],
    ] {
        sandbox.run(args).ok().says_nothing_of("linked for");
    }
}
