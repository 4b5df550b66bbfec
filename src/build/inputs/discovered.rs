//! The inputs of a Rust program that only its build shows.
//!
//! In: the intermediate results of Cargo, and the sources of packages. Out: files outside the
//! packages, such as those of `include_str!`, and the names of variables that `env!` and build
//! scripts read. If something is read that cannot be compared, the program has no key.
//! Files that source code names, although Cargo does not know them, may be read by procedural
//! macros. They are listed separately, because Cargo does not compile again if they change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use memchr::memmem;

use crate::build::compile::CompiledPackages;
use crate::build::dep_info;
use crate::build::inputs::UsedPackage;
use crate::build::inputs::build_results::{BuildResults, Variable};
use crate::build::inputs::build_script::{BuildScript, is_set_for_rustc};
use crate::build::inputs::package_files::{files_below, is_folder_of_tools};
use crate::build::inputs::source_code::SourceCode;
use crate::build::inputs::sources::{PackageSources, Sources};
use crate::build::plan::DiscoveredInputs;
use crate::fs::path;
use crate::fs::path::relative;
use crate::lambda::Language;
use crate::validate::embedded_paths;

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

/// Everything that a build has shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub inputs: DiscoveredInputs,
    /// The files and folders that Cargo does not know, relative to the source root.
    pub unknown_to_cargo: BTreeSet<String>,
}

/// A package in the repository.
struct LocalPackage<'a> {
    package: &'a UsedPackage,
    dir: &'a Path,
    sources: Arc<PackageSources>,
}

/// Finds the inputs of a program, or the reason why they are not complete.
pub(super) fn discover(
    program: BuiltProgram<'_>,
    folders: SourceFolders<'_>,
    sources: &mut Sources,
) -> Result<Found, String> {
    let mut files: BTreeSet<PathBuf> = dep_info::inputs(program.binary, folders.root)
        .into_iter()
        .collect();
    if files.is_empty() {
        return Err("Cargo wrote no dep-info file for its binary".to_owned());
    }
    let packages = program.used.iter();
    let variables: BTreeSet<_> = packages.flat_map(|it| program.variables(it)).collect();
    files.extend(program.declared_files());
    let (mut linked, outside) = program.linked_files(folders);
    files.extend(outside);
    linked.extend(program.macro_files.iter().cloned());
    check_paths(program.binary, &variables, folders)?;
    let env = program.env(&variables);
    let local: Vec<_> = program
        .used
        .iter()
        .filter_map(|package| {
            let dir = package.dir.as_deref()?;
            let sources = sources.package(dir, program.files);
            Some(LocalPackage {
                package,
                dir,
                sources,
            })
        })
        .collect();
    for package in &local {
        package.check_results(program)?;
        package.check_macro()?;
        package.check_script(program, &files, &env, sources)?;
    }
    let unknown = program.unknown_to_cargo(&local, (&files, &linked), folders, sources)?;
    files.extend(unknown.iter().cloned());
    let from_root = |file: &PathBuf| relative(Some(folders.root), file);
    let mut inputs = DiscoveredInputs {
        env,
        ..DiscoveredInputs::default()
    };
    for file in files.iter().filter(|file| !folders.is_generated(file)) {
        if !file.starts_with(folders.repository) {
            return Err(format!(
                "it is built from `{}`, which is outside the repository",
                file.display()
            ));
        }
        if !files_below(file).is_subset(program.files) {
            inputs.files.insert(from_root(file));
        }
    }
    Ok(Found {
        inputs,
        unknown_to_cargo: unknown.iter().map(from_root).collect(),
    })
}

impl SourceFolders<'_> {
    fn is_generated(&self, file: &Path) -> bool {
        let home = self.cargo_home;
        file.starts_with(self.build_dir) || home.is_some_and(|home| file.starts_with(home))
    }
}

impl BuiltProgram<'_> {
    /// The variables that the crates of a package read while they are compiled.
    fn variables(&self, package: &UsedPackage) -> impl Iterator<Item = Variable> {
        let crates = self.crate_names(package);
        let crates = crates.filter_map(|name| self.results.compiled(name));
        crates.flat_map(|it| it.variables.iter().cloned())
    }

    fn crate_names(&self, package: &UsedPackage) -> impl Iterator<Item = &str> {
        let id = (package.name.as_str(), package.version.as_str());
        self.packages.crate_names(id)
    }

    /// The files and folders that build scripts declare.
    fn declared_files(&self) -> BTreeSet<PathBuf> {
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
    fn linked_files(&self, folders: SourceFolders<'_>) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
        let packages = self.used.iter();
        let scripts = packages.flat_map(|package| self.results.scripts(&package.name));
        scripts
            .flat_map(|script| &script.linked)
            .map(|path| path::join(folders.root, path))
            .filter(|path| path.exists() && !folders.is_generated(path))
            .partition(|path| path.starts_with(folders.repository))
    }

    /// The names of all variables that Cargo knows, except those that it sets itself.
    fn env(&self, variables: &BTreeSet<Variable>) -> BTreeSet<String> {
        let names = variables.iter().map(|variable| &variable.name);
        let packages = self.used.iter();
        let scripts = packages.flat_map(|package| self.results.scripts(&package.name));
        let names = names.chain(scripts.flat_map(|script| &script.variables));
        let names = names.filter(|name| !is_set_for_rustc(name));
        names.cloned().collect()
    }

    /// When a package was compiled: the oldest of its crates.
    fn compiled(&self, package: &UsedPackage) -> Option<SystemTime> {
        let crates = self.crate_names(package);
        let times = crates.filter_map(|name| self.results.compiled(name)?.compiled);
        times.min()
    }

    /// The files and folders in the repository that source code names, although Cargo does not
    /// know them: for each package, relative to all packages and to the workspace. `read` are files
    /// that build scripts pass to the linker, and those of sqlx.
    fn unknown_to_cargo(
        &self,
        local: &[LocalPackage<'_>],
        (known, read): (&BTreeSet<PathBuf>, &BTreeSet<PathBuf>),
        folders: SourceFolders<'_>,
        sources: &mut Sources,
    ) -> Result<BTreeSet<PathBuf>, String> {
        let mut unknown = BTreeSet::new();
        for naming in local {
            let in_root = sources.named(&naming.sources, folders.root, false);
            let from_file = naming.sources.relative_to_file.iter().cloned();
            let mut named: Vec<_> = from_file
                .chain(in_root)
                .map(|path| (path, naming))
                .collect();
            for base in local {
                let words_count = naming.package.runs_in_macro || naming.dir == base.dir;
                let paths = sources.named(&naming.sources, base.dir, words_count);
                named.extend(paths.into_iter().map(|path| (path, base)));
            }
            // It is not known which of the packages are compiled from them.
            named.extend(read.iter().map(|path| (path.clone(), naming)));
            for (path, compiled) in named {
                let is_unknown = is_possible_input(&path, local, folders)
                    && !self.is_known_to_cargo(&path, local, known);
                if is_unknown {
                    self.check_compiled(compiled.package, &path)?;
                    unknown.insert(path);
                }
            }
        }
        Ok(unknown)
    }

    /// Refuses a path that changed after a package was compiled. If it does not exist, it is
    /// assumed that it did not exist then either.
    fn check_compiled(&self, package: &UsedPackage, path: &Path) -> Result<(), String> {
        let is_older = match (last_change(path), self.compiled(package)) {
            (Some(change), Some(compiled)) => change < compiled,
            (Some(_), None) => false,
            (None, _) => true,
        };
        if is_older {
            return Ok(());
        }
        Err(format!(
            "`{}` changed after `{}` was compiled, and Cargo did not compile it again, \
             although a procedural macro or a build script may read it",
            path.display(),
            package.name
        ))
    }

    /// Whether Cargo compiles again if anything in a path changes.
    fn is_known_to_cargo(
        &self,
        path: &Path,
        local: &[LocalPackage<'_>],
        known: &BTreeSet<PathBuf>,
    ) -> bool {
        files_below(path).iter().all(|file| {
            let is_known = known.iter().any(|known| file.starts_with(known));
            is_known || self.is_in_compared_package(file, local)
        })
    }

    /// Whether Cargo compares a file, because the build script of its package declares nothing.
    fn is_in_compared_package(&self, file: &Path, local: &[LocalPackage<'_>]) -> bool {
        let mut packages = local.iter().filter(|package| file.starts_with(package.dir));
        self.files.contains(file)
            && packages.any(|package| {
                package.sources.build_script.is_some()
                    && !declares_inputs(self.results, &package.package.name)
            })
    }
}

impl LocalPackage<'_> {
    /// Refuses a package without intermediate results, which other versions of Cargo may put into
    /// other folders.
    fn check_results(&self, program: BuiltProgram<'_>) -> Result<(), String> {
        let name = &self.package.name;
        let has_script = self.sources.build_script.is_some();
        let is_missing = program.compiled(self.package).is_none()
            || (has_script && program.results.scripts(name).is_empty());
        if is_missing {
            return Err(format!(
                "Cargo's intermediate results of `{name}` are not known"
            ));
        }
        Ok(())
    }

    /// Refuses a procedural macro that reads variables or starts programs.
    fn check_macro(&self) -> Result<(), String> {
        let code = &self.sources.code;
        if !self.package.runs_in_macro {
            return Ok(());
        }
        let name = &self.package.name;
        if let Some(variable) = code.variables.iter().find(|it| !is_set_for_rustc(it)) {
            return Err(format!(
                "the procedural macros of `{name}` read the variable `{variable}`, which Cargo \
                 does not compare"
            ));
        }
        let reason = if code.reads_other_variables {
            "read variables whose names are not literals"
        } else if code.starts_programs {
            "start other programs"
        } else {
            return Ok(());
        };
        Err(format!("the procedural macros of `{name}` {reason}"))
    }

    /// Refuses a build script that reads something without declaring it.
    fn check_script(
        &self,
        program: BuiltProgram<'_>,
        declared_files: &BTreeSet<PathBuf>,
        declared_variables: &BTreeSet<String>,
        sources: &mut Sources,
    ) -> Result<(), String> {
        let Some(file) = &self.sources.build_script else {
            return Ok(());
        };
        let mut code = SourceCode::default();
        for file in program.results.script_sources(file) {
            code.add(&sources.file(file));
        }
        let script = BuildScript {
            package: &self.package.name,
            dir: self.dir,
            code: &code,
            has_dependencies: self.sources.has_build_dependencies,
            declares: declares_inputs(program.results, &self.package.name),
            declared_files,
            declared_variables,
        };
        script.check()
    }
}

/// Whether the newest build script of a package declares inputs.
fn declares_inputs(results: &BuildResults, package: &str) -> bool {
    let scripts = results.scripts(package).iter();
    let newest = scripts.max_by_key(|script| script.written);
    newest.is_some_and(|script| script.declares_inputs)
}

/// Whether a procedural macro may read a path. Folders that contain packages are not read.
fn is_possible_input(path: &Path, local: &[LocalPackage<'_>], folders: SourceFolders<'_>) -> bool {
    let mut packages = local.iter().map(|package| package.dir);
    path.starts_with(folders.repository)
        && !folders.root.starts_with(path)
        && !folders.is_generated(path)
        && !packages.any(|dir| dir.starts_with(path))
        && !path.join("Cargo.toml").exists()
        && !is_folder_of_tools(path)
}

/// When a file changed, or anything in a folder.
fn last_change(path: &Path) -> Option<SystemTime> {
    let modified = |path: &Path| fs_err::metadata(path).and_then(|data| data.modified()).ok();
    if !path.is_dir() {
        return modified(path);
    }
    // The time of a folder shows that a file was removed.
    let files = files_below(path);
    let folders: BTreeSet<_> = files.iter().filter_map(|file| file.parent()).collect();
    let all = files.iter().map(PathBuf::as_path).chain(folders);
    all.chain(std::iter::once(path)).filter_map(modified).max()
}

/// Refuses a binary that contains paths of this machine, such as that of
/// `env!("CARGO_MANIFEST_DIR")`: it differs in a clone in another folder.
fn check_paths(
    binary: &Path,
    variables: &BTreeSet<Variable>,
    folders: SourceFolders<'_>,
) -> Result<(), String> {
    let machine = [
        Some(folders.repository),
        Some(folders.root),
        Some(folders.build_dir),
        folders.cargo_home,
    ];
    let machine: Vec<_> = machine.into_iter().flatten().map(Path::to_owned).collect();
    let bytes = fs_err::read(binary).unwrap_or_default();
    if let Some(finding) = embedded_paths::finding(&bytes, &machine, Language::Rust) {
        return Err(format!("its binary {}", finding.what));
    }
    // The names of short folders such as `/app` can be a part of others, but a variable is precise.
    let machine: Vec<_> = machine.iter().map(|it| it.to_string_lossy()).collect();
    let contains = |value: &str| memmem::find(&bytes, value.as_bytes()).is_some();
    let found = variables
        .iter()
        .map(|variable| &variable.value)
        .find(|value| {
            let mut machine = machine.iter();
            machine.any(|folder| value.starts_with(&**folder)) && contains(value)
        });
    match found {
        None => Ok(()),
        Some(path) => Err(format!(
            "its binary contains the path `{path}` of this machine, so building it in another \
             folder produces different bytes"
        )),
    }
}
