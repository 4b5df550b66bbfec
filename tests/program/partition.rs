//! `--partition`: each of several runs builds a part of the functions.

use serde_json::Value;
use snapbox::str;

use crate::support::{Sandbox, Transcript};

/// Five functions in two languages.
fn five() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "stock", "users"]);
    sandbox.go_module("", "example.com/api");
    sandbox.go_function("cmd/mail");
    sandbox.go_function("cmd/sms");
    sandbox
}

/// The names that a run prints, one for each result.
fn listed(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let json = sandbox
        .run(&[&["list", "--message-format", "json"], args].concat())
        .ok()
        .json();
    let functions = json["functions"].as_array().unwrap();
    let name = |f: &Value| format!("{} {}", f["name"], f["arch"]).replace('"', "");
    functions.iter().map(name).collect()
}

#[test]
fn a_slice_lists_every_nth_function() {
    let sandbox = five();
    let mut transcript = Transcript::default();
    for partition in ["slice:1/2", "slice:2/2"] {
        let args = ["list", "--partition", partition];
        sandbox.run(&args).ok().record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack list --partition slice:1/2
mail   go    x86_64  target/lambdapack/x86_64/mail.zip
sms    go    x86_64  target/lambdapack/x86_64/sms.zip
users  rust  x86_64  target/lambdapack/x86_64/users.zip

$ cargo lambdapack list --partition slice:2/2
orders  rust  x86_64  target/lambdapack/x86_64/orders.zip
stock   rust  x86_64  target/lambdapack/x86_64/stock.zip


"#]]);
}

#[test]
fn the_parts_of_a_list_are_disjoint_and_complete() {
    let sandbox = five();
    let archs = ["--arch", "arm64,x86_64"];
    let all = listed(&sandbox, &archs);
    assert_eq!(all.len(), 10);
    for method in ["slice", "hash"] {
        let part = |part: usize| {
            let partition = format!("{method}:{part}/3");
            listed(
                &sandbox,
                &[&archs[..], &["--partition", &partition]].concat(),
            )
        };
        let mut parts = [part(1), part(2), part(3)].concat();
        parts.sort();
        assert_eq!(parts, all, "{method}");
    }
}

#[test]
fn a_part_is_built_with_all_packages() {
    let sandbox = five();
    sandbox.run(&["--partition", "slice:3/5"]).ok();
    assert_eq!(sandbox.manifest_names(), ["sms"]);
    assert!(sandbox.calls_of("cargo build").is_empty());
    sandbox
        .call("go build")
        .has("example.com/api/cmd/sms")
        .has_not("example.com/api/cmd/mail");
    sandbox.run(&["--partition", "slice:2/5"]).ok();
    assert!(sandbox.calls_of("go build").is_empty());
    let cargo = sandbox.call("cargo build");
    assert_eq!(cargo.packages(), ["orders", "stock", "users"]);
    assert_eq!(cargo.values("--bin"), ["orders"]);
}

#[test]
fn runs_for_parts_keep_each_others_entries() {
    let whole = five();
    whole.run(&[]).ok();
    let sandbox = five();
    sandbox.run(&["--partition", "hash:1/2"]).ok();
    let first = sandbox.manifest_names();
    sandbox.run(&["--partition", "hash:2/2"]).ok();
    let both = sandbox.manifest_names();
    assert!(!first.is_empty() && first.len() < both.len(), "{first:?}");
    assert_eq!(both, whole.manifest_names());
    let manifest = "target/lambdapack/manifest.json";
    assert_eq!(sandbox.read(manifest), whole.read(manifest));
}

#[test]
fn an_empty_part_succeeds_and_changes_nothing() {
    let sandbox = five();
    let args = ["--partition", "slice:7/8"];
    let mut transcript = Transcript::default();
    sandbox.run(&args).ok().record(&mut transcript);
    assert!(!sandbox.exists("target"));
    sandbox.run(&[]).ok();
    let before = sandbox.snapshot();
    sandbox.run(&args).ok();
    assert_eq!(sandbox.snapshot(), before);
    for command in ["build", "list"] {
        let json = [command, "--message-format", "json"];
        let ran = sandbox.run(&[&json[..], &args].concat()).ok();
        let functions = ran.json()["functions"].to_string();
        assert!(["{}", "[]"].contains(&functions.as_str()), "{functions}");
    }
    sandbox
        .run(&[&["list"][..], &args].concat())
        .ok()
        .record(&mut transcript);
    sandbox
        .run(&[&["--dry-run"][..], &args].concat())
        .ok()
        .record(&mut transcript);
    transcript.eq(str![[r#"
$ cargo lambdapack --partition slice:7/8
note: partition `slice:7/8` contains no functions

$ cargo lambdapack list --partition slice:7/8
note: partition `slice:7/8` contains no functions

$ cargo lambdapack --dry-run --partition slice:7/8
note: partition `slice:7/8` contains no functions


"#]]);
}

#[test]
fn a_part_may_contain_only_programs_that_are_no_functions() {
    let sandbox = Sandbox::new();
    sandbox.function("orders", "orders");
    sandbox.tool("seed", "seed");
    let args = ["orders", "seed", "--partition", "slice:2/2"];
    sandbox
        .run(&args)
        .ok()
        .says("partition `slice:2/2` contains no functions");
}

#[test]
fn invalid_partitions_are_refused() {
    let sandbox = five();
    let mut transcript = Transcript::default();
    for args in [
        &["--partition", "count:1/2"][..],
        &["--partition", "slice:3/2"],
        &["--partition", "slice:1/2", "--out", "a.zip"],
        &["doctor", "--partition", "slice:1/2"],
    ] {
        sandbox.run(args).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --partition count:1/2
error: invalid value 'count:1/2' for '--partition <PARTITION>': expected `slice:M/N` or `hash:M/N`, such as `slice:1/3`

For more information, try '--help'.

$ cargo lambdapack --partition slice:3/2
error: invalid value 'slice:3/2' for '--partition <PARTITION>': the part must be from 1 to 2

For more information, try '--help'.

$ cargo lambdapack --partition slice:1/2 --out a.zip
error: the argument '--partition <PARTITION>' cannot be used with '--out <FILE>'

Usage: cargo lambdapack --partition <PARTITION> [PATH]... [-- <ARGS>...]

For more information, try '--help'.

$ cargo lambdapack doctor --partition slice:1/2
error: unexpected argument '--partition' found

Usage: cargo lambdapack doctor [OPTIONS] [PATH]... [-- <ARGS>...]

For more information, try '--help'.


"#]]);
}
