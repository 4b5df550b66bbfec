//! What a build without cgo leaves out.
//!
//! The builds here have `CGO_ENABLED=0` unless cgo is asked for, and then go ignores files that
//! import "C". Programs that need them fail, some of them only when they run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::build::project::go::ask::GoCommand;
use crate::build::project::go::list;
use crate::build::project::go::list::{
    GoPackage, ListRequest, ListedPackage, PackageError, RUNTIME,
};
use crate::build::project::go::source;
use crate::build::project::go::source::GoSource;
use crate::build::project::variant::GoVariant;
use crate::system::command::CommandSpec;
use crate::system::process;

/// A package that is replaced by a stub in a build without cgo.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct CgoStub {
    pub import_path: String,
    /// What the stub says.
    pub message: String,
}

/// How to build with cgo.
pub(crate) const HELP: &str = "pass `--cgo`, or set `cgo = true` in `lambdapack.toml`";

/// The packages whose files for a build without cgo contain a sentence about cgo, such as
/// go-sqlite3's "requires cgo to work". A pure Go implementation has no such sentence.
pub(super) fn stubs<'a>(packages: impl Iterator<Item = &'a ListedPackage>) -> Vec<CgoStub> {
    let stub = |listed: &ListedPackage| {
        let read = |name: &String| GoSource::read(&listed.dir.join(name));
        let is_left_out = { listed.ignored_go_files.iter() }
            .any(|name| !name.ends_with("_test.go") && read(name).imports("C"));
        let mut replacements = { listed.go_files.iter() }
            .map(read)
            .filter(|source| source.without_cgo);
        let message = replacements.find_map(|source| source.mention_of_cgo().map(str::to_owned));
        message.filter(|_| is_left_out).map(|message| CgoStub {
            import_path: listed.import_path.clone(),
            message,
        })
    };
    let others = packages.filter(|listed| !listed.standard && !listed.ignored_go_files.is_empty());
    others.filter_map(stub).collect()
}

/// Asks go what a build with cgo would have, if that matters: adds the programs that consist of
/// cgo files only, names the file that needs cgo in faults, and drops stubs that cgo would not
/// replace.
pub(super) fn complete(
    go: &GoCommand<'_>,
    variant: &GoVariant,
    wanted: &ListRequest<'_>,
    known: &BTreeMap<&str, &ListedPackage>,
    packages: &mut Vec<GoPackage>,
) -> anyhow::Result<()> {
    let left_out = left_out(wanted, packages);
    let in_question = |package: &&GoPackage| package.fault.is_some() || !package.stubs.is_empty();
    let mut patterns: Vec<_> = { packages.iter().filter(in_question) }
        .map(|package| list::only(wanted.root, &package.dir))
        .collect();
    patterns.extend(left_out.iter().map(|dir| list::only(wanted.root, dir)));
    if patterns.is_empty() {
        return Ok(());
    }
    let all = list::with_cgo(go, variant, &patterns)?;
    let with_cgo = all
        .iter()
        .filter(|listed| !listed.standard && !listed.cgo_files.is_empty());
    let with_cgo: Vec<&ListedPackage> = with_cgo.collect();
    let is_cgo = |stub: &CgoStub| {
        with_cgo
            .iter()
            .any(|listed| listed.import_path == stub.import_path)
    };
    for package in packages.iter_mut() {
        package.stubs.retain(is_cgo);
        if let Some(fault) = &mut package.fault {
            let program = known.get(package.import_path.as_str());
            let reached = program.map(|program| list::reached(program, known));
            let missing = with_cgo.iter().find(|listed| {
                let path = listed.import_path.as_str();
                let fails = known
                    .get(path)
                    .is_none_or(|without| without.error.is_some());
                fails
                    && reached
                        .as_ref()
                        .is_some_and(|reached| reached.contains(path))
            });
            if let Some(listed) = missing {
                fault.help = Some(help(&listed.dir.join(&listed.cgo_files[0]), wanted.root));
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
            lambda: sources.any(|source| source.imports(RUNTIME)),
            network: true,
            infrastructure: false,
            fault: Some(PackageError {
                message: format!(
                    "build constraints exclude all Go files in {}",
                    dir.display()
                ),
                help: Some(help(&dir.join(&listed.cgo_files[0]), wanted.root)),
            }),
            stubs: Vec::new(),
            dir,
        });
    }
    Ok(())
}

/// Folders with a program that go does not list, and that imports "C".
fn left_out(wanted: &ListRequest<'_>, packages: &[GoPackage]) -> Vec<PathBuf> {
    let folders = wanted
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
    format!("`{}` imports \"C\", and cgo is off: {HELP}", file.display())
}

/// The files that a failed build without cgo left out. They are the reason for the failure, as a
/// rule.
pub(crate) fn ignored_files(build: &CommandSpec) -> anyhow::Result<Vec<PathBuf>> {
    let packages = build.args.iter().skip_while(|arg| *arg != "-o").skip(2);
    let kept = packages.filter(|arg| {
        let loads = ["-tags=", "-mod=", "-modfile=", "-overlay="];
        !arg.starts_with('-') || loads.iter().any(|flag| arg.starts_with(flag))
    });
    let list = CommandSpec {
        args: ["list", "-e", "-deps", "-json=Dir,Standard,CgoFiles"]
            .map(str::to_owned)
            .into(),
        ..build.clone()
    };
    let answer = process::capture(&list.args(kept.cloned()).env("CGO_ENABLED", "1"))?;
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
