//! A stage names only what stands before it.

use std::path::{Path, PathBuf};

/// In the order in which data flows. `lib.rs` and `main.rs` stand above all.
const STAGES: [&str; 43] = [
    "written",
    "file_name",
    "elf",
    "glibc",
    "lambda",
    "failure",
    "command",
    "console",
    "process",
    "host",
    "survey",
    "request",
    "rustc_wrapper",
    "zig",
    "project",
    "plan",
    "include",
    "compile",
    "artifact",
    "package",
    "workers",
    "writable",
    "report",
    "inspect",
    "statistics",
    "boxplot",
    "reportlog",
    "cost",
    "logs",
    "local",
    "doctor",
    "recorded",
    "named_zip",
    "verify",
    "invoke",
    "aws",
    "deploy",
    "coldstart",
    "scaffold",
    "migrate",
    "hints",
    "cli",
    "act",
];

pub(super) fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(rust_files(&path)),
            false => files.push(path),
        }
    }
    files
}

/// `plan` of `plan.rs` and of `plan/go.rs`.
fn stage(src: &Path, file: &Path) -> String {
    let first = file.strip_prefix(src).unwrap().components().next();
    let first = Path::new(first.unwrap().as_os_str());
    first.file_stem().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_stage_names_only_what_stands_before_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let place = |stage: &str| STAGES.iter().position(|known| *known == stage);
    let mut wrong = Vec::new();
    for file in rust_files(&src) {
        let own = stage(&src, &file);
        if own == "lib" || own == "main" {
            continue;
        }
        let Some(own_place) = place(&own) else {
            panic!("give the stage `{own}` its place in STAGES");
        };
        let text = fs_err::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for named in line.split("crate::").skip(1) {
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let named = named.split(|c| !is_name(c)).next().unwrap();
                if place(named).is_none_or(|place| place > own_place) {
                    wrong.push(format!(
                        "{}:{}: {own} names {named}",
                        file.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_stage_is_a_file_of_src() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for stage in STAGES {
        assert!(src.join(format!("{stage}.rs")).exists(), "{stage}");
    }
}
