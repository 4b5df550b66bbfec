//! How functions and `invoke` end: the reports, and that no processes remain.

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};

use super::invoke::{function, invoke, lines};
use snapbox::str;

use crate::support::{Ran, Sandbox, wait, wait_for};

/// The error on stdout, which has this type.
#[track_caller]
fn error(ran: &Ran, kind: &str) -> String {
    let error: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(error["errorType"], kind, "{ran}");
    error["errorMessage"].as_str().unwrap().to_owned()
}

#[test]
fn a_function_that_exits_before_responding_is_an_exit_error() {
    let sandbox = function();
    for (event, what) in [
        (
            json!({"do": "panic"}),
            "Runtime exited with error: exit status 101",
        ),
        (
            json!({"do": "exit", "number": 3}),
            "Runtime exited with error: exit status 3",
        ),
        (
            json!({"do": "exit", "number": 0}),
            "Runtime exited without providing a reason",
        ),
        (
            json!({"do": "abort"}),
            "Runtime exited with error: signal: aborted",
        ),
    ] {
        let ran = invoke(&sandbox, &event, &[]).ends_with(1);
        assert!(error(&ran, "Runtime.ExitError").ends_with(what), "{ran}");
        let report = lines(&ran, "REPORT")[0];
        assert!(
            report.ends_with("\tStatus: error\tError Type: Runtime.ExitError"),
            "{ran}"
        );
        assert!(ran.stderr.contains("error: f: Runtime.ExitError"), "{ran}");
    }
    let ran = invoke(&sandbox, &json!({"do": "panic"}), &[]);
    assert_eq!(ran.stderr.matches("no more orders").count(), 1, "{ran}");
}

#[test]
fn a_function_is_cold_again_after_it_exits() {
    let event = json!({"do": "exit", "number": 1});
    let ran = invoke(&function(), &event, &["-n", "2"]).ends_with(1);
    assert_eq!(lines(&ran, "begun").len(), 2);
    let reports = lines(&ran, "REPORT");
    assert!(
        reports.iter().all(|line| line.contains("Init Duration")),
        "{ran}"
    );
}

#[test]
fn a_function_that_exits_after_responding_has_succeeded() {
    let ran = invoke(&function(), &json!({"do": "last"}), &[]).ok();
    assert_eq!(ran.stdout, "\"good bye\"\n");
    assert_eq!(lines(&ran, "warning").len(), 1, "{ran}");
}

#[test]
fn a_slow_function_is_killed_and_reported_as_timed_out() {
    let ran = invoke(&function(), &json!({"do": "hang"}), &["--timeout", "1"]).ends_with(1);
    let message = error(&ran, "Sandbox.Timedout");
    assert!(
        message.ends_with("Error: Task timed out after 1.00 seconds"),
        "{message}"
    );
    assert!(
        lines(&ran, "REPORT")[0].ends_with("\tStatus: timeout"),
        "{ran}"
    );
    ran.messages_eq(str![[r#"
error: f: Sandbox.Timedout: the function did not respond within 1 s
help: allow more time with `--timeout SECONDS`; Lambda's own default is 3

"#]]);
}

/// Handlers that wait until their context expires respond at the deadline.
#[test]
fn a_response_at_the_deadline_is_always_a_timeout() {
    let sandbox = function();
    let args = ["--timeout", "1", "-n", "3"];
    let ran = invoke(&sandbox, &json!({"do": "deadline"}), &args).ends_with(1);
    assert!(!ran.stdout.contains("late"), "{ran}");
    assert_eq!(ran.stdout.matches("Sandbox.Timedout").count(), 3, "{ran}");
    for report in lines(&ran, "REPORT") {
        assert!(report.contains("\tDuration: 1000.00 ms\t"), "{ran}");
        assert!(report.ends_with("\tStatus: timeout"), "{ran}");
    }
}

#[test]
fn a_function_that_exits_during_init_is_reported_with_its_output() {
    let sandbox = function();
    let ran = invoke(&sandbox, &json!({}), &["--env", "MODE=exit"]).ends_with(1);
    let message = error(&ran, "Runtime.ExitError");
    assert!(
        message.ends_with("Runtime exited with error: exit status 7"),
        "{ran}"
    );
    let report = lines(&ran, "INIT_REPORT Init Duration: ")[0];
    let end = "\tPhase: init\tStatus: error\tError Type: Runtime.ExitError";
    assert!(report.ends_with(end), "{ran}");
    // Its output was already printed, so it is not repeated.
    assert_eq!(ran.stderr.matches("there is no table").count(), 1, "{ran}");
    assert!(!ran.stderr.contains("it printed"), "{ran}");
    let quiet = invoke(&sandbox, &json!({}), &["--env", "MODE=exit", "-q"]).ends_with(1);
    assert!(
        lines(&quiet, "error: f: ")[0].contains("it printed: there is no table"),
        "{quiet}"
    );
    let ran = invoke(&sandbox, &json!({}), &["--env", "MODE=abort"]).ends_with(1);
    assert!(
        error(&ran, "Runtime.ExitError").contains("signal: aborted"),
        "{ran}"
    );
}

#[test]
fn a_reported_init_error_is_the_result() {
    let ran = invoke(&function(), &json!({}), &["--env", "MODE=init-error"]).ends_with(1);
    assert_eq!(error(&ran, "NoTable"), "there is no table");
    ran.messages_eq(str![[r#"
error: f: NoTable: initialization failed: there is no table
help: fix the reported error; set missing environment variables with `--env`

"#]]);
}

#[test]
fn a_function_that_requests_no_event_is_aborted_after_ten_seconds() {
    let ran = invoke(&function(), &json!({}), &["--env", "MODE=hang"]).ends_with(1);
    assert!(
        error(&ran, "Sandbox.Timedout").contains("timed out after 10."),
        "{ran}"
    );
    let report = lines(&ran, "INIT_REPORT Init Duration: 100")[0];
    assert!(report.ends_with("\tPhase: init\tStatus: timeout"), "{ran}");
}

/// A zombie counts as ended, because its parent may never reap it.
fn runs(pid: i32) -> bool {
    let stat = fs_err::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    test_kill_process(Pid::from_raw(pid).unwrap()).is_ok() && !stat.contains(") Z ")
}

fn pid(value: &Value) -> i32 {
    i32::try_from(value.as_i64().unwrap()).unwrap()
}

#[test]
fn processes_of_a_function_end_with_the_program() {
    let ran = invoke(&function(), &json!({"do": "child"}), &[]).ok();
    let response: Value = serde_json::from_str(&ran.stdout).unwrap();
    for process in ["child", "own"] {
        wait_for("it ends", || !runs(pid(&response[process])));
    }
}

/// The processes whose command line contains a word.
pub(super) fn processes(word: &str) -> Vec<i32> {
    let all = fs_err::read_dir("/proc").unwrap();
    let pids = all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let line = fs_err::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(word) && runs(*pid)
    })
    .collect()
}

/// Sends a signal to the program while a function works; returns the exit code.
fn ended_by(sandbox: &Sandbox, signal: Signal, event: &Value) -> Option<i32> {
    let event = event.to_string();
    let child = sandbox.start(&["invoke", "f.zip", "--timeout", "60", "-d", &event]);
    let function = sandbox.root().join("bin/function");
    let word = function.to_str().unwrap();
    wait_for("the function runs", || !processes(word).is_empty());
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
    let ran = wait(child);
    wait_for("the function ends", || processes(word).is_empty());
    ran.code
}

#[test]
fn a_signal_ends_the_program_and_the_function_and_removes_its_folder() {
    let sandbox = function();
    let hang = json!({"do": "hang"});
    assert_eq!(ended_by(&sandbox, Signal::INT, &hang), Some(130));
    assert_eq!(ended_by(&sandbox, Signal::TERM, &hang), Some(143));
    let temporary = sandbox.root().join("temporary");
    assert_eq!(fs_err::read_dir(temporary).unwrap().count(), 0);
}

#[test]
fn killing_the_program_ends_the_function_and_removes_its_folder() {
    let sandbox = function();
    let hang = json!({"do": "hang"});
    assert_eq!(ended_by(&sandbox, Signal::KILL, &hang), None);
    let temporary = sandbox.root().join("temporary");
    wait_for("its folder goes", || {
        fs_err::read_dir(&temporary).unwrap().count() == 0
    });
}

#[test]
fn an_internal_extension_registers_and_receives_every_event() {
    let ran = invoke(
        &function(),
        &json!(1),
        &["-n", "2", "--env", "MODE=extension"],
    )
    .ok();
    assert_eq!(ran.stdout, "1\n1\n");
    let registered = lines(&ran, "registered ");
    assert_eq!(registered.len(), 1, "{ran}");
    assert!(registered[0].contains("\"functionName\":\"f\""), "{ran}");
    assert_eq!(lines(&ran, "extension \"INVOKE\"").len(), 2, "{ran}");
    // The invocation lasts until the extension requests its next event, after 0.1 s.
    let log_lines: Vec<_> = ran.stderr.lines().collect();
    let place = |start: &str| {
        log_lines
            .iter()
            .position(|line| line.starts_with(start))
            .unwrap()
    };
    assert!(
        place("extension \"INVOKE\"") < place("END RequestId"),
        "{ran}"
    );
    for report in lines(&ran, "REPORT") {
        let duration = report.split("Duration: ").nth(1).unwrap();
        let duration: f64 = duration.split(' ').next().unwrap().parse().unwrap();
        assert!(duration >= 100.0, "{ran}");
    }
}

#[test]
fn an_internal_extension_that_never_requests_an_event_is_named() {
    let more = ["--env", "MODE=extension-hang"];
    let ran = invoke(&function(), &json!({}), &more).ends_with(1);
    error(&ran, "Sandbox.Timedout");
    ran.messages_eq(str![[r#"
error: f: Sandbox.Timedout: the runtime requested an event, but its extension agent did not within 10 s
help: call `event/next` of the Extensions API after `register`, even if the extension registers for no events; Lambda waits for this call

"#]]);
    // It delays an invocation at most until the timeout, and the response counts.
    let more = ["--env", "MODE=extension-busy", "--timeout", "1", "-n", "2"];
    let ran = invoke(&function(), &json!(1), &more).ok();
    assert_eq!(ran.stdout, "1\n1\n");
    assert_eq!(lines(&ran, "begun").len(), 2, "{ran}");
    ran.messages_eq(str![[r#"
warning: `f` responded, but its extension agent did not request the next event before the timeout; Lambda would start a new execution environment for the next event
warning: `f` responded, but its extension agent did not request the next event before the timeout; Lambda would start a new execution environment for the next event

"#]]);
}

#[test]
fn an_error_of_an_internal_extension_is_an_error_of_the_function() {
    let sandbox = function();
    let more = ["--env", "MODE=extension-init-error"];
    let ran = invoke(&sandbox, &json!({}), &more).ends_with(1);
    error(&ran, "Extension.InitError");
    ran.messages_eq(str![[r#"
error: f: Extension.InitError: initialization failed: extension agent reported Agent.NoKey
help: fix the reported error; set missing environment variables with `--env`

"#]]);
    let more = ["--env", "MODE=extension-exit-error"];
    let ran = invoke(&sandbox, &json!({"do": "hang"}), &more).ends_with(1);
    error(&ran, "Extension.ExitError");
    ran.messages_eq(str![[r#"
error: f: Extension.ExitError: extension agent reported Agent.NoKey
help: fix the extension; if one fails, Lambda ends the execution environment

"#]]);
}
