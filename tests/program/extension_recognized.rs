//! How extensions are recognized and distinguished from functions.

use super::extension::is_layer;
use snapbox::str;

use crate::support::{Sandbox, Transcript, names};

const ORDERS: &str = "target/lambdapack/x86_64/orders.zip";

/// A workspace with the extension `agent` and the function `orders`.
fn mixed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["agent", "orders"]);
    sandbox.extension("agent", "agent");
    sandbox
}

/// The kinds in the manifest, by name.
#[track_caller]
fn kinds(sandbox: &Sandbox) -> Vec<(String, String)> {
    let manifest = sandbox.manifest();
    let functions = manifest["functions"].as_object().unwrap().iter();
    functions
        .map(|(name, entry)| (name.clone(), entry["kind"].as_str().unwrap().to_owned()))
        .collect()
}

fn owned(all: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = all.iter();
    own.map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned()))
        .collect()
}

const MIXED: [(&str, &str); 2] = [("agent", "extension"), ("orders", "function")];

#[test]
fn a_rust_package_with_lambda_extension_and_no_runtime_is_a_layer() {
    let sandbox = mixed();
    let listed = sandbox.run(&["list"]).ok();
    let lines: Vec<_> = listed.stdout.lines().collect();
    assert!(lines[0].starts_with("agent ") && lines[0].ends_with("  (extension layer)"));
    assert!(lines[1].starts_with("orders ") && lines[1].ends_with("orders.zip"));
    sandbox.run(&[]).ok();
    assert_eq!(kinds(&sandbox), owned(&MIXED));
    is_layer(&sandbox, "target/lambdapack/x86_64/agent.zip", "agent");
    assert_eq!(names(&sandbox.zip("orders")), ["bootstrap"]);
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
       Fresh agent x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    let question = ["invoke", "target/lambdapack/x86_64/agent.zip"];
    sandbox.run(&question).ends_with(2).stderr_eq(str![[r#"
error: `agent` is a layer, and layers do not handle events
help: invoke a function instead; Lambda starts extensions only together with a function that uses the layer

"#]]);
}

#[test]
fn a_rust_package_with_lambda_extension_and_a_runtime_is_a_function() {
    let sandbox = Sandbox::orders();
    sandbox.append("Cargo.toml", "lambda-extension = \"1\"\n");
    sandbox.run(&[]).ok();
    assert_eq!(kinds(&sandbox), owned(&[("orders", "function")]));
}

#[test]
fn the_configuration_overrides_dependencies() {
    let sandbox = mixed();
    let config = "[function.agent]\nkind = \"function\"\n";
    sandbox.write("lambdapack.toml", config);
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
warning: agent (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/agent contains no Runtime API client and looks like an extension, so it would never request an event [no-runtime-client]
help: package it as a layer: pass `--extension`
      Packed agent x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    let both = owned(&[("agent", "function"), ("orders", "function")]);
    assert_eq!(kinds(&sandbox), both);
}

#[test]
fn the_option_does_not_turn_functions_into_extensions() {
    let sandbox = mixed();
    sandbox.run(&["--extension"]).ok().stderr_eq(str![[r#"
note: `--extension` does not apply to functions that are not selected by name: orders
      Packed agent x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(kinds(&sandbox), owned(&MIXED));
    // Without an extension among them, the option does not determine the program.
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox
        .run(&["--extension"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `--extension` is ambiguous, because it could apply to any of these functions: orders, users
help: select it with `--bin orders --extension`, or set `kind = "extension"` in its `[function.NAME]` table

"#]]);
    // The option applies to a named program.
    sandbox.run(&["--bin", "users", "--extension"]).ok();
    assert_eq!(kinds(&sandbox), owned(&[("users", "extension")]));
}

#[test]
fn a_tool_in_an_extensions_package_is_not_packaged() {
    let sandbox = mixed();
    sandbox.write("agent/src/bin/replay.rs", "fn main() {}\n");
    sandbox.control("no-client", "replay");
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
     Skipped replay contains no Runtime API client and looks like a tool (pass `--bin replay` to package it anyway)
      Packed agent x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(kinds(&sandbox), owned(&MIXED));
}

#[test]
fn an_extension_in_go_is_not_a_function_and_the_option_makes_it_a_layer() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/agent");
    sandbox.go_extension("");
    let mut transcript = Transcript::default();
    for _ in 0..2 {
        sandbox.run(&[]).ends_with(102).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
    Building agent for x86_64 with go
error: no Lambda function found: agent contains no Runtime API client and looks like an extension
help: pass `--bin agent --extension` to package it as a layer

$ cargo lambdapack
error: no Lambda function found: agent contains no Runtime API client and looks like an extension
help: pass `--bin agent --extension` to package it as a layer


"#]]);
    sandbox.run(&["list"]).ends_with(102).stderr_eq(str![[r#"
error: no Lambda function found: agent contains no Runtime API client and looks like an extension
help: pass `--bin agent --extension` to package it as a layer

"#]]);
    for args in [&["--bin", "agent", "--extension"][..], &["--extension"]] {
        sandbox.run(args).ok();
        is_layer(&sandbox, "target/lambdapack/x86_64/agent.zip", "agent");
    }
    // A named program is packaged with a warning.
    sandbox
        .run(&["--bin", "agent"])
        .ok()
        .stderr_eq(str![[r#"
warning: agent (x86_64): [ROOT]/project/target/go/linux_amd64/together/agent contains no Runtime API client and looks like an extension, so it would never request an event [no-runtime-client]
help: package it as a layer: pass `--extension`
      Packed agent x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    let zip = "target/lambdapack/x86_64/agent.zip";
    let checked = sandbox.run(&["check", zip]).ok();
    checked
        .stdout_eq(str![[r#"
warning   target/lambdapack/x86_64/agent.zip  zip x86_64  345 B -> 323 B
          [HASH]
  warning[no-runtime-client]: it has bootstrap, which contains no Runtime API client and looks like an extension, so it would never request an event
    help: package it as a layer: pass `--extension`
  note[static]: it has bootstrap, which is statically linked and needs no libraries of the runtime

"#]]);
}

#[test]
fn a_layer_without_an_extensions_api_client_causes_a_warning() {
    let sandbox = Sandbox::orders();
    sandbox
        .run(&["--extension"])
        .ok()
        .stderr_eq(str![[r#"
warning: orders (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/orders contains no Extensions API client and looks like a function, so Lambda would wait for it to register [no-extension-client]
help: package it as a function: remove `--extension` or `kind`
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    let checked = sandbox.run(&["check", ORDERS]).ok();
    checked.stdout_eq(str![[r#"
warning   target/lambdapack/x86_64/orders.zip  zip x86_64  274 B -> 290 B
          [HASH]
  warning[no-extension-client]: it has extensions/orders, which contains no Extensions API client and looks like a function, so Lambda would wait for it to register
    help: package it as a function: remove `--extension` or `kind`
  note[static]: it has extensions/orders, which is statically linked and needs no libraries of the runtime

"#]]);
    // The zip alone reveals as much as the manifest.
    fs_err::copy(sandbox.path(ORDERS), sandbox.path("copy.zip")).unwrap();
    sandbox
        .run(&["invoke", "copy.zip"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `copy` is a layer, and layers do not handle events
help: invoke a function instead; Lambda starts extensions only together with a function that uses the layer

"#]]);
}

#[test]
fn templates_leave_a_recognized_extension_out() {
    let sandbox = mixed();
    let init = ["init", "terraform", "--arch", "arm64"];
    sandbox.run(&init).ok().stderr_eq(str![[r#"
note: agent is an extension layer, so the templates omit it
     Created infra/functions.tf
     Created infra/packed.tf
     Created infra/lambda.tf
     Created infra/.gitignore
  Configured arch in lambdapack.toml
note: terraform: cargo lambdapack && terraform -chdir=infra init && terraform -chdir=infra plan

"#]]);
    let terraform = sandbox.read("infra/functions.tf");
    assert!(terraform.contains("orders") && !terraform.contains("agent"));
}
