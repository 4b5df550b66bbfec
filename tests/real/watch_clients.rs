//! Clients of the Invoke API call functions of `watch`.
//!
//! The SDKs run the programs in `tests/real/watch-clients`, which take the same steps, so that
//! one test decides for all of them.

use std::collections::BTreeMap;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::moto::at;
use super::support::{command, ok, repository, run, skip, tool, venv};
use super::templates::node_modules;
use super::watched_functions::WatchedFunctions;

const RUST: &str = "rust-events";
const GO: &str = "go-events";

const MAX_REQUEST: usize = 6 * 1024 * 1024;
const MAX_EVENT: usize = 1024 * 1024;

fn arn(function: &str) -> String {
    format!("arn:aws:lambda:us-east-1:123456789012:function:{function}")
}

/// Whether a log in base64 is that of an event with this word.
fn assert_log(log: &Value, word: &str) {
    let log = STANDARD.decode(log.as_str().unwrap()).unwrap();
    let log = String::from_utf8(log).unwrap();
    let lines: Vec<_> = log.lines().collect();
    assert!(lines[0].starts_with("START RequestId: "), "{log}");
    assert!(lines[0].ends_with(" Version: $LATEST"), "{log}");
    assert!(lines[1].starts_with("received {"), "{log}");
    assert!(lines[1].contains(word), "{log}");
    assert!(lines[2].starts_with("END RequestId: "), "{log}");
    assert!(lines[3].starts_with("REPORT RequestId: "), "{log}");
    assert!(lines[3].contains("\tBilled Duration: "), "{log}");
    assert_eq!(lines.len(), 4, "{log}");
}

/// Runs a client, and checks the result of each of its steps.
fn assert_steps(functions: &WatchedFunctions, client: &str, function: &str, program: &mut Command) {
    program.arg(functions.endpoint()).arg(function);
    at(&functions.endpoint(), program);
    // A retry would be a second event.
    program.env_remove("AWS_MAX_ATTEMPTS");
    let stdout = ok(program);
    let steps: BTreeMap<String, Value> = stdout
        .lines()
        .map(|line| {
            let step: Value = serde_json::from_str(line).unwrap();
            (step["step"].as_str().unwrap().to_owned(), step)
        })
        .collect();
    let step = |name: &str| {
        steps
            .get(name)
            .unwrap_or_else(|| panic!("{name}: {stdout}"))
    };
    let assert_is = |name: &str, expected: Value| {
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&step(name)[key], value, "{name} of {client}: {stdout}");
        }
    };

    assert_is(
        "sync",
        json!({ "status": 200, "version": "$LATEST", "error": null, "log": null }),
    );
    let event = json!({ "do": "echo", "value": "ä", "client": client });
    assert_eq!(step("sync")["payload"]["event"], event, "{stdout}");
    let nothing = json!({ "status": 202, "payload": null, "version": null, "error": null });
    assert_is("event", nothing);
    functions.wait_for_line(function, &[r#""do":"event""#, client]);
    assert_is(
        "dry-run",
        json!({ "status": 204, "payload": null, "version": null }),
    );
    assert_eq!(functions.lines(function, &["dry-run", client]), 0);
    assert_is("tail", json!({ "status": 200 }));
    assert_log(&step("tail")["log"], client);

    assert_is(
        "error",
        json!({ "status": 200, "error": "Unhandled", "version": "$LATEST" }),
    );
    let payload = &step("error")["payload"];
    assert_eq!(payload["errorMessage"], "this event fails", "{stdout}");
    assert!(payload["errorType"].is_string(), "{stdout}");

    let error = |code: &str, typed: bool, status: u16| json!({ "code": code, "typed": typed, "status": status });
    assert_is("missing", error("ResourceNotFoundException", true, 404));
    let message = step("missing")["message"].as_str().unwrap();
    let missing = format!("Function not found: {}x:$LATEST", arn(function));
    assert!(message.starts_with(&missing), "{message}");
    assert_is(
        "invalid",
        error("InvalidRequestContentException", true, 400),
    );
    // The SDKs have no type for this error, because AWS sends another one than its API model
    // says: https://github.com/ASFHyP3/hyp3/issues/2241
    let too_large = error("RequestEntityTooLargeException", false, 413);
    assert_is("large", too_large.clone());
    let message = step("large")["message"].as_str().unwrap();
    assert!(message.contains(&MAX_REQUEST.to_string()), "{message}");
    assert_is("large-event", too_large);
    let message = step("large-event")["message"].as_str().unwrap();
    assert!(message.contains(&MAX_EVENT.to_string()), "{message}");

    let context = &step("context")["payload"]["client"];
    assert_eq!(context["custom"], json!({ "key": "value" }), "{stdout}");
    let (plain, latest) = (arn(function), format!("{}:$LATEST", arn(function)));
    let live = format!("{plain}:live");
    let arns = [&plain, &latest, &latest, &plain, &plain, &live, &live];
    assert_is("names", json!({ "arns": arns }));

    let stream = step("stream");
    assert!(stream["text"].as_str().unwrap().ends_with("one two three "));
    // The function pauses three times for 0.3 s after the first piece.
    assert!(stream["ahead"].as_f64().unwrap() > 0.5, "{stdout}");
    let complete = &stream["complete"];
    assert!(
        complete.is_object() && complete["ErrorCode"].is_null(),
        "{stdout}"
    );
    // lambda_runtime sends no error after it has begun to stream.
    if function == GO {
        assert_is("stream-fail", json!({ "text": "one two three " }));
        let complete = &step("stream-fail")["complete"];
        assert_eq!(complete["ErrorCode"], "errorString", "{stdout}");
        let details = complete["ErrorDetails"].as_str().unwrap();
        assert!(details.contains("this stream fails"), "{stdout}");
    }
    assert_is("stream-error", json!({ "text": "", "status": 200 }));
    let details = step("stream-error")["complete"]["ErrorDetails"].as_str();
    assert!(details.unwrap().contains("this event fails"), "{stdout}");

    // SDKs do not send the event again if the function fails.
    let failed = [r#""do":"fail""#, &format!("\"{client}\"")];
    assert_eq!(functions.lines(function, &failed), 1, "{client}");
    let failed = [r#""do":"fail""#, &format!("\"{client} stream\"")];
    assert_eq!(functions.lines(function, &failed), 1, "{client}");
}

/// Runs a client with a Rust function and with a Go function.
fn calls_both(client: &str, program: impl Fn() -> Command) {
    for function in [RUST, GO] {
        let Some(functions) = WatchedFunctions::get() else {
            return;
        };
        assert_steps(&functions, client, function, &mut program());
    }
}

#[test]
fn boto3_calls_functions() {
    let client = repository().join("tests/real/watch-clients/python.py");
    let python = venv("python");
    if !python.exists() {
        return skip("boto3 is missing (.ci/install-tools installs it)");
    }
    calls_both("boto3", || {
        let mut python = command(&python, repository());
        python.arg(&client);
        python
    });
}

#[test]
fn the_sdk_for_javascript_calls_functions() {
    let Some(modules) = node_modules() else {
        return;
    };
    if !modules.join("@aws-sdk/client-lambda").exists() {
        return skip("the SDK for JavaScript is missing (.ci/install-tools installs it)");
    }
    let client = repository().join("tests/real/watch-clients/javascript.js");
    calls_both("javascript", || {
        let mut node = command("node", repository());
        node.env("NODE_PATH", &modules).arg(&client);
        node
    });
}

#[test]
fn the_sdk_for_go_calls_functions() {
    let Some(go) = tool("go") else { return };
    let client = repository().join("target/real/watch-client");
    let mut build = command(go, &repository().join("tests/real/watch-clients/go"));
    ok(build.args(["build", "-o"]).arg(&client).arg("."));
    calls_both("go", || command(&client, repository()));
}

#[test]
fn the_aws_cli_calls_functions() {
    let (Some(aws), Some(functions)) = (tool("aws"), WatchedFunctions::get()) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let call = |payload: &[u8], args: &[&str]| {
        fs_err::write(dir.path().join("event.json"), payload).unwrap();
        let mut aws = command(&aws, dir.path());
        at(&functions.endpoint(), &mut aws);
        aws.env_remove("AWS_MAX_ATTEMPTS");
        aws.args(["lambda", "invoke", "--payload", "fileb://event.json"]);
        run(aws.args(args).arg("response.json"))
    };
    let succeeds = |payload: &str, args: &[&str]| {
        let ran = call(payload.as_bytes(), args);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let reply: Value = serde_json::from_str(&ran.stdout).unwrap();
        let response = fs_err::read_to_string(dir.path().join("response.json")).unwrap();
        (reply, response)
    };
    let name = ["--function-name", RUST];

    let (reply, response) = succeeds(r#"{"client":"cli"}"#, &name);
    assert_eq!(
        reply,
        json!({ "StatusCode": 200, "ExecutedVersion": "$LATEST" })
    );
    let response: Value = serde_json::from_str(&response).unwrap();
    assert_eq!(response["event"], json!({ "client": "cli" }));

    let event = r#"{"do":"event","client":"cli"}"#;
    let (reply, response) = succeeds(
        event,
        &[&name[..], &["--invocation-type", "Event"]].concat(),
    );
    assert_eq!((reply, &*response), (json!({ "StatusCode": 202 }), ""));
    functions.wait_for_line(RUST, &[r#""do":"event""#, "cli"]);

    let event = r#"{"do":"dry-run","client":"cli"}"#;
    let (reply, _) = succeeds(
        event,
        &[&name[..], &["--invocation-type", "DryRun"]].concat(),
    );
    assert_eq!(reply, json!({ "StatusCode": 204 }));
    assert_eq!(functions.lines(RUST, &["dry-run", "cli"]), 0);

    let event = r#"{"do":"tail","client":"cli"}"#;
    let (reply, _) = succeeds(event, &[&name[..], &["--log-type", "Tail"]].concat());
    assert_log(&reply["LogResult"], "cli");

    let (reply, response) = succeeds(r#"{"do":"fail","client":"cli"}"#, &name);
    assert_eq!(reply["FunctionError"], "Unhandled", "{reply}");
    assert!(response.contains("this event fails"), "{response}");
    assert_eq!(functions.lines(RUST, &[r#""do":"fail""#, r#""cli""#]), 1);

    let live = format!("{}:live", arn(GO));
    let (_, response) = succeeds("{}", &["--function-name", &live]);
    assert!(response.contains(&live), "{response}");

    for (payload, args, error) in [
        (
            b"{}".to_vec(),
            vec!["--function-name", "none"],
            "(ResourceNotFoundException)",
        ),
        (
            vec![b'0'; MAX_REQUEST + 1],
            name.to_vec(),
            "(RequestEntityTooLargeException)",
        ),
    ] {
        let ran = call(&payload, &args);
        assert_ne!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stderr.contains(error), "{ran:?}");
    }
}
