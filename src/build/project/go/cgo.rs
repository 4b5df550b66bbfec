//! Finds the files and packages that a build without cgo leaves out.
//!
//! Builds have `CGO_ENABLED=0` unless the user enables cgo, so go ignores files that import "C".
//! Programs that need these files fail, some of them only when they run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::build::project::go::command::GoCommand;
use crate::build::project::go::go_list::{ListRequest, ListedPackage};
use crate::build::project::go::package::{CgoStub, GoPackage, PackageError};
use crate::build::project::go::source::GoSource;
use crate::build::project::go::{go_list, source};
use crate::build::project::variant::GoVariant;
use crate::system::command::CommandSpec;
use crate::system::process;

/// How to build with cgo.
pub(crate) const HELP: &str = "pass `--cgo`, or set `cgo = true` in `lambdapack.toml`";

/// The packages whose files for a build without cgo contain a message about cgo, such as
/// go-sqlite3's "requires cgo to work". A pure Go implementation contains no such message.
pub(super) fn stubs<'a>(packages: impl Iterator<Item = &'a ListedPackage>) -> Vec<CgoStub> {
    let stub = |listed: &ListedPackage| {
        let read = |name: &String| GoSource::read(&listed.dir.join(name));
        let mut ignored = listed.ignored_go_files.iter();
        if !ignored.any(|name| !name.ends_with("_test.go") && read(name).imports("C")) {
            return None;
        }
        let mut replacements = listed
            .go_files
            .iter()
            .map(read)
            .filter(|source| source.without_cgo);
        let message = replacements.find_map(|source| source.mention_of_cgo().map(str::to_owned));
        Some(CgoStub {
            import_path: listed.import_path.clone(),
            message: message?,
        })
    };
    packages
        .filter(|listed| !listed.standard && !listed.ignored_go_files.is_empty())
        .filter_map(stub)
        .collect()
}

/// Compares the packages with those of a build with cgo, if that matters: adds the programs that
/// consist of cgo files only, names the file that needs cgo in errors, and drops stubs that cgo
/// would not replace.
pub(super) fn add_cgo_facts(
    go: &GoCommand<'_>,
    variant: &GoVariant,
    request: &ListRequest<'_>,
    without_cgo: &BTreeMap<&str, &ListedPackage>,
    packages: &mut Vec<GoPackage>,
) -> anyhow::Result<()> {
    let left_out = left_out(request, packages);
    let mut patterns: Vec<_> = packages
        .iter()
        .filter(|package| package.fault.is_some() || !package.stubs.is_empty())
        .map(|package| go_list::package_in(request.root, &package.dir))
        .collect();
    patterns.extend(
        left_out
            .iter()
            .map(|dir| go_list::package_in(request.root, dir)),
    );
    if patterns.is_empty() {
        return Ok(());
    }
    let listed = go_list::with_cgo(go, variant, &patterns)?;
    let with_cgo: Vec<&ListedPackage> = listed
        .iter()
        .filter(|listed| !listed.standard && !listed.cgo_files.is_empty())
        .collect();
    let is_cgo = |stub: &CgoStub| {
        with_cgo
            .iter()
            .any(|listed| listed.import_path == stub.import_path)
    };
    for package in packages.iter_mut() {
        package.stubs.retain(is_cgo);
        if let Some(fault) = &mut package.fault {
            let program = without_cgo.get(package.import_path.as_str());
            let reached = program.map(|program| go_list::reached(program, without_cgo));
            let missing = with_cgo.iter().find(|listed| {
                let path = listed.import_path.as_str();
                let fails = without_cgo
                    .get(path)
                    .is_none_or(|listed| listed.error.is_some());
                fails
                    && reached
                        .as_ref()
                        .is_some_and(|reached| reached.contains(path))
            });
            if let Some(listed) = missing {
                fault.help = Some(help(&listed.dir.join(&listed.cgo_files[0]), request.root));
            }
        }
    }
    for dir in left_out {
        let Some(listed) = with_cgo.iter().find(|listed| listed.dir == dir) else {
            continue;
        };
        let mut sources = source::files(&dir)
            .into_iter()
            .map(|file| GoSource::read(&file));
        packages.push(GoPackage {
            import_path: listed.import_path.clone(),
            main: true,
            lambda: sources.any(|source| source.imports(go_list::RUNTIME)),
            network: true,
            infrastructure: false,
            fault: Some(PackageError {
                message: format!(
                    "build constraints exclude all Go files in `{}`",
                    dir.display()
                ),
                help: Some(help(&dir.join(&listed.cgo_files[0]), request.root)),
            }),
            stubs: Vec::new(),
            dir,
        });
    }
    Ok(())
}

/// The folders of programs that go does not list and that import "C".
fn left_out(request: &ListRequest<'_>, packages: &[GoPackage]) -> Vec<PathBuf> {
    let folders = request
        .modules
        .iter()
        .flat_map(|module| source::folders(module));
    let mut folders: Vec<_> = folders
        .filter(|dir| !packages.iter().any(|package| package.dir == *dir))
        .collect();
    folders.retain(|dir| {
        let sources: Vec<_> = source::files(dir)
            .iter()
            .map(|file| GoSource::read(file))
            .collect();
        sources
            .iter()
            .any(|source| source.package() == Some("main") && source.imports("C"))
    });
    folders
}

/// Names the file that needs cgo.
fn help(file: &Path, root: &Path) -> String {
    let file = file.strip_prefix(root).unwrap_or(file);
    format!(
        "`{}` imports \"C\", which requires cgo: {HELP}",
        file.display()
    )
}

/// The files that a failed build without cgo left out. They are usually the reason for the failure.
pub(crate) fn ignored_files(build: &CommandSpec) -> anyhow::Result<Vec<PathBuf>> {
    let list = go_list::for_build(build, &["-deps", "-json=Dir,Standard,CgoFiles"]);
    let answer = process::capture(&list.env("CGO_ENABLED", "1"))?;
    let listed = serde_json::Deserializer::from_str(&answer.stdout).into_iter::<ListedPackage>();
    let others = listed
        .filter_map(Result::ok)
        .filter(|listed| !listed.standard);
    let files = others.flat_map(|listed| {
        let files = listed.cgo_files.into_iter();
        files.map(|name| listed.dir.join(name)).collect::<Vec<_>>()
    });
    Ok(files.collect())
}
