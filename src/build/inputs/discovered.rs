//! The inputs of a Rust program that only its build shows.
//!
//! In: the intermediate results of Cargo, and the sources of packages. Out: files outside the
//! packages, such as those of `include_str!`, and the names of variables that `env!` and build
//! scripts read. If something is read that cannot be compared, the program has no key.
//! Files that source code names, although Cargo does not know them, may be read by procedural
//! macros. They are listed separately, because Cargo does not compile again if they change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use memchr::memmem;

use crate::build::dep_info;
use crate::build::inputs::UsedPackage;
use crate::build::inputs::build_results::Variable;
use crate::build::inputs::built_program::{BuiltProgram, SourceFolders};
use crate::build::inputs::local_package::LocalPackage;
use crate::build::inputs::package_files::{files_below, is_folder_of_tools};
use crate::build::inputs::sources::Sources;
use crate::build::plan::DiscoveredInputs;
use crate::fs::file_stamp::modified;
use crate::fs::path::relative;
use crate::lambda::Language;
use crate::validate::embedded_paths;

/// Everything that a build has shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub inputs: DiscoveredInputs,
    /// The files and folders that Cargo does not know, relative to the source root.
    pub unknown_to_cargo: BTreeSet<String>,
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

impl BuiltProgram<'_> {
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
                package.sources.build_script.is_some() && !package.declares_inputs(*self)
            })
    }
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
