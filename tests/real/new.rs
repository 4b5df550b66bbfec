//! Functions and extensions created by `new` are tested, built, and checked, and the functions are
//! invoked, for every event.

use std::path::Path;

use cargo_lambdapack::internals::Arch;

use super::project::Project;
use super::support::{Ran, command, lambdapack, ok, run, tool};
use super::template::kept;
use super::toolchain::{host_arch, rust};

const EVENTS: [&str; 10] = [
    "apigw",
    "http",
    "function-url",
    "sqs",
    "sns",
    "s3",
    "dynamodb",
    "eventbridge",
    "schedule",
    "none",
];

/// One function for each event, in folders with the event's name, and an extension.
fn make(project: &Project, lang: &str) {
    let mut new = lambdapack(project.root());
    ok(new.args(["new", "on-extension", "--lang", lang, "--extension"]));
    for event in EVENTS {
        let mut new = lambdapack(project.root());
        ok(new.args([
            "new",
            &format!("on-{event}"),
            "--lang",
            lang,
            "--event",
            event,
        ]));
    }
}

/// The response of each function to its sample event.
fn assert_answers(root: &Path, arch: Arch, zip: impl Fn(&str) -> String) {
    if !cfg!(target_os = "linux") {
        return;
    }
    for event in EVENTS {
        let mut invoke = lambdapack(root);
        invoke
            .arg("invoke")
            .arg(zip(event))
            .args(["--arch", arch.name()]);
        match event {
            "none" => invoke.args(["--data", r#"{"name":"Ada"}"#]),
            "http" => invoke.args(["--event", "apigw"]),
            _ => invoke.args(["--event", event]),
        };
        let ran: Ran = run(&mut invoke);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, Some(0), "{event}: {said}");
        let greeting = match event {
            "s3" => "s3://orders/2026/an order.json",
            "schedule" => "Scheduled for 2026-01-01T12:00:00Z",
            _ => "Hello, Ada",
        };
        assert!(said.contains(greeting), "{event}: {said}");
    }
}

#[test]
fn new_go_functions_pass_tests_build_check_and_invoke() {
    if tool("go").is_none() {
        return;
    }
    let project = Project::new(&[("README.md", "Functions.\n")]);
    make(&project, "go");
    let arch = host_arch();
    for event in EVENTS.into_iter().chain(["extension"]) {
        let folder = project.path(&format!("on-{event}"));
        let go = |args: &[&str]| ok(command(tool("go").unwrap(), &folder).args(args));
        // As generated: go does not need to change go.mod or go.sum.
        go(&["vet", "-mod=readonly", "./..."]);
        go(&["test", "-mod=readonly", "./..."]);
        if let Some(gofmt) = tool("gofmt") {
            assert_eq!(ok(command(gofmt, &folder).args(["-l", "."])), "");
        }
        // `build` runs the checks, and refuses a function that Lambda would not run.
        ok(lambdapack(&folder).args(["--arch", arch.name()]));
    }
    assert_answers(project.root(), arch, |event| {
        format!("on-{event}/target/lambdapack/{arch}/on-{event}.zip")
    });
}

#[test]
fn new_rust_functions_pass_tests_build_check_and_invoke() {
    let arch = host_arch();
    let Some(rust) = rust(arch) else {
        return;
    };
    let made = Project::new(&[(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"on-*\"]\n",
    )]);
    make(&made, "rust");
    if let Some(rustfmt) = tool("rustfmt") {
        for event in EVENTS.into_iter().chain(["extension"]) {
            let main = made.path(&format!("on-{event}/src/main.rs"));
            let mut fmt = command(&rustfmt, made.root());
            ok(fmt.args(["--edition", "2024", "--check"]).arg(main));
        }
    }
    // In a folder that stays, so that cargo does not build it again in the next run.
    let root = kept(made.root(), "new");
    // The dependencies are compiled once for both: in Cargo's dev profile, and the tests with the
    // flags of our build. Debug information would make them ten times as large.
    let small = ("CARGO_PROFILE_DEV_DEBUG", "0");
    let pack = || {
        let mut pack = rust.lambdapack(&root);
        pack.env(small.0, small.1);
        pack.args(["--arch", arch.name(), "--profile", "dev", "--target-dir"]);
        pack.arg(rust.target_dir());
        pack
    };
    ok(&mut pack());
    let planned = ok(pack().arg("--dry-run"));
    let build = planned.lines().next().unwrap();
    assert!(build.contains(" build --profile dev "), "{build}");
    let test = build.replacen(" build ", " test ", 1);
    let test = test.replacen(" --message-format json-render-diagnostics", "", 1);
    let mut shell = command("sh", &root);
    shell.env("PATH", rust.path()).env(small.0, small.1);
    let tested = ok(shell.args(["-c", &test]));
    let passed = tested.matches("test result: ok. ").count();
    assert_eq!(passed, EVENTS.len() + 1, "{tested}");
    assert_answers(&root, arch, |event| {
        format!("target/lambdapack/{arch}/on-{event}.zip")
    });
}
