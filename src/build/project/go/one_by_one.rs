//! Lists the programs of modules if go cannot list all packages at once.
//!
//! `go list -e` ends with an error if one package needs an update of go.mod, even though
//! `go build` can build the others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::project::go::ask::GoCommand;
use crate::build::project::go::list::{self};
use crate::build::project::go::list::{GoPackage, ListRequest, PackageError};
use crate::build::project::go::source;
use crate::build::project::go::source::GoSource;
use crate::build::project::variant::GoVariant;

/// Lists each program by itself, because one of them keeps go from listing all.
pub(super) fn list(
    go: &GoCommand<'_>,
    variant: &GoVariant,
    wanted: &ListRequest<'_>,
    words: &str,
) -> anyhow::Result<Vec<GoPackage>> {
    let module = go.run(go.spec.clone().args(["list", "-m"]))?;
    if !module.status.success() {
        return Err(go.failure(words).into());
    }
    let modules = wanted.modules.iter().flat_map(|dir| source::folders(dir));
    let folders: BTreeSet<_> = modules.chain(wanted.folders.iter().cloned()).collect();
    let (mains, libraries): (Vec<_>, Vec<_>) = folders.into_iter().partition(|dir| {
        let sources = source::files(dir);
        sources
            .iter()
            .any(|file| GoSource::read(file).package() == Some("main"))
    });
    let import_path = |dir: &PathBuf| import_path(dir, wanted.modules);
    let mut all: Vec<_> = libraries
        .iter()
        .map(|dir| GoPackage {
            import_path: import_path(dir),
            dir: dir.clone(),
            ..GoPackage::default()
        })
        .collect();
    let mut waiting = vec![&mains[..]];
    while let Some(dirs) = waiting.pop() {
        if dirs.is_empty() {
            continue;
        }
        let patterns: Vec<_> = dirs
            .iter()
            .map(|dir| list::only(wanted.root, dir))
            .collect();
        let answer = go.run(list::command(go, variant, &patterns))?;
        if answer.status.success() {
            let wanted = ListRequest {
                modules: &[],
                folders: dirs,
                ..*wanted
            };
            all.extend(list::packages(
                go,
                variant,
                &wanted,
                &list::parse(&answer.stdout)?,
            )?);
        } else if let [dir] = dirs {
            all.push(GoPackage {
                import_path: import_path(dir),
                dir: dir.clone(),
                main: true,
                lambda: true,
                network: true,
                infrastructure: false,
                fault: Some(PackageError {
                    message: go.words(&answer.stderr),
                    help: None,
                }),
                stubs: Vec::new(),
            });
        } else {
            let (first, second) = dirs.split_at(dirs.len() / 2);
            waiting.extend([first, second]);
        }
    }
    Ok(all)
}

/// The import path of a folder, for a package that go does not list.
fn import_path(dir: &Path, modules: &[PathBuf]) -> String {
    let around = modules.iter().filter(|module| dir.starts_with(module));
    let Some(module) = around.max_by_key(|module| module.components().count()) else {
        return dir.display().to_string();
    };
    let text = fs_err::read_to_string(module.join("go.mod")).unwrap_or_default();
    let path = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("module "));
    let path = path
        .unwrap_or_default()
        .split("//")
        .next()
        .unwrap_or_default();
    let mut path = path.trim().trim_matches('"').to_owned();
    for part in dir.strip_prefix(module).unwrap_or(Path::new("")) {
        path = format!("{path}/{}", part.to_string_lossy());
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_import_path_of_a_folder_is_that_of_its_module_and_the_way_to_it() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("go.mod"), "module \"example.com/m\" // x\n").unwrap();
        let modules = [dir.path().to_owned()];
        assert_eq!(
            import_path(&dir.path().join("a/b"), &modules),
            "example.com/m/a/b"
        );
        assert_eq!(import_path(dir.path(), &modules), "example.com/m");
    }
}
