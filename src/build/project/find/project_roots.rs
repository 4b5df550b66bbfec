//! From a folder to the project that it belongs to.
//!
//! In: a folder. Out: its configuration, and the Cargo workspaces and Go modules of its project.
//! Only the existence of files is checked, and `lambdapack.toml` is read.
//!
//! A folder belongs to the nearest manifest in it or above it. If there is none, the projects
//! below the folder make up one project, and the folder is its root.

use std::path::{Path, PathBuf};

use crate::build::project::config;
use crate::build::project::config::FunctionSettings;
use crate::build::project::find::source_root::{SourceRoot, source_roots_in};
use crate::build::project::find::walk::find_below;
use crate::build::project::scope::has_go_files;
use crate::fs::path::join;
use crate::lambda::Language;
use crate::system::tool_cache;
use crate::ui::failure::{ExitKind, Failure};

/// The project that a folder belongs to.
#[derive(Debug, Clone)]
pub(crate) struct ProjectRoots {
    /// The folder of the configuration file, and its settings.
    pub config: Option<(PathBuf, FunctionSettings)>,
    pub source_roots: Vec<SourceRoot>,
    /// The folder below which they were discovered, because neither it nor a folder above it
    /// contains a manifest.
    pub discovered: Option<PathBuf>,
}

/// Looks upwards from a folder, and then below it. `None` if there is no project.
pub(crate) fn find(path: &Path, lang: Option<Language>) -> anyhow::Result<Option<ProjectRoots>> {
    let config = match path
        .ancestors()
        .find(|dir| dir.join(config::FILE).is_file())
    {
        Some(root) => Some((
            root.to_owned(),
            FunctionSettings::read(&root.join(config::FILE))?,
        )),
        None => None,
    };
    let is_wanted = |source_root: &SourceRoot| lang.is_none_or(|lang| lang == source_root.language);
    let paths = config
        .as_ref()
        .and_then(|(root, s)| Some((root, s.paths.as_ref()?)));
    let mut source_roots = Vec::new();
    let mut discovered = None;
    if let Some((root, paths)) = paths {
        let folders = configured_folders(paths, root)?;
        if !folders
            .iter()
            .any(|f| f.starts_with(path) || path.starts_with(f))
        {
            return Err(Failure::new(
                ExitKind::Project,
                format!(
                    "`{}` is not listed in `paths` in `{}`",
                    path.display(),
                    root.join(config::FILE).display()
                ),
            )
            .help("add it to `paths`")
            .into());
        }
        for folder in &folders {
            for source_root in upwards(folder).into_iter().filter(is_wanted) {
                if !source_roots.contains(&source_root) {
                    source_roots.push(source_root);
                }
            }
        }
    } else {
        source_roots = upwards(path);
        if source_roots.is_empty() {
            // Below a configuration file, all folders belong to the same project.
            let root = config.as_ref().map_or(path, |(root, _)| root);
            let found = find_below(root);
            if found.too_many {
                return Err(too_many_folders(root).into());
            }
            let is_below = |source_root: &SourceRoot| {
                source_root.dir.starts_with(path) && is_wanted(source_root)
            };
            if found.source_roots.iter().any(is_below) {
                source_roots = found.source_roots;
                discovered = Some(root.to_owned());
            }
        }
        source_roots.retain(is_wanted);
    }
    Ok((!source_roots.is_empty()).then_some(ProjectRoots {
        config,
        source_roots,
        discovered,
    }))
}

fn too_many_folders(root: &Path) -> Failure {
    Failure::new(
        ExitKind::Project,
        format!(
            "`{}` does not contain a Cargo.toml or go.mod, and has too many folders to search for \
             projects",
            root.display()
        ),
    )
    .help("pass the folders of the projects: `cargo lambdapack PATH ...`")
}

/// The manifests in the nearest folder at or above this one that contains any, one for each
/// language.
fn upwards(path: &Path) -> Vec<SourceRoot> {
    path.ancestors()
        .map(source_roots_in)
        .find(|source_roots| !source_roots.is_empty())
        .unwrap_or_default()
}

/// The names of the manifests, for messages.
pub(crate) const fn manifests(lang: Option<Language>) -> &'static str {
    match lang {
        None => "Cargo.toml or go.mod",
        Some(Language::Rust) => "Cargo.toml",
        Some(Language::Go) => "go.mod",
    }
}

/// Explains that a folder is not a project.
pub(crate) fn no_project(path: &Path, lang: Option<Language>) -> Failure {
    let wanted = manifests(lang);
    let failure = Failure::new(
        ExitKind::Project,
        format!(
            "no {wanted} in `{}`, its parents, or the folders below it",
            path.display()
        ),
    );
    if has_go_files(path) && lang != Some(Language::Rust) {
        failure.help("create a module: `go mod init example.com/NAME && go mod tidy`")
    } else {
        failure.help(
            "pass the project's folder with `cargo lambdapack PATH` or `--manifest-path \
             PATH/Cargo.toml`",
        )
    }
}

/// The folders that match the `paths` of a configuration file.
pub(crate) fn configured_folders(paths: &[String], root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for path in paths {
        let escaped = glob::Pattern::escape(&root.to_string_lossy());
        let found: Vec<_> = tool_cache::expand(&format!("{escaped}/{path}"))
            .into_iter()
            .map(|found| join(&found, "."))
            .filter(|found| found.is_dir() && !upwards(found).is_empty())
            .collect();
        if found.is_empty() {
            return Err(Failure::new(
                ExitKind::Project,
                format!(
                    "`{path}` in `paths` in `{}` does not match the folder of a Cargo package or \
                     Go module",
                    root.join(config::FILE).display()
                ),
            )
            .help("write paths relative to that file and with `/`; they may contain `*`")
            .into());
        }
        folders.extend(found);
    }
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_is_the_project_in_both_languages() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs_err::create_dir_all(root.join("both/src")).unwrap();
        fs_err::write(root.join("Cargo.toml"), "").unwrap();
        fs_err::write(root.join("both/Cargo.toml"), "").unwrap();
        fs_err::write(root.join("both/go.mod"), "").unwrap();
        let found = find(&root.join("both/src"), None).unwrap().unwrap();
        let dirs: Vec<_> = found
            .source_roots
            .iter()
            .map(|u| (u.language, u.dir.clone()))
            .collect();
        let both = root.join("both");
        assert_eq!(dirs, [(Language::Rust, both.clone()), (Language::Go, both)]);
        let rust = find(&root.join("both"), Some(Language::Rust)).unwrap();
        assert_eq!(rust.unwrap().source_roots.len(), 1);
    }

    #[test]
    fn go_files_without_a_module_get_help_to_create_one() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("main.go"), "package main").unwrap();
        assert!(find(dir.path(), None).unwrap().is_none());
        let failure = no_project(dir.path(), None);
        assert_eq!(failure.kind, ExitKind::Project);
        assert!(
            failure.problems[0]
                .help
                .as_ref()
                .unwrap()
                .contains("go mod init")
        );
    }

    #[test]
    fn without_a_manifest_all_projects_below_are_one_project() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in ["a", "services/b", "services/c", "docs"] {
            fs_err::create_dir_all(root.join(folder)).unwrap();
        }
        fs_err::write(root.join("a/Cargo.toml"), "").unwrap();
        fs_err::write(root.join("services/b/go.mod"), "").unwrap();
        fs_err::write(root.join("services/c/go.mod"), "").unwrap();
        let dirs = |path: &str, lang| {
            let found = find(&root.join(path), lang).unwrap()?;
            let roots = found.source_roots.into_iter().map(|root| root.dir);
            Some((found.discovered?, roots.collect::<Vec<_>>()))
        };
        let [a, b, c] = ["a", "services/b", "services/c"].map(|dir| root.join(dir));
        assert_eq!(
            dirs("", None),
            Some((root.to_owned(), vec![a.clone(), b.clone(), c.clone()]))
        );
        assert_eq!(
            dirs("services", None),
            Some((root.join("services"), vec![b.clone(), c.clone()]))
        );
        assert_eq!(dirs("services", Some(Language::Rust)), None);
        assert_eq!(dirs("a", None), None, "it has a manifest");
        assert!(find(&root.join("docs"), None).unwrap().is_none());
        // Below a configuration file, a part of the project is not another project.
        fs_err::write(root.join(config::FILE), "").unwrap();
        assert_eq!(
            dirs("services", None),
            Some((root.to_owned(), vec![a, b, c]))
        );
        assert!(find(&root.join("docs"), None).unwrap().is_none());
    }
}
