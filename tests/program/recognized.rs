//! Which programs are functions: dependencies decide which ones are built, and the
//! finished programs decide which ones are packaged.

use snapbox::str;

use crate::support::{Ran, Sandbox, Transcript};

const ZIP: &str = "target/lambdapack/x86_64/replay.zip";

/// A workspace whose `replay` depends on a runtime but never starts it.
fn with_replay() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["api", "replay"]);
    sandbox.control("no-client", "replay");
    sandbox
}

fn skips_replay(ran: Ran) -> Ran {
    let ran = ran.says("replay contains no Runtime API client and looks like a tool");
    assert_eq!(ran.stderr.matches("Skipped").count(), 1, "{ran}");
    ran.says("pass `--bin replay` to package it anyway")
}

#[test]
fn a_program_that_never_starts_its_runtime_is_not_packaged() {
    let sandbox = with_replay();
    let ran = skips_replay(sandbox.run(&[]).ok());
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    assert_eq!(sandbox.manifest_names(), ["api"]);
    assert!(!sandbox.exists(ZIP));
}

#[test]
fn a_program_that_is_not_a_function_is_read_once() {
    let sandbox = with_replay();
    sandbox.run(&[]).ok();
    let before = sandbox.snapshot();
    skips_replay(sandbox.run(&[]).ok()).stderr_eq(str![[r#"
     Skipped replay contains no Runtime API client and looks like a tool (pass `--bin replay` to package it anyway)
       Fresh api x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(sandbox.snapshot(), before);
    // A change of the program is detected.
    sandbox.uncontrol("no-client");
    sandbox.run(&[]).ok().says_nothing_of("Skipped");
    assert_eq!(sandbox.manifest_names(), ["api", "replay"]);
}

#[test]
fn list_and_templates_use_the_findings_of_the_last_build() {
    let sandbox = with_replay();
    let names = |ran: &Ran| -> Vec<String> {
        let words = ran.stdout.lines().map(|line| line.split(' ').next());
        words.flatten().map(str::to_owned).collect()
    };
    assert_eq!(names(&sandbox.run(&["list"]).ok()), ["api", "replay"]);
    sandbox.run(&[]).ok();
    assert_eq!(names(&skips_replay(sandbox.run(&["list"]).ok())), ["api"]);
    let template = sandbox.run(&["init", "terraform", "--stdout"]).ok();
    assert!(template.stdout.contains("api"), "{template}");
    assert!(!template.stdout.contains("replay"), "{template}");
}

#[test]
fn a_named_program_is_packaged_with_a_warning() {
    let sandbox = with_replay();
    let ran = sandbox.run(&["--bin", "replay"]).ok();
    ran.stderr_eq(str![[r#"
warning: replay (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/replay contains no Runtime API client and looks like a tool, so it would never request an event [no-runtime-client]
help: start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); ignore this if a layer or another file requests the events
      Packed replay x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(sandbox.manifest_names(), ["replay"]);
    // It leaves the manifest when all functions are packaged.
    let ran = skips_replay(sandbox.run(&[]).ok());
    ran.stderr_eq(str![[r#"
note: `[ROOT]/project/target/lambdapack/x86_64/replay.zip` is no longer in the manifest, because replay contains no Runtime API client; delete it if nothing deploys it
     Skipped replay contains no Runtime API client and looks like a tool (pass `--bin replay` to package it anyway)
      Packed api x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(sandbox.manifest_names(), ["api"]);
    assert!(sandbox.exists(ZIP), "it may be deployed from somewhere");
    let zip = sandbox.path(ZIP);
    let check = sandbox.run(&["check", zip.to_str().unwrap()]).ok();
    check.stdout_eq(str![[r#"
warning   target/lambdapack/x86_64/replay.zip  zip x86_64  246 B -> 252 B
          [HASH]
  warning[no-runtime-client]: it has bootstrap, which contains no Runtime API client and looks like a tool, so it would never request an event
    help: start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); ignore this if a layer or another file requests the events
  note[static]: it has bootstrap, which is statically linked and needs no libraries of the runtime

"#]]);
}

#[test]
fn a_program_named_in_the_configuration_is_packaged() {
    let sandbox = with_replay();
    sandbox.write("lambdapack.toml", "[function.replay]\npath = \"replay\"\n");
    let ran = sandbox.run(&[]).ok().says_nothing_of("Skipped");
    ran.stderr_eq(str![[r#"
warning: replay (x86_64): [ROOT]/project/target/x86_64-unknown-linux-gnu/lambda/replay contains no Runtime API client and looks like a tool, so it would never request an event [no-runtime-client]
help: start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); ignore this if a layer or another file requests the events
      Packed api x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
      Packed replay x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(sandbox.manifest_names(), ["api", "replay"]);
}

#[test]
fn without_functions_the_error_describes_the_programs() {
    let sandbox = Sandbox::orders();
    sandbox.control("no-client", "");
    let ran = sandbox.run(&[]).ends_with(102);
    ran.stderr_eq(str![[r#"
error: no Lambda function found: orders contains no Runtime API client and looks like a tool
help: pass `--bin orders` to package it anyway

"#]]);
    assert!(!sandbox.exists("target/lambdapack/manifest.json"));
    // The next run uses the recorded answer without reading the program.
    sandbox.run(&["list"]).ends_with(102).stderr_eq(str![[r#"
error: no Lambda function found: orders contains no Runtime API client and looks like a tool
help: pass `--bin orders` to package it anyway

"#]]);
}

#[test]
fn a_tool_that_is_the_only_binary_is_not_packaged() {
    let sandbox = Sandbox::new();
    sandbox.tool("", "xtask");
    sandbox
        .run(&["list"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: no known Lambda function found: no Lambda runtime is among the dependencies of xtask
help: run `cargo lambdapack`, which packages a program with a Runtime API client, or pass `--bin xtask` to package it anyway

"#]]);
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: no Lambda function found: xtask contains no Runtime API client and looks like a tool
help: pass `--bin xtask` to package it anyway

"#]]);
    sandbox.run(&["--bin", "xtask"]).ok();
    assert_eq!(sandbox.manifest_names(), ["xtask"]);
}

#[test]
fn a_program_started_by_a_script_or_with_an_extension_is_not_checked() {
    let sandbox = Sandbox::orders();
    sandbox.control("no-client", "");
    sandbox.run(&["--entry", "script"]).ok();
    sandbox.write("adapter", "#!/bin/sh\n");
    sandbox
        .run(&["--include", "adapter=extensions/adapter"])
        .ok();
    sandbox.run(&["--extension"]).ok();
}

#[test]
fn a_go_program_that_cannot_be_a_function_is_not_built() {
    let mut transcript = Transcript::default();
    for import in ["fmt", "github.com/aws/aws-cdk-go/awscdk/v2"] {
        let sandbox = Sandbox::new();
        sandbox.go_module("", "example.com/infra");
        let main = format!("package main\n\nimport \"{import}\"\n\nfunc main() {{}}\n");
        sandbox.write("main.go", &main);
        let ran = sandbox.run(&[]).ends_with(102).record(&mut transcript);
        ran.record(&mut transcript);
        assert!(sandbox.calls_of("go build").is_empty(), "{import}");
        sandbox
            .run(&["--bin", "infra"])
            .ok()
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
error: no Lambda function found: no Lambda runtime is among the dependencies of infra
help: add one (`cargo add lambda_runtime` or `go get github.com/aws/aws-lambda-go`), or package the program anyway with `--bin infra`

$ cargo lambdapack
error: no Lambda function found: no Lambda runtime is among the dependencies of infra
help: add one (`cargo add lambda_runtime` or `go get github.com/aws/aws-lambda-go`), or package the program anyway with `--bin infra`

$ cargo lambdapack --bin infra
[HASH]  target/lambdapack/x86_64/infra.zip
    Building infra for x86_64 with go
warning: infra (x86_64): [ROOT]/project/target/go/linux_amd64/together/infra contains no Runtime API client and looks like a tool, so it would never request an event [no-runtime-client]
help: start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); ignore this if a layer or another file requests the events
      Packed infra x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack
error: no Lambda function found: no Lambda runtime is among the dependencies of infra (an infrastructure program)
help: add one (`cargo add lambda_runtime` or `go get github.com/aws/aws-lambda-go`), or package the program anyway with `--bin infra`

$ cargo lambdapack
error: no Lambda function found: no Lambda runtime is among the dependencies of infra (an infrastructure program)
help: add one (`cargo add lambda_runtime` or `go get github.com/aws/aws-lambda-go`), or package the program anyway with `--bin infra`

$ cargo lambdapack --bin infra
[HASH]  target/lambdapack/x86_64/infra.zip
    Building infra for x86_64 with go
warning: infra (x86_64): [ROOT]/project/target/go/linux_amd64/together/infra contains no Runtime API client and looks like a tool, so it would never request an event [no-runtime-client]
help: start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); ignore this if a layer or another file requests the events
      Packed infra x86_64 (go, provided.al2023) [SIZE] -> [SIZE]


"#]]);
}

/// A package with an optional runtime, as in templates for several clouds.
fn with_features() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.function("", "shop");
    let manifest = sandbox
        .read("Cargo.toml")
        .replace(" }\n", ", optional = true }\n");
    let more = "\n[features]\nbootstrap = [\"dep:lambda_runtime\"]\n\n[[bin]]\nname = \"aws\"\n\
                path = \"src/aws.rs\"\nrequired-features = [\"bootstrap\"]\n\n[[bin]]\n\
                name = \"local\"\npath = \"src/main.rs\"\n";
    sandbox.write("Cargo.toml", &format!("{manifest}{more}"));
    sandbox.write("src/aws.rs", "fn main() {}");
    sandbox.control("no-client", "local");
    sandbox
}

#[test]
fn a_binary_without_its_required_features_is_skipped_with_their_names() {
    let sandbox = with_features();
    let needs = "aws requires features that are not enabled: bootstrap";
    let mut transcript = Transcript::default();
    for command in [&[][..], &["list"], &["--bin", "aws"]] {
        let ran = sandbox.run(command).ends_with(102).record(&mut transcript);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
error: aws requires features that are not enabled: bootstrap
help: pass `--features bootstrap`

$ cargo lambdapack
error: aws requires features that are not enabled: bootstrap
help: pass `--features bootstrap`

$ cargo lambdapack list
error: aws requires features that are not enabled: bootstrap
help: pass `--features bootstrap`

$ cargo lambdapack list
error: aws requires features that are not enabled: bootstrap
help: pass `--features bootstrap`

$ cargo lambdapack --bin aws
error: aws requires features that are not enabled: bootstrap
help: pass `--features bootstrap`

$ cargo lambdapack --bin aws
error: aws requires features that are not enabled: bootstrap
help: pass `--features bootstrap`


"#]]);
    assert!(sandbox.calls_of("cargo build").is_empty());
    let ran = sandbox
        .run(&["-F", "bootstrap"])
        .ok()
        .says_nothing_of(needs);
    ran.stderr_eq(str![[r#"
     Skipped local contains no Runtime API client and looks like a tool (pass `--bin local` to package it anyway)
      Packed aws x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(sandbox.manifest_names(), ["aws"]);
    sandbox.run(&["--all-features"]).ok();
}

#[test]
fn a_binary_with_missing_features_does_not_block_other_functions() {
    let sandbox = with_features();
    let manifest = sandbox.read("Cargo.toml");
    let workspace = "[workspace]\nmembers = [\"other\"]\n";
    sandbox.write("Cargo.toml", &format!("{manifest}\n{workspace}"));
    sandbox.function("other", "other");
    let mut transcript = Transcript::default();
    for command in [&["--workspace"][..], &["list", "--workspace"]] {
        let ran = sandbox.run(command).ok();
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --workspace
[HASH]  target/lambdapack/x86_64/other.zip
     Skipped local: no Lambda runtime among the dependencies (pass `--bin local` to package it anyway)
     Skipped aws: requires features that are not enabled: bootstrap (pass `--features bootstrap` to enable them)
      Packed other x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack list --workspace
other  rust  x86_64  target/lambdapack/x86_64/other.zip
     Skipped local: no Lambda runtime among the dependencies (pass `--bin local` to package it anyway)
     Skipped aws: requires features that are not enabled: bootstrap (pass `--features bootstrap` to enable them)


"#]]);
    assert_eq!(sandbox.manifest_names(), ["other"]);
}

#[test]
fn a_rust_function_that_reaches_its_runtime_through_a_member_is_found() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["xtask"]);
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"api\", \"start\", \"xtask\"]\n",
    );
    sandbox.function("start", "start");
    fs_err::rename(
        sandbox.path("start/src/main.rs"),
        sandbox.path("start/src/lib.rs"),
    )
    .unwrap();
    sandbox.tool("api", "api");
    let start = "[dependencies]\nstart = { path = \"../start\" }\n";
    sandbox.append("api/Cargo.toml", start);
    sandbox.write("api/src/main.rs", "fn main() { /* runtime/invocation */ }");
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
     Skipped xtask: no Lambda runtime among the dependencies (pass `--bin xtask` to package it anyway)
      Packed api x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(sandbox.manifest_names(), ["api"]);
}
