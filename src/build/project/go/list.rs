//! What `go list` reports about packages, also if some of them cannot be loaded.
//!
//! In: modules, folders, and a kind of build. Out: [`GoPackage`]s. A package that go cannot load
//! carries go's words, so that it does not stand in the way of the others.

use crate::validate::program_kind::is_infrastructure;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::build::project::go::ask::GoCommand;
use crate::build::project::go::cgo;
use crate::build::project::go::cgo::CgoStub;
use crate::build::project::go::one_by_one;
use crate::build::project::go::source::GoSource;
use crate::build::project::variant::GoVariant;
use crate::system::command::CommandSpec;

/// A package of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GoPackage {
    pub import_path: String,
    pub dir: PathBuf,
    /// Whether it is called `main`.
    pub main: bool,
    /// Whether it imports aws-lambda-go's `lambda`, directly or not. True if go cannot tell.
    pub lambda: bool,
    /// Whether it uses the network, so that it could have a client of its own.
    pub network: bool,
    /// Whether it imports a library that describes infrastructure.
    pub infrastructure: bool,
    /// Why go cannot build it.
    pub fault: Option<PackageError>,
    /// Packages that cannot do their work in a build without cgo.
    pub stubs: Vec<CgoStub>,
}

/// Why go cannot build a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct PackageError {
    /// What is wrong, as a rule in go's words.
    pub message: String,
    /// The next step, if go's words do not contain it.
    pub help: Option<String>,
}

/// The package that every function in Go imports.
pub(super) const RUNTIME: &str = "github.com/aws/aws-lambda-go/lambda";

/// A package in go's own terms.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListedPackage {
    pub(super) import_path: String,
    name: String,
    pub(super) dir: PathBuf,
    imports: Vec<String>,
    pub(super) standard: bool,
    dep_only: bool,
    pub(super) go_files: Vec<String>,
    pub(super) cgo_files: Vec<String>,
    pub(super) ignored_go_files: Vec<String>,
    pub(super) error: Option<LoadError>,
    deps_errors: Vec<LoadError>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LoadError {
    pos: String,
    err: String,
}

impl LoadError {
    fn text(&self) -> String {
        if self.pos.is_empty() {
            self.err.clone()
        } else {
            format!("{}: {}", self.pos, self.err)
        }
    }
}

/// What is listed: all packages of the modules, and those in these folders.
#[derive(Debug)]
pub(super) struct ListRequest<'a> {
    /// The folder of go.work or go.mod.
    pub(super) root: &'a Path,
    /// The folders of the modules.
    pub(super) modules: &'a [PathBuf],
    /// Folders of packages that `./...` leaves out.
    pub(super) folders: &'a [PathBuf],
}

/// The packages for one kind of build.
pub(super) fn list(
    go: &GoCommand<'_>,
    variant: &GoVariant,
    wanted: &ListRequest<'_>,
) -> anyhow::Result<Vec<GoPackage>> {
    let modules = wanted.modules.iter();
    let mut patterns: Vec<_> = modules.map(|dir| below(wanted.root, dir)).collect();
    patterns.extend(wanted.folders.iter().map(|dir| only(wanted.root, dir)));
    let answer = go.run(command(go, variant, &patterns))?;
    let packages = if answer.status.success() {
        packages(go, variant, wanted, &parse(&answer.stdout)?)?
    } else {
        one_by_one::list(go, variant, wanted, &answer.stderr)?
    };
    Ok(packages)
}

pub(super) fn command(go: &GoCommand<'_>, variant: &GoVariant, patterns: &[String]) -> CommandSpec {
    const FIELDS: &str = "-json=ImportPath,Name,Dir,Imports,Standard,DepOnly,GoFiles,CgoFiles,\
                          IgnoredGoFiles,Error,DepsErrors";
    let tags = [&variant.tags, go.tags].concat().join(",");
    // With -e a package that go cannot load is listed with its error.
    go.spec
        .clone()
        .args(["list", "-e", "-deps", FIELDS])
        .args([format!("-tags={tags}")])
        .args(variant.load.clone())
        .args(patterns.to_vec())
        .env("GOOS", "linux")
        .env("GOARCH", variant.goarch)
        .env("CGO_ENABLED", if variant.cgo { "1" } else { "0" })
}

pub(super) fn parse(stdout: &str) -> anyhow::Result<Vec<ListedPackage>> {
    let listed = serde_json::Deserializer::from_str(stdout).into_iter();
    let listed: Result<Vec<_>, _> = listed.collect();
    listed.context("cannot read the output of `go list`")
}

/// The same packages, as a build with cgo would have them.
pub(super) fn with_cgo(
    go: &GoCommand<'_>,
    variant: &GoVariant,
    patterns: &[String],
) -> anyhow::Result<Vec<ListedPackage>> {
    let variant = GoVariant {
        cgo: true,
        ..variant.clone()
    };
    let answer = go.run(command(go, &variant, patterns))?;
    if answer.status.success() {
        parse(&answer.stdout)
    } else {
        Ok(Vec::new())
    }
}

/// From go's terms to ours.
pub(super) fn packages(
    go: &GoCommand<'_>,
    variant: &GoVariant,
    wanted: &ListRequest<'_>,
    listed: &[ListedPackage],
) -> anyhow::Result<Vec<GoPackage>> {
    let by_path: BTreeMap<_, _> = listed
        .iter()
        .map(|listed| (listed.import_path.as_str(), listed))
        .collect();
    let mut packages = Vec::new();
    for listed in listed {
        if listed.dep_only || listed.dir.as_os_str().is_empty() {
            continue;
        }
        let has_files = !listed.go_files.is_empty() || !listed.cgo_files.is_empty();
        // A folder with nothing but tests has a name, and is not a program.
        let main = listed.name == "main" && (has_files || listed.error.is_some());
        let reached = if main {
            reached(listed, &by_path)
        } else {
            BTreeSet::new()
        };
        packages.push(GoPackage {
            import_path: listed.import_path.clone(),
            dir: listed.dir.clone(),
            main,
            lambda: reached.contains(RUNTIME),
            network: reached.iter().any(|path| is_network(path)),
            infrastructure: reached.iter().any(|path| is_infrastructure(path)),
            fault: if main { fault(listed) } else { None },
            stubs: Vec::new(),
        });
        if !variant.cgo && main {
            let package = packages.last_mut();
            let candidates = reached.iter().filter_map(|path| by_path.get(path).copied());
            let stubs = cgo::stubs(candidates);
            if let Some(package) = package {
                package.stubs = stubs;
            }
        }
    }
    if !variant.cgo {
        cgo::complete(go, variant, wanted, &by_path, &mut packages)?;
    }
    Ok(packages)
}

/// Packages without which no program can ask an API for anything. Standard packages are
/// not looked into, so all that open connections are named.
fn is_network(path: &str) -> bool {
    ["net", "crypto/tls", "syscall", "golang.org/x/sys/unix", "C"].contains(&path)
        || path.starts_with("net/http")
        || path.starts_with("net/rpc")
}

/// The import paths that a package reaches through its imports.
pub(super) fn reached<'a>(
    from: &'a ListedPackage,
    all: &BTreeMap<&str, &'a ListedPackage>,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&ListedPackage> = vec![from];
    while let Some(listed) = waiting.pop() {
        for import in &listed.imports {
            if reached.insert(import.as_str()) {
                waiting.extend(all.get(import.as_str()).filter(|listed| !listed.standard));
            }
        }
    }
    reached
}

/// Why go would refuse to build a program.
fn fault(listed: &ListedPackage) -> Option<PackageError> {
    let errors = listed.error.iter().chain(&listed.deps_errors);
    let mut texts = Vec::new();
    for text in errors.map(LoadError::text) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if !texts.is_empty() {
        return Some(PackageError {
            message: texts.join("\n"),
            help: None,
        });
    }
    let is_main = |name: &&String| GoSource::read(&listed.dir.join(name)).declares_main();
    let files: Vec<_> = match listed.go_files.len() {
        0 | 1 => Vec::new(),
        _ => listed.go_files.iter().filter(is_main).collect(),
    };
    let names: Vec<_> = files.iter().map(|name| format!("`{name}`")).collect();
    (files.len() > 1).then(|| PackageError {
        message: format!(
            "{} has {} files with `func main` ({}), and Go builds one program per folder",
            listed.dir.display(),
            files.len(),
            names.join(", ")
        ),
        help: Some(format!(
            "move each of them into a folder of its own, such as `{}`",
            Path::new(listed.dir.file_name().unwrap_or_default())
                .join(Path::new(files[0]).with_extension(""))
                .join(files[0])
                .display()
        )),
    })
}

/// `./a/...`, as go wants it; a module outside the workspace's folder stays absolute.
fn below(root: &Path, dir: &Path) -> String {
    format!("{}/...", only(root, dir))
}

/// `./a`, as go wants it.
pub(super) fn only(root: &Path, dir: &Path) -> String {
    match dir.strip_prefix(root) {
        Ok(inside) if inside.as_os_str().is_empty() => ".".to_owned(),
        Ok(inside) => format!("./{}", inside.to_string_lossy().replace('\\', "/")),
        Err(_) => dir.to_string_lossy().into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_become_patterns_relative_to_the_root() {
        let root = Path::new("/w");
        assert_eq!(below(root, Path::new("/w")), "./...");
        assert_eq!(below(root, Path::new("/w/a b")), "./a b/...");
        assert_eq!(below(root, Path::new("/elsewhere/m")), "/elsewhere/m/...");
        assert_eq!(only(root, Path::new("/w/_x/y")), "./_x/y");
    }
}
