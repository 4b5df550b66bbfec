//! Inputs of Rust functions that Cargo does not know. Such a function has no key, or its key
//! changes with the input. A clone never gets an outdated zip from the cache.

use std::collections::BTreeSet;
use std::process::Command;

use super::go::{commit, committer};
use super::keyed::{Tools, built, function, keys, library, workspace, zips};
use super::project::{Project, files_in};
use super::random_edits::clone;
use super::support::{ok, tell, tool};

/// Procedural macros that embed a file, or the names of the files in a folder.
const MACROS: &str = r#"use proc_macro::TokenStream;
fn path(argument: &TokenStream) -> String {
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    format!("{dir}/{}", argument.to_string().trim_matches('"'))
}
#[proc_macro]
pub fn file(argument: TokenStream) -> TokenStream {
    format!("{:?}", std::fs::read_to_string(path(&argument)).unwrap()).parse().unwrap()
}
#[proc_macro]
pub fn names(argument: TokenStream) -> TokenStream {
    let entries = std::fs::read_dir(path(&argument)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    format!("{:?}", format!("{names:?}")).parse().unwrap()
}
"#;

/// A procedural macro that reads a variable.
const VARIABLE_MACRO: &str = r#"#[proc_macro]
pub fn hidden(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    format!("{:?}", format!("{:?}", std::env::var("HIDDEN"))).parse().unwrap()
}
"#;

/// A build script that passes the value of an expression on.
fn script(value: &str) -> String {
    format!("fn main() {{ println!(\"cargo::rustc-env=TEXT={{}}\", {value}); }}\n")
}

/// The functions that have no key, with their build scripts.
const UNKEYED: [(&str, &str); 5] = [
    ("outside", "helper::read()"),
    ("dependency", "reader::read()"),
    (
        "variables",
        "std::env::vars().filter(|(name, _)| name == \"HIDDEN\").count()",
    ),
    (
        "constant",
        "{ const NAME: &str = \"HIDDEN\"; std::env::var(NAME).is_ok() }",
    ),
    ("undeclared", "std::env::var(\"HIDDEN\").is_ok()"),
];

/// The functions that have a key, and their values.
const KEYED: [(&str, &str); 7] = [
    ("above", "macros::file!(\"../schema.txt\")"),
    ("inside", "macros::file!(\"schema.txt\")"),
    ("ignored", "macros::names!(\"dist\")"),
    ("linked", "env!(\"TEXT\")"),
    ("generated", "env!(\"TEXT\")"),
    ("empty", "option_env!(\"EMPTY\").is_some()"),
    ("swapped", "include_str!(\"../../first.txt\")"),
];

fn scene(tools: &Tools) -> Project {
    let project = Project::new(&[
        (".gitignore", "target/\ndist/\ngen/\n"),
        ("schema.txt", "1"),
        ("hidden.txt", "1"),
        ("first.txt", "1"),
        ("second.txt", "1"),
        ("data/linked.txt", "1"),
        ("inside/schema.txt", "1"),
        ("ignored/dist/1", ""),
        ("generated/gen/1.txt", "1"),
    ]);
    let functions = UNKEYED.iter().chain(&KEYED).map(|(name, _)| *name);
    let libraries = ["macros", "reader", "secret"];
    let members: Vec<_> = functions
        .chain(["folder", "hidden"])
        .chain(libraries)
        .collect();
    workspace(&project, &members);
    let is_macro = "[lib]\nproc-macro = true\n";
    library(&project, "macros", is_macro, MACROS);
    library(&project, "secret", is_macro, VARIABLE_MACRO);
    let read = "pub fn read() -> String { std::fs::read_to_string(\"../hidden.txt\").unwrap() }\n";
    library(&project, "reader", "", read);
    for (name, value) in UNKEYED {
        let dependencies = match name {
            "dependency" => "[build-dependencies]\nreader = { path = \"../reader\" }\n",
            _ => "",
        };
        function(&project, name, dependencies, "env!(\"TEXT\")");
        project.write(&format!("{name}/build.rs"), &script(value));
    }
    let helper = "mod helper { include!(\"build/helper.rs\"); }\n";
    let main = format!("{helper}{}", script(UNKEYED[0].1));
    project.write("outside/build.rs", &main);
    project.write("outside/build/helper.rs", read);
    for (name, value) in KEYED {
        let on_macros = "macros = { path = \"../macros\" }\n";
        let dependencies = if value.starts_with("macros") {
            on_macros
        } else {
            ""
        };
        function(&project, name, dependencies, value);
    }
    for (name, file) in [("linked", "link/linked.txt"), ("generated", "gen/1.txt")] {
        let read = format!("std::fs::read_to_string(\"{file}\").unwrap()");
        project.write(&format!("{name}/build.rs"), &script(&read));
    }
    fs_err::os::unix::fs::symlink("../data", project.path("linked/link")).unwrap();
    function(&project, "folder", "", "env!(\"CARGO_MANIFEST_DIR\")");
    let on_secret = "secret = { path = \"../secret\" }\n";
    function(&project, "hidden", on_secret, "secret::hidden!()");
    tools.lock(&project);
    project
}

/// Changes an input of each function.
fn edit(project: &Project) {
    for file in [
        "schema.txt",
        "hidden.txt",
        "second.txt",
        "data/linked.txt",
        "inside/schema.txt",
        "ignored/dist/2",
        "generated/gen/1.txt",
    ] {
        project.write(file, "2");
    }
}

fn names(functions: &[(&str, &str)]) -> BTreeSet<String> {
    functions
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect()
}

#[test]
fn inputs_that_cargo_does_not_know_never_give_a_wrong_hit() {
    let (Some(tools), Some(git)) = (Tools::rust(), tool("git")) else {
        return;
    };
    let project = scene(&tools);
    // Cargo only ignores files in a repository that contains the package.
    commit(&|args| committer(&git, &project, args));
    let cache = tempfile::tempdir().unwrap();
    let with_env = |mut command: Command, value: Option<&str>| {
        let value = value.into_iter();
        command.envs(value.flat_map(|value| [("HIDDEN", value), ("EMPTY", "")]));
        command
    };
    let build = |dir, value| {
        let mut build = with_env(tools.build(dir, cache.path()), value);
        built(build.arg("-v"))
    };
    let mut unkeyed = names(&UNKEYED);
    unkeyed.extend(["folder", "hidden"].map(str::to_owned));
    let first = build(project.root(), None);
    assert_eq!(first["Unkeyed"], unkeyed);
    let with_key: BTreeSet<_> = keys(project.root()).into_keys().collect();
    assert_eq!(with_key, names(&KEYED));

    // The result is the same, although another file is included.
    let main = project.path("swapped/src/main.rs");
    let source = fs_err::read_to_string(&main).unwrap();
    fs_err::write(&main, source.replace("first", "second")).unwrap();
    build(project.root(), None);

    edit(&project);
    let second = build(project.root(), Some("2"));
    // Cargo does not compile these again.
    let stale = ["above", "inside", "ignored", "generated"].map(str::to_owned);
    unkeyed.extend(stale.clone());
    assert_eq!(second["Unkeyed"], unkeyed);
    for name in &stale {
        assert!(second["Fresh"].contains(name), "{name}: {second:?}");
    }

    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("clone");
    clone(&project, &copy);
    let third = build(&copy, Some("2"));
    let cached: BTreeSet<_> = ["linked", "empty", "swapped"].map(str::to_owned).into();
    assert_eq!(third["Cached"], cached, "{third:?}");
    let scratch = folder.path().join("scratch");
    clone(&project, &scratch);
    ok(&mut with_env(
        tools.lambdapack(&scratch, "build"),
        Some("2"),
    ));
    let (mut built, mut expected) = (zips(&copy), zips(&scratch));
    // It contains the path of its folder.
    assert_ne!(built.remove("folder"), expected.remove("folder"));
    assert!(built == expected);
    tell(&format!(
        "{} functions, {} files in the cache",
        expected.len() + 1,
        files_in(cache.path()).len()
    ));
}
