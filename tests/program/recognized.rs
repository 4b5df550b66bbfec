//! Which programs are functions: dependencies decide which ones are built, and the
//! finished programs decide which ones are packed.

use crate::support::{Ran, Sandbox};

const ZIP: &str = "target/lambdapack/x86_64/replay.zip";

/// A workspace whose `replay` depends on a runtime and never starts it.
fn with_replay() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["api", "replay"]);
    sandbox.control("no-client", "replay");
    sandbox
}

fn skips_replay(ran: Ran) -> Ran {
    let ran = ran.says("replay contains no Runtime API client and looks like a tool");
    assert_eq!(ran.stderr.matches("Skipped").count(), 1, "{ran}");
    ran.says("`--bin replay` packs it anyway")
}

#[test]
fn a_program_that_never_starts_its_runtime_is_not_packed() {
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
    skips_replay(sandbox.run(&[]).ok()).says("Fresh api");
    assert_eq!(sandbox.snapshot(), before);
    // A change of the program is noticed.
    sandbox.uncontrol("no-client");
    sandbox.run(&[]).ok().says_nothing_of("Skipped");
    assert_eq!(sandbox.manifest_names(), ["api", "replay"]);
}

#[test]
fn list_and_templates_know_what_the_last_build_found() {
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
fn a_program_that_is_named_is_packed_with_a_warning() {
    let sandbox = with_replay();
    let ran = sandbox.run(&["--bin", "replay"]).ok();
    ran.says("warning").says("[no-runtime-client]");
    assert_eq!(sandbox.manifest_names(), ["replay"]);
    // It leaves the manifest when all functions are packed.
    let ran = skips_replay(sandbox.run(&[]).ok());
    ran.says("replay.zip is no longer in the manifest");
    assert_eq!(sandbox.manifest_names(), ["api"]);
    assert!(sandbox.exists(ZIP), "it may be deployed from somewhere");
    let zip = sandbox.path(ZIP);
    let check = sandbox.run(&["check", zip.to_str().unwrap()]).ok();
    assert!(check.stdout.contains("no-runtime-client"), "{check}");
}

#[test]
fn a_program_that_the_configuration_names_is_packed() {
    let sandbox = with_replay();
    sandbox.write("lambdapack.toml", "[function.replay]\npath = \"replay\"\n");
    let ran = sandbox.run(&[]).ok().says_nothing_of("Skipped");
    ran.says("[no-runtime-client]");
    assert_eq!(sandbox.manifest_names(), ["api", "replay"]);
}

#[test]
fn if_no_program_is_a_function_the_error_names_what_they_look_like() {
    let sandbox = Sandbox::orders();
    sandbox.control("no-client", "");
    let ran = sandbox.run(&[]).ends_with(102);
    ran.says("nothing here is a Lambda function: orders contains no Runtime API client")
        .says("`--bin orders` packs it anyway");
    assert!(!sandbox.exists("target/lambdapack/manifest.json"));
    // The next run knows without reading the program.
    sandbox
        .run(&["list"])
        .ends_with(102)
        .says("looks like a tool");
}

#[test]
fn a_tool_that_is_the_only_binary_is_not_packed() {
    let sandbox = Sandbox::new();
    sandbox.tool("", "xtask");
    sandbox
        .run(&["list"])
        .ends_with(102)
        .says("nothing here is known to be a Lambda function")
        .says("build it");
    sandbox
        .run(&[])
        .ends_with(102)
        .says("xtask contains no Runtime API client and looks like a tool");
    sandbox.run(&["--bin", "xtask"]).ok();
    assert_eq!(sandbox.manifest_names(), ["xtask"]);
}

#[test]
fn a_program_started_by_a_script_or_with_an_extension_is_not_judged() {
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
    for (import, words) in [
        ("fmt", "dependencies of infra\n"),
        (
            "github.com/aws/aws-cdk-go/awscdk/v2",
            "dependencies of infra (an infrastructure program)",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.go_module("", "example.com/infra");
        let main = format!("package main\n\nimport \"{import}\"\n\nfunc main() {{}}\n");
        sandbox.write("main.go", &main);
        let ran = sandbox
            .run(&[])
            .ends_with(102)
            .says("nothing here is a Lambda function");
        ran.says(words).says("--bin infra");
        assert!(sandbox.calls_of("go build").is_empty(), "{import}");
        sandbox
            .run(&["--bin", "infra"])
            .ok()
            .says("[no-runtime-client]");
    }
}

/// A package with the manifest of an optional runtime, as templates for several clouds have it.
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
    for command in [&[][..], &["list"], &["--bin", "aws"]] {
        let ran = sandbox.run(command).ends_with(102).says(needs);
        ran.says("--features bootstrap");
    }
    assert!(sandbox.calls_of("cargo build").is_empty());
    let ran = sandbox
        .run(&["-F", "bootstrap"])
        .ok()
        .says_nothing_of(needs);
    ran.says("local contains no Runtime API client");
    assert_eq!(sandbox.manifest_names(), ["aws"]);
    sandbox.run(&["--all-features"]).ok();
}

#[test]
fn other_functions_are_packed_without_a_binary_whose_features_are_missing() {
    let sandbox = with_features();
    let manifest = sandbox.read("Cargo.toml");
    let workspace = "[workspace]\nmembers = [\"other\"]\n";
    sandbox.write("Cargo.toml", &format!("{manifest}\n{workspace}"));
    sandbox.function("other", "other");
    for command in [&["--workspace"][..], &["list", "--workspace"]] {
        let ran = sandbox.run(command).ok();
        ran.says("Skipped aws requires features that are not enabled: bootstrap");
    }
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
    sandbox.run(&[]).ok().says("--bin xtask");
    assert_eq!(sandbox.manifest_names(), ["api"]);
}
