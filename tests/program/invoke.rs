//! `invoke` with a simulated function: its environment, its responses, and the reports about
//! it.

use serde_json::{Value, json};

use crate::support::zip::{Entry, Zip};
use crate::support::{Ran, Sandbox};

/// A machine with `f.zip`, whose bootstrap is a script that executes the fake function.
pub(super) fn function() -> Sandbox {
    let mut sandbox = Sandbox::new();
    // Leftovers of a killed run are deleted with the sandbox.
    let temporary = sandbox.root().join("temporary");
    fs_err::create_dir(&temporary).unwrap();
    sandbox.set("TMPDIR", temporary.to_str().unwrap());
    let function = sandbox.install_in("bin", "function");
    let script = format!("#!/bin/sh\nexec '{}'\n", function.display());
    let entries = [
        Entry::bootstrap(script.as_bytes()),
        Entry::stored("data/a.txt", b"a"),
    ];
    sandbox.write_bytes("f.zip", Zip::of(entries).bytes());
    sandbox
}

/// Invokes the function with an event and additional options.
pub(super) fn invoke(sandbox: &Sandbox, event: &Value, more: &[&str]) -> Ran {
    let event = event.to_string();
    sandbox.run(&[&["invoke", "f.zip", "--data", &event], more].concat())
}

/// The lines of stderr with this prefix.
pub(super) fn lines<'a>(ran: &'a Ran, start: &str) -> Vec<&'a str> {
    ran.stderr
        .lines()
        .filter(|line| line.starts_with(start))
        .collect()
}

#[test]
fn an_event_is_printed_without_a_function() {
    let sandbox = Sandbox::new();
    let ran = sandbox
        .run(&["invoke", "--event", "schedule", "--print-event"])
        .ok();
    let event: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(event["detail-type"], "Scheduled Event", "{ran}");
    assert_eq!(ran.stderr, "", "{ran}");
    let invalid = ["invoke", "--data", "{", "--print-event"];
    sandbox.run(&invalid).ends_with(2);
}

#[test]
fn stdout_has_only_the_response_and_stderr_has_the_log() {
    let ran = invoke(&function(), &json!({"a": "ü"}), &[]).ok();
    assert_eq!(ran.stdout, "{\"a\":\"ü\"}\n");
    let log_lines: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(log_lines.len(), 4, "{ran}");
    assert_eq!(log_lines[0], "begun");
    for (line, start) in log_lines[1..].iter().zip(["START", "END", "REPORT"]) {
        assert!(line.starts_with(&format!("{start} RequestId: ")), "{ran}");
    }
    let labels: Vec<_> = { log_lines[3].split('\t') }
        .map(|field| field.split(':').next().unwrap())
        .collect();
    let wanted = [
        "REPORT RequestId",
        "Duration",
        "Billed Duration",
        "Memory Size",
        "Max Memory Used",
        "Init Duration",
        "",
    ];
    assert_eq!(labels, wanted, "{ran}");
}

#[test]
fn only_the_first_invocation_is_cold_and_all_have_distinct_ids() {
    let ran = invoke(&function(), &json!(1), &["-n", "3"]).ok();
    assert_eq!(ran.stdout, "1\n1\n1\n");
    assert_eq!(lines(&ran, "begun").len(), 1);
    let reports = lines(&ran, "REPORT");
    let cold: Vec<_> = reports
        .iter()
        .map(|line| line.contains("Init Duration"))
        .collect();
    assert_eq!(cold, [true, false, false]);
    let mut ids: Vec<_> = reports
        .iter()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[test]
fn a_function_gets_lambdas_variables_but_not_the_users() {
    let mut sandbox = function();
    sandbox.set("AWS_PROFILE", "of-the-user");
    sandbox.set("_LAMBDA_SERVER_PORT", "1");
    sandbox.write("vars", "\u{feff}# a comment\nA=from file\nB=\"x y\"\n");
    let more = [
        "--env",
        "A=1=2",
        "--env-file",
        "vars",
        "--memory",
        "512",
        "--timeout",
        "7",
    ];
    let ran = invoke(&sandbox, &json!({"do": "tell"}), &more).ok();
    let response: Value = serde_json::from_str(&ran.stdout).unwrap();
    let env = response["env"].as_object().unwrap();
    for name in [
        "HOME",
        "FAKE_DIR",
        "AWS_PROFILE",
        "_LAMBDA_SERVER_PORT",
        "AWS_EXECUTION_ENV",
    ] {
        assert!(!env.contains_key(name), "{name}");
    }
    for (name, value) in [
        ("A", "1=2"),
        ("B", "x y"),
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("TZ", ":UTC"),
        ("_HANDLER", "bootstrap"),
    ] {
        assert_eq!(env[name], value, "{name}");
    }
    // The current directory is the folder with its files.
    assert_eq!(response["dir"], env["LAMBDA_TASK_ROOT"]);
    assert!(!std::path::Path::new(response["dir"].as_str().unwrap()).exists());
    let fields = &response["fields"];
    let deadline: u128 = {
        let text = fields["lambda-runtime-deadline-ms"].as_str().unwrap();
        text.parse().unwrap()
    };
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    assert!(
        deadline > now - 600_000 && deadline < now + 7_000,
        "{deadline}"
    );
    let arn = &fields["lambda-runtime-invoked-function-arn"];
    assert_eq!(arn, "arn:aws:lambda:us-east-1:123456789012:function:f");
    assert!(
        fields["lambda-runtime-trace-id"]
            .as_str()
            .unwrap()
            .starts_with("Root=1-")
    );
}

#[test]
fn events_can_come_from_the_command_line_a_file_stdin_or_a_sample() {
    let sandbox = function();
    sandbox.write("event.json", "{\"from\": \"file\"}\n");
    sandbox.write("marked.json", "\u{feff}{\"from\": \"file\"}\n");
    let of = |args: &[&str]| {
        let ran = sandbox.run(&[&["invoke", "f.zip"], args].concat()).ok();
        serde_json::from_str::<Value>(&ran.stdout).unwrap()
    };
    assert_eq!(of(&[]), json!({}));
    assert_eq!(of(&["-d", "-1"]), json!(-1));
    assert_eq!(of(&["-d", "@event.json"]), json!({"from": "file"}));
    assert_eq!(of(&["-d", "@marked.json"]), json!({"from": "file"}));
    assert_eq!(
        of(&["--event", "sqs"])["Records"][0]["eventSource"],
        "aws:sqs"
    );
    let piped = sandbox
        .run_after("set -- invoke f.zip -d -; exec <event.json", &[])
        .ok();
    assert_eq!(piped.stdout, "{\"from\":\"file\"}\n");
}

#[test]
fn an_error_of_the_function_is_printed_and_the_exit_code_is_1() {
    let sandbox = function();
    let ran = invoke(&sandbox, &json!({"do": "error"}), &["-n", "2"]).ends_with(1);
    let error = "{\"errorMessage\":\"no\",\"errorType\":\"Sold\",\"stackTrace\":[]}\n";
    assert_eq!(ran.stdout, error.repeat(2));
    // The process survives, and no explanation is needed.
    assert_eq!(lines(&ran, "begun").len(), 1);
    assert!(lines(&ran, "error:").is_empty(), "{ran}");
    let ran = invoke(&sandbox, &json!({"do": "error-text"}), &[]).ends_with(1);
    let error: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        error,
        json!({"errorMessage": "no \"luck\"", "errorType": "Sold"})
    );
}

#[test]
fn a_response_may_have_six_mebibytes_and_a_hundred_bytes() {
    let sandbox = function();
    let most = 6 * 1024 * 1024 + 100;
    let ran = invoke(&sandbox, &json!({"do": "large", "number": most}), &[]).ok();
    assert_eq!(ran.stdout.len(), most + 1);
    let event = json!({"do": "large", "number": most + 1});
    let ran = invoke(&sandbox, &event, &["-n", "2"]).ends_with(1);
    let error: Value = serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
    assert!(
        error["errorMessage"]
            .as_str()
            .unwrap()
            .contains("6291557 bytes"),
        "{error}"
    );
    // The function gets the error and continues.
    assert_eq!(lines(&ran, "status 413").len(), 2);
    assert_eq!(lines(&ran, "begun").len(), 1);
}

#[test]
fn a_streamed_response_is_passed_on_byte_for_byte() {
    let ran = invoke(&function(), &json!({"do": "stream"}), &[]).ok();
    assert_eq!(ran.stdout, "hello, \0\u{1b}[1mworld");
}

#[test]
fn an_error_in_a_stream_is_the_result() {
    let ran = invoke(&function(), &json!({"do": "stream-error"}), &[]).ends_with(1);
    assert_eq!(
        ran.stdout,
        "{\"errorType\":\"Broke\",\"errorMessage\":\"off\"}\n"
    );
}

#[test]
fn invalid_api_requests_are_rejected_and_the_function_continues() {
    let ran = invoke(&function(), &json!({"do": "garbage"}), &["-n", "2"]).ok();
    let response = "[\"HTTP/1.1 400 Bad Request\",404,400,200]\n";
    assert_eq!(ran.stdout, response.repeat(2));
    assert_eq!(lines(&ran, "twice 403").len(), 2);
}

#[test]
fn function_output_precedes_its_report_even_without_a_newline() {
    for _ in 0..5 {
        let ran = invoke(&function(), &json!({"do": "say"}), &["-n", "2"]).ok();
        let log_lines: Vec<_> = ran.stderr.lines().collect();
        let text = "on stdout, and on stderr without an end";
        let places: Vec<_> = (0..log_lines.len())
            .filter(|at| log_lines[*at] == text)
            .collect();
        assert_eq!(places.len(), 2, "{ran}");
        for place in places {
            assert!(log_lines[place - 1].starts_with("START"), "{ran}");
            assert!(log_lines[place + 1].starts_with("END"), "{ran}");
        }
    }
}

#[test]
fn a_quiet_run_prints_only_the_response() {
    let ran = invoke(&function(), &json!({"do": "say"}), &["-q"]).ok();
    assert_eq!((&*ran.stdout, &*ran.stderr), ("null\n", ""));
}

#[test]
fn exceeding_the_memory_size_is_a_warning() {
    let event = json!({"do": "grow", "number": 160});
    let sandbox = function();
    let ran = invoke(&sandbox, &event, &["-n", "2"]).ok();
    assert_eq!(
        lines(&ran, "warning: the function used 1").len(),
        1,
        "{ran}"
    );
    let ran = invoke(&sandbox, &event, &["--memory", "256"]).ok();
    assert!(lines(&ran, "warning").is_empty(), "{ran}");
}
