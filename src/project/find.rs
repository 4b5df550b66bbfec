//! From a folder to the project it belongs to.
//!
//! In: a folder. Out: where its configuration is, and the cargo and Go units
//! that make it up. Only looks at which files exist, and reads `lambdapack.toml`.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind};
use crate::project::config::{self, Settings};
use crate::project::path::join;
use crate::project::scope::holds_go;
use crate::request::Language;
use crate::survey;

/// What a folder belongs to.
#[derive(Debug, Clone)]
pub struct Found {
    /// The configuration file's folder, and what it says.
    pub config: Option<(PathBuf, Settings)>,
    /// At least one.
    pub units: Vec<Unit>,
}

/// A folder with a Cargo.toml, or with go.mod or go.work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// What it holds.
    pub language: Language,
    /// Where.
    pub dir: PathBuf,
}

/// Looks upwards from a folder.
///
/// # Errors
/// Exit 102 when there is neither Cargo.toml nor go.mod, or configuration
/// cannot be used.
pub fn find(path: &Path, lang: Option<Language>) -> anyhow::Result<Found> {
    let config = match path
        .ancestors()
        .find(|dir| dir.join(config::FILE).is_file())
    {
        Some(root) => Some((root.to_owned(), Settings::read(&root.join(config::FILE))?)),
        None => None,
    };
    let wanted = |unit: &Unit| lang.is_none_or(|lang| lang == unit.language);
    let paths = config
        .as_ref()
        .and_then(|(root, s)| Some((root, s.paths.as_ref()?)));
    let mut units = Vec::new();
    if let Some((root, paths)) = paths {
        let folders = folders(paths, root)?;
        if !folders
            .iter()
            .any(|f| f.starts_with(path) || path.starts_with(f))
        {
            return Err(Failure::new(
                Kind::Project,
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
        units.retain(wanted);
    }
    if units.is_empty() {
        return Err(nothing(path, lang).into());
    }
    Ok(Found { config, units })
}

/// The nearest folder at or above this one that holds a project, in each language
/// it holds.
fn upwards(path: &Path) -> Vec<Unit> {
    path.ancestors()
        .map(units_in)
        .find(|units| !units.is_empty())
        .unwrap_or_default()
}

fn units_in(dir: &Path) -> Vec<Unit> {
    let unit = |language| Unit {
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

fn nothing(path: &Path, lang: Option<Language>) -> Failure {
    let wanted = match lang {
        None => "Cargo.toml or go.mod",
        Some(Language::Rust) => "Cargo.toml",
        Some(Language::Go) => "go.mod",
    };
    let failure = Failure::new(
        Kind::Project,
        format!("no {wanted} in {} or its parents", path.display()),
    );
    if holds_go(path) && lang != Some(Language::Rust) {
        failure.help("make it a module: `go mod init example.com/NAME && go mod tidy`")
    } else {
        failure.help("name the project's folder: `cargo lambdapack PATH`, or `--manifest-path PATH/Cargo.toml`")
    }
}

/// The folders that `paths` of a configuration file mean.
///
/// # Errors
/// Exit 102 when one of them matches nothing.
pub fn folders(paths: &[String], root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for path in paths {
        let escaped = glob::Pattern::escape(&root.to_string_lossy());
        let found: Vec<_> = survey::expand(&format!("{escaped}/{path}"))
            .into_iter()
            .map(|found| join(&found, "."))
            .filter(|found| found.is_dir() && !upwards(found).is_empty())
            .collect();
        if found.is_empty() {
            return Err(Failure::new(
                Kind::Project,
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
        let found = find(&root.join("both/src"), None).unwrap();
        let dirs: Vec<_> = found
            .units
            .iter()
            .map(|u| (u.language, u.dir.clone()))
            .collect();
        let both = root.join("both");
        assert_eq!(dirs, [(Language::Rust, both.clone()), (Language::Go, both)]);
        let rust = find(&root.join("both"), Some(Language::Rust)).unwrap();
        assert_eq!(rust.units.len(), 1);
    }

    /// Row 29.
    #[test]
    fn go_files_without_a_module_are_told_how_to_become_one() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("main.go"), "package main").unwrap();
        let error = find(dir.path(), None).unwrap_err();
        let failure = Failure::from_error(&error, Kind::Bug);
        assert_eq!(failure.kind, Kind::Project);
        assert!(
            failure.problems[0]
                .help
                .as_ref()
                .unwrap()
                .contains("go mod init")
        );
    }
}
