//! `schemas/` must describe exactly the data that the program reads and writes. In addition,
//! tests/support/schema.rs validates all JSON that other tests read, and every configuration
//! that works in a test.

use serde_json::{Value, json};

use crate::support::Sandbox;
use crate::support::schema::{problems, schema};

const CONFIGURATION: &str = "lambdapack-toml.json";

fn keys(table: &Value) -> Vec<&str> {
    let properties = table["properties"].as_object().unwrap();
    properties.keys().map(String::as_str).collect()
}

/// The keys that the program lists after an unknown key.
#[test]
fn the_schema_has_exactly_the_keys_of_the_configuration() {
    let sandbox = Sandbox::both_languages();
    sandbox.write("lambdapack.toml", "unknown = 1\n");
    let ran = sandbox.run(&["list"]).ends_with(102);
    let line = { ran.stderr.lines() }
        .find(|line| line.contains("expected one of"))
        .unwrap();
    let mut known: Vec<_> = line.split('`').skip(3).step_by(2).collect();
    known.sort_unstable();
    let whole = schema(CONFIGURATION);
    let mut all = keys(&whole);
    all.extend(keys(&whole["$defs"]["function"]));
    all.sort_unstable();
    all.dedup();
    assert_eq!(all, known);
}

#[test]
fn the_schema_rejects_what_the_program_rejects() {
    let sandbox = Sandbox::both_languages();
    for text in [
        "unknown = 1",
        "arch = \"mips\"",
        "arch = []",
        "arch = 1",
        "runtime = \"go1.x\"",
        "compression = \"much\"",
        "include = \"\"",
        "cgo = \"yes\"",
        "path = \"a\"",
        "paths = \"a\"",
        "kind = \"extension\"\nentry = \"script\"",
        "[function.orders]\nprofile = \"release\"",
        "[function.orders]\nout-dir = \"a\"",
        "[function.orders]\nauditable = true",
        "[function.orders.function.b]\nskip = true",
        "[function.orders.env]\nPORT = 8080",
        "[function.orders.watch.env]\nA = 'a'",
        "[watch.env]\nPORT = 8080",
        "[watch]\nenvs = {}",
        "[watch]\ncors = 'all'",
        "[watch.cors]\nallow-methods = ['GET']",
        "[watch.cors]\nallow-origins = []",
        "[watch.cors]\nallow-origins = ['*']\nallow-methods = ['get']",
        "[watch.cors]\nallow-origins = ['*']\nmax-age = -1",
        "[[watch.route]]\npath = '/a'",
        "[[watch.route]]\npath = '/a'\nfunction = 'orders'\nmethod = 'get'",
        "[[watch.route]]\npath = '/a'\nfunction = 'orders'\npayload = 2.0",
        "[[watch.route]]\npath = '/a'\nfunction = 'orders'\npayload = '3.0'",
        "[[watch.route]]\npath = '/a'\nfunction = 'orders'\nmethods = ['GET']",
        "[env]\nA = 'a'",
        "deploy = 'prod'",
        "[function.orders]\ndeploy = 1",
    ] {
        sandbox.write("lambdapack.toml", text);
        sandbox.run(&["list"]).ends_with(102);
        let value: Value = toml::from_str(text).unwrap();
        assert_ne!(
            problems(CONFIGURATION, &value),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

#[test]
fn the_schema_accepts_each_key_that_the_program_accepts() {
    let sandbox = Sandbox::both_languages();
    let text = "arch = ['arm64', 'x86-64']\nruntime = 'provided.al2'\nprofile = 'release'\n\
                linker = 'auto'\nlibc = 'gnu'\nzig = 'zig'\ncompression = 'fast'\nformat = 'zip'\nsbom = false\n\
                include = ['Cargo.toml']\nlayer-library = 'libpq.so.5'\nentry = 'bootstrap'\n\
                out-dir = 'out'\ncache = 'zips'\ncache-size = '500MB'\ntags = ['a']\nldflags = '-X m.v=1'\ncgo = false\n\
                keep-symbols = true\nvcs-stamp = false\nskip = false\nauditable = false\npaths = ['.']\n\
                [watch]\nenv.A = 'a'\ncors = true\n\
                [[watch.route]]\npath = '/{id}'\nmethod = 'GET'\nfunction = 'orders'\n\
                payload = 'alb-multi-value'\n\
                [[watch.route]]\npath = '$default'\nfunction = 'orders'\nstage = '$default'\n\
                [function.orders]\nkind = 'extension'\npath = '.'\nbin = 'orders'\ndeploy = 'prod-{name}'\nenv.B = 'b'\n";
    sandbox.write("lambdapack.toml", text);
    // The run itself validates the configuration.
    sandbox.run(&["list"]).ok();
    let parsed: Value = toml::from_str(text).unwrap();
    let whole = schema(CONFIGURATION);
    let untold: Vec<_> = keys(&whole)
        .into_iter()
        .filter(|key| parsed.get(key).is_none() && *key != "kind")
        .collect();
    assert_eq!(untold, Vec::<&str>::new());
}

#[test]
fn tables_in_cargo_manifests_have_the_same_keys_except_paths() {
    let whole = schema(CONFIGURATION);
    let of = |place: &str| keys(&whole["$defs"][place]);
    let mut file = keys(&whole);
    file.retain(|key| *key != "paths");
    assert_eq!(of("workspace"), file);
    let project = [
        "profile",
        "linker",
        "libc",
        "auditable",
        "zig",
        "out-dir",
        "cache",
        "cache-size",
        "watch",
    ];
    file.retain(|key| !project.contains(key));
    assert_eq!(of("package"), file);
}

/// Every kind of message, so that each has a schema.
#[test]
fn the_output_of_each_command_matches_its_schema() {
    let sandbox = Sandbox::both_languages();
    let json = ["--message-format", "json"];
    let run = |words: &[&str]| sandbox.run(&[words, &json].concat());
    for words in [
        &["list"][..],
        &["doctor"],
        &["--dry-run"],
        &[],
        &["--format", "dir"],
    ] {
        run(words).ok().json();
    }
    sandbox.manifest();
    run(&[]).ok();
    run(&["check", "target/lambdapack/x86_64/orders.zip", "nowhere"]).json();
    run(&["verify"]).json();
    sandbox.write("template.yaml", "Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: go1.x\n");
    run(&["migrate", "template.yaml"]).json();
    sandbox.write("a.log", "REPORT RequestId: 1\tDuration: 1.00 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 20 MB\tInit Duration: 10.00 ms\n");
    run(&["report", "a.log"]).ok().json();
}

/// A schema that accepts everything would find no errors.
#[test]
fn output_outside_the_schema_is_rejected() {
    let sandbox = Sandbox::both_languages();
    sandbox.run(&[]).ok();
    let mut manifest = sandbox.manifest();
    manifest["functions"]["orders"]["archs"]["x86_64"]["more"] = json!(1);
    assert_eq!(
        problems("manifest.json", &manifest),
        ["/functions/orders/archs/x86_64/more is not in the schema"]
    );
    manifest["functions"]["orders"]["archs"] = json!({ "mips": {} });
    manifest["version"] = json!(2);
    let found = problems("manifest.json", &manifest).join("\n");
    assert!(found.contains("/version: not 1: 2"), "{found}");
    assert!(found.contains("/mips"), "{found}");
    assert!(found.contains("no build"), "{found}");
}
