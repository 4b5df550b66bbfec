//! `coldstart --max-ratio`: which differences fail, which are only reported, and which zips
//! cannot be compared; and how it ends if interrupted.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::coldstart_local::{coldstart, functions};
use super::invoke::{function, lines};
use super::invoke_ends::processes;
use snapbox::str;

use crate::support::{Sandbox, Transcript, wait, wait_for};

/// An earlier measurement, with some of its values multiplied by a factor.
fn baseline(sandbox: &Sandbox, metric: &str, factor: f64) {
    let text = sandbox.read("measured.json");
    let mut run: Value = serde_json::from_str(&text).unwrap();
    for one in run["functions"].as_array_mut().unwrap() {
        let values = &mut one["page_cache"]["warm"][metric]["values"];
        for value in values.as_array_mut().unwrap() {
            *value = (value.as_f64().unwrap() * factor).into();
        }
    }
    sandbox.write("baseline.json", &run.to_string());
}

/// The largest allowed ratio. Even on a busy machine, two runs of one zip do not differ that
/// much.
const MOST: &str = "100000";
/// The factor for baseline values that makes them exceed [`MOST`].
const TINY: f64 = 1e-8;

const MEASURED: [&str; 2] = ["--baseline", "measured.json"];
const BASELINE: [&str; 2] = ["--baseline", "baseline.json"];

#[test]
fn a_baseline_accepts_the_same_zip_and_rejects_growth() {
    let sandbox = function();
    coldstart(&sandbox, &["f.zip"], &["--json", "measured.json"]).ok();
    let with = |baseline: &[&str]| {
        coldstart(
            &sandbox,
            &["f.zip"],
            &[baseline, &["--max-ratio", MOST]].concat(),
        )
    };
    with(&MEASURED).ok();

    baseline(&sandbox, "cpu_ms", TINY);
    let ran = with(&BASELINE).ends_with(1);
    let errors = lines(&ran, "error: ");
    assert_eq!(errors.len(), 1, "{ran}");
    assert!(
        errors[0].starts_with("error: f: processor time is ")
            && errors[0].ends_with("but only 100000.00x is allowed"),
        "{ran}"
    );
    // The result is still printed.
    assert!(ran.stdout.starts_with("Cold starts on this machine"));

    baseline(&sandbox, "peak_bytes", TINY);
    let ran = with(&BASELINE).ends_with(1);
    let errors = lines(&ran, "error: ");
    assert_eq!(errors.len(), 1, "{ran}");
    assert!(errors[0].starts_with("error: f: memory is "), "{ran}");

    // How busy a machine is varies, so a duration is only a warning.
    baseline(&sandbox, "init_ms", TINY);
    with(&BASELINE)
        .ok()
        .says("warning: f: init is ")
        .says("measured at another time")
        .says("help: measure both zips in one run");
}

#[test]
fn a_larger_zip_is_rejected_by_its_size() {
    let sandbox = function();
    coldstart(&sandbox, &["f.zip"], &["--json", "measured.json"]).ok();
    let text = sandbox.read("measured.json");
    let mut run: Value = serde_json::from_str(&text).unwrap();
    run["functions"][0]["zip_size"] = 10.into();
    sandbox.write("baseline.json", &run.to_string());
    let more = [&BASELINE[..], &["--max-ratio", "9"]].concat();
    let ran = coldstart(&sandbox, &["f.zip"], &more).ends_with(1);
    let errors = lines(&ran, "error: ");
    assert_eq!(errors.len(), 1, "{ran}");
    assert!(errors[0].contains("f: zip size is "), "{ran}");
}

#[test]
fn the_second_of_two_zips_is_compared_with_the_first() {
    let sandbox = functions();
    let with = |zips: &[&str], most: &str| coldstart(&sandbox, zips, &["--max-ratio", most]);
    let ran = with(&["f.zip", "heavy.zip"], "4").ends_with(1);
    let errors = lines(&ran, "error: ");
    assert!(
        errors
            .iter()
            .any(|line| line.starts_with("error: heavy: memory is ")),
        "{ran}"
    );
    with(&["f.zip", "heavy.zip"], "100000").ok();
    with(&["heavy.zip", "f.zip"], "4").ok();
}

#[test]
fn an_unusable_baseline_is_reported_before_measuring() {
    let sandbox = functions();
    let with = |zip: &str| {
        let more = [
            "--baseline",
            "baseline.json",
            "--max-ratio",
            "9",
            "--json",
            "new.json",
        ];
        let ran = coldstart(&sandbox, &[zip], &more);
        assert_eq!(ran.stdout, "");
        assert!(!sandbox.exists("new.json"));
        ran
    };
    with("f.zip").ends_with(103).stderr_eq(str![[r#"
error: failed to open file `[ROOT]/project/baseline.json`: No such file or directory (os error 2)
help: check that the path is correct

"#]]);
    let mut transcript = Transcript::default();
    for text in [
        "",
        "{",
        "[]",
        "{\"version\": 1}",
        "{\"version\": 1, \"functions\": [{}]}",
    ] {
        sandbox.write("baseline.json", text);
        with("f.zip").ends_with(103).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack coldstart --times 10 --seed 7 f.zip --baseline baseline.json --max-ratio 9 --json new.json
error: `[ROOT]/project/baseline.json` is not a result of `--json`: EOF while parsing a value at line 1 column 0
help: create one with `cargo lambdapack coldstart NAME --json FILE`

$ cargo lambdapack coldstart --times 10 --seed 7 f.zip --baseline baseline.json --max-ratio 9 --json new.json
error: `[ROOT]/project/baseline.json` is not a result of `--json`: EOF while parsing an object at line 1 column 1
help: create one with `cargo lambdapack coldstart NAME --json FILE`

$ cargo lambdapack coldstart --times 10 --seed 7 f.zip --baseline baseline.json --max-ratio 9 --json new.json
error: `[ROOT]/project/baseline.json` is not a result of `--json`: invalid length 0, expected struct Baseline with 3 elements at line 1 column 2
help: create one with `cargo lambdapack coldstart NAME --json FILE`

$ cargo lambdapack coldstart --times 10 --seed 7 f.zip --baseline baseline.json --max-ratio 9 --json new.json
error: `[ROOT]/project/baseline.json` is not a result of `--json`: missing field `machine` at line 1 column 14
help: create one with `cargo lambdapack coldstart NAME --json FILE`

$ cargo lambdapack coldstart --times 10 --seed 7 f.zip --baseline baseline.json --max-ratio 9 --json new.json
error: `[ROOT]/project/baseline.json` is not a result of `--json`: missing field `name` at line 1 column 31
help: create one with `cargo lambdapack coldstart NAME --json FILE`


"#]]);
    let machine = "\"machine\": {\"system\": \"linux pdp11\", \"processors\": 1}";
    let of = |version: u32, functions: &str| {
        let text = format!("{{\"version\": {version}, {machine}, \"functions\": [{functions}]}}");
        sandbox.write("baseline.json", &text);
    };
    of(2, "");
    with("f.zip").ends_with(103).stderr_eq(str![[r#"
error: `[ROOT]/project/baseline.json` was written by a newer version of cargo-lambdapack
help: create one with `cargo lambdapack coldstart NAME --json FILE`

"#]]);
    of(
        1,
        r#"{"name": "g", "control": false, "zip_size": 1, "page_cache": {}}"#,
    );
    with("f.zip")
        .ends_with(102)
        .stderr_eq(str![[r#"
warning: the baseline is from another machine (linux pdp11, 1 processors), so its processor time is not comparable
error: the baseline does not contain f, only g
help: measure a baseline with this function: `cargo lambdapack coldstart NAME --json FILE`

"#]]);
}

#[test]
fn starts_with_a_different_page_cache_state_cannot_be_compared() {
    let sandbox = function();
    coldstart(&sandbox, &["f.zip"], &["--json", "measured.json"]).ok();
    let other = sandbox
        .read("measured.json")
        .replace("\"warm\":", "\"cold\":");
    sandbox.write("baseline.json", &other);
    let more = [&BASELINE[..], &["--max-ratio", "9", "--csv", "a.csv"]].concat();
    coldstart(&sandbox, &["f.zip"], &more)
        .ends_with(102)
        .says("the baseline has no starts of f with a warm page cache");
    // The measurements are not lost.
    assert!(sandbox.exists("a.csv"));
}

#[test]
fn an_interrupted_run_leaves_no_files_or_processes() {
    let sandbox = function();
    let function = sandbox.root().join("bin/function");
    let word = function.to_str().unwrap();
    let files = ["--csv", "a.csv", "--json", "a.json", "--svg", "a.svg"];
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let args = [&["coldstart", "f.zip", "--times", "1000"], &files[..]].concat();
        let child = sandbox.start(&args);
        wait_for("the function runs", || !processes(word).is_empty());
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let ran = wait(child).ends_with(code);
        assert_eq!(ran.stdout, "");
        wait_for("the function ends", || processes(word).is_empty());
        for file in ["a.csv", "a.json", "a.svg"] {
            assert!(!sandbox.exists(file), "{file}");
        }
        let temporary = sandbox.root().join("temporary");
        assert_eq!(fs_err::read_dir(temporary).unwrap().count(), 0);
    }
}
