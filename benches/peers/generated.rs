//! Projects of many tiny functions, which compile quickly. An empty crate named `lambda_runtime`,
//! or an empty package `lambda` of Go, makes the programs functions.
//!
//! In: a folder, the number of functions, and whether some of them share a crate or package. Out:
//! the sources.

use std::path::{Path, PathBuf};

use super::tools::folder;

/// In the sources that a benchmark changes: a word that it replaces by a number.
pub(crate) const VERSION: &str = "VERSION";

/// Every fifth function uses the shared crate or package, if there is one.
pub(crate) const SHARED_BY: usize = 5;

/// The shared source files, in the folder of the project.
pub(crate) const SHARED_RUST: &str = "shared/src/lib.rs";
pub(crate) const SHARED_GO: &str = "internal/shared/shared.go";

/// The module with the package `lambda`.
const LAMBDA: &str = "github.com/aws/aws-lambda-go";

/// The name of a function.
pub(crate) fn name(number: usize) -> String {
    format!("function-{number:02}")
}

/// The source file of a function, in the folder of the project.
pub(crate) fn main_rust(number: usize) -> String {
    format!("functions/{}/src/main.rs", name(number))
}

/// The source file of a function, in the folder of the project.
pub(crate) fn main_go(number: usize) -> String {
    format!("{}/main.go", name(number))
}

/// Writes only files that differ, because a newer file would be built again.
fn write(path: &Path, text: &str) {
    if !fs_err::read_to_string(path).is_ok_and(|old| old == text) {
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
}

/// A workspace that is kept for the next run.
pub(crate) fn kept_workspace(count: usize) -> PathBuf {
    let dir = folder().join(format!("rust-{count}"));
    workspace(&dir, count, false);
    dir
}

/// A module that is kept for the next run.
pub(crate) fn kept_module(count: usize) -> PathBuf {
    let dir = folder().join(format!("go-{count}"));
    module(&dir, count, false);
    dir
}

/// Writes this many packages, each with a binary. The profile `release` has the settings of
/// `lambda`, so that Cargo alone does the same work. Only LTO is off, to be fast.
pub(crate) fn workspace(dir: &Path, count: usize, has_shared: bool) {
    let package = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
    };
    let shared = if has_shared { "\"shared\", " } else { "" };
    write(
        &dir.join("Cargo.toml"),
        &format!(
            "[workspace]\nresolver = \"3\"\nmembers = [\"lambda_runtime\", {shared}\"functions/*\"]\n\
             [profile.release]\nlto = \"off\"\ncodegen-units = 1\nstrip = \"symbols\"\n"
        ),
    );
    let library = |name: &str, text: &str| {
        write(&dir.join(name).join("Cargo.toml"), &package(name));
        write(&dir.join(name).join("src/lib.rs"), text);
    };
    library("lambda_runtime", "");
    if has_shared {
        let word = format!("pub const WORD: &str = \"shared {VERSION}\";\n");
        library("shared", &word);
    }
    for number in 0..count {
        let name = name(number);
        let mut manifest = package(&name)
            + "[dependencies]\nlambda_runtime = { path = \"../../lambda_runtime\" }\n";
        let mut uses = "";
        if has_shared && number % SHARED_BY == 0 {
            manifest += "shared = { path = \"../../shared\" }\n";
            uses = "    println!(\"{}\", shared::WORD);\n";
        }
        let place = dir.join("functions").join(&name);
        write(&place.join("Cargo.toml"), &manifest);
        let main = format!(
            "fn main() {{\n    println!(\"{name} {VERSION}\");\n{uses}    \
             std::hint::black_box(\"runtime/invocation/next\");\n}}\n"
        );
        write(&dir.join(main_rust(number)), &main);
    }
}

/// Writes a module with this many programs.
pub(crate) fn module(dir: &Path, count: usize, has_shared: bool) {
    write(
        &dir.join("go.mod"),
        &format!(
            "module example.com/many\n\ngo 1.22\n\nrequire {LAMBDA} v1.54.0\n\n\
             replace {LAMBDA} => ./aws-lambda-go\n"
        ),
    );
    let stub = dir.join("aws-lambda-go");
    write(
        &stub.join("go.mod"),
        &format!("module {LAMBDA}\n\ngo 1.22\n"),
    );
    write(&stub.join("lambda/lambda.go"), "package lambda\n");
    if has_shared {
        let word = format!("package shared\n\nconst Word = \"shared {VERSION}\"\n");
        write(&dir.join(SHARED_GO), &word);
    }
    for number in 0..count {
        let (import, uses) = if has_shared && number % SHARED_BY == 0 {
            let import = "import \"example.com/many/internal/shared\"\n";
            (import, "\tprintln(shared.Word)\n")
        } else {
            ("", "")
        };
        let main = format!(
            "package main\n\nimport _ \"{LAMBDA}/lambda\"\n{import}\nfunc main() {{\n\
             \tprintln(\"function {number} {VERSION} runtime/invocation/next\")\n{uses}}}\n"
        );
        write(&dir.join(main_go(number)), &main);
    }
}

/// Copies the sources of a project, without the results of builds.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let copied = to.join(entry.file_name());
        if !entry.file_type().unwrap().is_dir() {
            fs_err::copy(entry.path(), copied).unwrap();
        } else if entry.file_name() != "target" {
            copy(&entry.path(), &copied);
        }
    }
}
