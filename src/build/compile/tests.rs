//! Shell scripts take the place of the compilers.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::build::plan::{BinarySource, BuildStep, Plan, ProgramArgs};
use crate::build::request::{Compression, ContentOptions, PrebuiltProgram};
use crate::lambda::{Arch, Language, Runtime};
use crate::system::command::CommandSpec;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::{ExitKind, Failure};

/// A plan with one step that runs a script, for functions with these names.
fn plan(dir: &Path, language: Language, script: &str, names: &[&str]) -> Plan {
    let args = ["-c", script, "build", "-o"].map(str::to_owned);
    let out = format!("{}/", dir.display());
    let step = Arc::new(BuildStep {
        command: CommandSpec::new("/bin/sh", dir).args(args).args([out]),
        language,
        arch: Arch::X86_64,
        links: Vec::new(),
        programs: ProgramArgs::default(),
        target: None,
        graph: None,
        tree: None,
    });
    let functions = names.iter().map(|name| {
        let prebuilt = PrebuiltProgram {
            binary: dir.join(name),
            name: (*name).to_owned(),
            arch: None,
            runtime: Runtime::default(),
            contents: ContentOptions::default(),
            compression: Compression::default(),
            sbom: false,
            target: dir.join(format!("{name}.zip")),
        };
        let mut function = Plan::from_prebuilt(&prebuilt, None)
            .unwrap()
            .functions
            .remove(0);
        function.step = Some(Arc::clone(&step));
        if language == Language::Rust {
            function.binary = BinarySource::CargoMessage {
                package: format!("path+file:///w#{name}@0.1.0"),
                name: (*name).to_owned(),
                example: false,
            };
        }
        function
    });
    Plan {
        functions: functions.collect(),
        steps: vec![step],
        ..Plan::default()
    }
}

/// Runs the plan. Returns the outcome, the names of the reported functions, and the messages.
fn run(plan: &Plan) -> (anyhow::Result<CompilerOutcome>, Vec<String>, Vec<String>) {
    let (mut names, mut lines) = (Vec::new(), Vec::new());
    let outcome = compile(
        plan,
        &plan.steps[0],
        &Console::new(Verbosity::Quiet),
        CompilerMessages::Lines(&mut |line| lines.push(line.to_owned())),
        &mut |binary| names.push(plan.function(binary.function).name.clone()),
    );
    (outcome, names, lines)
}

fn artifact(dir: &Path, name: &str) -> String {
    serde_json::json!({
        "reason": "compiler-artifact", "package_id": format!("path+file:///w#{name}@0.1.0"),
        "manifest_path": "/w/Cargo.toml", "features": [], "filenames": [dir.join(name)],
        "target": {
            "name": name, "kind": ["bin"], "crate_types": ["bin"], "src_path": "/w/src/main.rs",
        },
        "profile": {
            "opt_level": "0", "debuginfo": 2, "debug_assertions": true, "overflow_checks": true,
            "test": false,
        },
        "executable": dir.join(name), "fresh": false,
    })
    .to_string()
}

#[test]
fn messages_are_passed_on_and_the_binaries_that_cargo_could_build_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let script = format!(
        "echo progress $CARGO_TERM_PROGRESS_WHEN >&2; touch orders; echo '{}'; \
         echo 'error[E0425]: cannot find value `x`' >&2; echo >&2; exit 101",
        artifact(dir.path(), "orders")
    );
    let plan = plan(dir.path(), Language::Rust, &script, &["orders", "users"]);
    let (outcome, names, lines) = run(&plan);
    assert_eq!(outcome.unwrap(), CompilerOutcome::Failed);
    assert_eq!(names, ["orders"]);
    assert_eq!(
        lines,
        ["progress never", "error[E0425]: cannot find value `x`", ""]
    );
}

#[test]
fn a_compiler_terminated_by_a_signal_is_reported_as_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path(), Language::Rust, "kill -KILL $$", &["orders"]);
    let (outcome, ..) = run(&plan);
    let failure = Failure::from_error(&outcome.unwrap_err(), ExitKind::Bug);
    assert_eq!(failure.kind, ExitKind::Compiler);
    assert!(failure.problems[0].what.contains("terminated"));
}

#[test]
fn only_programs_that_go_has_written_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["orders", "users"] {
        fs_err::write(dir.path().join(name), "of an earlier run").unwrap();
    }
    let names = &["orders", "users"];
    let failing = "touch orders; echo '# example.com/users' >&2; exit 1";
    let (outcome, built, lines) = run(&plan(dir.path(), Language::Go, failing, names));
    assert_eq!(outcome.unwrap(), CompilerOutcome::Failed);
    assert_eq!(
        (built, lines),
        (vec!["orders".into()], vec!["# example.com/users".into()])
    );
    let both = run(&plan(dir.path(), Language::Go, "touch orders users", names));
    assert_eq!(both.0.unwrap(), CompilerOutcome::Succeeded);
    assert_eq!(both.1, *names);
}

/// Times can be coarse, so go is asked which packages are programs.
#[test]
fn the_program_of_a_package_that_is_not_main_any_more_is_not_reported() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["orders", "users"] {
        fs_err::write(dir.path().join(name), "of an earlier run").unwrap();
    }
    // The shell runs this file for `go list`.
    fs_err::write(dir.path().join("list"), "echo example.com/m/orders").unwrap();
    let (outcome, names, _) = run(&plan(dir.path(), Language::Go, ":", &["orders", "users"]));
    let failure = Failure::from_error(&outcome.unwrap_err(), ExitKind::Bug);
    assert_eq!(names, ["orders"]);
    assert!(failure.problems[0].what.contains("`users`"), "{failure}");
}
