//! Lists the programs of modules if go cannot list all packages at once.
//!
//! `go list -e` ends with an error if one package needs an update of go.mod, even though
//! `go build` can build the others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::project::go::command::GoCommand;
use crate::build::project::go::go_list::ListRequest;
use crate::build::project::go::package::{GoPackage, PackageError};
use crate::build::project::go::source::GoSource;
use crate::build::project::go::{convert, go_list, source};
use crate::build::project::variant::GoVariant;

/// Lists programs in ever smaller groups, until each one that go cannot list is alone. `error` is
/// what go printed when it could not list all of them.
pub(super) fn list(
    go: &GoCommand<'_>,
    variant: &GoVariant,
    request: &ListRequest<'_>,
    error: &str,
) -> anyhow::Result<Vec<GoPackage>> {
    let module = go.run(go.spec.clone().args(["list", "-m"]))?;
    if !module.status.success() {
        return Err(go.failure(error).into());
    }
    let modules = request.modules.iter().flat_map(|dir| source::folders(dir));
    let folders: BTreeSet<_> = modules.chain(request.folders.iter().cloned()).collect();
    let (programs, libraries): (Vec<_>, Vec<_>) = folders.into_iter().partition(|dir| {
        let sources = source::files(dir);
        sources
            .iter()
            .any(|file| GoSource::read(file).package() == Some("main"))
    });
    let import_path = |dir: &PathBuf| import_path(dir, request.modules);
    let mut packages: Vec<_> = libraries
        .iter()
        .map(|dir| GoPackage {
            import_path: import_path(dir),
            dir: dir.clone(),
            ..GoPackage::default()
        })
        .collect();
    let mut queue = vec![&programs[..]];
    while let Some(dirs) = queue.pop() {
        if dirs.is_empty() {
            continue;
        }
        let patterns: Vec<_> = dirs
            .iter()
            .map(|dir| go_list::package_in(request.root, dir))
            .collect();
        let answer = go.run(go_list::command(go, variant, &patterns))?;
        if answer.status.success() {
            let group = ListRequest {
                modules: &[],
                folders: dirs,
                ..*request
            };
            packages.extend(convert::packages(
                go,
                variant,
                &group,
                &go_list::parse(&answer.stdout)?,
            )?);
        } else if let [dir] = dirs {
            packages.push(GoPackage {
                import_path: import_path(dir),
                dir: dir.clone(),
                main: true,
                lambda: true,
                network: true,
                infrastructure: false,
                fault: Some(PackageError {
                    message: go.error_message(&answer.stderr),
                    help: None,
                }),
                stubs: Vec::new(),
            });
        } else {
            let (first, second) = dirs.split_at(dirs.len() / 2);
            queue.extend([first, second]);
        }
    }
    Ok(packages)
}

/// The import path of a folder, for a package that go does not list.
fn import_path(dir: &Path, modules: &[PathBuf]) -> String {
    let containing = modules.iter().filter(|module| dir.starts_with(module));
    let Some(module) = containing.max_by_key(|module| module.components().count()) else {
        return dir.display().to_string();
    };
    let text = fs_err::read_to_string(module.join("go.mod")).unwrap_or_default();
    let mut lines = text.lines();
    let directive = lines.find_map(|line| line.trim().strip_prefix("module "));
    let without_comment = directive.unwrap_or_default().split("//").next();
    let module_path = without_comment.unwrap_or_default().trim().trim_matches('"');
    let mut path = module_path.to_owned();
    for part in dir.strip_prefix(module).unwrap_or(Path::new("")) {
        path = format!("{path}/{}", part.to_string_lossy());
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_import_path_of_a_folder_starts_with_that_of_its_module() {
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
