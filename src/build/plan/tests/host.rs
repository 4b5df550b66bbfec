//! Builds for this machine.

use super::*;
use crate::build::project::go::PackageError;
use crate::build::request::BuildDestination;

fn host() -> Request {
    Request {
        paths: vec!["/w".into()],
        destination: BuildDestination::Host,
        ..Request::default()
    }
}

fn out_dir(name: &str) -> std::path::PathBuf {
    Path::new("/w")
        .join("target")
        .join("go")
        .join("host")
        .join(name)
}

#[test]
fn a_rust_function_is_built_as_cargo_build_does() {
    let mut world = world().rust("orders", "orders", FunctionStatus::Function);
    // These settings are for the zip.
    let project = world.project();
    project.settings.profile = Some("small".into());
    project.settings.auditable = Some(true);
    project.functions[0].settings.arch = Some(OneOrMany::One(Arch::Arm64));
    project.workspaces[0].toolchain.as_mut().unwrap().sysroot = "/nowhere".into();
    let plan = world.plan(&host()).unwrap();
    let command = CommandSpec::new(Path::new("/bin").join("cargo"), "/w")
        .args(["build", "--profile", "dev"])
        .args(["--message-format", "json-render-diagnostics"])
        .args(["-p", "orders@0.1.0", "--bin", "orders", "--keep-going"]);
    assert_eq!(plan.steps[0].command, command);
    assert!(plan.steps[0].links.is_empty());
    assert_eq!(plan.steps.len(), 1);
    assert!(plan.missing.is_empty(), "{:?}", plan.missing);
    assert!(plan.warnings.is_empty() && plan.details.is_empty());
    assert_eq!(
        plan.functions[0].binary,
        BinarySource::CargoMessage {
            package: "path+file:///w/orders#0.1.0".into(),
            name: "orders".into(),
            example: false,
        }
    );
}

#[test]
fn options_for_cargo_are_passed_on() {
    let mut world = world()
        .rust("a", "worker", FunctionStatus::Function)
        .rust("b", "worker", FunctionStatus::Function)
        .rust("b", "demo", FunctionStatus::Example);
    world.project().workspaces[0].packages[0].features = vec!["extra".into()];
    let mut request = host();
    request.select.packages = vec!["a".into()];
    request.color = Some("always".into());
    request.rust.profile = Some("release".into());
    request.rust.features = vec!["extra".into()];
    request.rust.lock = vec!["--locked".into()];
    request.rust.jobs = Some("2".into());
    request.rust.target_dir = Some("/t".into());
    request.rust.args = vec!["--keep-going".into(), "-v".into()];
    let plan = world.plan(&request).unwrap();
    let line = plan.steps[0].command.args.join(" ");
    assert_eq!(
        line,
        "build --profile release --message-format json-render-diagnostics --color always --jobs 2 \
         --target-dir /t -p a@0.1.0 --bin worker --locked --features=extra --keep-going -v"
    );
}

#[test]
fn a_configured_target_is_overridden_for_this_machine() {
    let mut world = world().rust("orders", "orders", FunctionStatus::Function);
    for (targets, expected) in [
        (&[ARM][..], &["--target", X86][..]),
        (&["riscv64gc-unknown-linux-gnu", X86], &["--target", X86]),
        (&[X86], &[]),
    ] {
        world.project().workspaces[0].config.build_targets =
            targets.iter().map(|target| (*target).to_owned()).collect();
        let plan = world.plan(&host()).unwrap();
        let args = args_from(&plan.steps[0], "--target");
        assert_eq!(args[..expected.len()], *expected, "{targets:?}");
        assert_eq!(args.is_empty(), expected.is_empty(), "{targets:?}");
    }
}

#[test]
fn a_go_function_is_built_as_go_build_does_and_can_be_debugged() {
    let world = world().go("example.com/m/hello");
    let plan = world.plan(&host()).unwrap();
    let out = format!(
        "{}{}",
        out_dir("together").display(),
        std::path::MAIN_SEPARATOR
    );
    let command = CommandSpec::new(Path::new("/bin").join("go"), "/w")
        .args(["build", "-o", &out, "-buildvcs=false", "-tags=lambda.norpc"])
        .args(["example.com/m/hello"]);
    assert_eq!(plan.steps[0].command, command);
    assert_eq!(
        plan.functions[0].binary,
        BinarySource::File(out_dir("together").join("hello"))
    );
}

#[test]
fn settings_of_go_for_lambda_do_not_matter() {
    let mut world = world().go("example.com/m/a/api").go("example.com/m/b/api");
    world.host.os = "windows".into();
    world.host.env = [("GOOS", "linux"), ("CGO_ENABLED", "0")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let project = world.project();
    project.modules[0].host_env = [("GOOS".to_owned(), "windows".to_owned())].into();
    project.modules[0].tags = vec!["goflags".into()];
    project.functions[0].settings.cgo = Some(true);
    project.functions[0].settings.ldflags = Some(OneOrMany::One("-X m.v=1".into()));
    let plan = world.plan(&host()).unwrap();
    let step = plan.functions[0].step.as_ref().unwrap();
    assert_eq!(
        step.command.env,
        [("GOOS".to_owned(), Some("windows".to_owned()))].into(),
        "only what makes go build for this machine"
    );
    assert_eq!(
        args_from(step, "-buildvcs")[1..3],
        ["-tags=lambda.norpc,goflags", "-ldflags=-X m.v=1"]
    );
    assert_eq!(
        plan.functions[0].binary,
        BinarySource::File(out_dir("apart").join("a-api").join("api.exe"))
    );
    assert!(plan.missing.is_empty() && plan.details.is_empty());
}

#[test]
fn a_go_function_that_cannot_be_loaded_is_built_alone() {
    let mut world = world()
        .go("example.com/m/a")
        .go("example.com/m/b")
        .go("example.com/m/c");
    world.project().modules[0].packages[1].fault = Some(PackageError {
        message: "no required module provides package x".into(),
        help: None,
    });
    let plan = world.plan(&host()).unwrap();
    let runs: Vec<_> = plan
        .steps
        .iter()
        .map(|step| args_from(step, "example").join(" "))
        .collect();
    assert_eq!(runs, ["example.com/m/a example.com/m/c", "example.com/m/b"]);
    assert!(plan.faults.is_empty());
    assert_eq!(plan.functions.len(), 3);
    assert_eq!(world.plan(&arm()).unwrap().faults.len(), 1);
}
