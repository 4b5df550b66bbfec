//! What there is to build.
//!
//! In: the folders that were named. Out: [`Projects`]: every binary that could
//! be a function, named, with what configuration says of it.
//! Absent: which of them this run packs; that is `plan.rs`.

pub mod alias;
pub mod cargo;
pub mod cargo_config;
mod collect;
pub mod config;
pub mod find;
mod function;
pub mod go;
pub mod goflags;
pub mod linkers;
pub mod name;
pub mod one_or_many;
pub mod outside;
pub mod path;
pub mod scope;
pub mod toolchain;
pub mod variant;

use std::path::{Path, PathBuf};

use crate::console::Console;
use crate::failure::{Failure, Kind, Problem};
use crate::host::Host;
use crate::project::config::Settings;
pub use crate::project::function::{Function, Source, Status};
use crate::project::linkers::Linkers;
use crate::project::scope::Scope;
use crate::request::{Language, Request};
use crate::survey::Surveys;

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Projects {
    /// One for each root.
    pub projects: Vec<Project>,
    /// What the folders asked for mean.
    pub scopes: Vec<Scoped>,
    /// Tools without which a folder could not be read; said with all others.
    pub missing: Vec<Problem>,
    /// What tools answered, to be kept.
    pub surveys: Surveys,
}

/// What of one project is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoped {
    /// The project's place in [`Projects::projects`].
    pub project: usize,
    /// The language of the unit.
    pub language: Language,
    /// The root of the workspace or module.
    pub unit: PathBuf,
    /// What of it.
    pub scope: Scope,
}

impl Scoped {
    /// Whether a function is meant, which is in the project at this place.
    #[must_use]
    pub fn holds(&self, place: usize, project: &Project, function: &Function) -> bool {
        self.project == place
            && self.language == function.language()
            && self.unit == project.unit(function)
            && self.scope.holds(&function.dir)
    }
}

/// A workspace, a module, or all that a configuration file names.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Where `target/lambdapack` stands.
    pub root: PathBuf,
    /// What holds for all of it.
    pub settings: Settings,
    /// Its cargo workspaces.
    pub workspaces: Vec<cargo::Workspace>,
    /// Its Go modules.
    pub modules: Vec<go::Module>,
    /// Its binaries and examples, sorted by name.
    pub functions: Vec<Function>,
    /// What this machine can link its Rust with.
    pub linkers: Linkers,
}

impl Project {
    /// The root of the workspace or module that a function belongs to.
    #[must_use]
    pub fn unit(&self, function: &Function) -> &Path {
        match function.source {
            Source::Cargo(index, _) => &self.workspaces[index].root,
            Source::Go(index) => &self.modules[index].root,
        }
    }

    /// Whether a program imports a library that describes infrastructure.
    #[must_use]
    pub fn describes_infrastructure(&self, function: &Function) -> bool {
        let Source::Go(index) = function.source else {
            return false;
        };
        let packages = self.modules[index].packages.iter();
        { packages }
            .any(|package| package.import_path == function.package && package.infrastructure)
    }

    /// The folders of all packages in a language.
    fn package_dirs(&self, language: Language) -> Vec<&Path> {
        let rust = self
            .workspaces
            .iter()
            .flat_map(|w| &w.packages)
            .map(|p| p.dir.as_path());
        let go = self
            .modules
            .iter()
            .flat_map(|m| &m.packages)
            .map(|p| p.dir.as_path());
        match language {
            Language::Rust => rust.collect(),
            Language::Go => go.collect(),
        }
    }
}

impl Projects {
    /// Reads every project that the request names.
    ///
    /// # Errors
    /// Exit 102 when a folder holds no project, or its files cannot be used.
    pub fn read(request: &Request, host: &Host, console: &Console) -> anyhow::Result<Self> {
        let mut all = Self {
            surveys: Surveys::new(console),
            ..Self::default()
        };
        for path in &request.paths {
            for folder in path.ancestors() {
                all.surveys.add(Surveys::load(&surveys_file(folder)));
            }
        }
        for path in &request.paths {
            all.add(path, request, host)?;
        }
        for project in &mut all.projects {
            // Without a language left out, from the root: nothing can be missing.
            let from_root = request
                .paths
                .iter()
                .any(|path| project.root.starts_with(path));
            let everything = request.select.lang.is_none()
                && (from_root || project.settings.paths.is_some())
                && all.missing.is_empty();
            project.collect(everything)?;
            let cgo = |function: &Function| {
                function.language() == Language::Go && function.settings.cgo == Some(true)
            };
            let cgo = request.go.cgo || project.functions.iter().any(cgo);
            if !project.workspaces.is_empty() || cgo {
                let zig = project.settings.zig.as_deref();
                project.linkers = linkers::read(&project.root, zig, host, &mut all.surveys)?;
            }
        }
        Ok(all)
    }

    fn add(&mut self, path: &Path, request: &Request, host: &Host) -> anyhow::Result<()> {
        let found = find::find(path, request.select.lang)?;
        for unit in &found.units {
            if let Err(error) = self.add_unit(unit, path, &found, request, host) {
                // Which tools are missing is said at once, with linkers and targets.
                match error.downcast_ref::<Failure>() {
                    Some(failure) if failure.kind == Kind::Tool => {
                        self.missing.extend(failure.problems.clone());
                    }
                    _ => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn add_unit(
        &mut self,
        unit: &find::Unit,
        path: &Path,
        found: &find::Found,
        request: &Request,
        host: &Host,
    ) -> anyhow::Result<()> {
        let root = |own: &PathBuf| match &found.config {
            Some((root, _)) => root.clone(),
            None => own.clone(),
        };
        let settings = found.config.as_ref().map(|(_, settings)| settings);
        let (index, unit_root) = match unit.language {
            Language::Rust => {
                let manifest = unit.dir.join("Cargo.toml");
                let workspace =
                    cargo::read(&manifest, &request.rust.lock, host, &mut self.surveys)?;
                let unit_root = workspace.root.clone();
                let index = self.project(root(&unit_root));
                let known = &mut self.projects[index].workspaces;
                if !known.iter().any(|other| other.root == workspace.root) {
                    known.push(workspace);
                }
                (index, unit_root)
            }
            Language::Go => {
                let variants = variant::variants(request, settings);
                let module = go::read(&unit.dir, path, &variants, host, &mut self.surveys)?;
                let unit_root = module.root.clone();
                let index = self.project(root(&unit_root));
                let known = &mut self.projects[index].modules;
                match known.iter_mut().find(|other| other.root == module.root) {
                    Some(other) => other.merge(module),
                    None => known.push(module),
                }
                (index, unit_root)
            }
        };
        if let Some(settings) = settings {
            self.projects[index].settings = settings.clone();
        }
        let project = &self.projects[index];
        let scoped = Scoped {
            project: index,
            language: unit.language,
            scope: Scope::of(
                path,
                unit.language,
                &unit_root,
                &project.package_dirs(unit.language),
            ),
            unit: unit_root,
        };
        if !self.scopes.contains(&scoped) {
            self.scopes.push(scoped);
        }
        Ok(())
    }

    fn project(&mut self, root: PathBuf) -> usize {
        if let Some(index) = self.projects.iter().position(|p| p.root == root) {
            return index;
        }
        self.projects.push(Project {
            root,
            ..Project::default()
        });
        self.projects.len() - 1
    }
}

/// The folder that is a project's alone, for results and what is remembered.
#[must_use]
pub fn own_dir(root: &Path) -> PathBuf {
    root.join("target").join("lambdapack")
}

/// Where a project keeps what it need not pack again.
#[must_use]
pub fn cache_file(root: &Path) -> PathBuf {
    own_dir(root).join(".cache.json")
}

/// Where a project keeps what it need not ask again.
#[must_use]
pub fn surveys_file(root: &Path) -> PathBuf {
    own_dir(root).join(".surveys.json")
}
