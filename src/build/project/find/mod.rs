//! From a folder to the project it belongs to.
//!
//! In: a folder. Out: where its configuration is, and the cargo and Go units
//! that make it up. Only looks at which files exist, and reads `lambdapack.toml`.
//!
//! A folder belongs to the nearest manifest in it or above it. If there is none, the
//! projects below the folder make up one project together, and the folder is its root.

mod ignored;
mod walk;

use std::path::{Path, PathBuf};

use crate::build::project::config;
use crate::build::project::config::FunctionSettings;
pub(crate) use crate::build::project::find::walk::below;
use crate::build::project::scope::holds_go;
use crate::fs::path::join;
use crate::lambda::Language;
use crate::system::tool_cache;
use crate::ui::failure::{ExitKind, Failure};

/// What a folder belongs to.
#[derive(Debug, Clone)]
pub(crate) struct ProjectRoots {
    /// The configuration file's folder, and what it says.
    pub config: Option<(PathBuf, FunctionSettings)>,
    pub units: Vec<SourceRoot>,
    /// The folder whose units were discovered below it, because neither it nor a folder
    /// above it holds a manifest.
    pub discovered: Option<PathBuf>,
}

/// A folder with a Cargo.toml, or with go.mod or go.work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceRoot {
    pub language: Language,
    pub dir: PathBuf,
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
    let wanted = |unit: &SourceRoot| lang.is_none_or(|lang| lang == unit.language);
    let paths = config
        .as_ref()
        .and_then(|(root, s)| Some((root, s.paths.as_ref()?)));
    let mut units = Vec::new();
    let mut discovered = None;
    if let Some((root, paths)) = paths {
        let folders = folders(paths, root)?;
        if !folders
            .iter()
            .any(|f| f.starts_with(path) || path.starts_with(f))
        {
            return Err(Failure::new(
                ExitKind::Project,
                format!(
                    "{} is not among the `paths` of {}",
                    path.display(),
                    root.join(config::FILE).display()
                ),
            )
            .help("add it there")
            .into());
        }
        for folder in &folders {
            for unit in upwards(folder).into_iter().filter(wanted) {
                if !units.contains(&unit) {
                    units.push(unit);
                }
            }
        }
    } else {
        units = upwards(path);
        if units.is_empty() {
            // A configuration file above makes the same project of all folders below it.
            let root = config.as_ref().map_or(path, |(root, _)| root);
            let found = below(root);
            if found.too_many {
                return Err(too_many(root).into());
            }
            let is_below = |unit: &SourceRoot| unit.dir.starts_with(path) && wanted(unit);
            if found.units.iter().any(is_below) {
                units = found.units;
                discovered = Some(root.to_owned());
            }
        }
        units.retain(wanted);
    }
    Ok((!units.is_empty()).then_some(ProjectRoots {
        config,
        units,
        discovered,
    }))
}

fn too_many(root: &Path) -> Failure {
    Failure::new(
        ExitKind::Project,
        format!(
            "{} holds no Cargo.toml or go.mod, and too many folders to look for projects in",
            root.display()
        ),
    )
    .help("name the folders of the projects: `cargo lambdapack PATH ...`")
}

/// The nearest folder at or above this one that holds a project, in each language
/// it holds.
fn upwards(path: &Path) -> Vec<SourceRoot> {
    path.ancestors()
        .map(units_in)
        .find(|units| !units.is_empty())
        .unwrap_or_default()
}

fn units_in(dir: &Path) -> Vec<SourceRoot> {
    let unit = |language| SourceRoot {
        language,
        dir: dir.to_owned(),
    };
    let mut units = Vec::new();
    if dir.join("Cargo.toml").is_file() {
        units.push(unit(Language::Rust));
    }
    if dir.join("go.mod").is_file() || dir.join("go.work").is_file() {
        units.push(unit(Language::Go));
    }
    units
}

/// The files that make a project of a folder.
pub(crate) const fn manifests(lang: Option<Language>) -> &'static str {
    match lang {
        None => "Cargo.toml or go.mod",
        Some(Language::Rust) => "Cargo.toml",
        Some(Language::Go) => "go.mod",
    }
}

/// Explains that a folder is not a project.
pub(crate) fn nothing(path: &Path, lang: Option<Language>) -> Failure {
    let wanted = manifests(lang);
    let failure = Failure::new(
        ExitKind::Project,
        format!(
            "no {wanted} in {}, its parents, or the folders below it",
            path.display()
        ),
    );
    if holds_go(path) && lang != Some(Language::Rust) {
        failure.help("make it a module: `go mod init example.com/NAME && go mod tidy`")
    } else {
        failure.help("name the project's folder: `cargo lambdapack PATH`, or `--manifest-path PATH/Cargo.toml`")
    }
}

/// The folders that `paths` of a configuration file mean.
pub(crate) fn folders(paths: &[String], root: &Path) -> anyhow::Result<Vec<PathBuf>> {
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
                    "`{path}` in the `paths` of {} matches no folder of a cargo package or Go module",
                    root.join(config::FILE).display()
                ),
            )
            .help("paths are relative to that file, with `/`, and may hold `*`")
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
    fn the_nearest_folder_decides_and_both_languages_count() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs_err::create_dir_all(root.join("both/src")).unwrap();
        fs_err::write(root.join("Cargo.toml"), "").unwrap();
        fs_err::write(root.join("both/Cargo.toml"), "").unwrap();
        fs_err::write(root.join("both/go.mod"), "").unwrap();
        let found = find(&root.join("both/src"), None).unwrap().unwrap();
        let dirs: Vec<_> = found
            .units
            .iter()
            .map(|u| (u.language, u.dir.clone()))
            .collect();
        let both = root.join("both");
        assert_eq!(dirs, [(Language::Rust, both.clone()), (Language::Go, both)]);
        let rust = find(&root.join("both"), Some(Language::Rust)).unwrap();
        assert_eq!(rust.unwrap().units.len(), 1);
    }

    #[test]
    fn go_files_without_a_module_are_told_how_to_become_one() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("main.go"), "package main").unwrap();
        assert!(find(dir.path(), None).unwrap().is_none());
        let failure = nothing(dir.path(), None);
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
    fn without_a_manifest_all_projects_below_are_one() {
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
            let units = found.units.into_iter().map(|unit| unit.dir);
            Some((found.discovered?, units.collect::<Vec<_>>()))
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
