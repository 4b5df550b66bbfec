//! `coldstart --function`: which settings it changes, which invocations it counts, and that it
//! restores everything.

use serde_json::{Value, json};
use snapbox::str;

use crate::support::{Ran, Sandbox};

const LOOK: &str = "get-function-configuration";
const CHANGE: &str = "update-function-configuration";
const MARKER: &str = "LAMBDAPACK_COLDSTART";

fn coldstart(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["coldstart", "--function", "prod"], args].concat())
}

/// Asserts that the function is unchanged, and that no secret was printed.
#[track_caller]
fn is_as_it_was(sandbox: &Sandbox, ran: &Ran) {
    let now = sandbox.function_now();
    assert_eq!(
        now["Environment"],
        json!({ "Variables": { "KEEP": "s3cr3t" } }),
        "{ran}"
    );
    assert_eq!(now["MemorySize"], json!(256), "{ran}");
    keeps_secrets(sandbox, ran);
}

#[track_caller]
fn keeps_secrets(sandbox: &Sandbox, ran: &Ran) {
    assert!(!format!("{ran}").contains("s3cr3t"), "{ran}");
    for call in sandbox.calls_of("aws ") {
        assert!(!call.line().contains("s3cr3t"), "{}", call.line());
    }
}

/// The state of the function after each change.
fn history(sandbox: &Sandbox) -> Vec<Value> {
    let now = sandbox.function_now();
    now["history"].as_array().cloned().unwrap_or_default()
}

#[test]
fn each_cold_start_has_a_unique_marker_and_all_variables() {
    let sandbox = Sandbox::with_aws();
    let ran = coldstart(&sandbox, &["--times", "2", "--memory", "128,1024,128"]).ok();
    is_as_it_was(&sandbox, &ran);
    let history = history(&sandbox);
    let memories: Vec<_> = { history.iter() }
        .map(|one| one["MemorySize"].as_u64().unwrap())
        .collect();
    assert_eq!(memories, [128, 1024, 128, 1024, 256]);
    let mut markers = Vec::new();
    for one in &history[..4] {
        assert_eq!(one["Environment"]["Variables"]["KEEP"], json!("s3cr3t"));
        markers.push(one["Environment"]["Variables"][MARKER].as_str().unwrap());
    }
    markers.sort_unstable();
    markers.dedup();
    assert_eq!(markers.len(), 4);
    let ran = ran.stderr_eq(str![[r#"
    Restored prod, 256 MB, 1 variables

"#]]);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{ran}");
    assert!(
        lines[0].starts_with("prod  128 MB  2 cold  Init 102.00 ms (101.00 to 103.00)"),
        "{ran}"
    );
    assert!(
        lines[1].starts_with("prod  1024 MB  2 cold  Init 103.00 ms"),
        "{ran}"
    );
}

#[test]
fn each_run_has_different_markers() {
    let sandbox = Sandbox::with_aws();
    for _ in 0..2 {
        coldstart(&sandbox, &["--times", "1"]).ok();
    }
    let history = history(&sandbox);
    let markers: Vec<_> = { history.iter() }
        .filter_map(|one| {
            one["Environment"]["Variables"][MARKER]
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(markers.len(), 2);
    assert_ne!(markers[0], markers[1]);
}

#[test]
fn the_table_has_the_published_columns_and_only_cold_starts() {
    let sandbox = Sandbox::with_aws();
    sandbox.control("aws-warm", "1");
    coldstart(&sandbox, &["--times", "2", "--csv", "cold.csv"]).ok();
    let table = "Name;Memory;Init;Cold;Billed\nprod;256;102;2.72;170\nprod;256;103;2.72;170\n";
    assert_eq!(sandbox.read("cold.csv"), table);
    let ran = coldstart(
        &sandbox,
        &["--times", "1", "--csv", "-", "--columns", "full"],
    )
    .ok();
    assert!(
        ran.stdout
            .contains("\nprod;256;104;2.72;170;aws;x86_64;64;call-4;"),
        "{ran}"
    );
    coldstart(&sandbox, &["--csv", "nowhere/cold.csv"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `--csv`: the folder `[ROOT]/project/nowhere` does not exist
help: create it, or pass a file in another folder

"#]]);
    assert!(sandbox.operations().is_empty());
}

#[test]
fn warm_invocations_are_counted_and_retried_at_most_three_times() {
    let sandbox = Sandbox::with_aws();
    sandbox.control("aws-warm", "2");
    let ran = coldstart(&sandbox, &["--times", "1", "--message-format", "json"]).ok();
    assert_eq!(ran.json()["not_cold"], json!(2));
    assert_eq!(ran.json()["calls"][0]["init_ms"], json!(103.0));
    sandbox.control("aws-warm", "99");
    let ran = coldstart(&sandbox, &["--times", "9"])
        .ends_with(1)
        .stderr_eq(str![[r#"
    Restored prod, 256 MB, 1 variables
error: measured only 0 of 9 cold starts of prod: 0 calls failed, 3 were not cold
help: remove provisioned concurrency while you measure, because its environments can outlive changes

"#]]);
    is_as_it_was(&sandbox, &ran);
    assert_eq!(sandbox.calls_of("aws lambda invoke").len(), 3);
}

#[test]
fn a_failing_function_is_reported_and_is_not_a_cold_start() {
    let sandbox = Sandbox::with_aws();
    sandbox.control(
        "aws-error",
        r#"{"errorType": "Runtime.ExitError", "errorMessage": "no"}"#,
    );
    let ran = coldstart(&sandbox, &["--times", "5"])
        .ends_with(1)
        .stderr_eq(str![[r#"
    Restored prod, 256 MB, 1 variables
error: measured only 0 of 5 cold starts of prod: 3 calls failed, 0 were not cold
help: pass an event that the function accepts with `--data`; the first failed call: Unhandled: Runtime.ExitError: no

"#]]);
    assert_eq!(ran.stdout, "");
    is_as_it_was(&sandbox, &ran);
}

#[test]
fn an_error_midway_restores_everything_and_shows_the_measurements() {
    let sandbox = Sandbox::with_aws();
    sandbox.control("aws-refuse", "invoke 1 TooManyRequestsException");
    let ran = coldstart(&sandbox, &["--times", "1", "--data", "{\"a\": 1}"]).ok();
    is_as_it_was(&sandbox, &ran);
    sandbox.control("aws-then", "aws-refuse\ninvoke 1 AccessDeniedException");
    let ran = coldstart(&sandbox, &["--times", "3", "--memory", "512"])
        .ends_with(103)
        .stderr_eq(str![[r#"
    Restored prod, 256 MB, 1 variables
error: `aws lambda invoke` failed: (AccessDeniedException) when calling the X operation: the request is refused
help: grant `lambda:InvokeFunction` to the identity that `aws sts get-caller-identity` shows

"#]]);
    let ran = ran.stdout_eq(str![[r#"
prod  512 MB  1 cold  Init 102.00 ms (102.00 to 102.00)  Duration 2.72 ms (2.72 to 2.72)

"#]]);
    is_as_it_was(&sandbox, &ran);
    sandbox.uncontrol("aws-then");
    sandbox.control("aws-refuse", "invoke 1 AccessDeniedException");
    let ran = coldstart(&sandbox, &["--times", "3", "--memory", "512"])
        .ends_with(103)
        .stderr_eq(str![[r#"
    Restored prod, 256 MB, 1 variables
error: `aws lambda invoke` failed: (AccessDeniedException) when calling the X operation: the request is refused
help: grant `lambda:InvokeFunction` to the identity that `aws sts get-caller-identity` shows

"#]]);
    is_as_it_was(&sandbox, &ran);
}

#[test]
fn conflicts_and_updates_in_progress_are_retried() {
    let sandbox = Sandbox::with_aws();
    sandbox.control(
        "aws-refuse",
        &format!("{CHANGE} 1 ResourceConflictException"),
    );
    sandbox.control("aws-progress", "1");
    let ran = coldstart(&sandbox, &["--times", "1"]).ok();
    is_as_it_was(&sandbox, &ran);
    let operations = sandbox.operations();
    let expected = [
        LOOK, CHANGE, CHANGE, LOOK, LOOK, "invoke", LOOK, CHANGE, LOOK,
    ];
    assert_eq!(operations, expected);
}

#[test]
fn unreadable_variables_are_not_replaced() {
    let sandbox = Sandbox::with_aws();
    let error = json!({ "ErrorCode": "AccessDeniedException", "Message": "no key." });
    sandbox.set_function(&json!({ "Environment": { "Error": error } }));
    coldstart(&sandbox, &[])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: cannot read the variables of prod, so they could not be restored: AccessDeniedException: no key
help: grant yourself `kms:Decrypt` on the function's KMS key, which is usually missing

"#]]);
    assert_eq!(sandbox.operations(), [LOOK]);
}

#[test]
fn usage_errors_are_reported_before_any_aws_call() {
    let sandbox = Sandbox::with_aws();
    for words in [
        ["--memory", "128,64"],
        ["--memory", "128,lots"],
        ["--memory", "10241"],
        ["--times", "0"],
        ["--data", "no JSON"],
        ["--wait", "0"],
    ] {
        coldstart(&sandbox, &words).ends_with(2);
        assert!(sandbox.operations().is_empty(), "{words:?}");
    }
    coldstart(&sandbox, &["--data", "@missing.json"]).ends_with(103);
    assert!(sandbox.operations().is_empty());
    let args = ["coldstart", "--function", "prod:live"];
    sandbox
        .run(&args)
        .ends_with(2)
        .stderr_eq(str![[r#"
error: invalid value 'prod:live' for '--function <NAME>': a version or an alias cannot be changed; omit the qualifier

For more information, try '--help'.

"#]]);
}

#[test]
fn a_dry_run_prints_commands_without_values_and_runs_none() {
    let sandbox = Sandbox::with_aws();
    let ran = coldstart(&sandbox, &["--memory", "128,512", "--dry-run"]).ok();
    assert!(sandbox.operations().is_empty());
    let lines = |word: &str| {
        ran.stdout
            .lines()
            .filter(|line| line.contains(word))
            .count()
    };
    assert_eq!(lines("update-function-configuration"), 3, "{ran}");
    assert_eq!(lines("--memory-size 128"), 1, "{ran}");
    assert_eq!(lines("lambda invoke"), 2, "{ran}");
    assert_eq!(lines("file://environment.json"), 3, "{ran}");
}

#[test]
fn concurrent_changes_are_kept_and_stop_the_measurement() {
    let sandbox = Sandbox::with_aws();
    sandbox.control("aws-other", "invoke");
    let ran = coldstart(&sandbox, &["--times", "3", "--memory", "512"])
        .ends_with(103)
        .stderr_eq(str![[r#"
warning: another user or process changed prod during the measurement; those changes are kept
    Restored prod, 256 MB, 2 variables
error: another user or process changed prod during the measurement
help: measure again when the other changes are done; they were kept

"#]]);
    let now = sandbox.function_now();
    let variables = json!({ "KEEP": "s3cr3t", "OTHER": "of somebody else" });
    assert_eq!(now["Environment"]["Variables"], variables, "{ran}");
    assert_eq!(now["MemorySize"], json!(256));
    let ran = ran.stdout_eq(str![[r#"
prod  512 MB  1 cold  Init 101.00 ms (101.00 to 101.00)  Duration 2.72 ms (2.72 to 2.72)

"#]]);
    keeps_secrets(&sandbox, &ran);
}

#[test]
fn a_function_without_variables_has_none_afterward() {
    let sandbox = Sandbox::with_aws();
    sandbox.set_function(&json!({ "Environment": null }));
    coldstart(&sandbox, &["--times", "1"]).ok();
    assert_eq!(
        sandbox.function_now()["Environment"]["Variables"],
        json!({})
    );
}

#[test]
fn the_marker_of_a_killed_run_is_removed() {
    let sandbox = Sandbox::with_aws();
    let variables = json!({ "KEEP": "s3cr3t", MARKER: "old" });
    sandbox.set_function(&json!({ "Environment": { "Variables": variables } }));
    let ran = coldstart(&sandbox, &["--times", "1"])
        .ok()
        .stderr_eq(str![[r#"
note: prod has LAMBDAPACK_COLDSTART from an earlier run that was killed; it will be removed
    Restored prod, 256 MB, 1 variables

"#]]);
    is_as_it_was(&sandbox, &ran);
}

#[test]
fn a_failed_restore_prints_commands_to_restore_manually() {
    let sandbox = Sandbox::with_aws();
    sandbox.control(
        "aws-then",
        &format!("aws-refuse\n{CHANGE} 99 AccessDeniedException"),
    );
    let ran = coldstart(&sandbox, &["--times", "1"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: `aws lambda update-function-configuration` failed: (AccessDeniedException) when calling the X operation: the request is refused
help: grant `lambda:UpdateFunctionConfiguration` to the identity that `aws sts get-caller-identity` shows
error: prod was not restored: it may have LAMBDAPACK_COLDSTART and a memory size other than 256 MB
help: its variables are in [ROOT]/environment-[RANDOM].json, which only you can read; restore it with: cd [ROOT]/project && [ROOT]/bin/aws lambda update-function-configuration --function-name prod --memory-size 256 --environment file://[ROOT]/environment-[RANDOM].json

"#]]);
    keeps_secrets(&sandbox, &ran);
    let (_, rest) = ran.stderr.split_once("its variables are in ").unwrap();
    let (file, rest) = rest
        .split_once(", which only you can read; restore it with: ")
        .unwrap();
    let saved: Value = serde_json::from_str(&fs_err::read_to_string(file).unwrap()).unwrap();
    assert_eq!(saved, json!({ "Variables": { "KEEP": "s3cr3t" } }));
    // The printed command restores the function.
    #[cfg(unix)]
    {
        sandbox.uncontrol("aws-refuse");
        let shell = std::path::Path::new("/bin/sh");
        sandbox
            .run_program(shell, &["-ec", rest.lines().next().unwrap()], &[])
            .ok();
        is_as_it_was(&sandbox, &ran);
    }
    fs_err::remove_dir_all(std::path::Path::new(file).parent().unwrap()).unwrap();
}

#[cfg(unix)]
mod signals {
    use snapbox::str;

    use rustix::process::{Pid, Signal, kill_process};

    use super::{MARKER, is_as_it_was};
    use crate::support::{Ran, Sandbox, wait, wait_for};

    /// Sends a signal while an operation hangs.
    fn signalled(sandbox: &Sandbox, operation: &str, signal: Signal) -> Ran {
        sandbox.control("aws-sleep", operation);
        let child = sandbox.start(&[
            "coldstart",
            "--function",
            "prod",
            "--times",
            "3",
            "--memory",
            "512",
        ]);
        wait_for("it sleeps", || !sandbox.root().join("aws-sleep").exists());
        let variables = &sandbox.function_now()["Environment"]["Variables"];
        assert!(variables[MARKER].is_string(), "{variables}");
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        wait(child)
    }

    #[test]
    fn ctrl_c_during_an_invocation_restores_everything() {
        let sandbox = Sandbox::with_aws();
        let ran = signalled(&sandbox, "invoke", Signal::INT)
            .ends_with(130)
            .stderr_eq(str![[r#"
    Restored prod, 256 MB, 1 variables

"#]]);
        is_as_it_was(&sandbox, &ran);
    }

    /// Sends a signal once or twice while everything is being restored, which takes this many
    /// seconds.
    fn signalled_while_it_is_put_back(seconds: u32, twice: bool) -> (Sandbox, Ran) {
        let sandbox = Sandbox::with_aws();
        let sleep = format!("update-function-configuration {seconds}");
        sandbox.control("aws-then", &format!("aws-sleep\n{sleep}"));
        let child = sandbox.start(&["coldstart", "--function", "prod", "--times", "1"]);
        let changes = || sandbox.calls_of("aws lambda update-function-configuration");
        let sleeps = || changes().len() == 2 && !sandbox.root().join("aws-sleep").exists();
        wait_for("it sleeps", sleeps);
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        if twice {
            std::thread::sleep(std::time::Duration::from_millis(200));
            kill_process(pid, Signal::INT).unwrap();
        }
        (sandbox, wait(child))
    }

    #[test]
    fn ctrl_c_during_restore_waits_for_it() {
        let (sandbox, ran) = signalled_while_it_is_put_back(1, false);
        let ran = ran.ends_with(130).stderr_eq(str![[r#"
    Restored prod, 256 MB, 1 variables

"#]]);
        is_as_it_was(&sandbox, &ran);
        ran.stdout_eq(str![[r#"
prod  256 MB  1 cold  Init 101.00 ms (101.00 to 101.00)  Duration 2.72 ms (2.72 to 2.72)

"#]]);
    }

    #[test]
    fn a_second_ctrl_c_during_restore_aborts_it_and_prints_instructions() {
        let (_, ran) = signalled_while_it_is_put_back(60, true);
        let ran = ran.ends_with(130).stderr_eq(str![[r#"
error: prod was not restored: it may have LAMBDAPACK_COLDSTART and a memory size other than 256 MB
help: its variables are in [ROOT]/environment-[RANDOM].json, which only you can read; restore it with: cd [ROOT]/project && [ROOT]/bin/aws lambda update-function-configuration --function-name prod --memory-size 256 --environment file://[ROOT]/environment-[RANDOM].json

"#]]);
        let (_, rest) = ran.stderr.split_once("its variables are in ").unwrap();
        let file = std::path::Path::new(rest.split_once(", which only you").unwrap().0);
        fs_err::remove_dir_all(file.parent().unwrap()).unwrap();
    }

    #[test]
    fn sigterm_during_an_update_restores_everything() {
        let sandbox = Sandbox::with_aws();
        let operation = "update-function-configuration";
        let ran = signalled(&sandbox, operation, Signal::TERM).ends_with(143);
        is_as_it_was(&sandbox, &ran);
    }
}

#[test]
fn an_alias_of_latest_is_accepted_and_one_of_a_version_is_rejected() {
    let sandbox = Sandbox::with_aws();
    let alias = |name: &str, version: &str| json!({ "Name": name, "FunctionVersion": version });
    let aliases = json!({ "live": alias("live", "7"), "next": alias("next", "$LATEST") });
    sandbox.set_function(&json!({ "aliases": aliases }));
    let ran = coldstart(&sandbox, &["--qualifier", "live"]).ends_with(103);
    ran.stderr_eq(str![[r#"
error: cannot force cold starts of prod:live because it is version 7, which cannot be changed
help: omit `--qualifier`; the function itself has the same code

"#]]);
    assert_eq!(history(&sandbox), [] as [Value; 0]);
    let ran = coldstart(&sandbox, &["--qualifier", "next", "--times", "1"]).ok();
    is_as_it_was(&sandbox, &ran);
    let calls = sandbox.calls_of("aws lambda invoke");
    assert!(
        calls
            .iter()
            .all(|call| call.line().contains("--qualifier next"))
    );
    assert_eq!(calls.len(), 1);
}
