//! `deploy`: which changes it sends, which it rejects, and which conditions it waits for.

use serde_json::json;
use snapbox::str;

use crate::support::{MACHINES, Ran, Sandbox, program};

fn deploy(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["deploy", "orders.zip", "--function", "prod"], args].concat())
}

fn hash(sandbox: &Sandbox) -> String {
    sandbox.read("orders.zip.base64sha256")
}

const LOOK: &str = "get-function-configuration";
const UPDATE: &str = "update-function-code";

#[test]
fn code_is_sent_only_if_its_hash_differs() {
    let sandbox = Sandbox::with_aws();
    let hash = hash(&sandbox);
    let ran = deploy(&sandbox, &[]).ok().stderr_eq(str![[r#"
     Updated prod to [HASH]

"#]]);
    assert_eq!(ran.stdout, format!("{hash}  prod\n"));
    assert_eq!(sandbox.operations(), [LOOK, UPDATE]);
    let update = sandbox.call("aws lambda update-function-code");
    let zip = sandbox.path("orders.zip");
    assert_eq!(
        update.values("--zip-file"),
        [format!("fileb://{}", zip.display())]
    );
    assert_eq!(update.values("--architectures"), ["x86_64"]);
    assert_eq!(sandbox.function_now()["CodeSha256"], json!(hash));

    let ran = deploy(&sandbox, &[]).ok().stderr_eq(str![[r#"
       Fresh prod already has [HASH]

"#]]);
    assert_eq!(ran.stdout, format!("{hash}  prod\n"));
    assert_eq!(sandbox.operations(), [LOOK]);
}

#[test]
fn a_packaged_function_is_deployed_by_its_name() {
    let sandbox = Sandbox::with_aws();
    sandbox.function("", "orders");
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    let named =
        |args: &[&str]| sandbox.run(&[&["deploy", "orders", "--function", "prod"], args].concat());
    // The function on AWS decides the architecture.
    named(&[]).ok();
    let update = sandbox.call("aws lambda update-function-code");
    assert_eq!(update.values("--architectures"), ["x86_64"]);
    sandbox.set_function(&json!({}));
    named(&["--arch", "x86_64"]).ok().stderr_eq(str![[r#"
     Updated prod to [HASH]

"#]]);
    let update = sandbox.call("aws lambda update-function-code");
    let zip = sandbox.out("x86_64/orders.zip");
    assert_eq!(
        update.values("--zip-file"),
        [format!("fileb://{}", zip.display())]
    );
    named(&["--arch", "arm64"])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: `[ROOT]/project/target/lambdapack/arm64/orders.zip` is for arm64, but `prod` runs on x86_64
help: build for x86_64 with `cargo lambdapack --arch x86_64`, or change the function's architecture with `aws lambda update-function-code --architectures arm64 --zip-file fileb://[ROOT]/project/target/lambdapack/arm64/orders.zip --function-name prod`

"#]]);
    let args = ["deploy", "order", "--function", "prod"];
    sandbox.run(&args).ends_with(102).stderr_eq(str![[r#"
error: no packaged function or zip is called `order`
help: did you mean `orders`?

"#]]);
}

#[test]
fn all_mismatches_are_reported_at_once_and_nothing_is_sent() {
    let sandbox = Sandbox::with_aws();
    sandbox.set_function(&json!({ "Architectures": ["arm64"], "Runtime": "go1.x" }));
    deploy(&sandbox, &[])
        .ends_with(104)
        .stderr_eq(str![[r#"
error: `[ROOT]/project/orders.zip` is for x86_64, but `prod` runs on arm64
help: build for arm64 with `cargo lambdapack --arch arm64`, or change the function's architecture with `aws lambda update-function-code --architectures x86_64 --zip-file fileb://[ROOT]/project/orders.zip --function-name prod`
error: `prod` uses the runtime `go1.x`: Lambda no longer supports `go1.x` (Amazon Linux 1, ended 2024-01-08); to migrate, set the function's runtime to `provided.al2023` and its handler to `bootstrap`, then deploy a zip built with `--runtime provided.al2023`
help: change its runtime first: `aws lambda update-function-configuration --function-name prod --runtime provided.al2023 --handler bootstrap`

"#]]);
    assert_eq!(sandbox.operations(), [LOOK]);
    sandbox.set_function(&json!({ "PackageType": "Image", "Runtime": null }));
    deploy(&sandbox, &[]).ends_with(104).stderr_eq(str![[r#"
error: the code of `prod` is a container image, which a zip cannot replace
help: create another function with the package type `Zip`

"#]]);
    assert_eq!(sandbox.operations(), [LOOK]);
}

#[test]
fn a_zip_that_lambda_would_not_run_is_rejected_before_any_aws_call() {
    let sandbox = Sandbox::with_aws();
    sandbox.write("orders.zip", "PK and nothing");
    deploy(&sandbox, &[]).ends_with(103).stderr_eq(str![[r#"
error: [ROOT]/project/orders.zip has no end of central directory record, so it is truncated or not a zip [damaged]
help: create it again, and check that it was copied completely
error: [ROOT]/project/orders.zip has a hash file that contains the hash of other bytes [sidecar]
help: write `[HASH]` without a newline, or package the function again

"#]]);
    assert!(sandbox.operations().is_empty());
    sandbox.write("orders.zip", "no zip");
    deploy(&sandbox, &[]).ends_with(103);
    assert!(sandbox.operations().is_empty());
    deploy(&sandbox, &["--alias"]).ends_with(2);
    let args = ["deploy", "missing.zip", "--function", "prod"];
    sandbox.run(&args).ends_with(2).stderr_eq(str![[r#"
error: `missing.zip` does not exist
help: pass the path of a zip, or the name of a function in this project; run `cargo lambdapack` to package functions

"#]]);
}

#[test]
fn a_glibc_newer_than_the_deployed_runtimes_is_rejected() {
    let sandbox = Sandbox::with_aws();
    sandbox.function("", "orders");
    sandbox.control("needs-glibc", "orders 2.30");
    sandbox.run(&[]).ok();
    sandbox.set_function(&json!({ "Runtime": "provided.al2" }));
    let args = ["deploy", "orders", "--function", "prod"];
    sandbox.run(&args).ends_with(104).stderr_eq(str![[r#"
error: [ROOT]/project/target/lambdapack/x86_64/orders.zip has bootstrap, which needs glibc 2.30, but provided.al2 has 2.26, so it would fail with `GLIBC_2.30 not found` [glibc]
help: build it with an older glibc, using `cargo lambdapack --linker zig` or `zig cc`, or statically with musl; or deploy to provided.al2023: pass `--runtime provided.al2023`

"#]]);
    assert_eq!(sandbox.operations(), [LOOK]);
}

#[test]
fn conflicts_and_throttling_are_retried_but_other_errors_are_not() {
    let sandbox = Sandbox::with_aws();
    for code in ["ResourceConflictException", "TooManyRequestsException"] {
        sandbox.set_function(&json!({}));
        sandbox.control("aws-refuse", &format!("{UPDATE} 1 {code}"));
        deploy(&sandbox, &[]).ok();
        assert_eq!(sandbox.operations(), [LOOK, UPDATE, UPDATE]);
    }
    sandbox.set_function(&json!({}));
    sandbox.control(
        "aws-refuse",
        &format!("{UPDATE} 99 ResourceConflictException"),
    );
    deploy(&sandbox, &["--wait", "1"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: `aws lambda update-function-code` failed: (ResourceConflictException) when calling the X operation: the request is refused
help: wait until the other update of the function has finished, then run again; `--wait` allows more time

"#]]);
    sandbox.control("aws-refuse", &format!("{UPDATE} 99 AccessDeniedException"));
    deploy(&sandbox, &[])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: `aws lambda update-function-code` failed: (AccessDeniedException) when calling the X operation: the request is refused
help: grant `lambda:UpdateFunctionCode` to the identity that `aws sts get-caller-identity` shows

"#]]);
    assert_eq!(sandbox.operations(), [LOOK, UPDATE]);
}

#[test]
fn an_update_in_progress_is_awaited_and_its_failure_is_reported() {
    let sandbox = Sandbox::with_aws();
    sandbox.control("aws-progress", "1");
    deploy(&sandbox, &[]).ok();
    assert_eq!(sandbox.operations(), [LOOK, UPDATE, LOOK, LOOK]);

    sandbox.set_function(&json!({}));
    sandbox.control("aws-progress", "99");
    deploy(&sandbox, &["--wait", "1"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: the update of `prod` is still in progress after 1 s
help: run `aws lambda get-function-configuration --function-name prod` to see its state, or wait longer with `--wait`

"#]]);

    sandbox.set_function(&json!({}));
    sandbox.uncontrol("aws-progress");
    sandbox.control("aws-failed", "FunctionError.InvalidEntryPoint");
    deploy(&sandbox, &[]).ends_with(103).stderr_eq(str![[r#"
error: the last update of `prod` failed: FunctionError.InvalidEntryPoint: It was told to fail
help: run `cargo lambdapack check` to find out whether Lambda can run the zip

"#]]);
    // A failed update is sent again, although the hash is the same.
    sandbox.uncontrol("aws-failed");
    deploy(&sandbox, &[]).ok().stderr_eq(str![[r#"
     Updated prod to [HASH]

"#]]);
}

#[test]
fn publishing_and_moving_the_alias_happen_only_if_needed() {
    let sandbox = Sandbox::with_aws();
    let ran = deploy(&sandbox, &["--alias", "live"])
        .ok()
        .stderr_eq(str![[r#"
     Updated prod to [HASH]
   Published prod:1
     Created alias live for version 1

"#]]);
    assert!(ran.stdout.ends_with("  prod:1\n"), "{ran}");
    let publish = sandbox.call("aws lambda publish-version");
    assert_eq!(publish.values("--code-sha256"), [hash(&sandbox)]);
    assert_eq!(
        sandbox.operations(),
        [LOOK, "get-alias", UPDATE, "publish-version", "create-alias"]
    );
    deploy(&sandbox, &["--alias", "live"])
        .ok()
        .stderr_eq(str![[r#"
       Fresh prod already has [HASH]
   Published prod:1
       Fresh alias live already points to version 1

"#]]);
    assert_eq!(sandbox.operations(), [LOOK, "get-alias", "publish-version"]);

    // The code is deployed, but the alias points to another version.
    let mut function = sandbox.function_now();
    function["aliases"]["live"]["FunctionVersion"] = json!("0");
    sandbox.control("aws.json", &function.to_string());
    deploy(&sandbox, &["--alias", "live"])
        .ok()
        .stderr_eq(str![[r#"
       Fresh prod already has [HASH]
   Published prod:1
       Moved alias live from version 0 to 1

"#]]);
    assert_eq!(
        sandbox.operations(),
        [LOOK, "get-alias", "publish-version", "update-alias"]
    );
    let ran = deploy(&sandbox, &["--publish", "--message-format", "json"]).ok();
    assert_eq!(ran.json()["published"], json!("1"));
    assert_eq!(ran.json()["updated"], json!(false));
}

#[test]
fn an_alias_is_moved_once_its_version_is_active() {
    let sandbox = Sandbox::with_aws();
    sandbox.control("aws-pending", "1");
    deploy(&sandbox, &["--alias", "live"]).ok();
    let last = &sandbox.operations()[3..];
    assert_eq!(last, ["publish-version", LOOK, LOOK, "create-alias"]);
    let looks = sandbox.calls_of("aws lambda get-function-configuration");
    assert_eq!(looks[2].values("--qualifier"), ["1"]);
}

#[test]
fn an_alias_with_weighted_routing_is_left_alone() {
    let sandbox = Sandbox::with_aws();
    sandbox.set_function(&json!({ "aliases": { "live": {
        "Name": "live", "FunctionVersion": "3",
        "RoutingConfig": { "AdditionalVersionWeights": { "4": 0.1 } },
    } } }));
    deploy(&sandbox, &["--alias", "live"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: alias `live` of `prod` routes some invocations to version 4
help: end the gradual deployment first: `aws lambda update-alias --function-name prod --name live --routing-config AdditionalVersionWeights={}`

"#]]);
    assert_eq!(sandbox.operations(), [LOOK, "get-alias"]);
}

#[test]
fn through_s3_the_key_ends_with_the_zips_hash() {
    let sandbox = Sandbox::with_aws();
    deploy(&sandbox, &["--s3-bucket", "zips", "--s3-prefix", "team/a/"]).ok();
    assert_eq!(sandbox.operations(), [LOOK, "cp", UPDATE]);
    let update = sandbox.call("aws lambda update-function-code");
    let key = update.values("--s3-key")[0];
    let hex = key
        .strip_prefix("team/a/orders-")
        .unwrap()
        .strip_suffix(".zip")
        .unwrap();
    assert!(
        hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()),
        "{key}"
    );
    assert_eq!(update.values("--zip-file"), [""; 0]);
    assert_eq!(sandbox.function_now()["CodeSha256"], json!(hash(&sandbox)));
}

#[test]
fn a_zip_over_the_upload_limit_needs_a_bucket() {
    let sandbox = Sandbox::with_aws();
    sandbox.write_bytes("main", program(MACHINES[0]));
    sandbox.write_sparse("data", 52_428_801);
    sandbox
        .run(&[
            "pack",
            "-o",
            "orders.zip",
            "--compression",
            "store",
            "--include",
            "data",
            "main",
        ])
        .ok();
    deploy(&sandbox, &[]).ends_with(105).stderr_eq(str![[r#"
warning: [ROOT]/project/orders.zip has 52429221 bytes, but a direct upload allows at most 52428800 (50 MiB) [use-s3]
help: upload it to S3, and deploy it from there
error: `[ROOT]/project/orders.zip` has 52429221 bytes, but a direct upload is limited to 52428800
help: upload it through a bucket in the function's region with `--s3-bucket BUCKET`

"#]]);
    assert!(sandbox.operations().is_empty());
    deploy(&sandbox, &["--s3-bucket", "zips"]).ok();
}

#[test]
fn a_dry_run_prints_commands_to_paste_and_changes_nothing() {
    let sandbox = Sandbox::with_aws();
    let before = sandbox.function_now();
    let args = [
        "--alias",
        "live",
        "--region",
        "eu-central-1",
        "--profile",
        "my team",
    ];
    let ran = deploy(&sandbox, &[&args[..], &["--dry-run"]].concat()).ok();
    assert_eq!(sandbox.operations(), [LOOK, "get-alias"]);
    assert_eq!(sandbox.function_now(), before);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{ran}");
    assert!(
        lines[0].contains("lambda update-function-code --function-name prod"),
        "{ran}"
    );
    assert!(
        lines[0].contains("--region eu-central-1 --profile 'my team'"),
        "{ran}"
    );
    assert!(lines[1].contains("lambda wait function-updated"), "{ran}");
    assert!(
        lines[2].starts_with("version=$(") && lines[2].ends_with("--output text)"),
        "{ran}"
    );
    assert!(
        lines[3].ends_with("--function-version \"$version\""),
        "{ran}"
    );
}

/// The printed commands do the same as the command itself.
#[cfg(unix)]
#[test]
fn the_commands_of_a_dry_run_do_the_same_as_the_command() {
    let sandbox = Sandbox::with_aws();
    let ran = deploy(&sandbox, &["--dry-run", "--publish"]).ok();
    let script: Vec<_> = { ran.stdout.lines() }
        .filter(|line| !line.contains(" wait "))
        .collect();
    let shell = std::path::Path::new("/bin/sh");
    sandbox
        .run_program(shell, &["-ec", &script.join("\n")], &[])
        .ok();
    assert_eq!(sandbox.function_now()["CodeSha256"], json!(hash(&sandbox)));
    assert_eq!(sandbox.function_now()["published"], json!(1));
}

#[test]
fn a_missing_aws_cli_is_reported_with_installation_instructions() {
    let mut sandbox = Sandbox::with_aws();
    sandbox.uninstall("aws");
    deploy(&sandbox, &[])
        .ends_with(96)
        .stderr_eq(str![[r#"
error: `aws`, the AWS CLI, was not found on `PATH`
help: install it: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html; or set `AWS_CLI` to its path

"#]]);
    let elsewhere = sandbox.install_in("elsewhere", "aws");
    sandbox.set("AWS_CLI", elsewhere.to_str().unwrap());
    deploy(&sandbox, &[]).ok();
    sandbox.set("AWS_CLI", "nothing-of-this-name");
    deploy(&sandbox, &[]).ends_with(96).stderr_eq(str![[r#"
error: `AWS_CLI` is set to `nothing-of-this-name`, but there is no such program
help: set it to the path of the AWS CLI, or unset it

"#]]);
}

#[cfg(unix)]
#[test]
fn a_silent_aws_cli_failure_is_reported_with_its_exit_status() {
    let mut sandbox = Sandbox::with_aws();
    sandbox.set("AWS_CLI", "/bin/false");
    deploy(&sandbox, &[]).ends_with(103).stderr_eq(str![[r#"
error: `aws lambda get-function-configuration` failed: it printed nothing and ended with exit status: 1
help: run again with `-v` to see the command, and try that command

"#]]);
}

#[test]
fn functions_that_cannot_be_updated_are_rejected_before_any_aws_call() {
    let sandbox = Sandbox::with_aws();
    let args = ["deploy", "orders.zip", "--function", "prod:live"];
    sandbox
        .run(&args)
        .ends_with(2)
        .stderr_eq(str![[r#"
error: invalid value 'prod:live' for '--function <NAME>': a version or an alias cannot be changed; omit the qualifier

For more information, try '--help'.

"#]]);
    sandbox.control("aws.json", "not JSON");
    fs_err::remove_file(sandbox.root().join("aws.json")).unwrap();
    deploy(&sandbox, &[])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: `aws lambda get-function-configuration` failed: (ResourceNotFoundException) when calling the X operation: Function not found
help: check the name, the account (`aws sts get-caller-identity`), and the region; `--profile` and `--region` select them

"#]]);
}
