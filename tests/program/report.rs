//! `report`: reads logs, and writes figures, tables, and charts.

use serde_json::Value;
use snapbox::str;

use crate::support::{Sandbox, Transcript};

const COLD: &str = "REPORT RequestId: 3f1d\tDuration: 2.72 ms\tBilled Duration: 3 ms\t\
                    Memory Size: 2048 MB\tMax Memory Used: 64 MB\tInit Duration: 166.76 ms\t\n";
const WARM: &str = "REPORT RequestId: 4a2e\tDuration: 1.05 ms\tBilled Duration: 2 ms\t\
                    Memory Size: 2048 MB\tMax Memory Used: 64 MB\t\n";

/// A sandbox with a log of one cold and one warm invocation.
fn logged() -> Sandbox {
    let sandbox = Sandbox::new();
    let start = "START RequestId: 3f1d Version: $LATEST\nREPORT of mine\nEND RequestId: 3f1d\n";
    sandbox.write("hello-node.log", &format!("{start}{COLD}{WARM}"));
    sandbox
}

fn published(file: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/published");
    fs_err::read_to_string(format!("{folder}/{file}")).unwrap()
}

/// A published table, each row once.
fn unique(file: &str) -> String {
    let mut rows = Vec::new();
    for row in published(file).lines().map(str::to_owned) {
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows.join("\n") + "\n"
}

#[test]
fn the_table_matches_the_published_row_and_warm_invocations_have_no_init() {
    let sandbox = logged();
    let ran = sandbox
        .run(&["report", "hello-node.log", "--csv", "-"])
        .ok();
    assert_eq!(
        ran.stdout,
        "Name;Memory;Init;Cold;Billed\n\
         hello-node;2048;166.76;2.72;3\n\
         hello-node;2048;;1.05;2\n"
    );
    assert!(ran.stderr.is_empty(), "{ran}");
    assert!(sandbox.calls().is_empty());
    let cold = ["report", "hello-node.log", "--csv", "-", "--cold-only"];
    assert_eq!(sandbox.run(&cold).ok().stdout.lines().count(), 2);
}

#[test]
fn the_full_table_has_all_columns_and_can_be_read_back() {
    let sandbox = logged();
    let line = "2023-05-01T10:11:12.123000+00:00 2023/05/01/[$LATEST]0f1e ";
    sandbox.write("a.log", &format!("{line}{COLD}"));
    let full = ["--columns", "full", "--csv", "out/a.csv"];
    let args = ["report", "a.log", "--name", "orders", "--arch", "graviton"];
    let ran = sandbox.run(&[&args[..], &full[..]].concat()).ok();
    ran.stderr_eq(str![[r#"
       Wrote out/a.csv

"#]]);
    let table = sandbox.read("out/a.csv");
    assert_eq!(
        table,
        "Name;Memory;Init;Cold;Billed;Source;Arch;MaxMemory;RequestId;Time;Status;ErrorType;\
         Restore;BilledRestore\n\
         orders;2048;166.76;2.72;3;aws;arm64;64;3f1d;2023-05-01T10:11:12.123Z;;;;\n"
    );
    let again = ["report", "out/a.csv", "--columns", "full", "--csv", "-"];
    assert_eq!(sandbox.run(&again).ok().stdout, table);
}

#[test]
fn the_summary_has_counts_and_costs() {
    let sandbox = logged();
    let ran = sandbox.run(&["report", "hello-node.log"]).ok();
    let ran = ran
        .stdout_eq(str![[r#"
hello-node, 2048 MB
  2 invocations, 1 cold (50.0%), at most 64 MB used
  ms              n    median        p5       p95       p99       min       max
  init            1    166.76         -         -         -    166.76    166.76                             ∘
  cold            1      2.72         -         -         -      2.72      2.72                             ∘
  init + cold     1    169.48         -         -         -    169.48    169.48                             ∘
  warm            1      1.05         -         -         -      1.05      1.05                             ∘
  cost of a million such invocations: 0.2833 USD on x86_64; 0.2667 USD on arm64
  init billed in 0 of 1 cold starts
  cost with billed init, as for managed runtimes since 2025-08-01: 3.0667 USD

-: p5 and p95 need at least 20 invocations, p99 needs 100
prices: 0.0000166667 USD per GB-second on x86_64, 0.0000133334 on arm64, 0.20 per million requests (us-east-1, first tier, as of 2026-11)

"#]]);
    assert!(ran.stderr.is_empty(), "{ran}");
    // 1000 ms at 1024 MB are one GB-second; the price of a request is zero here.
    let row = "Name;Memory;Init;Cold;Billed\na;1024;;999.5;1000\n";
    sandbox.write("a.csv", row);
    let prices = [
        "--price",
        "x86_64=0.00003",
        "--price",
        "requests=0",
        "--arch",
        "x86_64",
    ];
    let ran = sandbox
        .run(&[&["report", "a.csv"], &prices[..]].concat())
        .ok();
    ran.stdout_eq(str![[r#"
a, 1024 MB, x86_64
  1 invocation, 0 cold (0.0%)
  ms              n    median        p5       p95       p99       min       max
  warm            1    999.50         -         -         -    999.50    999.50                             ∘
  cost of a million such invocations: 30.0000 USD; 13.3334 USD on arm64 if they took as long

-: p5 and p95 need at least 20 invocations, p99 needs 100
prices: 0.0000300000 USD per GB-second on x86_64, 0.0000133334 on arm64, 0.00 per million requests (set with --price)

"#]]);
}

#[test]
fn the_bill_is_compared_with_the_rule_for_runtime_and_date() {
    let sandbox = Sandbox::new();
    let row = |day: &str, billed: u64| {
        format!(
            "Name;Memory;Init;Cold;Billed;RequestId;Time\na;128;166.76;2.72;{billed};1;{day}T00:00:00Z\n"
        )
    };
    let right = [
        ("2023-05-01", "go1.x", 3),
        ("2025-08-01", "nodejs22.x", 170),
        ("2023-05-01", "provided.al2", 170),
    ];
    let wrong = [
        ("2023-05-01", "nodejs18.x", 170),
        ("2025-08-01", "nodejs22.x", 3),
        ("2023-05-01", "provided.al2", 3),
    ];
    for (day, runtime, billed) in right.into_iter().chain(wrong) {
        let is_right = right.contains(&(day, runtime, billed));
        sandbox.write("a.csv", &row(day, billed));
        let ran = sandbox.run(&["report", "a.csv", "--runtime", runtime]).ok();
        let is_told = ran
            .stdout
            .contains("as this runtime's billing rule predicts");
        assert_eq!(is_told, !is_right, "{day} {runtime} {billed}: {ran}");
    }
}

/// Computed from the published tables, each row once: quartiles of type 7, whiskers within 1.5
/// interquartile ranges, outliers, and the medians of Cold and Init + Cold.
struct Expected {
    name: &'static str,
    count: u64,
    quartiles: [f64; 3],
    whiskers: [f64; 2],
    outliers: &'static [f64],
    cold: f64,
    init_and_cold: f64,
}

#[test]
fn published_tables_have_their_quartiles_whiskers_and_outliers() {
    const X86_128: [Expected; 4] = [
        Expected {
            name: "hello-node",
            count: 10,
            quartiles: [162.26, 164.625, 166.435],
            whiskers: [158.57, 170.33],
            outliers: &[135.38],
            cold: 8.41,
            init_and_cold: 172.14,
        },
        Expected {
            name: "hello-py311",
            count: 10,
            quartiles: [107.285, 114.085, 150.6425],
            whiskers: [98.0, 158.86],
            outliers: &[],
            cold: 1.215,
            init_and_cold: 115.23,
        },
        Expected {
            name: "hello-runtime-al2",
            count: 10,
            quartiles: [49.715, 50.065, 51.0375],
            whiskers: [49.49, 52.68],
            outliers: &[43.17, 53.48],
            cold: 1.265,
            init_and_cold: 51.325,
        },
        Expected {
            name: "hello-runtime-go",
            count: 10,
            quartiles: [82.5225, 83.405, 87.7675],
            whiskers: [79.84, 89.1],
            outliers: &[103.78],
            cold: 1.78,
            init_and_cold: 85.175,
        },
    ];
    const X86_1024: [Expected; 4] = [
        Expected {
            name: "hello-node",
            count: 10,
            quartiles: [169.3675, 172.11, 173.255],
            whiskers: [164.71, 173.59],
            outliers: &[185.15],
            cold: 2.45,
            init_and_cold: 174.755,
        },
        Expected {
            name: "hello-py311",
            count: 8,
            quartiles: [111.9875, 117.815, 164.8525],
            whiskers: [85.44, 179.85],
            outliers: &[],
            cold: 1.27,
            init_and_cold: 119.005,
        },
        Expected {
            name: "hello-runtime-al2",
            count: 10,
            quartiles: [50.1625, 50.645, 52.515],
            whiskers: [48.61, 53.02],
            outliers: &[43.3, 58.19, 60.71],
            cold: 1.335,
            init_and_cold: 52.07,
        },
        Expected {
            name: "hello-runtime-go",
            count: 10,
            quartiles: [83.4425, 84.555, 86.845],
            whiskers: [78.7, 91.67],
            outliers: &[101.46],
            cold: 1.915,
            init_and_cold: 86.5,
        },
    ];
    const ARM_1024: [Expected; 4] = [
        Expected {
            name: "hello-node",
            count: 10,
            quartiles: [169.23, 171.325, 172.5175],
            whiskers: [168.13, 175.88],
            outliers: &[],
            cold: 2.9,
            init_and_cold: 174.21,
        },
        Expected {
            name: "hello-py311",
            count: 10,
            quartiles: [103.9225, 104.56, 105.365],
            whiskers: [102.5, 106.2],
            outliers: &[101.57],
            cold: 1.36,
            init_and_cold: 105.955,
        },
        Expected {
            name: "hello-runtime-al2",
            count: 10,
            quartiles: [41.695, 42.125, 42.4725],
            whiskers: [41.58, 42.74],
            outliers: &[],
            cold: 1.385,
            init_and_cold: 43.48,
        },
        Expected {
            name: "hello-runtime-go",
            count: 10,
            quartiles: [81.4375, 83.43, 85.885],
            whiskers: [76.48, 90.57],
            outliers: &[67.77],
            cold: 1.84,
            init_and_cold: 85.215,
        },
    ];
    let sandbox = Sandbox::new();
    for (file, expected) in [
        ("speed-x86-128.csv", X86_128),
        ("speed-x86-1024.csv", X86_1024),
        ("speed-arm-1024.csv", ARM_1024),
    ] {
        sandbox.write(file, &unique(file));
        let ran = sandbox
            .run(&["report", file, "--message-format", "json"])
            .ok();
        assert!(ran.stderr.is_empty(), "{ran}");
        let value: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(value["groups"].as_array().unwrap().len(), 4);
        for (place, expected) in expected.into_iter().enumerate() {
            let name = expected.name;
            let n = expected.count;
            let group = &value["groups"][place];
            let times = &group["times"];
            let init = &times["init_ms"];
            assert_eq!((&group["name"], &init["n"]), (&name.into(), &n.into()));
            let close = |value: &Value, expected: f64| {
                let off = value.as_f64().unwrap() - expected;
                assert!(off.abs() < 1e-9, "{file} {name}: {value}, {expected}");
            };
            for (share, expected) in ["q1", "median", "q3"].into_iter().zip(expected.quartiles) {
                close(&init[share], expected);
            }
            assert_eq!(
                init["whiskers"],
                serde_json::json!(expected.whiskers),
                "{file} {name}"
            );
            assert_eq!(
                init["outliers"],
                serde_json::json!(expected.outliers),
                "{file} {name}"
            );
            close(&times["cold_ms"]["median"], expected.cold);
            close(&times["init_cold_ms"]["median"], expected.init_and_cold);
            // Of the runtimes in 2023, only provided.al2 was billed for its init phase.
            let billed = if name == "hello-runtime-al2" { n } else { 0 };
            assert_eq!(group["init_billed"]["yes"], billed, "{file} {name}");
            assert_eq!(group["init_billed"]["no"], n - billed, "{file} {name}");
        }
    }
}

#[test]
fn a_published_table_is_written_unchanged() {
    let sandbox = Sandbox::new();
    for file in ["speed-x86-128.csv", "speed-arm-1024.csv"] {
        sandbox.write(file, &unique(file));
        let ran = sandbox.run(&["report", file, "--csv", "-"]).ok();
        assert_eq!(ran.stdout, unique(file));
    }
}

#[test]
fn a_repeated_block_is_reported_and_kept() {
    let sandbox = Sandbox::new();
    sandbox.write("arm.csv", &published("speed-arm-1024.csv"));
    let ran = sandbox.run(&["report", "arm.csv"]).ok();
    let ran = ran
        .stderr_eq(str![[r#"
warning: arm.csv: the 10 rows of hello-node (1024 MB) appear twice in succession, as if printed twice; both copies are counted
warning: arm.csv: the 10 rows of hello-runtime-al2 (1024 MB) appear twice in succession, as if printed twice; both copies are counted

"#]])
        .stdout_eq(str![[r#"
hello-node, 1024 MB
  20 invocations, 20 cold (100.0%)
  ms              n    median        p5       p95       p99       min       max
  init           20    171.32    168.13    175.88         -    168.13    175.88                            ┃▒
  cold           20      2.90      2.62      3.38         -      2.62      3.38        ┃▒
  init + cold    20    174.21    171.06    178.73         -    171.06    178.73                            ┃▒
  cost of a million such invocations: 0.2550 USD on x86_64; 0.2440 USD on arm64
  init billed in 0 of 20 cold starts
  cost with billed init, as for managed runtimes since 2025-08-01: 3.1150 USD

hello-py311, 1024 MB
  10 invocations, 10 cold (100.0%)
  ms              n    median        p5       p95       p99       min       max
  init           10    104.56         -         -         -    101.57    106.20                  ┃
  cold           10      1.36         -         -         -      1.23      1.53     ┃
  init + cold    10    105.96         -         -         -    102.85    107.53                  ┃
  cost of a million such invocations: 0.2333 USD on x86_64; 0.2267 USD on arm64
  init billed in 0 of 10 cold starts
  cost with billed init, as for managed runtimes since 2025-08-01: 1.9683 USD

hello-runtime-al2, 1024 MB
  20 invocations, 20 cold (100.0%)
  ms              n    median        p5       p95       p99       min       max
  init           20     42.12     41.58     42.74         -     41.58     42.74        ┃▒
  cold           20      1.39      1.09      1.48         -      1.09      1.48    ∘┃
  init + cold    20     43.48     42.70     44.22         -     42.70     44.22        ├┃
  cost of a million such invocations: 0.9350 USD on x86_64; 0.7880 USD on arm64
  init billed in 20 of 20 cold starts

hello-runtime-go, 1024 MB
  10 invocations, 10 cold (100.0%)
  ms              n    median        p5       p95       p99       min       max
  init           10     83.43         -         -         -     67.77     90.57            ∘ ├┃┤
  cold           10      1.84         -         -         -      1.55     12.18     ├┃┤                     ∘
  init + cold    10     85.22         -         -         -     69.32     99.43            ∘ ├┃┤∘
  cost of a million such invocations: 0.2533 USD on x86_64; 0.2427 USD on arm64
  init billed in 0 of 10 cold starts
  cost with billed init, as for managed runtimes since 2025-08-01: 1.6300 USD

-: p5 and p95 need at least 20 invocations, p99 needs 100
prices: 0.0000166667 USD per GB-second on x86_64, 0.0000133334 on arm64, 0.20 per million requests (us-east-1, first tier, as of 2026-11)

"#]]);
    assert_eq!(ran.stderr.matches("warning").count(), 2, "{ran}");
}

#[test]
fn duplicate_invocations_count_once_and_invalid_lines_are_reported() {
    let sandbox = logged();
    sandbox.write(
        "more.log",
        &format!("{COLD}\nREPORT RequestId: 5\tDuration: ? ms\n"),
    );
    let args = ["report", "hello-node.log", "more.log", "--csv", "-"];
    let ran = sandbox.run(&args).ok();
    let ran = ran
        .stderr_eq(str![[r#"
warning: more.log:3: cannot parse this report: its `Duration:` is `? ms`, which is not a number of ms
note: ignored 1 repeated invocation with the same request ID

"#]]);
    assert_eq!(ran.stdout.lines().count(), 3, "{ran}");
}

#[test]
fn failed_inits_are_reported_with_help() {
    let sandbox = logged();
    let init = "INIT_REPORT Init Duration: 0.27 ms\tPhase: init\tStatus: error\t\
                Error Type: Runtime.InvalidEntrypoint\n";
    sandbox.append("hello-node.log", &init.repeat(2));
    let ran = sandbox
        .run(&["report", "hello-node.log", "--csv", "-"])
        .ok();
    let ran = ran
        .stderr_eq(str![[r#"
warning: 2 inits failed: Runtime.InvalidEntrypoint
help: run `cargo lambdapack check ZIP` to find out whether the bootstrap is missing, not executable, or built for another architecture

"#]]);
    assert_eq!(ran.stdout.lines().count(), 3, "{ran}");
}

#[test]
fn charts_are_reproducible_and_show_every_group() {
    let sandbox = Sandbox::new();
    sandbox.write("x86.csv", &unique("speed-x86-128.csv"));
    let args = ["report", "x86.csv", "--svg", "a.svg"];
    sandbox.run(&args).ok();
    let svg = sandbox.read("a.svg");
    sandbox.run(&args).ok();
    assert_eq!(sandbox.read("a.svg"), svg);
    assert_eq!(svg.matches("hello-runtime-go, 128 MB</text>").count(), 3);
    // Twelve boxes: four functions in three panels.
    assert_eq!(svg.matches("fill-opacity").count(), 12);
    // Outliers of init only: one, two, and one; py311 has none.
    let init = svg.split(">Cold (").next().unwrap();
    assert_eq!(init.matches("<circle").count(), 4, "{init}");
}

#[test]
fn json_contains_the_invocations_with_null_for_missing_values() {
    let sandbox = logged();
    let args = [
        "report",
        "hello-node.log",
        "--json",
        "all.json",
        "--csv",
        "-",
    ];
    let ran = sandbox.run(&args).ok().stderr_eq(str![[r#"
       Wrote all.json

"#]]);
    assert!(ran.stdout.starts_with("Name;"), "{ran}");
    let value: Value = serde_json::from_str(&sandbox.read("all.json")).unwrap();
    assert_eq!(value["version"], 1);
    assert_eq!(value["calls"][0]["init_ms"], 166.76);
    assert!(value["calls"][1]["init_ms"].is_null());
    assert!(value["groups"][0]["arch"].is_null());
    assert!(value["groups"][0]["times"]["init_ms"]["p95"].is_null());
    let ran = sandbox
        .run(&["report", "hello-node.log", "--json", "-"])
        .ok();
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap(), value);
}

#[cfg(unix)]
#[test]
fn a_log_may_be_piped_in() {
    let sandbox = logged();
    let mut transcript = Transcript::default();
    for args in [
        &["report", "--csv", "-"][..],
        &["report", "-", "--csv", "-"],
    ] {
        let ran = sandbox.run_after("exec <hello-node.log", args).ok();
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack report --csv -
Name;Memory;Init;Cold;Billed
stdin;2048;166.76;2.72;3
stdin;2048;;1.05;2

$ cargo lambdapack report - --csv -
Name;Memory;Init;Cold;Billed
stdin;2048;166.76;2.72;3
stdin;2048;;1.05;2


"#]]);
}

#[test]
fn a_log_without_report_lines_is_an_error_with_help() {
    let sandbox = logged();
    sandbox.write("empty.log", "START RequestId: 1\n");
    let ran = sandbox
        .run(&["report", "empty.log", "--svg", "a.svg"])
        .ends_with(103);
    ran.stderr_eq(str![[r#"
error: found no invocations in `[ROOT]/project/empty.log`
help: pass a log file, or pipe a log in: `aws logs tail /aws/lambda/NAME --since 1h | cargo lambdapack report --name NAME`

"#]]);
    assert!(!sandbox.exists("a.svg"));
    let ran = sandbox
        .run(&["report", "gone.log", "gone-too.log"])
        .ends_with(103);
    ran.stderr_eq(str![[r#"
error: `gone.log` does not exist
help: pass a file that contains a Lambda log, or pipe the log in
error: `gone-too.log` does not exist
help: pass a file that contains a Lambda log, or pipe the log in

"#]]);
    sandbox.write("warm.log", WARM);
    let ran = sandbox
        .run(&["report", "warm.log", "--cold-only"])
        .ends_with(103);
    ran.stderr_eq(str![[r#"
error: found no cold starts in `[ROOT]/project/warm.log`
help: remove `--cold-only`, or use a log of a longer period

"#]]);
}

#[test]
fn invalid_command_lines_are_rejected() {
    let sandbox = logged();
    for args in [
        &["--csv", "-", "--json", "-"][..],
        &["--csv", "-", "--message-format", "json"],
        &["--svg", "-"],
        &["--columns", "full"],
        &["--price", "arm64"],
        &["--price", "mips=1"],
        &["--price", "arm64=cheap"],
        &["--runtime", "cobol"],
        &["--arch", "mips"],
    ] {
        let args = [&["report", "hello-node.log"], args].concat();
        let ran = sandbox.run(&args).ends_with(2);
        assert!(ran.stdout.is_empty(), "{args:?}: {ran}");
    }
}

#[test]
fn a_failed_write_leaves_no_partial_file() {
    let sandbox = logged();
    sandbox.write("taken/file", "");
    let ran = sandbox
        .run(&["report", "hello-node.log", "--csv", "taken"])
        .ends_with(103);
    ran.stderr_eq(str![[r#"
error: cannot write [ROOT]/project/taken: it is a folder
help: move it, or choose another path

"#]]);
    assert_eq!(sandbox.read("taken/file"), "");
}

#[test]
fn the_current_folder_is_rejected_as_a_log_or_chart() {
    let sandbox = logged();
    let mut transcript = Transcript::default();
    for args in [
        &["report", "."][..],
        &["report", "hello-node.log", "--svg", "."],
    ] {
        let ran = sandbox.run(args).ends_with(103);
        transcript.add(&ran);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack report .
error: cannot read `[ROOT]/project`: failed to read from file `[ROOT]/project`: Is a directory (os error 21)
help: check that it is a file and that you can read it

$ cargo lambdapack report hello-node.log --svg .
error: cannot write [ROOT]/project: it is a folder
help: move it, or choose another path


"#]]);
}
