//! Runs `go list`, which reports packages, including those that cannot be loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use crate::build::project::go::command::GoCommand;
use crate::build::project::name::exec_name;
use crate::build::project::variant::{GoPlatform, GoVariant};
use crate::system::command::CommandSpec;
use crate::system::process;

/// The package that Lambda functions in Go import.
pub(super) const RUNTIME: &str = "github.com/aws/aws-lambda-go/lambda";

/// A package as `go list` reports it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListedPackage {
    pub(super) import_path: String,
    pub(super) name: String,
    pub(super) dir: PathBuf,
    pub(super) imports: Vec<String>,
    pub(super) standard: bool,
    pub(super) dep_only: bool,
    pub(super) go_files: Vec<String>,
    pub(super) cgo_files: Vec<String>,
    pub(super) ignored_go_files: Vec<String>,
    pub(super) error: Option<LoadError>,
    pub(super) deps_errors: Vec<LoadError>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct LoadError {
    pos: String,
    err: String,
}

impl LoadError {
    pub(crate) fn text(&self) -> String {
        if self.pos.is_empty() {
            self.err.clone()
        } else {
            format!("{}: {}", self.pos, self.err)
        }
    }
}

/// The packages to list: all packages of the modules, and those in the folders.
#[derive(Debug)]
pub(super) struct ListRequest<'a> {
    /// The folder of go.work or go.mod.
    pub(super) root: &'a Path,
    /// The folders of the modules.
    pub(super) modules: &'a [PathBuf],
    /// Folders of packages that `./...` leaves out.
    pub(super) folders: &'a [PathBuf],
}

/// The command that lists packages for a variant of the build.
pub(super) fn command(go: &GoCommand<'_>, variant: &GoVariant, patterns: &[String]) -> CommandSpec {
    const FIELDS: &str = "-json=ImportPath,Name,Dir,Imports,Standard,DepOnly,GoFiles,CgoFiles,\
                          IgnoredGoFiles,Error,DepsErrors";
    let tags = [&variant.tags, go.tags].concat().join(",");
    // With -e a package that go cannot load is listed with its error.
    let mut command = go
        .spec
        .clone()
        .args(["list", "-e", "-deps", FIELDS])
        .args([format!("-tags={tags}")])
        .args(variant.load.clone())
        .args(patterns.to_vec());
    match variant.platform {
        GoPlatform::Lambda { goarch, cgo } => command
            .env("GOOS", "linux")
            .env("GOARCH", goarch)
            .env("CGO_ENABLED", if cgo { "1" } else { "0" }),
        GoPlatform::Host => {
            for (name, value) in go.host_env {
                command = command.env(name, value);
            }
            command
        }
    }
}

/// The command that lists the packages of a `go build` command.
pub(super) fn for_build(build: &CommandSpec, args: &[&str]) -> CommandSpec {
    let packages = build.args.iter().skip_while(|arg| *arg != "-o").skip(2);
    let kept = packages.filter(|arg| {
        let loads = ["-tags=", "-mod=", "-modfile=", "-overlay="];
        !arg.starts_with('-') || loads.iter().any(|flag| arg.starts_with(flag))
    });
    let list = CommandSpec {
        args: vec!["list".to_owned(), "-e".to_owned()],
        ..build.clone()
    };
    list.args(args.iter().copied()).args(kept.cloned())
}

/// The names of the programs among the packages of a `go build` command. go ignores packages that
/// are not `main`.
pub(crate) fn programs(build: &CommandSpec) -> anyhow::Result<BTreeSet<String>> {
    let template = "{{if eq .Name \"main\"}}{{.ImportPath}}{{end}}";
    let answer = process::capture(&for_build(build, &["-f", template]))?;
    let paths = answer.stdout.lines();
    Ok(paths.map(|path| exec_name(path).to_owned()).collect())
}

/// Parses the output of the command.
pub(super) fn parse(stdout: &str) -> anyhow::Result<Vec<ListedPackage>> {
    let values = serde_json::Deserializer::from_str(stdout).into_iter();
    let listed: Result<Vec<ListedPackage>, _> = values.collect();
    let mut listed = listed.context("failed to parse the output of `go list`")?;
    // A package is listed once more for each program that has a profile, as `path [program]`.
    // All of them have the same imports.
    let mut seen = BTreeSet::new();
    for package in &mut listed {
        for path in std::iter::once(&mut package.import_path).chain(&mut package.imports) {
            if let Some(end) = path.find(" [") {
                path.truncate(end);
            }
        }
    }
    listed.retain(|package| seen.insert(package.import_path.clone()));
    Ok(listed)
}

/// Lists packages for a build with cgo; none if go cannot.
pub(super) fn with_cgo(
    go: &GoCommand<'_>,
    variant: &GoVariant,
    patterns: &[String],
) -> anyhow::Result<Vec<ListedPackage>> {
    let variant = GoVariant {
        platform: variant.platform.with_cgo(),
        ..variant.clone()
    };
    let answer = go.run(command(go, &variant, patterns))?;
    if answer.status.success() {
        parse(&answer.stdout)
    } else {
        Ok(Vec::new())
    }
}

/// The import paths that a package reaches through its imports.
pub(super) fn reached<'a>(
    from: &'a ListedPackage,
    all: &BTreeMap<&str, &'a ListedPackage>,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut queue: Vec<&ListedPackage> = vec![from];
    while let Some(listed) = queue.pop() {
        for import in &listed.imports {
            if reached.insert(import.as_str()) {
                queue.extend(all.get(import.as_str()).filter(|listed| !listed.standard));
            }
        }
    }
    reached
}

/// The pattern for the packages in a folder and below it: `./a/...`.
pub(super) fn all_below(root: &Path, dir: &Path) -> String {
    format!("{}/...", package_in(root, dir))
}

/// The pattern for the package in a folder: `./a`. A folder outside the root stays absolute.
pub(super) fn package_in(root: &Path, dir: &Path) -> String {
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
    fn packages_of_programs_with_profiles_are_listed_once() {
        let listed = parse(
            r#"{"ImportPath": "m/lib", "Name": "lib"}
            {"ImportPath": "m/a", "Name": "main", "Imports": ["m/lib [m/a]", "m/log"]}
            {"ImportPath": "m/lib [m/a]", "Name": "lib"}"#,
        );
        let listed = listed.unwrap();
        let paths: Vec<_> = listed.iter().map(|it| it.import_path.as_str()).collect();
        assert_eq!(paths, ["m/lib", "m/a"]);
        assert_eq!(listed[1].imports, ["m/lib", "m/log"]);
    }

    #[test]
    fn folders_become_patterns_relative_to_the_root() {
        let root = Path::new("/w");
        assert_eq!(all_below(root, Path::new("/w")), "./...");
        assert_eq!(all_below(root, Path::new("/w/a b")), "./a b/...");
        assert_eq!(
            all_below(root, Path::new("/elsewhere/m")),
            "/elsewhere/m/..."
        );
        assert_eq!(package_in(root, Path::new("/w/_x/y")), "./_x/y");
    }
}
