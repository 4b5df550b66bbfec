//! Simulates go. It finds packages by a simple scan, and writes the executables that go would
//! build.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use serde_json::json;

use crate::{CLIENT, EXTENSION, control, home, values, write};

fn nearest(file: &str) -> Option<PathBuf> {
    let dir = env::current_dir().unwrap();
    dir.ancestors()
        .map(|dir| dir.join(file))
        .find(|file| file.is_file())
}

pub(crate) fn env() -> ExitCode {
    // The settings of `go env -w`.
    let kept = control("go-env").unwrap_or_default();
    let kept = kept.lines().find_map(|line| line.strip_prefix("GOFLAGS="));
    let goflags = env::var("GOFLAGS").unwrap_or_else(|_| kept.unwrap_or_default().to_owned());
    let work = nearest("go.work").filter(|_| env::var("GOWORK").as_deref() != Ok("off"));
    let env = json!({
        "GOFLAGS": goflags, "GOVERSION": "go1.26.0", "GOWORK": work.unwrap_or_default(),
        "GOENV": home().join("go-env"), "GOROOT": home().join("goroot"),
        "GOHOSTARCH": "amd64",
    });
    println!("{env}");
    ExitCode::SUCCESS
}

/// The modules that a command in this folder applies to.
fn modules() -> Vec<PathBuf> {
    let Some(work) = nearest("go.work") else {
        return vec![nearest("go.mod").unwrap().parent().unwrap().into()];
    };
    let text = fs_err::read_to_string(&work).unwrap();
    let words = text.split_whitespace().filter(|word| word.starts_with('.'));
    let folder = |word| fs_err::canonicalize(work.with_file_name(word)).unwrap();
    words.map(folder).collect()
}

#[derive(Debug)]
struct Package {
    path: String,
    name: String,
    dir: PathBuf,
    imports: BTreeSet<String>,
    files: Vec<String>,
    cgo_files: Vec<String>,
    ignored_files: Vec<String>,
    text: String,
}

/// All packages of a module in this folder and below.
fn packages(module: &str, root: &Path, dir: &Path, all: &mut Vec<Package>) {
    let mut package = Package {
        path: format!("{module}/{}", dir.strip_prefix(root).unwrap().display()),
        name: String::new(),
        dir: dir.to_owned(),
        imports: BTreeSet::new(),
        files: Vec::new(),
        cgo_files: Vec::new(),
        ignored_files: Vec::new(),
        text: String::new(),
    };
    package.path = package.path.replace('\\', "/").trim_matches('/').to_owned();
    for path in fs_err::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() && !path.join("go.mod").exists() {
            packages(module, root, &path, all);
        } else if name.ends_with(".go") && !name.ends_with("_test.go") {
            let text = fs_err::read_to_string(&path).unwrap();
            if text.contains("import \"C\"") {
                if cgo_is_on() {
                    package.cgo_files.push(name.into_owned())
                } else {
                    package.ignored_files.push(name.into_owned())
                }
                if cgo_is_on() {
                    scan(&text, &mut package);
                }
            } else if counts(&text) {
                scan(&text, &mut package);
                package.text.push_str(&text);
                package.files.push(name.into_owned());
            }
        }
    }
    if !package.name.is_empty() {
        all.push(package);
    }
}

fn cgo_is_on() -> bool {
    env::var("CGO_ENABLED").as_deref() == Ok("1")
}

/// Returns true if the build constraint in the first line holds. The constraint must be a
/// single word.
fn counts(text: &str) -> bool {
    let goarch = env::var("GOARCH").unwrap_or_default();
    let args: Vec<_> = env::args().collect();
    let tags = args.iter().find_map(|arg| arg.strip_prefix("-tags="));
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("//go:build ").is_none_or(|word| {
        word == "linux"
            || (word == "!cgo" && !cgo_is_on())
            || word == goarch
            || tags.is_some_and(|t| t.split(',').any(|t| t == word))
    })
}

fn scan(text: &str, package: &mut Package) {
    let mut in_block = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("package ") {
            package.name = name.trim().to_owned();
        }
        in_block = line.starts_with("import (") || (in_block && line != ")");
        if in_block || line.starts_with("import ") {
            let path = line.split('"').nth(1).map(str::to_owned);
            package.imports.extend(path);
        }
    }
}

fn all_packages(modules: &[PathBuf]) -> Vec<Package> {
    let mut all = Vec::new();
    for root in modules {
        let text = fs_err::read_to_string(root.join("go.mod")).unwrap();
        let module = text.lines().find_map(|line| line.strip_prefix("module "));
        packages(module.unwrap().trim(), root, root, &mut all);
    }
    all
}

pub(crate) fn list(args: &[String]) -> ExitCode {
    if args[1] == "-m" {
        for module in modules() {
            println!("{}", module.display());
        }
        return ExitCode::SUCCESS;
    }
    let cwd = env::current_dir().unwrap();
    let join = |pattern: &str| match pattern.strip_prefix('.') {
        Some(inside) => cwd.join(inside.trim_start_matches('/')),
        None => pattern.into(),
    };
    let all = all_packages(&modules());
    let patterns = args.iter().skip(1).filter(|arg| !arg.starts_with('-'));
    let mut wanted = Vec::new();
    for pattern in patterns {
        let (dir, below) = match pattern.strip_suffix("/...") {
            Some(dir) => (join(dir), true),
            None => (join(pattern), false),
        };
        wanted.extend(all.iter().filter(|package| {
            if below {
                package.dir.starts_with(&dir) && !is_ignored(package.dir.strip_prefix(&dir))
            } else {
                package.dir == dir
            }
        }));
    }
    let unlisted = control("go-cannot-load").unwrap_or_default();
    if wanted
        .iter()
        .any(|package| unlisted.split_whitespace().any(|p| p == package.path))
    {
        eprintln!("go: downloading example.com/x v1.0.0");
        eprintln!("go: updates to go.mod needed; to update it:\n\tgo mod tidy");
        return ExitCode::FAILURE;
    }
    for package in &all {
        let dep_only = !wanted.iter().any(|wanted| wanted.path == package.path);
        let listed = json!({
            "ImportPath": package.path, "Name": package.name, "Dir": package.dir,
            "Imports": package.imports, "DepOnly": dep_only, "GoFiles": package.files,
            "CgoFiles": package.cgo_files, "IgnoredGoFiles": package.ignored_files,
        });
        println!("{listed:#}");
    }
    ExitCode::SUCCESS
}

/// Returns true if `./...` skips a folder.
fn is_ignored(inside: Result<&Path, std::path::StripPrefixError>) -> bool {
    let mut parts = inside.unwrap().iter().map(|part| part.to_string_lossy());
    parts.any(|part| part.starts_with(['.', '_']) || part == "testdata")
}

pub(crate) fn build(args: &[String]) -> ExitCode {
    let out = PathBuf::from(values(args, "-o")[0]);
    let var = |name: &str| env::var(name).unwrap_or_default();
    let flags: Vec<_> = args
        .iter()
        .filter(|arg| arg.starts_with('-') && *arg != "-o" && !arg.starts_with("-p="))
        .collect();
    let all = all_packages(&modules());
    for package in all.iter().filter(|package| args.contains(&package.path)) {
        let mut elements = package.path.rsplit('/');
        let mut name = elements.next().unwrap();
        if name.starts_with('v') && name[1..].parse::<u32>().is_ok() {
            name = elements.next().unwrap_or(name);
        }
        let text = format!(
            "import path {}, {} {} {}{} cgo {} {flags:?}\n{}{}",
            package.path,
            var("GOOS"),
            var("GOARCH"),
            var("GOAMD64"),
            var("GOARM64"),
            var("CGO_ENABLED"),
            package.text,
            clients(&package.text),
        );
        let arch = match &*var("GOARCH") {
            "amd64" => "x86_64",
            _ => "aarch64",
        };
        write(&out.join(name), arch, &text);
        // go rewrites every binary, even if it is unchanged.
        let file = fs_err::OpenOptions::new().write(true).open(out.join(name));
        file.unwrap().set_modified(SystemTime::now()).unwrap();
    }
    ExitCode::SUCCESS
}

/// The API paths that a program contains, according to its source text.
fn clients(text: &str) -> &'static str {
    if text.contains("lambda.Start") {
        CLIENT
    } else if text.contains("extension.Register") {
        EXTENSION
    } else {
        ""
    }
}
