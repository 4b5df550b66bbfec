//! What of a workspace or module a path means.

use std::path::{Path, PathBuf};

use crate::build::project::{Function, Project};
use crate::lambda::Language;

/// What of a unit a path means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceScope {
    /// All of the unit, members beside its folder too.
    Whole(PathBuf),
    /// Everything below this folder.
    Below(PathBuf),
    /// The package in this folder, because the path lies inside it.
    Package(PathBuf),
}

impl SourceScope {
    /// What a path means in a unit with this root, whose packages have these
    /// folders: what is below it, or else the package around it, as in cargo.
    pub(crate) fn of(path: &Path, language: Language, root: &Path, packages: &[&Path]) -> Self {
        if root.starts_with(path) {
            return Self::Whole(path.to_owned());
        }
        // Go files here, or a module: what go lists of them is all there is.
        let go = language == Language::Go && (holds_go(path) || path.join("go.mod").exists());
        let below = packages.iter().any(|package| package.starts_with(path));
        let around = packages.iter().filter(|package| path.starts_with(package));
        match around.max_by_key(|package| package.components().count()) {
            Some(package) if !below && !go => Self::Package(package.to_path_buf()),
            _ => Self::Below(path.to_owned()),
        }
    }

    /// Whether a package in this folder is meant.
    pub(crate) fn holds(&self, dir: &Path) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Below(path) => dir.starts_with(path),
            Self::Package(path) => dir == path,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Whole(path) | Self::Below(path) | Self::Package(path) => path,
        }
    }
}

/// What of one project is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectScope {
    /// The project's place in `Projects::projects`.
    pub project: usize,
    /// The language of the unit.
    pub language: Language,
    /// The root of the workspace or module.
    pub unit: PathBuf,
    pub scope: SourceScope,
}

impl ProjectScope {
    /// Whether a function is meant, which is in the project at this place.
    pub(crate) fn holds(&self, place: usize, project: &Project, function: &Function) -> bool {
        self.project == place
            && self.language == function.language()
            && self.unit == project.unit(function)
            && self.scope.holds(&function.dir)
    }
}

/// Whether there are Go files in a folder, whatever system they are for.
pub(crate) fn holds_go(dir: &Path) -> bool {
    go_files(dir).next().is_some()
}

/// Whether a Go file in a folder needs cgo.
pub(crate) fn uses_c(dir: &Path) -> bool {
    let mut texts = go_files(dir).filter_map(|file| fs_err::read_to_string(file).ok());
    texts.any(|text| {
        text.lines()
            .any(|line| line.trim_start().starts_with("import \"C\""))
    })
}

fn go_files(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs_err::read_dir(dir).into_iter().flatten();
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    files.filter(|file| file.extension().is_some_and(|e| e == "go"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_what_is_below_it_or_else_the_package_around_it() {
        let [root, a, b] = ["/w", "/w/services/a", "/w/services/b"].map(Path::new);
        let of = |path: &str, packages: &[&Path]| {
            SourceScope::of(Path::new(path), Language::Rust, root, packages)
        };
        assert_eq!(of("/w", &[root, a, b]), SourceScope::Whole("/w".into()));
        assert_eq!(
            of("/w/services", &[a, b]),
            SourceScope::Below("/w/services".into())
        );
        assert_eq!(
            of("/w/services/a/src", &[root, a, b]),
            SourceScope::Package(a.into())
        );
        assert_eq!(
            of("/w/src", &[root, a, b]),
            SourceScope::Package(root.into())
        );
        assert_eq!(of("/w/docs", &[a, b]), SourceScope::Below("/w/docs".into()));
        assert!(!SourceScope::Package(root.into()).holds(a));
    }
}
