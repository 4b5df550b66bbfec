//! The packages in the bill of materials of a Rust program, compared with `cargo tree`.
//!
//! The functions of a workspace use different parts of the same packages: optional, only for a
//! system, renamed, in two versions, from Git, from a folder, in build scripts, and in macros.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::go::{commit, committer};
use super::project::{Project, copy};
use super::sbom::{self, assert_valid, component, document_path, property};
use super::support::{ok, tool};
use super::toolchain::{Rust, host_arch, rust};

const FUNCTIONS: [&str; 3] = ["audit", "orders", "users"];

const WORKSPACE: &str = "\
[workspace]
resolver = \"2\"
members = [\"lambda_runtime\", \"shared\", \"macros\", \"audit\", \"orders\", \"users\"]
[profile.release]
lto = \"off\"
opt-level = 0
debug = false
";

const SHARED: &str = "\
[package]
name = \"shared\"
version = \"1.2.3\"
edition = \"2021\"
license = \"MIT/Apache-2.0\"
[features]
fast = [\"dep:itoa\", \"fnv?/std\"]
hashed = [\"fnv\"]
implicit = []
legacy = [\"dep:old\"]
small = [\"dep:smallvec\"]
[dependencies]
itoa = { version = \"1\", optional = true }
fnv = { version = \"1\", optional = true, default-features = false }
# Never active.
scopeguard = { version = \"1\", optional = true }
old = { package = \"bitflags\", version = \"1\", optional = true }
smallvec = { version = \"1\", optional = true }
[target.'cfg(windows)'.dependencies]
windows-link = \"0.2\"
smallvec = \"1\"
[target.'cfg(target_os = \"linux\")'.dependencies]
bits = { package = \"bitflags\", version = \"2\" }
[dev-dependencies]
semver = \"1\"
";

/// The dependencies of a macro are not part of a program.
const MACROS: &str = "\
[package]
name = \"macros\"
version = \"0.1.0\"
edition = \"2021\"
[lib]
proc-macro = true
[dependencies]
either = \"1\"
memchr = \"2\"
";

const ORDERS: &str = "\
[package]
name = \"orders\"
version = \"0.1.0\"
edition = \"2021\"
build = \"build.rs\"
[dependencies]
lambda_runtime = { path = \"../lambda_runtime\" }
shared = { path = \"../shared\", features = [\"fast\", \"legacy\", \"small\"] }
macros = { path = \"../macros\" }
serde = { version = \"1\", features = [\"derive\"] }
condition = { package = \"cfg-if\", version = \"1\" }
pinned = { git = \"REPOSITORY\" }
[build-dependencies]
version_check = \"0.9\"
lazy_static = \"1\"
";

/// memchr is needed by the program and by its build script, with other features.
const USERS: &str = "\
[package]
name = \"users\"
version = \"0.1.0\"
edition = \"2021\"
build = \"build.rs\"
[dependencies]
lambda_runtime = { path = \"../lambda_runtime\" }
shared = { path = \"../shared\", features = [\"hashed\", \"implicit\"] }
serde = { version = \"1\", default-features = false }
memchr = { version = \"2\", default-features = false }
[build-dependencies]
memchr = \"2\"
once_cell = \"1\"
[target.'cfg(target_arch = \"s390x\")'.dependencies]
lazy_static = \"1\"
";

/// Needs packages that are optional in `shared`.
const AUDIT: &str = "\
[package]
name = \"audit\"
version = \"0.1.0\"
edition = \"2021\"
[dependencies]
lambda_runtime = { path = \"../lambda_runtime\" }
bitflags = \"1\"
smallvec = \"1\"
";

/// A program that is recognized as a function.
const MAIN: &str = "fn main() {\n    std::hint::black_box(\"runtime/invocation/next\");\n}\n";

fn workspace(repository: &Path) -> Project {
    let repository = format!("file://{}", repository.display());
    let project = Project::new(&[
        ("Cargo.toml", WORKSPACE),
        (
            "lambda_runtime/Cargo.toml",
            "[package]\nname = \"lambda_runtime\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
        ),
        ("lambda_runtime/src/lib.rs", ""),
        ("shared/Cargo.toml", SHARED),
        ("shared/src/lib.rs", ""),
        ("macros/Cargo.toml", MACROS),
        ("macros/src/lib.rs", ""),
        (
            "orders/Cargo.toml",
            &ORDERS.replace("REPOSITORY", &repository),
        ),
        ("audit/Cargo.toml", AUDIT),
        ("users/Cargo.toml", USERS),
    ]);
    for name in FUNCTIONS {
        project.write(&format!("{name}/src/main.rs"), MAIN);
        project.write(&format!("{name}/build.rs"), "fn main() {}\n");
    }
    project
}

/// A Git repository with a package and its dependency, which is in the same repository.
fn pinned(git: &Path) -> Project {
    let package = |name: &str, dependencies: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.7.0\"\nedition = \"2021\"\n\
             [dependencies]\n{dependencies}"
        )
    };
    let dependencies = "inner = { path = \"inner\" }\nunicode-ident = \"1\"\n";
    let project = Project::new(&[
        ("Cargo.toml", &package("pinned", dependencies)),
        ("src/lib.rs", ""),
        ("inner/Cargo.toml", &package("inner", "")),
        ("inner/src/lib.rs", ""),
    ]);
    commit(&|args: &[&str]| committer(git, &project, args));
    project
}

type Packages = BTreeSet<(String, String)>;

/// The packages of a program if these functions are built together, without those of macros and
/// build scripts.
fn cargo_tree(rust: &Rust, project: &Project, built: &[&str], function: &str) -> Packages {
    let mut tree = rust.cargo(project.root());
    tree.args(["tree", "--offline", "--locked", "--no-dedupe"]);
    tree.args(["-e", "normal,no-proc-macro", "--prefix", "depth"]);
    tree.args(["--format", " {p}", "--target", host_arch().gnu_triple()]);
    for name in built {
        tree.args(["-p", name]);
    }
    let mut packages = Packages::new();
    let mut root = String::new();
    for line in ok(&mut tree).lines().filter(|line| !line.is_empty()) {
        let mut fields = line.split(' ');
        let depth = fields.next().unwrap();
        let name = fields.next().unwrap();
        let version = fields.next().unwrap().trim_start_matches('v');
        if depth == "0" {
            name.clone_into(&mut root);
        }
        if root == function {
            packages.insert((name.to_owned(), version.to_owned()));
        }
    }
    packages
}

fn libraries(document: &Value, is_excluded: bool) -> Packages {
    let components = document["components"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    components
        .filter(|it| it["type"] == "library" && it["name"] != "std")
        .filter(|it| (it["scope"] == "excluded") == is_excluded)
        .map(|it| (text(&it["name"]), text(&it["version"])))
        .collect()
}

fn pack(rust: &Rust, project: &Project, args: &[&str]) -> Command {
    let mut pack = rust.lambdapack(project.root());
    pack.args(["--arch", "host"]).args(args);
    pack
}

/// Some packages are only used by build scripts and macros, and others are not used at all.
fn assert_excluded(document: &Value, excluded: &[&str], unused: &[&str]) {
    let found = libraries(document, true);
    for name in excluded {
        assert!(found.iter().any(|it| it.0 == *name), "{name}: {found:?}");
    }
    let components = document["components"].as_array().unwrap();
    for name in unused {
        assert!(components.iter().all(|it| it["name"] != *name), "{name}");
    }
}

#[test]
fn rust_packages_are_those_of_cargo_tree() {
    let arch = host_arch();
    let (Some(git), Some(rust)) = (tool("git"), rust(arch)) else {
        return;
    };
    let repository = pinned(&git);
    let project = workspace(repository.root());
    let mut documents = BTreeMap::new();
    for built in [
        &FUNCTIONS[..],
        // `shared` has fewer features than with `orders`.
        &["audit", "users"],
        &["audit"],
        &["orders"],
        &["users"],
    ] {
        let mut pack = pack(&rust, &project, &["--selected-only"]);
        ok(pack.args(built.iter().flat_map(|name| ["-p", name])));
        for function in built {
            let document = sbom::read(&project.zip(arch, function));
            let expected = cargo_tree(&rust, &project, built, function);
            let found = libraries(&document, false);
            assert_eq!(found, expected, "{function} of {built:?}");
            documents.insert(*function, document);
        }
    }
    // The latest builds of these two selected only one function.
    assert_excluded(
        &documents["orders"],
        &[
            "either",
            "lazy_static",
            "macros",
            "serde_derive",
            "version_check",
        ],
        &["fnv", "once_cell", "semver", "scopeguard", "windows-link"],
    );
    assert_excluded(
        &documents["users"],
        &["once_cell"],
        &["either", "itoa", "lazy_static", "macros", "serde_derive"],
    );

    fs_err::remove_dir_all(project.path("target/lambdapack")).unwrap();
    ok(&mut pack(&rust, &project, &[]));
    let zips = FUNCTIONS.map(|function| project.zip(arch, function));
    assert_valid(&zips.map(|zip| document_path(&zip)));
    let document = sbom::read(&project.zip(arch, "orders"));
    let component = |name: &str| component(&document, name);
    // The lock file has the checksums of the registry only.
    let itoa = component("itoa");
    let version = itoa["version"].as_str().unwrap();
    assert_eq!(itoa["purl"], format!("pkg:cargo/itoa@{version}"));
    let lock = fs_err::read_to_string(project.path("Cargo.lock")).unwrap();
    let checksum = itoa["hashes"][0]["content"].as_str().unwrap();
    let locked = format!("name = \"itoa\"\nversion = \"{version}\"\n");
    let (_, locked) = lock.split_once(&locked).unwrap();
    assert_eq!(
        locked.lines().nth(1),
        Some(&*format!("checksum = \"{checksum}\""))
    );
    for (name, source) in [("pinned", "git"), ("inner", "git"), ("shared", "path")] {
        let package = component(name);
        assert_eq!(property(package, "lambdapack:cargo:source"), Some(source));
        assert!(
            package["purl"].is_null() && package["hashes"].is_null(),
            "{package}"
        );
    }
    let shared = component("shared");
    assert_eq!(shared["licenses"][0]["expression"], "MIT OR Apache-2.0");
    let features = property(shared, "lambdapack:cargo:features");
    assert_eq!(features, Some("fast,fnv,hashed,implicit,legacy,small"));

    is_the_same_elsewhere(&rust, &project, repository.root());
}

/// Another folder gives the same bytes, without any path of this machine.
fn is_the_same_elsewhere(rust: &Rust, here: &Project, repository: &Path) {
    let there = Project::called("a longer name", &[]);
    copy(here.root(), there.root());
    ok(&mut pack(rust, &there, &["--locked"]));
    let home = std::env::var("HOME").unwrap();
    for function in FUNCTIONS {
        let read = |project: &Project| {
            let zip = project.zip(host_arch(), function);
            fs_err::read_to_string(document_path(&zip)).unwrap()
        };
        let text = read(here);
        assert!(text == read(&there), "{function}");
        for folder in [here.root(), there.root(), repository, Path::new(&home)] {
            let folder = format!("{}/", folder.display());
            assert!(!text.contains(&folder), "{function}: {folder}");
        }
        assert!(!text.contains("file:///"), "{function}: {text}");
    }
}
