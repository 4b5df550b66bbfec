//! `deploy --create`, and that no other call changes the configuration of a function.

use serde_json::json;
use snapbox::str;

use crate::support::{Ran, Sandbox};

const LOOK: &str = "get-function-configuration";
const CREATE: &str = "create-function";
const ROLE: &str = "arn:aws:iam::123456789012:role/orders";

/// A machine with the zip of a function that does not exist on AWS.
fn without_function() -> Sandbox {
    let sandbox = Sandbox::with_aws();
    fs_err::remove_file(sandbox.root().join("aws.json")).unwrap();
    sandbox
}

fn create(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let words = [
        "deploy",
        "orders.zip",
        "--function",
        "prod",
        "--create",
        "--role",
        ROLE,
    ];
    sandbox.run(&[&words, args].concat())
}

#[test]
fn a_function_is_created_once_with_the_settings_of_its_zip() {
    let sandbox = without_function();
    let planned = create(&sandbox, &["--dry-run", "--publish"]).ok();
    assert_eq!(sandbox.operations(), [LOOK]);
    let lines: Vec<_> = planned.stdout.lines().collect();
    assert!(
        lines[0].contains("lambda create-function --function-name prod"),
        "{planned}"
    );
    assert!(
        lines[1].contains("lambda wait function-active"),
        "{planned}"
    );
    assert!(lines[2].contains("lambda publish-version"), "{planned}");
    assert_eq!(lines.len(), 3);

    let args = ["--memory", "256", "--timeout", "10", "--alias", "live"];
    let ran = create(&sandbox, &args).ok().stderr_eq(str![[r#"
     Created prod with [HASH]
   Published prod:1
     Created alias live for version 1

"#]]);
    let hash = sandbox.read("orders.zip.base64sha256");
    assert_eq!(ran.stdout, format!("{hash}  prod:1\n"));
    assert_eq!(
        sandbox.operations(),
        [LOOK, CREATE, "publish-version", "create-alias"]
    );
    let call = sandbox.call("aws lambda create-function");
    for (option, value) in [
        ("--runtime", "provided.al2023"),
        ("--handler", "bootstrap"),
        ("--architectures", "x86_64"),
        ("--role", ROLE),
        ("--memory-size", "256"),
        ("--timeout", "10"),
    ] {
        assert_eq!(call.values(option), [value], "{option}");
    }
    // A second run is an ordinary deployment.
    create(&sandbox, &args).ok().stderr_eq(str![[r#"
       Fresh prod already has [HASH]
   Published prod:1
       Fresh alias live already points to version 1

"#]]);
    let ran = create(&sandbox, &["--message-format", "json"]).ok();
    assert_eq!(ran.json()["created"], json!(false));
}

#[test]
fn a_function_with_other_settings_is_refused() {
    let sandbox = without_function();
    create(&sandbox, &["--memory", "256"]).ok();
    create(&sandbox, &["--memory", "512", "--timeout", "9"])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: `prod` already exists, but with the memory `256 MB` instead of `512 MB`, the timeout `3 s` instead of `9 s`
help: omit `--create` to update only its code, or pass the settings that it has

"#]]);
    assert_eq!(sandbox.operations(), [LOOK]);
    sandbox.set_function(&json!({
        "Runtime": "provided.al2", "Handler": "main", "Architectures": ["arm64"], "Role": "r",
    }));
    create(&sandbox, &[]).ends_with(104).stderr_eq(str![[r#"
error: `prod` already exists, but with the runtime `provided.al2` instead of `provided.al2023`, the handler `main` instead of `bootstrap`, the architecture `arm64` instead of `x86_64`, the role `r` instead of `arn:aws:iam::123456789012:role/orders`
help: omit `--create` to update only its code, or pass the settings that it has

"#]]);
    assert_eq!(sandbox.operations(), [LOOK]);
}

#[test]
fn a_role_that_was_just_created_is_waited_for() {
    let sandbox = without_function();
    let unknown = "The role defined for the function cannot be assumed by Lambda";
    sandbox.control(
        "aws-refuse",
        &format!("{CREATE} 2 InvalidParameterValueException {unknown}"),
    );
    create(&sandbox, &[]).ok();
    assert_eq!(sandbox.operations(), [LOOK, CREATE, CREATE, CREATE]);

    let sandbox = without_function();
    sandbox.control(
        "aws-refuse",
        &format!("{CREATE} 99 InvalidParameterValueException {unknown}"),
    );
    create(&sandbox, &["--wait", "1"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: `aws lambda create-function` failed: (InvalidParameterValueException) when calling the X operation: The role defined for the function cannot be assumed by Lambda
help: check the ARN of the role, and that its trust policy allows `lambda.amazonaws.com` to assume it

"#]]);
    // Other invalid values are not waited for.
    sandbox.control(
        "aws-refuse",
        &format!("{CREATE} 99 InvalidParameterValueException"),
    );
    create(&sandbox, &[]).ends_with(103);
    assert_eq!(sandbox.operations(), [LOOK, CREATE]);
    sandbox.control("aws-refuse", &format!("{CREATE} 9 AccessDeniedException"));
    create(&sandbox, &[]).ends_with(103).says("`iam:PassRole`");
}

#[test]
fn invalid_settings_and_several_functions_are_refused() {
    let sandbox = Sandbox::with_functions(&["mail", "orders"]);
    let map = ["--map", "new-{name}", "--create", "--role", ROLE];
    let run = |args: &[&str]| sandbox.run(&[&["deploy", "orders"], args].concat());
    sandbox
        .run(&[&["deploy", "orders", "mail"], &map[..]].concat())
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `--create` creates one function at a time
help: name one function, and deploy the others without `--create`

"#]]);
    run(&["--function", "new", "--create"]).ends_with(2);
    run(&["--function", "new", "--role", ROLE]).ends_with(2);
    run(&["--function", "new", "--memory", "256"]).ends_with(2);
    for role in ["orders", "arn:aws:iam::123456789012:user/orders"] {
        run(&["--function", "new", "--create", "--role", role]).ends_with(2);
    }
    assert!(sandbox.operations().is_empty());
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    run(&map).ends_with(1).stderr_eq(str![[r#"
    Finished 1 failed
error: new-orders: `orders` is packaged for several architectures: arm64 and x86_64
help: select one with `--arch`

"#]]);
    run(&[&map[..], &["--arch", "arm64"]].concat())
        .ok()
        .stdout_eq(str![[r#"
created    new-orders  -  [HASH]

"#]]);
    assert_eq!(
        sandbox.function_of("new-orders")["Architectures"],
        json!(["arm64"])
    );
}

#[test]
fn a_new_function_can_be_uploaded_through_s3() {
    let sandbox = without_function();
    create(&sandbox, &["--s3-bucket", "zips"]).ok();
    assert_eq!(sandbox.operations(), [LOOK, "cp", CREATE]);
    let call = sandbox.call("aws lambda create-function");
    assert!(call.values("--code")[0].starts_with("S3Bucket=zips,S3Key=orders-"));
    let hash = sandbox.read("orders.zip.base64sha256");
    assert_eq!(sandbox.function_now()["CodeSha256"], json!(hash));
}

/// Every way to deploy, and the calls that may change something.
#[test]
fn no_call_changes_the_configuration_of_a_function_except_create() {
    let sandbox = Sandbox::with_functions(&["mail", "orders"]);
    let before = sandbox.function_of("prod-orders");
    let one = ["deploy", "orders", "--function", "prod-orders"];
    let all = ["deploy", "--all", "--map", "prod-{name}"];
    let bucket = ["--s3-bucket", "zips"];
    let mut operations = Vec::new();
    for args in [
        &[&one[..], &["--dry-run"]].concat()[..],
        &one,
        &[&one[..], &["--alias", "live"]].concat(),
        &[&all[..], &["--alias", "live", "--description", "a"]].concat(),
        &[&all[..], &bucket, &["--publish"]].concat(),
    ] {
        sandbox.run(args).ok();
        operations.extend(sandbox.calls_of("aws "));
    }
    let rollback = ["--rollback", "--alias", "live", "--to", "1"];
    sandbox.run(&[&all[..], &rollback].concat()).ok();
    operations.extend(sandbox.calls_of("aws "));
    assert!(operations.len() > 20);
    for call in operations {
        let args = call.args();
        let operation = args[1];
        let is_known = [
            LOOK,
            "update-function-code",
            "publish-version",
            "get-alias",
            "create-alias",
            "update-alias",
            "cp",
        ];
        assert!(is_known.contains(&operation), "{args:?}");
        for option in [
            "--environment",
            "--handler",
            "--layers",
            "--memory-size",
            "--role",
            "--runtime",
            "--timeout",
        ] {
            assert!(!args.contains(&option), "{args:?}");
        }
    }
    let after = sandbox.function_of("prod-orders");
    for field in [
        "Environment",
        "Handler",
        "MemorySize",
        "Role",
        "Runtime",
        "Timeout",
    ] {
        assert_eq!(after[field], before[field], "{field}");
    }
}
