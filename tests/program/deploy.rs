//! `deploy`: what is sent, what is refused, and what is waited for.

use serde_json::json;

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
fn another_hash_is_sent_and_the_same_is_not() {
    let sandbox = Sandbox::with_aws();
    let hash = hash(&sandbox);
    let ran = deploy(&sandbox, &[]).ok().says("Updated prod");
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

    let ran = deploy(&sandbox, &[]).ok().says("prod has").says("already");
    assert_eq!(ran.stdout, format!("{hash}  prod\n"));
    assert_eq!(sandbox.operations(), [LOOK]);
}

#[test]
fn a_function_is_deployed_by_the_name_it_was_packed_under() {
    let sandbox = Sandbox::with_aws();
    sandbox.function("", "orders");
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    let named =
        |args: &[&str]| sandbox.run(&[&["deploy", "orders", "--function", "prod"], args].concat());
    named(&[])
        .ends_with(102)
        .says("orders was packed for arm64 and x86_64")
        .says("--arch");
    named(&["--arch", "x86_64"]).ok().says("Updated prod");
    let update = sandbox.call("aws lambda update-function-code");
    let zip = sandbox.out("x86_64/orders.zip");
    assert_eq!(
        update.values("--zip-file"),
        [format!("fileb://{}", zip.display())]
    );
    named(&["--arch", "arm64"])
        .ends_with(104)
        .says("is for arm64, and prod runs on x86_64");
    let args = ["deploy", "order", "--function", "prod"];
    sandbox
        .run(&args)
        .ends_with(102)
        .says("did you mean `orders`?");
}

#[test]
fn all_that_does_not_fit_is_refused_at_once_and_nothing_is_sent() {
    let sandbox = Sandbox::with_aws();
    sandbox.set_function(&json!({ "Architectures": ["arm64"], "Runtime": "go1.x" }));
    deploy(&sandbox, &[])
        .ends_with(104)
        .says("is for x86_64, and prod runs on arm64")
        .says("Lambda no longer takes functions for `go1.x`")
        .says("update-function-configuration --function-name prod --runtime provided.al2023");
    assert_eq!(sandbox.operations(), [LOOK]);
    sandbox.set_function(&json!({ "PackageType": "Image", "Runtime": null }));
    deploy(&sandbox, &[])
        .ends_with(104)
        .says("is a container image");
    assert_eq!(sandbox.operations(), [LOOK]);
}

#[test]
fn what_lambda_would_not_run_is_not_even_asked_about() {
    let sandbox = Sandbox::with_aws();
    sandbox.write("orders.zip", "PK and nothing");
    deploy(&sandbox, &[]).ends_with(103).says("[damaged]");
    assert!(sandbox.operations().is_empty());
    sandbox.write("orders.zip", "no zip");
    deploy(&sandbox, &[]).ends_with(103);
    assert!(sandbox.operations().is_empty());
    deploy(&sandbox, &["--alias"]).ends_with(2);
    let args = ["deploy", "missing.zip", "--function", "prod"];
    sandbox
        .run(&args)
        .ends_with(2)
        .says("missing.zip does not exist");
}

#[test]
fn a_glibc_that_the_functions_runtime_lacks_is_refused() {
    let sandbox = Sandbox::with_aws();
    sandbox.function("", "orders");
    sandbox.control("needs-glibc", "orders 2.30");
    sandbox.run(&[]).ok();
    sandbox.set_function(&json!({ "Runtime": "provided.al2" }));
    let args = ["deploy", "orders", "--function", "prod"];
    sandbox.run(&args).ends_with(104).says("2.30");
    assert_eq!(sandbox.operations(), [LOOK]);
}

#[test]
fn a_conflict_and_throttling_are_waited_out_and_other_refusals_are_not() {
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
        .says("--wait");
    sandbox.control("aws-refuse", &format!("{UPDATE} 99 AccessDeniedException"));
    deploy(&sandbox, &[])
        .ends_with(103)
        .says("lambda:UpdateFunctionCode");
    assert_eq!(sandbox.operations(), [LOOK, UPDATE]);
}

#[test]
fn an_update_in_progress_is_waited_for_and_a_failed_one_is_told() {
    let sandbox = Sandbox::with_aws();
    sandbox.control("aws-progress", "1");
    deploy(&sandbox, &[]).ok();
    assert_eq!(sandbox.operations(), [LOOK, UPDATE, LOOK, LOOK]);

    sandbox.set_function(&json!({}));
    sandbox.control("aws-progress", "99");
    deploy(&sandbox, &["--wait", "1"])
        .ends_with(103)
        .says("still in progress after 1 s");

    sandbox.set_function(&json!({}));
    sandbox.uncontrol("aws-progress");
    sandbox.control("aws-failed", "FunctionError.InvalidEntryPoint");
    deploy(&sandbox, &[])
        .ends_with(103)
        .says("FunctionError.InvalidEntryPoint: It was told to fail")
        .says("cargo lambdapack check");
    // What failed is sent again, though the hash is the same.
    sandbox.uncontrol("aws-failed");
    deploy(&sandbox, &[]).ok().says("Updated prod");
}

#[test]
fn a_version_is_published_and_the_alias_moved_only_when_there_is_another() {
    let sandbox = Sandbox::with_aws();
    let ran = deploy(&sandbox, &["--alias", "live"])
        .ok()
        .says("Made live stands for version 1");
    assert!(ran.stdout.ends_with("  prod:1\n"), "{ran}");
    let publish = sandbox.call("aws lambda publish-version");
    assert_eq!(publish.values("--code-sha256"), [hash(&sandbox)]);
    assert_eq!(
        sandbox.operations(),
        [LOOK, "get-alias", UPDATE, "publish-version", "create-alias"]
    );
    deploy(&sandbox, &["--alias", "live"])
        .ok()
        .says("live stands for version 1 already");
    assert_eq!(sandbox.operations(), [LOOK, "get-alias", "publish-version"]);

    // The code is there, and the alias stands for something else.
    let mut function = sandbox.function_now();
    function["aliases"]["live"]["FunctionVersion"] = json!("0");
    sandbox.control("aws.json", &function.to_string());
    deploy(&sandbox, &["--alias", "live"])
        .ok()
        .says("Moved live stands for version 1, was 0");
    assert_eq!(
        sandbox.operations(),
        [LOOK, "get-alias", "publish-version", "update-alias"]
    );
    let ran = deploy(&sandbox, &["--publish", "--message-format", "json"]).ok();
    assert_eq!(ran.json()["published"], json!("1"));
    assert_eq!(ran.json()["updated"], json!(false));
}

#[test]
fn an_alias_is_moved_when_its_version_can_be_called() {
    let sandbox = Sandbox::with_aws();
    sandbox.control("aws-pending", "1");
    deploy(&sandbox, &["--alias", "live"]).ok();
    let last = &sandbox.operations()[3..];
    assert_eq!(last, ["publish-version", LOOK, LOOK, "create-alias"]);
    let looks = sandbox.calls_of("aws lambda get-function-configuration");
    assert_eq!(looks[2].values("--qualifier"), ["1"]);
}

#[test]
fn an_alias_that_divides_its_calls_is_left_alone() {
    let sandbox = Sandbox::with_aws();
    sandbox.set_function(&json!({ "aliases": { "live": {
        "Name": "live", "FunctionVersion": "3",
        "RoutingConfig": { "AdditionalVersionWeights": { "4": 0.1 } },
    } } }));
    deploy(&sandbox, &["--alias", "live"])
        .ends_with(103)
        .says("sends some of its calls to version 4");
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
fn a_zip_that_is_too_large_to_send_needs_a_bucket() {
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
    deploy(&sandbox, &[]).ends_with(105).says("--s3-bucket");
    assert!(sandbox.operations().is_empty());
    deploy(&sandbox, &["--s3-bucket", "zips"]).ok();
}

#[test]
fn a_dry_run_shows_lines_to_paste_and_changes_nothing() {
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

/// The lines do what the command itself does.
#[cfg(unix)]
#[test]
fn the_lines_of_a_dry_run_do_what_the_command_does() {
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
fn without_the_aws_cli_it_says_how_to_get_it() {
    let mut sandbox = Sandbox::with_aws();
    sandbox.uninstall("aws");
    deploy(&sandbox, &[])
        .ends_with(96)
        .says("set AWS_CLI to its path");
    let elsewhere = sandbox.install_in("elsewhere", "aws");
    sandbox.set("AWS_CLI", elsewhere.to_str().unwrap());
    deploy(&sandbox, &[]).ok();
    sandbox.set("AWS_CLI", "nothing-of-this-name");
    deploy(&sandbox, &[])
        .ends_with(96)
        .says("AWS_CLI is `nothing-of-this-name`");
}

#[cfg(unix)]
#[test]
fn an_aws_that_ends_without_a_word_is_told_with_how_it_ended() {
    let mut sandbox = Sandbox::with_aws();
    sandbox.set("AWS_CLI", "/bin/false");
    deploy(&sandbox, &[])
        .ends_with(103)
        .says("it said nothing and ended with exit status: 1");
}

#[test]
fn what_cannot_be_changed_is_refused_before_anything_is_asked() {
    let sandbox = Sandbox::with_aws();
    let args = ["deploy", "orders.zip", "--function", "prod:live"];
    sandbox
        .run(&args)
        .ends_with(2)
        .says("a version or an alias cannot be changed");
    sandbox.control("aws.json", "not JSON");
    fs_err::remove_file(sandbox.root().join("aws.json")).unwrap();
    deploy(&sandbox, &[])
        .ends_with(103)
        .says("ResourceNotFoundException")
        .says("--region");
}
