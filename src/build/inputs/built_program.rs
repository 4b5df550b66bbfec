//! A Rust program after its build, and the answers that Cargo's results give about it.
//!
//! In: the packages of a program, and [`BuildResults`]. Out: the variables, files, and times that
//! they contain. Left to `discovered.rs`: which of them are inputs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::build::compile::CompiledPackages;
use crate::build::inputs::UsedPackage;
use crate::build::inputs::build_results::{BuildResults, Variable};
use crate::build::inputs::build_script::is_set_for_rustc;
use crate::fs::path;

/// The folders by which files are classified.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceFolders<'a> {
    /// The root of the workspace.
    pub root: &'a Path,
    /// The root of the repository.
    pub repository: &'a Path,
    /// The folder of Cargo's intermediate results.
    pub build_dir: &'a Path,
    /// Cargo's home, which contains the sources of registries.
    pub cargo_home: Option<&'a Path>,
}

/// A program that was built.
#[derive(Debug, Clone, Copy)]
pub(super) struct BuiltProgram<'a> {
    pub binary: &'a Path,
    pub packages: &'a CompiledPackages,
    pub used: &'a BTreeSet<UsedPackage>,
    /// The files that are inputs already.
    pub files: &'a BTreeSet<PathBuf>,
    /// Files and folders that procedural macros read without Cargo's knowledge.
    pub macro_files: &'a BTreeSet<PathBuf>,
    pub results: &'a BuildResults,
}

impl SourceFolders<'_> {
    pub(super) fn is_generated(&self, file: &Path) -> bool {
        let home = self.cargo_home;
        file.starts_with(self.build_dir) || home.is_some_and(|home| file.starts_with(home))
    }
}

impl BuiltProgram<'_> {
    /// The variables that the crates of a package read while they are compiled.
    pub(super) fn variables(&self, package: &UsedPackage) -> impl Iterator<Item = Variable> {
        let crates = self.crate_names(package);
        let crates = crates.filter_map(|name| self.results.compiled(name));
        crates.flat_map(|it| it.variables.iter().cloned())
    }

    pub(super) fn crate_names(&self, package: &UsedPackage) -> impl Iterator<Item = &str> {
        let id = (package.name.as_str(), package.version.as_str());
        self.packages.crate_names(id)
    }

    /// The files and folders that build scripts declare.
    pub(super) fn declared_files(&self) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        for package in self.used {
            let base = package.dir.as_deref().unwrap_or(Path::new(""));
            for script in self.results.scripts(&package.name) {
                let paths = script.paths.iter().map(|path| path::join(base, path));
                // The relative paths of registry packages are in their own folders.
                files.extend(paths.filter(|path| path.is_absolute()));
            }
        }
        files
    }

    /// The existing files and folders that build scripts pass to the linker: those in the
    /// repository, which Cargo does not compare, and others.
    pub(super) fn linked_files(
        &self,
        folders: SourceFolders<'_>,
    ) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
        let packages = self.used.iter();
        let scripts = packages.flat_map(|package| self.results.scripts(&package.name));
        scripts
            .flat_map(|script| &script.linked)
            .map(|path| path::join(folders.root, path))
            .filter(|path| path.exists() && !folders.is_generated(path))
            .partition(|path| path.starts_with(folders.repository))
    }

    /// The names of all variables that Cargo knows, except those that it sets itself.
    pub(super) fn env(&self, variables: &BTreeSet<Variable>) -> BTreeSet<String> {
        let names = variables.iter().map(|variable| &variable.name);
        let packages = self.used.iter();
        let scripts = packages.flat_map(|package| self.results.scripts(&package.name));
        let names = names.chain(scripts.flat_map(|script| &script.variables));
        let names = names.filter(|name| !is_set_for_rustc(name));
        names.cloned().collect()
    }

    /// When a package was compiled: the oldest of its crates.
    pub(super) fn compiled(&self, package: &UsedPackage) -> Option<SystemTime> {
        let crates = self.crate_names(package);
        let times = crates.filter_map(|name| self.results.compiled(name)?.compiled);
        times.min()
    }
}
