//! `invoke` with functions built on real runtimes.

use std::path::Path;

use cargo_lambdapack::internals::Arch;
use cargo_lambdapack::internals::Arch::{Arm64, X86_64};
use serde_json::Value;

use super::check_go::built_with;
use super::go::add_module;
use super::project::Project;
use super::support::{Ran, command, lambdapack, ok, repository, run, tool};
use super::template::Template::{self, Go, Rust};
use super::template::packed;
use super::toolchain::host_arch;

fn invoke(zip: &Path, args: &[&str]) -> Ran {
    let mut command = lambdapack(zip.parent().unwrap());
    run(command.arg("invoke").arg(zip).args(args))
}

/// Returns true if programs for an architecture run here.
fn runs(arch: Arch) -> bool {
    arch == host_arch() || tool(&format!("qemu-{}-static", arch.rust())).is_some()
}

/// Greets twice, then rejects an event without a name.
fn greets(template: Template, arch: Arch) {
    let Some(packed) = packed(template, arch) else {
        return;
    };
    if !runs(arch) {
        return;
    }
    let args = ["-d", r#"{"name":"Ada"}"#, "-n", "2", "--timeout", "60"];
    let ran = invoke(&packed.zip, &args);
    let greeting = "{\"message\":\"Hello, Ada\"}\n";
    assert_eq!(
        (ran.code, &*ran.stdout),
        (Some(0), &*greeting.repeat(2)),
        "{ran:?}"
    );
    let reports: Vec<_> = { ran.stderr.lines() }
        .filter(|line| line.starts_with("REPORT"))
        .collect();
    assert_eq!(reports.len(), 2, "{ran:?}");
    if arch == host_arch() {
        assert!(reports[0].contains("\tMax Memory Used: "), "{ran:?}");
        assert!(reports[0].contains("\tInit Duration: "), "{ran:?}");
        assert!(!reports[1].contains("Init Duration"), "{ran:?}");
    } else {
        assert!(
            ran.stderr.contains("note: the function runs in qemu"),
            "{ran:?}"
        );
        assert!(!ran.stderr.contains("Duration"), "{ran:?}");
    }

    let ran = invoke(&packed.zip, &["-d", r#"{"name":""}"#, "--timeout", "60"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let error: Value = serde_json::from_str(&ran.stdout).unwrap();
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.contains("name"), "{ran:?}");
    assert!(error["errorType"].is_string(), "{ran:?}");
}

#[test]
fn rust_responds_and_reports_its_errors() {
    greets(Rust, host_arch());
}

#[test]
fn go_responds_and_reports_its_errors() {
    greets(Go, host_arch());
}

#[test]
fn rust_for_the_other_architecture_runs_in_qemu_without_times() {
    greets(Rust, if host_arch() == X86_64 { Arm64 } else { X86_64 });
}

#[test]
fn go_for_the_other_architecture_runs_in_qemu_without_times() {
    greets(Go, if host_arch() == X86_64 { Arm64 } else { X86_64 });
}

/// The variable of the old interface would take precedence if it were passed on.
#[test]
fn go_without_the_norpc_tag_responds() {
    let Some((project, program)) = built_with("v1.54.0", host_arch()) else {
        return;
    };
    ok(lambdapack(project.root()).arg("pack").arg(&program));
    let mut invoke = lambdapack(project.root());
    invoke.env("_LAMBDA_SERVER_PORT", "1");
    assert_eq!(ok(invoke.args(["invoke", "bootstrap.zip"])), "null\n");
}

/// The function would wait for an RPC call that never comes. This is reported before it is
/// started, and also if it is started anyway.
#[test]
fn go_without_the_runtime_api_is_detected_by_its_build_information() {
    let Some((project, program)) = built_with("v1.17.0", host_arch()) else {
        return;
    };
    // `pack` rejects it.
    let zip = project.path("f.zip");
    if tool("zip").is_none() {
        return;
    }
    ok(command("zip", program.parent().unwrap()).args(["-q", "f.zip", "bootstrap"]));
    for (args, end) in [
        (&[][..], ""),
        (&["--no-check"], "INIT_REPORT Init Duration: "),
    ] {
        let ran = invoke(&zip, args);
        assert_eq!(ran.code, Some(104), "{ran:?}");
        let error: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(error["errorType"], "Sandbox.Timedout", "{ran:?}");
        for word in ["contains aws-lambda-go v1.17.0", "go get", end] {
            assert!(ran.stderr.contains(word), "no {word}: {ran:?}");
        }
    }
}

/// The extension runs in the function's process, and uses its own connections.
#[test]
fn go_with_an_internal_extension_registers_and_receives_events() {
    if tool("go").is_none() {
        return;
    }
    let main = repository().join("tests/real/internal_extension.go");
    let project = Project::new(&[]);
    add_module(&project, ".", "example.com/counter", &[]);
    project.write("main.go", &fs_err::read_to_string(main).unwrap());
    ok(lambdapack(project.root()).args(["--arch", host_arch().name()]));
    let mut invoke = lambdapack(project.root());
    let ran = run(invoke.args(["invoke", "counter", "-n", "3"]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stderr.matches("received INVOKE ").count(), 3, "{ran:?}");
    assert_eq!(ran.stderr.matches("Init Duration").count(), 1, "{ran:?}");
    assert!(!ran.stderr.contains("warning"), "{ran:?}");
}
