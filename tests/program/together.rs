//! One function of an old runtime makes all that is built with it link for that.

use crate::support::Sandbox;

const NOTE: &str = "note: linked for provided.al2, which old is for";

/// Functions for two runtimes, of which nothing but the configuration tells.
fn mixed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["new", "newer", "old"]);
    let table = "arch = \"arm64\"\n[function.old]\nruntime = \"provided.al2\"\n";
    sandbox.write("lambdapack.toml", table);
    sandbox
}

#[test]
fn the_function_that_is_not_packed_and_decides_is_named() {
    let sandbox = mixed();
    for args in [&["--bin", "new"][..], &["--bin", "new", "--bin", "newer"]] {
        let ran = sandbox.run(args).ok().says("--selected-only leaves it out");
        assert_eq!(ran.stderr.matches(NOTE).count(), 1, "{args:?}: {ran}");
    }
}

#[test]
fn nothing_is_noted_where_the_old_runtime_is_meant_or_left_out() {
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
