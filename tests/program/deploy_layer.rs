//! `deploy --layer`: which zips are published, and when.

use serde_json::json;
use snapbox::str;

use crate::support::Sandbox;

const LIST: &str = "list-layer-versions";
const GET: &str = "get-layer-version";
const PUBLISH: &str = "publish-layer-version";

/// A packed function and a packed extension.
fn with_extension() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.install("aws");
    sandbox.workspace(&["orders"]);
    sandbox.extension("agent", "agent");
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"orders\", \"agent\"]\n",
    );
    sandbox.run(&[]).ok();
    sandbox
}

#[test]
fn an_extension_is_published_unless_the_newest_version_has_its_hash() {
    let sandbox = with_extension();
    let deploy = |args: &[&str]| sandbox.run(&[&["deploy", "--layer", "agent"], args].concat());
    let planned = deploy(&["--dry-run"]).ok();
    assert_eq!(sandbox.operations(), [LIST]);
    assert!(
        planned
            .stdout
            .contains("publish-layer-version --layer-name agent"),
        "{planned}"
    );

    let ran = deploy(&[]).ok().stderr_eq(str![[r#"
   Published version 1 of agent

"#]]);
    let hash = sandbox.read("target/lambdapack/x86_64/agent.zip.base64sha256");
    let arn = "arn:aws:lambda:eu-central-1:123456789012:layer:agent:1";
    assert_eq!(ran.stdout, format!("{hash}  {arn}\n"));
    assert_eq!(sandbox.operations(), [LIST, PUBLISH]);
    let publish = sandbox.call("aws lambda publish-layer-version");
    for (option, value) in [
        ("--compatible-runtimes", "provided.al2023"),
        ("--compatible-architectures", "x86_64"),
        ("--description", &hash),
    ] {
        assert_eq!(publish.values(option), [value], "{option}");
    }
    let ran = deploy(&[]).ok().stderr_eq(str![[r#"
       Fresh version 1 of agent already has [HASH]

"#]]);
    assert_eq!(ran.stdout, format!("{hash}  {arn}\n"));
    assert_eq!(sandbox.operations(), [LIST, GET]);

    let other = json!({ "agent": [
        { "Version": 1, "LayerVersionArn": "a", "Content": { "CodeSha256": hash } },
        { "Version": 2, "LayerVersionArn": "b", "Content": { "CodeSha256": "other=" } },
    ] });
    sandbox.control("layers.json", &other.to_string());
    let message = deploy(&["--message-format", "json", "--description", "a"])
        .ok()
        .json();
    assert_eq!(message["was"], json!("other="));
    assert_eq!(message["layer_version"], json!(3));
    let message = deploy(&["--message-format", "json", "--dry-run"])
        .ok()
        .json();
    assert_eq!(message["published"], json!(false));
    assert_eq!(message["layer_version"], json!(3));
}

#[test]
fn a_zip_of_files_is_published_under_another_name() {
    let sandbox = with_extension();
    sandbox
        .run(&[
            "deploy",
            "agent",
            "--layer",
            "telemetry",
            "--s3-bucket",
            "zips",
        ])
        .ok();
    assert_eq!(sandbox.operations(), [LIST, "cp", PUBLISH]);
    let publish = sandbox.call("aws lambda publish-layer-version");
    assert!(publish.values("--content")[0].starts_with("S3Bucket=zips,S3Key=agent-"));
    fs_err::copy(sandbox.out("x86_64/agent.zip"), sandbox.path("tools.zip")).unwrap();
    sandbox
        .run(&["deploy", "tools.zip", "--layer", "tools"])
        .ok();
    let publish = sandbox.call("aws lambda publish-layer-version");
    assert_eq!(publish.values("--compatible-runtimes"), [""; 0]);
    assert_eq!(publish.values("--compatible-architectures"), ["x86_64"]);
}

#[test]
fn functions_are_not_layers() {
    let sandbox = with_extension();
    sandbox
        .run(&["deploy", "orders", "--layer", "orders"])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: `orders` is a function, not a layer
help: omit `--layer` to deploy it, or set `kind = "extension"` if it is an extension

"#]]);
    sandbox
        .run(&["deploy", "agent", "--function", "prod"])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: `agent` is an extension, and extensions are deployed as layers
help: publish it with `--layer NAME`

"#]]);
    sandbox
        .run(&["deploy", "agent", "orders", "--layer", "a"])
        .ends_with(2);
    sandbox
        .run(&["deploy", "--layer", "agnt"])
        .ends_with(102)
        .says("did you mean `agent`?");
    for layer in [
        "a b",
        "arn:aws:lambda:eu-central-1:123456789012:layer:agent:1",
    ] {
        sandbox.run(&["deploy", "--layer", layer]).ends_with(2);
    }
    sandbox
        .run(&["deploy", "agent", "--layer", "a", "--alias", "live"])
        .ends_with(2);
    assert!(sandbox.operations().is_empty());
}

#[test]
fn errors_of_aws_are_reported() {
    let sandbox = with_extension();
    sandbox.control(
        "aws-refuse",
        &format!("{PUBLISH} 1 TooManyRequestsException"),
    );
    sandbox.run(&["deploy", "--layer", "agent"]).ok();
    assert_eq!(sandbox.operations(), [LIST, PUBLISH, PUBLISH]);
    sandbox.control("aws-refuse", &format!("{LIST} 1 AccessDeniedException"));
    sandbox
        .run(&["deploy", "--layer", "agent"])
        .ends_with(103)
        .says("grant `lambda:ListLayerVersions`");
}
