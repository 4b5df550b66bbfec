//! `deploy` and `coldstart --function` through the real AWS CLI, against moto, and against a
//! server of our own for features that moto lacks.

use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::aws_server::Server;
use super::moto::{at, moto};
use super::support::{LAMBDAPACK, Ran, command, ok, run, tool};

/// A folder with `orders.zip`, and commands that use AWS at this address.
struct Desk {
    dir: TempDir,
    address: String,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let desk = Self {
            dir,
            address: String::new(),
        };
        desk.pack("exit 0");
        desk
    }

    fn at(self, address: &str) -> Self {
        Self {
            address: address.to_owned(),
            ..self
        }
    }

    fn pack(&self, script: &str) {
        let main = self.dir.path().join("main");
        fs_err::write(main, format!("#!/bin/sh\n{script}\n")).unwrap();
        let mut pack = command(LAMBDAPACK, self.dir.path());
        ok(pack.args(["pack", "--arch", "x86_64", "-o", "orders.zip", "main"]));
    }

    fn hash(&self) -> String {
        fs_err::read_to_string(self.dir.path().join("orders.zip.base64sha256")).unwrap()
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = command(program, self.dir.path());
        at(&self.address, &mut command);
        command
    }

    fn lambdapack(&self, args: &[&str]) -> Ran {
        run(self.command(LAMBDAPACK).args(args))
    }

    fn deploy(&self, args: &[&str]) -> Ran {
        self.lambdapack(&[&["deploy", "orders.zip", "--function", "prod"], args].concat())
    }

    fn aws(&self, args: &[&str]) -> Value {
        let aws = tool("aws").unwrap();
        serde_json::from_str(&ok(self.command(aws).args(args))).unwrap()
    }

    fn function(&self) -> Value {
        self.aws(&[
            "lambda",
            "get-function-configuration",
            "--function-name",
            "prod",
        ])
    }
}

#[track_caller]
fn ends(ran: &Ran, code: i32, says: &str) {
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.code, Some(code), "{all}");
    assert!(ran.stderr.contains(says), "not said: {says}\n{all}");
}

#[test]
fn deploying_to_moto_updates_hash_and_versions_and_a_second_run_does_nothing() {
    if tool("aws").is_none() {
        return;
    }
    let desk = Desk::new();
    let Some(moto) = moto(desk.dir.path()) else {
        return;
    };
    let desk = desk.at(&moto.address);
    let ran = desk.deploy(&["--alias", "live"]);
    ends(&ran, 0, "Created alias live for version 1");
    assert_eq!(ran.stdout, format!("{}  prod:1\n", desk.hash()));
    assert_eq!(desk.function()["CodeSha256"], json!(desk.hash()));
    // Lambda does not publish a version if nothing has changed. moto publishes one more.
    let ran = desk.deploy(&["--alias", "live"]);
    ends(&ran, 0, "Moved alias live from version 1 to 2");
    assert!(
        ran.stderr.contains("Fresh prod already has"),
        "{}",
        ran.stderr
    );
    let ran = desk.deploy(&["--alias", "live"]);
    ends(&ran, 0, "alias live already points to version 2");
    assert!(!ran.stderr.contains("Updated"), "{}", ran.stderr);

    desk.pack("exit 1");
    let ran = desk.deploy(&["--alias", "live", "--s3-bucket", "zips"]);
    ends(&ran, 0, "Moved alias live from version 2 to 3");
    assert_eq!(desk.function()["CodeSha256"], json!(desk.hash()));
    let alias = desk.aws(&[
        "lambda",
        "get-alias",
        "--function-name",
        "prod",
        "--name",
        "live",
    ]);
    assert_eq!(alias["FunctionVersion"], json!("3"));

    // moto returns no log, so no invocation is a cold start, and everything is restored.
    let before = desk.function();
    let ran = desk.lambdapack(&["coldstart", "--function", "prod", "--memory", "128,512"]);
    ends(&ran, 1, "the response has no LogResult");
    ends(&ran, 1, "Restored prod, 256 MB, 1 variables");
    let after = desk.function();
    for field in ["Environment", "MemorySize", "CodeSha256"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert!(before["Environment"]["Variables"]["KEEP"].is_string());
}

#[test]
fn errors_of_the_aws_cli_are_distinguished() {
    if tool("aws").is_none() {
        return;
    }
    // No server listens at this address.
    let desk = Desk::new().at("http://127.0.0.1:9");
    ends(&desk.deploy(&[]), 103, "AWS_ENDPOINT_URL");
    let without = |names: &[&str]| {
        let mut command = desk.command(LAMBDAPACK);
        for name in names {
            command.env_remove(name);
        }
        run(command.args(["deploy", "orders.zip", "--function", "prod"]))
    };
    ends(&without(&["AWS_ACCESS_KEY_ID"]), 103, "aws configure");
    ends(
        &without(&["AWS_REGION", "AWS_DEFAULT_REGION"]),
        103,
        "--region",
    );
    ends(&desk.deploy(&["--profile", "missing"]), 103, "--profile");
}

#[test]
fn updates_in_progress_conflicts_and_throttling_are_retried() {
    if tool("aws").is_none() {
        return;
    }
    let server = Server::start(json!({ "progress": 1, "refuse": {
        "PUT configuration": [[409, "ResourceConflictException"]],
        "POST invocations": [[429, "TooManyRequestsException"]],
    } }));
    let desk = Desk::new().at(&server.address);
    let args = [
        "coldstart",
        "--function",
        "prod",
        "--times",
        "2",
        "--csv",
        "cold.csv",
    ];
    let ran = desk.lambdapack(&args);
    ends(&ran, 0, "Restored prod");
    assert!(
        ran.stdout
            .starts_with("prod  256 MB  2 cold  Init 100.00 ms"),
        "{}",
        ran.stdout
    );
    let table = fs_err::read_to_string(desk.dir.path().join("cold.csv")).unwrap();
    let row = "prod;256;100;2.72;103\n";
    assert_eq!(table, format!("Name;Memory;Init;Cold;Billed\n{row}{row}"));
    let function = server.function();
    assert_eq!(
        function["Environment"],
        json!({ "Variables": { "KEEP": "s3cr3t" } })
    );
    assert_eq!(function["MemorySize"], json!(256));
    let asked = server.asked();
    let count = |what: &str| asked.iter().filter(|one| *one == what).count();
    assert_eq!(count("PUT configuration"), 4, "{asked:?}");
    assert_eq!(count("POST invocations"), 3, "{asked:?}");

    server.set(json!({ "error": { "errorType": "Runtime.ExitError", "errorMessage": "no" } }));
    let args = [
        "coldstart",
        "--function",
        "prod",
        "--times",
        "2",
        "--memory",
        "512",
    ];
    let ran = desk.lambdapack(&args);
    ends(&ran, 1, "Unhandled: Runtime.ExitError: no");
    assert_eq!(server.function()["MemorySize"], json!(256));
}

#[test]
fn ctrl_c_during_a_call_restores_the_function() {
    if tool("aws").is_none() {
        return;
    }
    let server = Server::start(json!({ "hang": true }));
    let desk = Desk::new().at(&server.address);
    let mut coldstart = desk.command(LAMBDAPACK);
    coldstart.args(["coldstart", "--function", "prod", "--memory", "512"]);
    let child = coldstart
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    server.wait_for("POST invocations");
    let changed = server.function();
    assert_eq!(changed["MemorySize"], json!(512));
    assert_eq!(changed["Environment"]["Variables"]["KEEP"], json!("s3cr3t"));
    assert!(changed["Environment"]["Variables"]["LAMBDAPACK_COLDSTART"].is_string());
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    ends(&ran, 130, "Restored prod");
    let function = server.function();
    assert_eq!(
        function["Environment"],
        json!({ "Variables": { "KEEP": "s3cr3t" } })
    );
    assert_eq!(function["MemorySize"], json!(256));
}
