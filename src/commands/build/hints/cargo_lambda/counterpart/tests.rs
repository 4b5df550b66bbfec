use serde_json::json;

use super::*;
use crate::build::project::{FunctionSource, FunctionStatus, WorkspaceId};

fn function(settings: &str) -> Function {
    Function {
        name: "orders".into(),
        status: FunctionStatus::Function,
        dir: "/w".into(),
        package: "orders".into(),
        bin: "orders".into(),
        source: FunctionSource::Cargo {
            workspace: WorkspaceId(0),
            package: "orders".into(),
        },
        settings: toml::from_str(settings).unwrap(),
        purpose: crate::lambda::Purpose::Function,
        configured: false,
    }
}

fn found_counterparts(
    keys: &Value,
    settings: &str,
    request: &Request,
) -> Vec<(&'static str, CounterpartPlace, String)> {
    let function = function(settings);
    let scope = CounterpartScope {
        request,
        functions: &[&function],
        targets: &[],
        manifest: None,
    };
    let found = counterparts(keys.as_object().unwrap(), false, &scope);
    let found = found.into_iter();
    found
        .map(|counterpart| (counterpart.key, counterpart.place, counterpart.line))
        .collect()
}

#[test]
fn every_key_with_an_effect_has_a_counterpart() {
    let (function, project, line) = (
        CounterpartPlace::Function,
        CounterpartPlace::Project,
        CounterpartPlace::CommandLine,
    );
    for (keys, place, expected) in [
        (
            json!({"include": ["a", "b:c"]}),
            function,
            "include = [\"a\", \"c=b\"]",
        ),
        (json!({"all_features": true}), line, "--all-features"),
        (
            json!({"no_default_features": true}),
            line,
            "--no-default-features",
        ),
        (json!({"profile": "small"}), project, "profile = \"small\""),
        (
            json!({"disable_optimizations": true}),
            project,
            "profile = \"release\"",
        ),
        (json!({"arm64": true}), function, "arch = \"arm64\""),
        (
            json!({"target": "aarch64-unknown-linux-gnu.2.26"}),
            function,
            "arch = \"arm64\"",
        ),
        (
            json!({"target": ["x86_64-unknown-linux-musl"]}),
            project,
            "libc = \"musl\"",
        ),
        (json!({"extension": true}), function, "kind = \"extension\""),
        (
            json!({"output_format": "binary"}),
            function,
            "format = \"dir\"",
        ),
        (
            json!({"compiler": {"type": "cargo"}}),
            project,
            "linker = \"system\"",
        ),
        (
            json!({"compiler": {"type": "cargo_zigbuild"}}),
            project,
            "linker = \"zig\"",
        ),
        (
            json!({"compiler": {"type": "cross"}}),
            CounterpartPlace::Nowhere,
            "compiler = \"cross\"",
        ),
        (json!({"lambda_dir": "out"}), project, "out-dir = \"out\""),
        (
            json!({"env": {"KEY": "secret"}}),
            CounterpartPlace::Environment,
            "KEY = \"...\"",
        ),
        (
            json!({"env_var": ["KEY=secret"]}),
            CounterpartPlace::Environment,
            "KEY = \"...\"",
        ),
        (json!({"config": ["a.b=1"]}), line, "-- --config 'a.b=1'"),
    ] {
        let found = found_counterparts(&keys, "", &Request::default());
        assert_eq!(found.len(), 1, "{keys}: {found:?}");
        assert_eq!(
            (found[0].1, found[0].2.as_str()),
            (place, expected),
            "{keys}"
        );
    }
    let found = found_counterparts(&json!({"features": ["prod"]}), "", &Request::default());
    assert!(found[0].2.starts_with("--features prod (or"), "{found:?}");
}

#[test]
fn keys_without_an_effect_are_not_named() {
    let keys = json!({
        "arm64": false, "x86_64": true, "output_format": "zip", "release": true,
        "profile": "release", "target": "x86_64-unknown-linux-gnu", "extension": false,
        "locked": true, "verbose": 1, "all_features": false, "include": [], "features": [],
    });
    assert_eq!(found_counterparts(&keys, "", &Request::default()), []);
    let internal = json!({"extension": true, "internal": true});
    assert_eq!(found_counterparts(&internal, "", &Request::default()), []);
}

#[test]
fn a_counterpart_that_is_already_set_is_not_named() {
    let keys = json!({
        "include": ["a"], "profile": "small", "arm64": true, "extension": true,
        "output_format": "binary", "compiler": {"type": "cargo"}, "lambda_dir": "out",
        "target": ["aarch64-unknown-linux-musl"], "features": ["prod"],
    });
    let settings = "include = \"a\"\nprofile = \"other\"\narch = \"x86_64\"\nkind = \"extension\"\n\
                    format = \"zip\"\nlinker = \"auto\"\nout-dir = \"x\"\nlibc = \"gnu\"\n";
    let mut request = Request::default();
    request.rust.features = vec!["debug,prod".into()];
    assert_eq!(found_counterparts(&keys, settings, &request), []);
}

#[test]
fn a_default_feature_is_enabled() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = dir.path().join("Cargo.toml");
    fs_err::write(&manifest, "[features]\ndefault = [\"prod\"]\nprod = []\n").unwrap();
    assert!(is_default(&manifest, "prod"));
    assert!(!is_default(&manifest, "test"));
}

#[test]
fn a_deploy_table_has_other_keys() {
    let function = function("");
    let request = Request::default();
    let scope = CounterpartScope {
        request: &request,
        functions: &[&function],
        targets: &[],
        manifest: None,
    };
    let keys = json!({"include": ["a"], "runtime": "provided.al2", "output_format": "json",
                      "memory": 512});
    let found = counterparts(keys.as_object().unwrap(), true, &scope);
    let lines: Vec<_> = found
        .iter()
        .map(|counterpart| counterpart.line.as_str())
        .collect();
    assert_eq!(lines, ["include = [\"a\"]", "runtime = \"provided.al2\""]);
}
