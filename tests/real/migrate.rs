//! Migrated files, as the real tools read them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::support::{command, fails, lambdapack, ok, run, tool};
use super::templates::iac;

fn before() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrate/before")
}

fn cases() -> Vec<String> {
    let entries = fs_err::read_dir(before()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs_err::copy(from, to).unwrap();
        }
    }
}

/// A copy of a case that may be edited.
fn copied(case: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy(&before().join(case), dir.path());
    dir
}

/// All files below a folder, by relative name.
fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_owned();
                files.push((name, fs_err::read(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn formatted_terraform_stays_formatted() {
    let Some(terraform) = tool("terraform") else {
        return;
    };
    let is_clean = |dir: &Path| {
        let mut fmt = command(&terraform, dir);
        fmt.env("TF_CLI_CONFIG_FILE", "").args(["fmt", "-check"]);
        run(&mut fmt).code == Some(0)
    };
    let mut clean = 0;
    for case in cases() {
        let dir = copied(&case);
        if !case.starts_with("terraform") || !is_clean(dir.path()) {
            continue;
        }
        run(lambdapack(dir.path()).args(["migrate", "--write"]));
        assert!(is_clean(dir.path()), "{case}");
        clean += 1;
    }
    assert!(clean >= 4, "{clean}");
}

/// Also with CRLF, a byte order mark, a space in a name, and no final newline.
#[test]
fn the_printed_diff_gives_the_same_bytes_as_write() {
    let (Some(git), Some(patch)) = (tool("git"), tool("patch")) else {
        return;
    };
    // All cases at once, to start two programs instead of two for each case.
    let before = tempfile::tempdir().unwrap();
    let moved = |case: &String| !case.starts_with("untouched");
    for case in cases().iter().filter(|case| moved(case)) {
        copy(&self::before().join(case), &before.path().join(case));
    }
    let spaced = before.path().join("my infra");
    copy(&self::before().join("sam"), &spaced);
    let diff = run(lambdapack(before.path()).arg("migrate")).stdout;
    assert!(diff.contains("--- a/my infra/template.yaml\t\n"), "{diff}");
    assert!(diff.contains("\r\n"), "{diff}");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(file.path(), &diff).unwrap();
    let all = || {
        let dir = tempfile::tempdir().unwrap();
        copy(before.path(), dir.path());
        dir
    };
    let (written, by_git, by_patch) = (all(), all(), all());
    run(lambdapack(written.path()).args(["migrate", "--write"]));
    let mut apply = command(git, by_git.path());
    apply.env("GIT_CEILING_DIRECTORIES", "/");
    ok(apply
        .args(["apply", "--whitespace=nowarn"])
        .arg(file.path()));
    let mut patched = command(patch, by_patch.path());
    ok(patched
        .args(["-p1", "--binary", "-s", "-i"])
        .arg(file.path()));
    let wanted = contents(written.path());
    assert_ne!(wanted, contents(before.path()));
    assert!(wanted == contents(by_git.path()), "git apply");
    assert!(wanted == contents(by_patch.path()), "patch");
}

/// The findings of cfn-lint: file and rule.
fn linted(dir: &Path, files: &[String]) -> Option<BTreeSet<(String, String)>> {
    let mut lint = iac("cfn-lint", dir)?;
    let ran = run(lint.args(["--format", "json", "-t"]).args(files));
    let found: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let rule = |one: &Value| (word(&one["Filename"]), word(&one["Rule"]["Id"]));
    // Runtimes of other languages are deprecated too.
    let is_ours = |one: &&Value| {
        let of_others = one["Message"].as_str().unwrap().contains("nodejs");
        !(of_others && is_runtime(&word(&one["Rule"]["Id"])))
    };
    let found = found.as_array().unwrap().iter().filter(is_ours);
    Some(found.map(rule).collect())
}

/// Returns true if a rule of cfn-lint is about deprecated runtimes.
fn is_runtime(rule: &str) -> bool {
    ["E2531", "W2531"].contains(&rule)
}

#[test]
fn cfn_lint_finds_no_old_runtime_and_nothing_new_after_migration() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for case in cases() {
        let is_whole = |name: &str| {
            let reports = before()
                .with_file_name("after")
                .join(&case)
                .join("reports.txt");
            let reports = fs_err::read_to_string(reports).unwrap_or_default();
            let of_file = reports.lines().filter(|line| line.starts_with(name));
            of_file.clone().any(|line| line.contains(": edit: "))
                && !of_file.clone().any(|line| line.contains(": todo: "))
        };
        copy(&before().join(&case), &dir.path().join(&case));
        for name in [
            "template.yaml",
            "template.yml",
            "template.json",
            "stack.json",
        ] {
            if dir.path().join(&case).join(name).exists() && is_whole(name) {
                files.push(format!("{case}/{name}"));
            }
        }
    }
    assert!(files.len() >= 15, "{files:?}");
    let Some(old) = linted(dir.path(), &files) else {
        return;
    };
    assert!(old.iter().any(|(_, rule)| is_runtime(rule)), "{old:?}");
    run(lambdapack(dir.path()).args(["migrate", "--write"]));
    let new = linted(dir.path(), &files).unwrap();
    assert!(!new.iter().any(|(_, rule)| is_runtime(rule)), "{new:?}");
    let added: Vec<_> = new.difference(&old).collect();
    assert!(added.is_empty(), "{added:?}");
}

/// A program without modules: nothing is downloaded, and little is compiled.
#[test]
fn sam_still_builds_migrated_go_functions_as_bootstrap() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs_err::write(dir.path().join(name), text).unwrap();
    fs_err::create_dir(dir.path().join("orders")).unwrap();
    write("orders/go.mod", "module example.com/orders\n\ngo 1.21\n");
    write(
        "orders/main.go",
        "package main\n\nimport _ \"syscall\"\n\nfunc main() { println(\"runtime/invocation/next\") }\n",
    );
    write(
        "template.yaml",
        "AWSTemplateFormatVersion: \"2010-09-09\"\n\
         Transform: AWS::Serverless-2016-10-31\n\
         Resources:\n  \
           Orders:\n    \
             Type: AWS::Serverless::Function\n    \
             Properties:\n      \
               CodeUri: orders/\n      \
               Handler: orders\n      \
               Runtime: go1.x\n",
    );
    let Some(mut validate) = iac("sam", dir.path()) else {
        return;
    };
    if tool("go").is_none() {
        return;
    }
    validate.args(["validate", "--lint"]);
    assert_ne!(run(&mut validate).code, Some(0), "go1.x has ended");
    fails(1, lambdapack(dir.path()).arg("migrate"));
    ok(lambdapack(dir.path()).args(["migrate", "--write"]));
    ok(&mut validate);
    let mut build = iac("sam", dir.path()).unwrap();
    build
        .env("GOFLAGS", "-buildvcs=false")
        .env("GOPROXY", "off");
    ok(build.arg("build"));
    let built = dir.path().join(".aws-sam/build/Orders/bootstrap");
    let program = fs_err::read(built).unwrap();
    assert!(program.starts_with(b"\x7fELF"), "SAM builds for Linux");
    // e_machine: go1.x ran on x86_64.
    assert_eq!(program[18], 62);
}
