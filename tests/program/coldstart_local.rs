//! Local `coldstart` with simulated functions: tables, files, and messages. Tests never assert
//! durations. They assert CPU time and memory, using a function that takes 32 MB.

use serde_json::{Value, json};

use super::invoke::{function, lines};
use snapbox::str;

use crate::support::image::Program;
use crate::support::zip::{Entry, Zip};
use crate::support::{Ran, Sandbox, Transcript};

/// The same machine with `heavy.zip`, which does more work before its first event.
pub(super) fn functions() -> Sandbox {
    let sandbox = function();
    let function = sandbox.root().join("bin/function");
    let script = format!("#!/bin/sh\nMODE=heavy exec '{}'\n", function.display());
    let entry = Entry::bootstrap(script.as_bytes());
    sandbox.write_bytes("heavy.zip", Zip::of([entry]).bytes());
    sandbox
}

/// Ten starts of each zip, with additional options.
pub(super) fn coldstart(sandbox: &Sandbox, zips: &[&str], more: &[&str]) -> Ran {
    sandbox.run(&[&["coldstart", "--times", "10", "--seed", "7"], zips, more].concat())
}

/// The text about a zip below the tables.
fn summary(ran: &Ran, name: &str) -> String {
    let start = format!("  {name}: ");
    let line = { ran.stdout.lines() }.find_map(|line| line.strip_prefix(&start));
    line.unwrap_or_else(|| panic!("nothing of {name}: {ran}"))
        .to_owned()
}

/// A function in the JSON of a run.
fn function_of<'a>(run: &'a Value, label: &str) -> &'a Value {
    let functions = run["functions"].as_array().unwrap();
    { functions.iter() }
        .find(|one| one["label"] == label)
        .unwrap_or_else(|| panic!("no {label}: {run}"))
}

#[test]
fn all_zips_are_compared_with_the_first() {
    let sandbox = functions();
    let files = ["--csv", "a.csv", "--json", "a.json", "--svg", "a.svg"];
    let ran = coldstart(&sandbox, &["f.zip", "heavy.zip"], &files).ok();
    let first = ran.stdout.lines().next().unwrap();
    assert!(
        first.starts_with("Cold starts on this machine, 10 of each, seed 7: relative"),
        "{ran}"
    );
    let rows = |name: &str| {
        let is_row = |line: &&str| line.strip_prefix("  ").is_some_and(|l| l.starts_with(name));
        ran.stdout.lines().filter(is_row).count()
    };
    // Asserts that each measured state of the page cache has a box plot, figures, and text.
    for name in ["f  ", "heavy  ", "f again  ", "f again: ", "heavy: "] {
        assert!(rows(name) > 0, "no {name}: {ran}");
    }
    // Each number ends below the end of its heading, however short the names are.
    let end_of = |line: &str, word: &str| line.find(word).map(|at| at + word.len());
    let find = |start: &str| {
        let mut lines = ran.stdout.lines();
        lines.rfind(|line| line.trim_start().starts_with(start))
    };
    let title = find("zip ").and_then(|line| end_of(line, "zip"));
    let number = find("heavy  ").and_then(|line| end_of(line, " B"));
    assert!(title.is_some() && title == number, "{ran}");

    let heavy = summary(&ran, "heavy");
    assert_eq!(heavy.split(", ").count(), 4, "{heavy}");
    for what in ["processor time", "memory"] {
        let words = heavy.split(", ").find(|words| words.starts_with(what));
        assert!(words.unwrap().ends_with(") more"), "{heavy}");
    }
    for words in summary(&ran, "f again").split(", ") {
        assert!(words.contains(") control"), "{words}");
    }
    assert_eq!(lines(&ran, "       Wrote ").len(), 3, "{ran}");
    assert!(lines(&ran, "   Measuring ").is_empty(), "{ran}");
    the_table_is_what_was_published_and_report_reads_it(&sandbox);
    json_has_every_number(&sandbox);
    let svg = sandbox.read("a.svg");
    for word in [
        ">f<",
        ">heavy<",
        ">f again<",
        ">First event, page cache warm<",
        "10 of each",
    ] {
        assert!(svg.contains(word), "no {word}: {svg}");
    }
}

fn the_table_is_what_was_published_and_report_reads_it(sandbox: &Sandbox) {
    let csv = sandbox.read("a.csv");
    let (header, rows) = csv.split_once('\n').unwrap();
    assert_eq!(
        header,
        "Name;Memory;Init;Cold;Billed;Source;Arch;MaxMemory;PageCache;Warm;Cpu;MinorFaults;\
         MajorFaults;ZipSize;Size"
    );
    let size = fs_err::metadata(sandbox.path("f.zip")).unwrap().len();
    let mut warm = 0;
    for row in rows.lines() {
        let fields: Vec<_> = row.split(';').collect();
        assert_eq!(fields.len(), 15, "{row}");
        assert_eq!((fields[1], fields[5], fields[6]), ("128", "local", ""));
        let ms: Vec<f64> = [2, 3, 9, 10].map(|at| fields[at].parse().unwrap()).to_vec();
        assert!(ms.iter().all(|ms| *ms > 0.0), "{row}");
        let billed: f64 = fields[4].parse().unwrap();
        // Init and Cold are rounded to microseconds.
        assert!((billed - (ms[0] + ms[1])).abs() < 1.01, "{row}");
        if fields[0].starts_with("f ") {
            assert_eq!(fields[13], size.to_string());
        }
        warm += usize::from(fields[8] == "warm");
    }
    assert_eq!(warm, 30, "{csv}");

    let ran = sandbox.run(&["report", "a.csv", "--svg", "b.svg"]).ok();
    assert!(!ran.stderr.contains("warning"), "{ran}");
    for name in ["f (page cache warm)", "heavy (page cache warm)"] {
        assert!(ran.stdout.contains(name), "no {name}: {ran}");
        assert!(sandbox.read("b.svg").contains(name));
    }
}

fn json_has_every_number(sandbox: &Sandbox) {
    let run: Value = serde_json::from_str(&sandbox.read("a.json")).unwrap();
    assert_eq!((&run["version"], &run["seed"]), (&json!(1), &json!(7)));
    for (label, control) in [("f", false), ("heavy", false), ("f again", true)] {
        let one = function_of(&run, label);
        assert_eq!(one["control"], control, "{label}");
        let figures = one["page_cache"]["warm"].as_object().unwrap();
        assert_eq!(figures.len(), 7, "{figures:?}");
        for (name, figure) in figures {
            assert_eq!(figure["values"].as_array().unwrap().len(), 10, "{name}");
            assert!(
                figure["min"].as_f64() <= figure["median"].as_f64(),
                "{name}"
            );
            // Ten starts are too few for tail percentiles.
            assert_eq!(figure["p95"], Value::Null);
        }
        let peak = &figures["peak_bytes"]["compared"];
        assert_eq!(peak.is_null(), label == "f");
    }
    let peak = &function_of(&run, "heavy")["page_cache"]["warm"]["peak_bytes"];
    assert!(peak["median"].as_f64().unwrap() > f64::from(32 << 20));
    assert_eq!(peak["compared"]["verdict"], "more");
}

/// Simulated functions are scripts, so they map no files from the disk.
#[test]
fn starts_without_disk_reads_are_not_reported_as_reading() {
    let sandbox = function();
    let ran = coldstart(&sandbox, &["f.zip"], &["--csv", "-"])
        .ok()
        .says("programs were not read from a disk again")
        .says("TMPDIR");
    assert_eq!(ran.stdout.lines().count(), 1 + 20, "{ran}");
    assert!(!ran.stdout.contains(";cold;"), "{ran}");
}

#[test]
fn zips_with_the_same_name_are_distinguished_by_path() {
    let sandbox = function();
    let zip = fs_err::read(sandbox.path("f.zip")).unwrap();
    fs_err::create_dir(sandbox.path("old")).unwrap();
    sandbox.write_bytes("old/f.zip", zip);
    let ran = coldstart(
        &sandbox,
        &["f.zip", "old/f.zip"],
        &["--message-format", "json"],
    );
    let run: Value = serde_json::from_str(&ran.ok().stdout).unwrap();
    for (label, control) in [
        ("f.zip", false),
        ("old/f.zip", false),
        ("f.zip again", true),
    ] {
        let one = function_of(&run, label);
        assert_eq!(
            (&one["name"], &one["control"]),
            (&json!("f"), &json!(control))
        );
    }
}

#[test]
fn an_error_of_the_function_is_measured_and_reported_once() {
    let event = json!({"do": "error"}).to_string();
    let ran = coldstart(&function(), &["f.zip"], &["-d", &event]).ok();
    let errors = lines(
        &ran,
        "warning: f returned an error, so errors are measured: no",
    );
    assert_eq!(errors.len(), 1, "{ran}");
    assert_eq!(lines(&ran, "help: pass an event").len(), 1, "{ran}");
}

#[test]
fn a_function_that_does_not_start_or_respond_aborts_with_an_explanation() {
    let sandbox = function();
    let ran = coldstart(
        &sandbox,
        &["f.zip"],
        &["--env", "MODE=exit", "--json", "a.json"],
    )
    .ends_with(1)
    .stderr_eq(str![[r#"
there is no table
error: f: Runtime.ExitError: the function exited before it requested an event: Runtime exited with error: exit status 7; it printed: there is no table
help: check its output; pass the function's own environment variables with `--env NAME=VALUE`, because only Lambda's are set

"#]]);
    assert_eq!(ran.stdout, "");
    let event = json!({"do": "exit", "number": 3}).to_string();
    let ran = coldstart(&sandbox, &["f.zip"], &["-d", &event, "--json", "a.json"])
        .ends_with(1)
        .stderr_eq(str![[r#"
error: f: Runtime.ExitError: Runtime exited with error: exit status 3; it printed: begun
help: check its output; return an error instead of panicking or exiting, which ends the execution environment

"#]]);
    assert_eq!(ran.stdout, "");
    assert!(!sandbox.exists("a.json"));
}

#[test]
fn zips_that_lambda_would_not_run_are_rejected_before_measuring() {
    let sandbox = function();
    for name in ["a.zip", "b.zip"] {
        let zip = Zip::of([Entry::stored("main", b"#!/bin/sh\n")]);
        sandbox.write_bytes(name, zip.bytes());
    }
    let ran = coldstart(&sandbox, &["f.zip", "a.zip", "b.zip"], &[]).ends_with(104);
    assert_eq!(ran.stdout, "");
    let errors = lines(&ran, "error: Runtime.InvalidEntrypoint: ");
    assert_eq!(errors.len(), 2, "{ran}");
}

#[test]
fn another_architecture_is_rejected_with_and_without_an_emulator() {
    let sandbox = function();
    let (program, qemu) = match std::env::consts::ARCH {
        "aarch64" => (Program::default(), "qemu-x86_64-static"),
        _ => (Program::arm(), "qemu-aarch64-static"),
    };
    let zip = Zip::of([Entry::bootstrap(&program.bytes())]);
    sandbox.write_bytes("other.zip", zip.bytes());
    for emulator in [false, true] {
        if emulator {
            sandbox.install(qemu);
        }
        coldstart(&sandbox, &["other.zip"], &[])
            .ends_with(96)
            .says("`other` is for ")
            .says("would measure the emulator")
            .says("on AWS with `--function NAME`")
            .says_nothing_of("install");
        assert!(sandbox.calls().is_empty());
    }
}

#[test]
fn meaningless_options_are_usage_errors() {
    let sandbox = function();
    let run = |args: &[&str]| {
        let ran = sandbox.run(&[&["coldstart", "f.zip"], args].concat());
        ran.ends_with(2)
    };
    run(&["--times", "9"]).stderr_eq(str![[r#"
error: `--times 9` is too few for a meaningful result
help: pass at least 10, such as `--times 30`

"#]]);
    run(&["--memory", "128,512"]).stderr_eq(str![[r#"
error: `--memory` accepts several values only with `--function`
help: pass one value, or `--function NAME`

"#]]);
    run(&["--max-ratio", "1.2"]).stderr_eq(str![[r#"
error: `--max-ratio` has nothing to compare with
help: pass a second zip or `--baseline FILE`

"#]]);
    run(&["--max-ratio", "0"]).stderr_eq(str![[r#"
error: invalid value '0' for '--max-ratio <R>': expected a number greater than 0, such as 1.2

For more information, try '--help'.

"#]]);
    run(&["--baseline", "a.json"]).stderr_eq(str![[r#"
error: the following required arguments were not provided:
  --max-ratio <R>

Usage: cargo lambdapack coldstart --max-ratio <R> --baseline <FILE> <ZIP|NAME>...

For more information, try '--help'.

"#]]);
    let mut transcript = Transcript::default();
    for of_aws in [
        "--columns=full",
        "--dry-run",
        "--region=eu-west-1",
        "--wait=9",
    ] {
        run(&[of_aws, "--csv", "a.csv"]).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack coldstart f.zip --columns=full --csv a.csv
error: the argument '[ZIP|NAME]...' cannot be used with '--columns <WHICH>'

Usage: cargo lambdapack coldstart --csv <FILE> <ZIP|NAME>...

For more information, try '--help'.

$ cargo lambdapack coldstart f.zip --dry-run --csv a.csv
error: the argument '[ZIP|NAME]...' cannot be used with '--dry-run'

Usage: cargo lambdapack coldstart --csv <FILE> <ZIP|NAME>...

For more information, try '--help'.

$ cargo lambdapack coldstart f.zip --region=eu-west-1 --csv a.csv
error: the argument '[ZIP|NAME]...' cannot be used with '--region <REGION>'

Usage: cargo lambdapack coldstart --csv <FILE> <ZIP|NAME>...

For more information, try '--help'.

$ cargo lambdapack coldstart f.zip --wait=9 --csv a.csv
error: the argument '[ZIP|NAME]...' cannot be used with '--wait <SECONDS>'

Usage: cargo lambdapack coldstart --csv <FILE> <ZIP|NAME>...

For more information, try '--help'.


"#]]);
}

#[test]
fn a_folder_instead_of_an_output_file_is_rejected_before_measuring() {
    let sandbox = function();
    fs_err::create_dir(sandbox.path("out")).unwrap();
    let ran = coldstart(&sandbox, &["f.zip"], &["--json", "out", "--svg", "out"]);
    let ran = ran.ends_with(103);
    assert_eq!(lines(&ran, "error: ").len(), 2, "{ran}");
}
