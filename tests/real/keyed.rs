//! Projects whose functions have keys: what the tests of keys and of the cache share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_lambdapack::internals::Arch;
use serde_json::Value;

use super::project::{Project, zips_in};
use super::support::{lambdapack, ok, run, tool};
use super::toolchain::{Rust, rust};

/// The folder of results, in a project.
pub(crate) const RESULTS: &str = "target/lambdapack";

/// Programs are compiled as quickly as possible.
pub(crate) const PROFILE: &str = "[profile.quick]\ninherits = \"dev\"\ndebug = false\n";

/// An empty `lambda` package in place of the real one links faster.
const GO_RUNTIME: &str = "github.com/aws/aws-lambda-go";

/// The tools of a test.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    rust: Option<Rust>,
}

impl Tools {
    /// Rust, without which the test is skipped.
    pub(crate) fn rust() -> Option<Self> {
        let rust = rust(Arch::X86_64)?;
        Some(Self { rust: Some(rust) })
    }

    /// Go, without which the test is skipped.
    pub(crate) fn go() -> Option<Self> {
        tool("go").map(|_| Self { rust: None })
    }

    /// Rust and Go.
    pub(crate) fn both() -> Option<Self> {
        Self::go().and_then(|_| Self::rust())
    }

    /// Our program.
    pub(crate) fn lambdapack(&self, dir: &Path, command: &str) -> Command {
        let mut lambdapack = match &self.rust {
            Some(rust) => rust.lambdapack(dir),
            None => lambdapack(dir),
        };
        lambdapack.args([command, "--arch", "x86_64"]);
        if self.rust.is_some() {
            lambdapack.args(["--profile", "quick"]);
        }
        lambdapack
    }

    /// The command that builds with a cache.
    pub(crate) fn build(&self, dir: &Path, cache: &Path) -> Command {
        let mut build = self.lambdapack(dir, "build");
        build.arg("--cache").arg(cache);
        build
    }

    pub(crate) fn cargo(&self, dir: &Path) -> Command {
        self.rust.as_ref().unwrap().cargo(dir)
    }

    /// Writes the lock file, without which there are no keys.
    pub(crate) fn lock(&self, project: &Project) {
        ok(self
            .cargo(project.root())
            .args(["generate-lockfile", "--quiet"]));
    }
}

/// The manifest of a project.
pub(crate) fn manifest(dir: &Path) -> PathBuf {
    dir.join(RESULTS).join("manifest.json")
}

/// The keys in the manifest, by function. A function without a key is absent.
pub(crate) fn keys(dir: &Path) -> BTreeMap<String, String> {
    let manifest = fs_err::read(manifest(dir)).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let functions = manifest["functions"].as_object().unwrap();
    let key = |function: &Value| {
        let key = &function["archs"]["x86_64"]["build"]["key"];
        key.as_str().map(str::to_owned)
    };
    let keyed = functions
        .iter()
        .filter_map(|(name, function)| Some((name.clone(), key(function)?)));
    keyed.collect()
}

/// The bytes of each zip.
pub(crate) fn zips(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let results = dir.join(RESULTS);
    let zip = |name: String| {
        let bytes = fs_err::read(results.join(format!("{name}.zip"))).unwrap();
        (name.rsplit('/').next().unwrap().to_owned(), bytes)
    };
    zips_in(&results).into_iter().map(zip).collect()
}

/// The names that `list` prints.
pub(crate) fn listed(list: &mut Command) -> BTreeSet<String> {
    let text = ok(list.args(["--message-format", "json"]));
    let listed: Value = serde_json::from_str(&text).unwrap();
    let functions = listed["functions"].as_array().unwrap();
    let names = functions.iter().map(|it| it["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

/// The functions that have changed since the last build.
pub(crate) fn changed(tools: &Tools, dir: &Path) -> BTreeSet<String> {
    let mut list = tools.lambdapack(dir, "list");
    listed(list.arg("--changed").arg(manifest(dir)))
}

/// The functions of a run by its verbs: `Packed`, `Fresh`, and `Cached`.
pub(crate) fn verbs(stderr: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut verbs = BTreeMap::<_, BTreeSet<String>>::new();
    for line in stderr.lines() {
        // The reason why a function has no key starts with two words.
        let line = line.replace("No key ", "Unkeyed ");
        let mut words = line.split_whitespace();
        if let (Some(verb @ ("Packed" | "Fresh" | "Cached" | "Unkeyed")), Some(name)) =
            (words.next(), words.next())
        {
            let names = verbs.entry(verb.to_owned()).or_default();
            names.insert(name.to_owned());
        }
    }
    verbs
}

/// Runs, expects success, and returns the functions by their verbs.
pub(crate) fn built(build: &mut Command) -> BTreeMap<String, BTreeSet<String>> {
    let ran = run(build);
    assert_eq!(ran.code, Some(0), "{build:?}\n{}", ran.stderr);
    verbs(&ran.stderr)
}

/// A set of functions with the same verb.
pub(crate) fn only(verb: &str, names: BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
    BTreeMap::from([(verb.to_owned(), names)])
}

/// The manifest of a package with these dependencies and further tables.
pub(crate) fn package(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}")
}

/// The source of a function that prints the value of an expression.
pub(crate) fn main(value: &str) -> String {
    format!(
        "fn main() {{\n    println!(\"{{}}\", {value});\n    \
         std::hint::black_box(\"runtime/invocation/next\");\n}}\n"
    )
}

/// A workspace with these packages in folders of the same names.
pub(crate) fn workspace(project: &Project, members: &[&str]) {
    let text = format!("[workspace]\nresolver = \"2\"\nmembers = {members:?}\n{PROFILE}");
    project.write("Cargo.toml", &text);
}

/// A package with a function that prints the value of an expression.
pub(crate) fn function(project: &Project, name: &str, dependencies: &str, value: &str) {
    let table = format!("[dependencies]\n{dependencies}");
    project.write(&format!("{name}/Cargo.toml"), &package(name, &table));
    project.write(&format!("{name}/src/main.rs"), &main(value));
    let file = project.path("lambdapack.toml");
    let known = fs_err::read_to_string(file).unwrap_or_default();
    project.write("lambdapack.toml", &format!("{known}[function.{name}]\n"));
}

/// A package with a library.
pub(crate) fn library(project: &Project, name: &str, more: &str, source: &str) {
    project.write(&format!("{name}/Cargo.toml"), &package(name, more));
    project.write(&format!("{name}/src/lib.rs"), source);
}

/// A Go module without functions.
pub(crate) fn go_module(project: &Project) {
    let module = format!(
        "module example.com/shop\n\ngo 1.22\n\nrequire {GO_RUNTIME} v1.54.0\n\n\
         replace {GO_RUNTIME} => ./runtime\n"
    );
    project.write("go.mod", &module);
    project.write(
        "runtime/go.mod",
        &format!("module {GO_RUNTIME}\n\ngo 1.22\n"),
    );
    project.write("runtime/lambda/lambda.go", "package lambda\n");
}

/// A function in Go that prints the value of an expression.
pub(crate) fn go_function(project: &Project, name: &str, imports: &[&str], value: &str) {
    let imports: String = imports
        .iter()
        .map(|path| format!("import {path}\n"))
        .collect();
    let source = format!(
        "package main\n\nimport _ \"{GO_RUNTIME}/lambda\"\n{imports}\n\
         func main() {{ println({value}, \"runtime/invocation/next\") }}\n"
    );
    project.write(&format!("{name}/main.go"), &source);
}
