//! `invoke --function` through the real AWS CLI: with functions of `watch`, where boto3 must see
//! the same, and with a server that fails.

use std::process::Output;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::aws_server::Server;
use super::moto::at;
use super::support::{command, lambdapack, ok, repository, skip, tool, venv};
use super::watched_functions::WatchedFunctions;

const FUNCTIONS: [&str; 2] = ["rust-events", "go-events"];

/// The functions, and two clients of them.
struct Clients {
    functions: Arc<WatchedFunctions>,
    dir: TempDir,
}

/// The result of our program.
#[derive(Debug)]
struct Invoked {
    code: Option<i32>,
    payload: Vec<u8>,
    stderr: String,
}

impl From<Output> for Invoked {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            payload: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Clients {
    /// `None` if a tool is missing.
    fn get() -> Option<Self> {
        tool("aws")?;
        if !venv("python").exists() {
            skip("boto3 is missing (.ci/install-tools installs it)");
            return None;
        }
        Some(Self {
            functions: WatchedFunctions::get()?,
            dir: tempfile::tempdir().unwrap(),
        })
    }

    fn invoke(&self, function: &str, event: &Value, args: &[&str]) -> Invoked {
        fs_err::write(self.dir.path().join("event.json"), event.to_string()).unwrap();
        let mut invoke = lambdapack(self.dir.path());
        at(&self.functions.endpoint(), &mut invoke);
        invoke
            .args(["invoke", "--function", function, "-d", "@event.json"])
            .args(args);
        invoke.output().unwrap().into()
    }

    /// The result of boto3 for the last event.
    fn boto3(&self, options: &Value) -> Value {
        let mut python = command(venv("python"), self.dir.path());
        at(&self.functions.endpoint(), &mut python);
        let script = repository().join("tests/real/watch-clients/invoke.py");
        let options = options.to_string();
        python
            .arg(script)
            .args([&self.functions.endpoint(), &options, "event.json"]);
        serde_json::from_str(&ok(&mut python)).unwrap()
    }

    /// Invokes a function with both clients, and asserts that they see the same.
    #[track_caller]
    fn assert_same(&self, function: &str, qualifier: Option<&str>, event: &Value) -> Invoked {
        let args = qualifier.map_or(vec![], |qualifier| vec!["--qualifier", qualifier]);
        let invoked = self.invoke(function, event, &[&args[..], &["-v"]].concat());
        let mut options = json!({ "FunctionName": function, "LogType": "Tail" });
        if let Some(qualifier) = qualifier {
            options["Qualifier"] = json!(qualifier);
        }
        let result = self.boto3(&options);
        let decoded = |name: &str| STANDARD.decode(result[name].as_str().unwrap()).unwrap();
        let payload = decoded("payload");
        let is_same = if result["error"].is_null() {
            invoked.payload == payload
        } else {
            // Lambda's own messages contain the ID of the request.
            let [own, other] = [&invoked.payload, &payload].map(|p| String::from_utf8_lossy(p));
            shape(&own) == shape(&other)
        };
        assert!(is_same, "{event}: {invoked:?}");
        let code = if result["error"].is_null() { 0 } else { 1 };
        assert_eq!(invoked.code, Some(code), "{event}: {invoked:?}");
        let answer = format!(
            "Invoked {function}, version {}, status {}\n",
            result["version"].as_str().unwrap(),
            result["status"]
        );
        let (_, log) = invoked.stderr.split_once(&answer).unwrap();
        let expected = shape(&String::from_utf8_lossy(&decoded("log")));
        assert!(!expected.is_empty());
        assert!(shape(log).starts_with(&expected), "{expected:?}\n{log}");
        invoked
    }
}

/// The lines of a log without what differs between invocations: IDs, times, and sizes, and the
/// first line, which can be cut.
fn shape(log: &str) -> Vec<String> {
    let lines = log.lines().map(|line| {
        if line.starts_with("received ") {
            return line.to_owned();
        }
        let words = line.split([' ', '\t']).map(|word| {
            let is_id = word.len() == 36 && word.matches('-').count() == 4;
            let is_value = is_id || word.starts_with(|c: char| c.is_ascii_digit());
            if is_value { "…" } else { word }
        });
        let line = words.collect::<Vec<_>>().join(" ");
        let line = line.replace(" Init Duration: … ms", "");
        line.trim_end().to_owned()
    });
    let mut lines: Vec<_> = lines.collect();
    // Of a long log only the last 4 KB are printed, perhaps without the final newline.
    if log.len() >= 4000 {
        lines.remove(0);
    }
    lines
}

#[test]
fn the_results_are_those_of_boto3() {
    let Some(clients) = Clients::get() else {
        return;
    };
    for function in FUNCTIONS {
        let event = json!({ "do": "echo", "value": "ä\u{0}\n\"" });
        let invoked = clients.assert_same(function, None, &event);
        let payload: Value = serde_json::from_slice(&invoked.payload).unwrap();
        assert_eq!(payload["event"], event);

        // The function has the ARN of the alias.
        let invoked = clients.assert_same(function, Some("live"), &json!({}));
        let text = String::from_utf8(invoked.payload).unwrap();
        assert!(
            text.contains(&format!(":function:{function}:live\"")),
            "{text}"
        );

        let invoked = clients.assert_same(function, None, &json!({ "do": "fail" }));
        let error: Value = serde_json::from_slice(&invoked.payload).unwrap();
        assert_eq!(error["errorMessage"], "this event fails");
        assert!(!invoked.stderr.contains("error: "), "{invoked:?}");

        let invoked = clients.assert_same(function, None, &json!({ "do": "exit" }));
        let error = format!("error: {function}: Runtime.ExitError: ");
        assert!(invoked.stderr.contains(&error), "{invoked:?}");

        // A response that is streamed comes in one piece.
        let event = json!({ "do": "stream", "pause": 10 });
        let invoked = clients.assert_same(function, None, &event);
        assert!(invoked.payload.ends_with(b"one two three "), "{invoked:?}");
        let invoked = clients.assert_same(function, None, &json!({ "do": "bytes" }));
        let all: Vec<u8> = (0..=255).collect();
        assert!(invoked.payload.ends_with(&all), "{invoked:?}");

        let event = json!({ "do": "echo", "value": "x".repeat(5 << 20) });
        let invoked = clients.assert_same(function, None, &event);
        assert!(invoked.payload.len() > 5 << 20);
    }
}

#[test]
fn all_forms_of_names_work() {
    let Some(clients) = Clients::get() else {
        return;
    };
    for function in FUNCTIONS {
        let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{function}");
        for name in [
            format!("{function}:live"),
            format!("123456789012:function:{function}"),
            format!("{arn}:$LATEST"),
            arn,
        ] {
            clients.assert_same(&name, None, &json!({}));
        }
    }
}

#[test]
fn an_asynchronous_invocation_reports_the_id_of_its_request() {
    let Some(clients) = Clients::get() else {
        return;
    };
    for function in FUNCTIONS {
        let word = format!("asynchronous {}", std::process::id());
        let event = json!({ "do": "event", "word": word });
        let invoked = clients.invoke(function, &event, &["--async"]);
        assert_eq!(invoked.code, Some(0), "{invoked:?}");
        assert_eq!(invoked.payload, b"");
        clients.functions.wait_for_line(function, &[&word]);
        let accepted = format!("    Accepted an event for {function}, request ");
        let id = invoked.stderr.strip_prefix(&accepted);
        let id = id.unwrap_or_else(|| panic!("{invoked:?}")).trim_end();
        // The log of the function has the same ID.
        clients
            .functions
            .wait_for("answered", |event| event["request_id"] == id);
        let result = clients.boto3(&json!({ "FunctionName": function, "InvocationType": "Event" }));
        assert_eq!(
            (&result["status"], &result["payload"]),
            (&json!(202), &json!(""))
        );
    }
}

#[test]
fn errors_are_those_of_boto3() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let large = |size: usize| json!("x".repeat(size - 2));
    let mebibyte = 1 << 20;
    for (function, event, args, options, exit_code, help) in [
        (
            "none",
            json!({}),
            &[][..],
            json!({ "FunctionName": "none" }),
            103,
            "check the name, the version or alias, ",
        ),
        (
            "none",
            json!({}),
            &["--async"],
            json!({ "FunctionName": "none", "InvocationType": "Event" }),
            103,
            "check the name, the version or alias, ",
        ),
        (
            "go-events",
            large(6 * mebibyte + 1),
            &[],
            json!({ "FunctionName": "go-events" }),
            105,
            "store large data in S3, ",
        ),
        (
            "go-events",
            large(mebibyte + 1),
            &["--async"],
            json!({ "FunctionName": "go-events", "InvocationType": "Event" }),
            105,
            "store large data in S3, ",
        ),
        (
            "go-events:live",
            json!({}),
            &["--qualifier", "next"],
            json!({ "FunctionName": "go-events:live", "Qualifier": "next" }),
            103,
            "run again with `-v` ",
        ),
    ] {
        let invoked = clients.invoke(function, &event, args);
        let code = &clients.boto3(&options)["code"];
        let code = code
            .as_str()
            .unwrap_or_else(|| panic!("{options} did not fail"));
        let error = format!("error: `aws lambda invoke` failed: ({code}) when calling the Invoke");
        assert_eq!(invoked.code, Some(exit_code), "{invoked:?}");
        assert!(invoked.stderr.starts_with(&error), "{code}: {invoked:?}");
        assert!(
            invoked.stderr.contains(&format!("\nhelp: {help}")),
            "{invoked:?}"
        );
        assert_eq!(invoked.stderr.lines().count(), 2, "{invoked:?}");
        assert_eq!(invoked.payload, b"");
    }
}

/// By default, the AWS CLI repeats a request after such an error, and the function would run
/// twice.
#[test]
fn a_request_that_failed_is_not_repeated() {
    if tool("aws").is_none() {
        return;
    }
    let failures = [
        json!([500, "ServiceException"]),
        json!([500, "ServiceException"]),
    ];
    let server = Server::start(json!({ "refuse": { "POST invocations": failures } }));
    let dir = tempfile::tempdir().unwrap();
    for (number, args) in [(1, &[][..]), (2, &["--async"])] {
        let mut invoke = lambdapack(dir.path());
        at(&server.address, &mut invoke);
        invoke.env_remove("AWS_MAX_ATTEMPTS");
        let invoked: Invoked = invoke
            .args(["invoke", "--function", "prod"])
            .args(args)
            .output()
            .unwrap()
            .into();
        assert_eq!(invoked.code, Some(103), "{invoked:?}");
        assert!(invoked.stderr.contains("(ServiceException)"), "{invoked:?}");
        assert_eq!(server.asked(), vec!["POST invocations"; number]);
    }
}
