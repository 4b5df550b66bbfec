//! `migrate` must turn the files in `tests/migrate/before` into those in `after`.
//!
//! A file that is missing in `after` must stay unchanged, byte for byte. `reports.txt` contains
//! the reports about each folder. `LAMBDAPACK_UPDATE_MIGRATED=1` rewrites the expected files;
//! review the difference before you commit it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use snapbox::str;

use crate::support::{Sandbox, wait};

const REPORTS: &str = "reports.txt";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/migrate")
        .join(name)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs_err::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// All files below a folder, with their relative names.
fn files(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            files.extend(files_below(&path, &name))
        } else {
            files.push(name)
        }
    }
    files
}

fn files_below(folder: &Path, name: &str) -> Vec<String> {
    let inner = files(folder).into_iter();
    inner.map(|inner| format!("{name}/{inner}")).collect()
}

/// A sandbox with a case in its folder `case`.
fn prepared(case: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let from = folder("before").join(case);
    for file in files(&from) {
        let to = sandbox.path("case").join(&file);
        fs_err::create_dir_all(to.parent().unwrap()).unwrap();
        fs_err::write(to, fs_err::read(from.join(&file)).unwrap()).unwrap();
    }
    sandbox
}

/// The reports, one per line: `file:line: message`.
fn reports(json: &Value, sandbox: &Sandbox) -> String {
    let mut lines = Vec::new();
    let root = sandbox.path("case");
    for file in json["files"].as_array().unwrap() {
        let path = Path::new(file["path"].as_str().unwrap());
        let path = path.strip_prefix(&root).unwrap().display().to_string();
        let path = path.replace('\\', "/");
        for edit in file["edits"].as_array().unwrap() {
            lines.push(format!(
                "{path}:{}: edit: {}",
                edit["line"],
                edit["why"].as_str().unwrap()
            ));
        }
        for report in file["reports"].as_array().unwrap() {
            let kind = if report["todo"] == true {
                "todo"
            } else {
                "hint"
            };
            let what = report["what"].as_str().unwrap();
            let help = report["help"].as_str().unwrap();
            lines.push(format!("{path}:{}: {kind}: {what}; {help}", report["line"]));
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn every_file_is_edited_as_expected_and_nothing_else_changes() {
    let update = std::env::var_os("LAMBDAPACK_UPDATE_MIGRATED").is_some();
    let mut wrong = Vec::new();
    for case in names(&folder("before")) {
        let sandbox = prepared(&case);
        let (before, after) = (folder("before").join(&case), folder("after").join(&case));
        let shown = sandbox.run_in("case", &["migrate", "--message-format", "json"]);
        let json: Value = serde_json::from_str(&shown.stdout).unwrap();
        let reports = reports(&json, &sandbox);
        let of_folder = || files(&before).into_iter();
        for file in of_folder() {
            let (then, now) = (before.join(&file), sandbox.path("case").join(&file));
            assert_eq!(
                fs_err::read(then).unwrap(),
                fs_err::read(now).unwrap(),
                "{case}/{file}"
            );
        }
        let written = sandbox.run_in("case", &["migrate", "--write"]);
        assert_eq!(
            written.code,
            Some(i32::from(reports.contains(": todo: "))),
            "{case}: {written}"
        );
        let is_to_do = reports.contains(": todo: ") || reports.contains(": edit: ");
        assert_eq!(shown.code, Some(i32::from(is_to_do)), "{case}: {shown}");
        let untouched = case.starts_with("untouched");
        assert!(
            !(untouched && reports.contains(": edit: ")),
            "{case}: {reports}"
        );
        let mut results = vec![(REPORTS.to_owned(), reports.into_bytes(), Vec::new())];
        results.extend(of_folder().map(|file| {
            let now = fs_err::read(sandbox.path("case").join(&file)).unwrap();
            let then = fs_err::read(before.join(&file)).unwrap();
            (file, now, then)
        }));
        for (file, now, then) in results {
            let golden = after.join(&file);
            if update && now != then {
                fs_err::create_dir_all(golden.parent().unwrap()).unwrap();
                fs_err::write(&golden, &now).unwrap();
            } else if fs_err::read(&golden).unwrap_or(then) != now {
                wrong.push(format!("{case}/{file}:\n{}", String::from_utf8_lossy(&now)));
            }
        }
        // A second migration changes nothing.
        let again = sandbox.run_in("case", &["migrate"]);
        assert_eq!(again.stdout, "", "{case}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns true if a line contains the name of an old runtime. The search is deliberately
/// simple.
fn is_old(line: &str) -> bool {
    const NAMES: [&str; 12] = [
        "go1.x",
        "provided.al2",
        "GO_1_X",
        "GO1_X",
        "GO1DX",
        "PROVIDED_AL2",
        "Go1dx",
        "Go1x",
        "ProvidedAl2",
        "RuntimeProvidedal2",
        "Runtime.Custom;",
        "Runtime: provided",
    ];
    let line = line.replace("BuildMethod: go1.x", "");
    NAMES.iter().any(|name| {
        line.match_indices(name).any(|(at, _)| {
            let rest = &line[at + name.len()..];
            !rest.starts_with(|c: char| {
                c.is_alphanumeric() || c == '.' && *name == "Runtime: provided"
            }) && !line[..at].ends_with(|c: char| c.is_ascii_lowercase())
        })
    })
}

#[test]
fn every_line_with_an_old_runtime_is_edited_or_reported() {
    // Folders that `migrate` does not read.
    const UNREAD: [&str; 8] = [
        ".serverless",
        ".terraform",
        ".aws-sam",
        "__snapshots__",
        "cdktf.out",
        "cdk.out",
        "node_modules",
        "testdata",
    ];
    let (mut wrong, mut lines) = (Vec::new(), 0);
    for case in names(&folder("before")) {
        let sandbox = prepared(&case);
        let ran = sandbox.run_in("case", &["migrate", "--message-format", "json"]);
        let reports = reports(&serde_json::from_str(&ran.stdout).unwrap(), &sandbox);
        let before = folder("before").join(&case);
        for file in files(&before) {
            let is_unread = file.split('/').any(|part| UNREAD.contains(&part));
            if is_unread || file.ends_with(".md") {
                continue;
            }
            let mut bytes = fs_err::read(before.join(&file)).unwrap();
            bytes.retain(|byte| *byte != 0);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for (number, line) in text
                .split('\n')
                .enumerate()
                .filter(|(_, line)| is_old(line))
            {
                lines += 1;
                let place = format!("{file}:{}: ", number + 1);
                if !reports.lines().any(|report| report.starts_with(&place)) {
                    wrong.push(format!("{case}/{place}{line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not named:\n{}", wrong.join("\n"));
    assert!(lines > 150, "{lines}");
}

#[test]
fn the_corpus_has_many_cases() {
    let all = names(&folder("before"));
    let untouched = all.iter().filter(|case| case.starts_with("untouched"));
    assert!(untouched.count() >= 28);
    assert!(all.len() >= 70, "{}", all.len());
}

#[test]
fn the_other_architecture_is_set_for_all_migrated_functions() {
    let sandbox = prepared("al2");
    let ran = sandbox.run_in("case", &["migrate", "--write", "--arch", "x86_64"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let text = sandbox.read("case/template.yaml");
    assert!(text.contains("        - x86_64\n"), "{text}");
    assert!(
        text.contains("Runtime: provided.al2023\n      Architectures: [x86_64]\n"),
        "{text}"
    );
}

#[test]
fn a_missing_path_is_a_usage_error() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["migrate", "nowhere", "neither"]);
    ran.ends_with(2).stderr_eq(str![[r#"
error: `[ROOT]/project/nowhere` does not exist
help: pass existing files or folders; paths are relative to the current folder
error: `[ROOT]/project/neither` does not exist
help: pass existing files or folders; paths are relative to the current folder

"#]]);
}

#[test]
fn an_up_to_date_project_prints_nothing() {
    let sandbox = prepared("untouched-done");
    let ran = sandbox.run_in("case", &["migrate"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran}");
}

#[cfg(unix)]
#[test]
fn file_modes_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = prepared("sam");
    let path = sandbox.path("case/template.yaml");
    fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    sandbox.run_in("case", &["migrate", "--write"]);
    let mode = fs_err::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(
        sandbox
            .read("case/template.yaml")
            .contains("provided.al2023")
    );
}

#[test]
fn the_other_architecture_is_not_set_for_other_functions() {
    let sandbox = prepared("sam-globals-image");
    sandbox.run_in("case", &["migrate", "--write", "--arch", "arm64"]);
    let text = sandbox.read("case/template.yaml");
    let own = "Properties: {CodeUri: a.zip, Handler: bootstrap, Architectures: [arm64]}";
    assert!(text.contains(own), "{text}");
    assert_eq!(text.matches("arm64").count(), 1, "{text}");

    let sandbox = prepared("serverless-mixed");
    sandbox.run_in("case", &["migrate", "--write", "--arch", "arm64"]);
    let text = sandbox.read("case/serverless.yml");
    assert!(
        text.contains("    architecture: arm64\n    package:"),
        "{text}"
    );
    assert_eq!(text.matches("arm64").count(), 1, "{text}");
}

#[test]
fn the_diff_is_colored_on_a_terminal() {
    let sandbox = prepared("sam");
    let plain = sandbox.run_in("case", &["migrate"]);
    assert!(!plain.stdout.contains('\u{1b}'), "{plain}");
    plain.stdout_eq(str![[r#"
--- a/template.yaml
+++ b/template.yaml
@@ -9,10 +9,13 @@
 Resources:
   Orders:
     Type: AWS::Serverless::Function
+    Metadata:
+      BuildMethod: go1.x
     Properties:
       CodeUri: orders/
-      Handler: orders # the program
+      Handler: bootstrap # the program
-      Runtime: go1.x
+      Runtime: provided.al2023
+      Architectures: [x86_64]
       Environment:
         Variables:
           TABLE: !Ref Table

"#]]);
    let coloured = sandbox.run_in("case", &["migrate", "--color", "always"]);
    coloured.stdout_eq(str![[r#"
[31m--- a/template.yaml[0m
[32m+++ b/template.yaml[0m
[36m@@ -9,10 +9,13 @@[0m
 Resources:
   Orders:
     Type: AWS::Serverless::Function
[32m+    Metadata:[0m
[32m+      BuildMethod: go1.x[0m
     Properties:
       CodeUri: orders/
[31m-      Handler: orders # the program[0m
[32m+      Handler: bootstrap # the program[0m
[31m-      Runtime: go1.x[0m
[32m+      Runtime: provided.al2023[0m
[32m+      Architectures: [x86_64][0m
       Environment:
         Variables:
           TABLE: !Ref Table

"#]]);
}

#[test]
fn escape_sequences_in_a_file_are_made_visible() {
    let sandbox = Sandbox::new();
    let text = "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      \
                Runtime: go1.x # \u{1b}[2J\u{c}\n";
    sandbox.write("template.yaml", text);
    let plain = sandbox.run(&["migrate"]);
    plain.stdout_eq(str![[r#"
--- a/template.yaml
+++ b/template.yaml
@@ -2,4 +2,5 @@
   F:
     Type: AWS::Lambda::Function
     Properties:
-      Runtime: go1.x # [2J
+      Runtime: provided.al2023 # [2J
+      Architectures: [x86_64]

"#]]);
    let coloured = sandbox.run(&["migrate", "--color", "always"]);
    assert!(!coloured.stdout.contains("\u{1b}[2J"), "{coloured}");
}

#[test]
fn a_closed_stdout_is_not_an_error() {
    let sandbox = prepared("json-long");
    for _ in 0..3 {
        let case = sandbox.path("case");
        let mut child = sandbox.start(&["migrate", case.to_str().unwrap()]);
        drop(child.stdout.take());
        let ran = wait(child);
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(!ran.stderr.contains("panic"), "{ran}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_with_two_names_is_edited_once_and_links_are_kept() {
    let sandbox = prepared("sam");
    let link = sandbox.path("case/link.yaml");
    std::os::unix::fs::symlink("template.yaml", &link).unwrap();
    // The first name that was given is printed.
    let names = ["migrate", "--write", "link.yaml", "template.yaml", "."];
    let ran = sandbox.run_in("case", &names);
    assert_eq!(ran.stdout, "link.yaml\n", "{ran}");
    assert!(fs_err::symlink_metadata(&link).unwrap().is_symlink());
    assert!(
        sandbox
            .read("case/template.yaml")
            .contains("provided.al2023")
    );
}

/// The recording in the guide is real output.
#[test]
fn the_guide_shows_real_output() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "template.yaml",
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Orders:\n    Type: \
         AWS::Serverless::Function\n    Properties:\n      CodeUri: orders/\n      Handler: orders\n      \
         Runtime: go1.x # until 2027\n",
    );
    sandbox.write("orders/main.go", "package main\n");
    let build = "build:\n\tGOOS=linux go build -o bin/orders ./orders\n";
    sandbox.write("Makefile", build);
    let ran = sandbox.run(&["migrate"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let guide = folder("../../docs/how-to/migrating-from-go1x.md");
    let guide = fs_err::read_to_string(guide).unwrap();
    let (_, shown) = guide.split_once("$ cargo lambdapack migrate\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let (messages, verdict) = ran.stderr.split_once("error: ").unwrap();
    assert_eq!(shown, format!("{messages}{}error: {verdict}", ran.stdout));
    assert!(sandbox.run(&["migrate", "--write"]).code == Some(0));
}
