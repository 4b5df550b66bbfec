//! The part of a workspace or module that a path selects.

use std::path::{Path, PathBuf};

use crate::lambda::Language;

/// The part of a workspace or module that a path selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceScope {
    /// All of it, including members outside its folder.
    Whole(PathBuf),
    /// Everything below this folder.
    Below(PathBuf),
    /// The package in this folder, because the path is inside it.
    Package(PathBuf),
}

impl SourceScope {
    /// The part that a path selects, if the root and the folders of the packages are these:
    /// everything below the path, or else the package around it, as in Cargo.
    pub(crate) fn new(path: &Path, language: Language, root: &Path, packages: &[&Path]) -> Self {
        if root.starts_with(path) {
            return Self::Whole(path.to_owned());
        }
        // For a folder with Go files, or a module, go lists all packages.
        let is_go_folder =
            language == Language::Go && (has_go_files(path) || path.join("go.mod").exists());
        let has_packages = packages.iter().any(|package| package.starts_with(path));
        let around = packages.iter().filter(|package| path.starts_with(package));
        match around.max_by_key(|package| package.components().count()) {
            Some(package) if !has_packages && !is_go_folder => Self::Package(package.to_path_buf()),
            _ => Self::Below(path.to_owned()),
        }
    }

    /// Whether the package in a folder is selected.
    pub(crate) fn contains(&self, dir: &Path) -> bool {
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

/// Whether there are Go files in a folder, for any system.
pub(crate) fn has_go_files(dir: &Path) -> bool {
    go_files(dir).next().is_some()
}

/// Whether a Go file in a folder needs cgo.
pub(crate) fn imports_c(dir: &Path) -> bool {
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
    fn a_path_selects_everything_below_it_or_else_the_package_around_it() {
        let [root, a, b] = ["/w", "/w/services/a", "/w/services/b"].map(Path::new);
        let scope = |path: &str, packages: &[&Path]| {
            SourceScope::new(Path::new(path), Language::Rust, root, packages)
        };
        assert_eq!(scope("/w", &[root, a, b]), SourceScope::Whole("/w".into()));
        assert_eq!(
            scope("/w/services", &[a, b]),
            SourceScope::Below("/w/services".into())
        );
        assert_eq!(
            scope("/w/services/a/src", &[root, a, b]),
            SourceScope::Package(a.into())
        );
        assert_eq!(
            scope("/w/src", &[root, a, b]),
            SourceScope::Package(root.into())
        );
        assert_eq!(
            scope("/w/docs", &[a, b]),
            SourceScope::Below("/w/docs".into())
        );
        assert!(!SourceScope::Package(root.into()).contains(a));
    }
}
