//! `invoke --function`: how it calls the AWS CLI, what it prints, and how it reports errors.

use serde_json::json;
use snapbox::str;

use crate::support::{Call, Ran, Sandbox};

fn invoke(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["invoke", "--function", "prod"], args].concat())
}

/// The only call of the AWS CLI.
#[track_caller]
fn only_call(sandbox: &Sandbox) -> Call {
    assert_eq!(sandbox.operations(), ["invoke"]);
    sandbox.call("aws lambda invoke")
}

#[test]
fn the_response_is_on_stdout_and_the_log_on_stderr() {
    let sandbox = Sandbox::with_aws();
    let ran = invoke(&sandbox, &["--data", r#"{"name": "ä"}"#]).ok();
    assert_eq!(ran.stdout, r#"{"name": "ä"}"#);
    assert_eq!(
        ran.stderr,
        "START RequestId: call-1 Version: $LATEST\nREPORT RequestId: call-1\tDuration: 2.72 ms\t\
         Billed Duration: 170 ms\tMemory Size: 256 MB\tMax Memory Used: 64 MB\t\n"
    );
    let ran = invoke(&sandbox, &["-q", "--event", "sqs"]).ok();
    assert!(ran.stdout.contains("aws:sqs"), "{ran}");
    assert_eq!(ran.stderr, "");
    let ran = invoke(&sandbox, &["-v"]).ok();
    assert_eq!(ran.stdout, "{}");
    ran.says("Running cd ")
        .says("lambda invoke --function-name prod")
        .says("Invoked prod, version $LATEST, status 200");
}

#[test]
fn the_function_is_invoked_exactly_once_and_nothing_is_changed() {
    let sandbox = Sandbox::with_aws();
    let before = sandbox.function_now();
    let args = ["--qualifier", "live", "--region", "eu-central-1"];
    invoke(&sandbox, &[&args[..], &["--profile", "team"]].concat()).ok();
    let call = only_call(&sandbox);
    for (option, value) in [
        ("--function-name", "prod"),
        ("--qualifier", "live"),
        ("--region", "eu-central-1"),
        ("--profile", "team"),
        ("--log-type", "Tail"),
        // Lambda's longest timeout and 30 seconds.
        ("--cli-read-timeout", "930"),
        ("--output", "json"),
    ] {
        assert_eq!(call.values(option), [value], "{}", call.line());
    }
    // Version 1 does not know this option.
    call.has_not("--cli-binary-format")
        .has_not("--invocation-type")
        .has_not("--debug");
    assert_eq!(call.env("AWS_MAX_ATTEMPTS"), Some("1"));
    let payload = call.values("--payload")[0]
        .strip_prefix("fileb://")
        .unwrap();
    assert!(!std::path::Path::new(payload).exists(), "{payload}");
    let mut after = sandbox.function_now();
    for counter in ["calls", "cold"] {
        after.as_object_mut().unwrap().remove(counter);
    }
    assert_eq!(after, before);
}

#[test]
fn names_and_arns_reach_the_aws_cli_unchanged() {
    let sandbox = Sandbox::with_aws();
    for name in [
        "prod:live",
        "prod:$LATEST",
        "123456789012:function:prod",
        "arn:aws:lambda:eu-central-1:123456789012:function:prod:7",
    ] {
        sandbox.run(&["invoke", "--function", name]).ok();
        assert_eq!(only_call(&sandbox).values("--function-name"), [name]);
    }
}

#[test]
fn an_error_of_the_function_is_printed_and_the_exit_code_is_1() {
    let sandbox = Sandbox::with_aws();
    let error = r#"{"errorType":"Sold","errorMessage":"no"}"#;
    sandbox.control("aws-error", error);
    let ran = invoke(&sandbox, &[]).ends_with(1);
    assert_eq!(ran.stdout, error);
    ran.says("REPORT RequestId: ").says_nothing_of("error:");
    assert_eq!(sandbox.operations(), ["invoke"]);

    let error = r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 8f5 Error: Task timed out after 3.00 seconds"}"#;
    sandbox.control("aws-error", error);
    let ran = invoke(&sandbox, &["-q"]).ends_with(1).stderr_eq(str![[r#"
error: prod: Sandbox.Timedout: RequestId: 8f5 Error: Task timed out after 3.00 seconds
help: raise the function's `Timeout`, which is 3 seconds by default

"#]]);
    assert_eq!(ran.stdout, error);
}

#[cfg(unix)]
#[test]
fn the_bytes_of_a_response_are_unchanged() {
    let sandbox = Sandbox::with_aws();
    let response = sandbox.root().join("aws-response");
    for bytes in [
        &b""[..],
        b"\0\xff\r\n\x1b[1m",
        b"\"a\"\n\n",
        &[b'x'; 6_291_556],
    ] {
        fs_err::write(&response, bytes).unwrap();
        let args = ["invoke", "--function", "prod"];
        sandbox.run_after("exec >response", &args).ok();
        assert!(fs_err::read(sandbox.path("response")).unwrap() == bytes);
    }
}

#[test]
fn an_asynchronous_invocation_prints_only_that_it_was_accepted() {
    let sandbox = Sandbox::with_aws();
    let ran = invoke(&sandbox, &["--async", "-d", "[1]"])
        .ok()
        .stderr_eq(str![[r#"
    Accepted an event for prod, request [ID]

"#]]);
    assert_eq!(ran.stdout, "");
    let call = only_call(&sandbox);
    assert_eq!(call.values("--invocation-type"), ["Event"]);
    assert_eq!(call.env("AWS_MAX_ATTEMPTS"), Some("1"));
    call.has_not("--log-type");
    let ran = invoke(&sandbox, &["--async", "-q"]).ok();
    assert_eq!((&*ran.stdout, &*ran.stderr), ("", ""));
    sandbox.control("aws-refuse", "invoke 1 ResourceNotFoundException");
    invoke(&sandbox, &["--async"]).ends_with(103);
}

#[test]
fn each_error_has_a_cause_and_a_next_step() {
    let sandbox = Sandbox::with_aws();
    for (code, exit_code, help) in [
        (
            "ResourceNotFoundException",
            103,
            "check the name, the version or alias, ",
        ),
        (
            "AccessDeniedException",
            103,
            "grant `lambda:InvokeFunction` to ",
        ),
        (
            "ExpiredTokenException",
            103,
            "sign in again with `aws sso login`",
        ),
        ("UnrecognizedClientException", 103, "sign in again "),
        (
            "TooManyRequestsException",
            103,
            "run again later, or allow more time with `--wait`",
        ),
        (
            "ResourceConflictException",
            103,
            "wait until the other update ",
        ),
        (
            "RequestEntityTooLargeException",
            105,
            "store large data in S3, ",
        ),
        (
            "KMSDisabledException",
            103,
            "run again with `-v` to see the command; https://",
        ),
    ] {
        sandbox.control("aws-refuse", &format!("invoke 1 {code}"));
        let ran = invoke(&sandbox, &[]).ends_with(exit_code);
        assert_eq!(ran.stdout, "");
        ran.says(&format!("error: `aws lambda invoke` failed: ({code}) "))
            .says(&format!("help: {help}"));
        only_call(&sandbox);
    }
    for (message, help) in [
        (
            "Unable to locate credentials. You can configure credentials by running \"aws configure\".",
            "sign in with `aws configure`",
        ),
        (
            "You must specify a region.",
            "pass the function's region with `--region`",
        ),
        (
            "Read timeout on endpoint URL: \"https://lambda.eu-central-1.amazonaws.com/\"",
            "the function may be running, so look at its log before you invoke it again",
        ),
        (
            "Could not connect to the endpoint URL: \"http://127.0.0.1:9/\"",
            "check the network, the name of the region, and `AWS_ENDPOINT_URL`",
        ),
    ] {
        sandbox.control("aws-stderr", message);
        let ran = invoke(&sandbox, &[]).ends_with(103);
        let message = message.trim_end_matches('.');
        ran.says(&format!("error: `aws lambda invoke` failed: {message}\n"))
            .says(&format!("help: {help}"));
        only_call(&sandbox);
    }
}

#[test]
fn a_throttled_function_is_tried_again_only_on_request() {
    let sandbox = Sandbox::with_aws();
    sandbox.control("aws-refuse", "invoke 1 TooManyRequestsException");
    invoke(&sandbox, &["--wait", "10"]).ok();
    assert_eq!(sandbox.operations(), ["invoke", "invoke"]);
    sandbox.control("aws-refuse", "invoke 1 ResourceConflictException");
    invoke(&sandbox, &["--async", "--wait", "10"]).ok();
    assert_eq!(sandbox.operations(), ["invoke", "invoke"]);
    // The function may have run.
    sandbox.control("aws-refuse", "invoke 1 ServiceUnavailableException");
    invoke(&sandbox, &["--wait", "10"]).ends_with(103);
    only_call(&sandbox);
}

#[test]
fn a_missing_aws_cli_is_reported_with_installation_instructions() {
    let mut sandbox = Sandbox::with_aws();
    sandbox.uninstall("aws");
    invoke(&sandbox, &[]).ends_with(96).stderr_eq(str![[r#"
error: `aws`, the AWS CLI, was not found on `PATH`
help: install it: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html; or set `AWS_CLI` to its path

"#]]);
    sandbox.set("AWS_CLI", "nothing-of-this-name");
    invoke(&sandbox, &[]).ends_with(96);
}

#[test]
fn usage_errors_are_reported_before_any_aws_call() {
    let sandbox = Sandbox::with_aws();
    let large = json!("x".repeat(6_291_556)).to_string();
    sandbox.write("large.json", &large);
    for (args, code) in [
        (&["-d", "{"][..], 2),
        (&["-d", "@large.json"], 105),
        (&["-d", "@none.json"], 103),
        (&["orders.zip"], 2),
        (&["--memory", "512"], 2),
        (&["--qualifier", "file://a"], 2),
    ] {
        invoke(&sandbox, args).ends_with(code);
        assert!(sandbox.operations().is_empty(), "{args:?}");
    }
    let args = ["invoke", "orders.zip", "--async"];
    sandbox.run(&args).ends_with(2).stderr_eq(str![[r#"
error: `--async` requires `--function`
help: pass `--function NAME` to invoke a function on AWS, or omit the option

"#]]);
    let args = ["invoke", "--function", "prod", "orders.zip"];
    sandbox.run(&args).ends_with(2).stderr_eq(str![[r#"
error: the argument '--function <NAME>' cannot be used with '[ZIP|NAME]'

Usage: cargo lambdapack invoke --function <NAME> [ZIP|NAME]

For more information, try '--help'.

"#]]);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_aws_cli_and_removes_the_event() {
    use rustix::process::{Pid, Signal, kill_process};

    use crate::support::{wait, wait_for};

    let mut sandbox = Sandbox::with_aws();
    let temporary = sandbox.root().join("temporary");
    fs_err::create_dir(&temporary).unwrap();
    sandbox.set("TMPDIR", temporary.to_str().unwrap());
    sandbox.control("aws-sleep", "invoke");
    let child = sandbox.start(&["invoke", "--function", "prod", "-d", "\"s3cr3t\""]);
    wait_for("the call", || !sandbox.exists("../aws-sleep"));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let ran = wait(child).ends_with(130);
    assert_eq!(ran.stdout, "");
    wait_for("the folder to be removed", || {
        fs_err::read_dir(&temporary).unwrap().next().is_none()
    });
}
