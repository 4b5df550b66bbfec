//! What there is to build.
//!
//! In: the folders that were named. Out: [`Projects`]: every binary that could
//! be a function, named, with what configuration says of it.
//! Absent: which of them this run packs; that is `plan.rs`.

pub(crate) mod alias;
pub(crate) mod cargo;
pub(crate) mod cargo_config;
mod collect;
pub(crate) mod config;
mod discovered;
pub(crate) mod find;
mod function;
pub(crate) mod further;
pub(crate) mod go;
pub(crate) mod goflags;
pub(crate) mod linkers;
pub(crate) mod name;
pub(crate) mod one_or_many;
pub(crate) mod outside;
pub(crate) mod scope;
pub(crate) mod toolchain;
pub(crate) mod variant;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::project::config::FunctionSettings;
pub(crate) use crate::build::project::discovered::UnreadableProject;
pub(crate) use crate::build::project::function::{Function, FunctionSource, FunctionStatus};
use crate::build::project::linkers::AvailableLinkers;
pub(crate) use crate::build::project::scope::ProjectScope;
use crate::build::project::scope::SourceScope;
use crate::build::request::Request;
use crate::lambda::Language;
use crate::system::host::Host;
use crate::system::tool_cache::ToolCache;
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// Everything that was found.
#[derive(Debug, Default)]
pub(crate) struct Projects {
    /// One for each root.
    pub projects: Vec<Project>,
    /// What the folders asked for mean.
    pub scopes: Vec<ProjectScope>,
    /// Tools without which a folder could not be read; said with all others.
    pub missing: Vec<Problem>,
    /// What tools answered, to be kept.
    pub tool_cache: ToolCache,
    /// Folders on the command line that are not projects, next to others that are.
    pub passed_over: Vec<PathBuf>,
    /// Projects that were discovered and cannot be read, with the reason.
    pub unreadable: Vec<UnreadableProject>,
}

/// A workspace, a module, or all that a configuration file names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Project {
    pub root: PathBuf,
    /// What holds for all of it.
    pub settings: FunctionSettings,
    pub workspaces: Vec<cargo::Workspace>,
    pub modules: Vec<go::GoModule>,
    /// Its binaries and examples, sorted by name.
    pub functions: Vec<Function>,
    /// What this machine can link its Rust with.
    pub linkers: AvailableLinkers,
    /// Whether its workspaces and modules were discovered below its root.
    pub discovered: bool,
}

impl Project {
    /// The root of the workspace or module that a function belongs to.
    pub(crate) fn unit(&self, function: &Function) -> &Path {
        match function.source {
            FunctionSource::Cargo(index, _) => &self.workspaces[index].root,
            FunctionSource::Go(index) => &self.modules[index].root,
        }
    }

    /// Whether a program imports a library that describes infrastructure.
    pub(crate) fn describes_infrastructure(&self, function: &Function) -> bool {
        let FunctionSource::Go(index) = function.source else {
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
    pub(crate) fn read(request: &Request, host: &Host, console: &Console) -> anyhow::Result<Self> {
        let mut all = Self {
            tool_cache: ToolCache::new(console),
            ..Self::default()
        };
        let folders: BTreeSet<_> = { request.paths.iter() }
            .flat_map(|path| path.ancestors())
            .collect();
        let mut folders: Vec<_> = folders.into_iter().collect();
        // Of two answers the one that is kept nearer to the folder is taken.
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
        for folder in folders {
            all.tool_cache
                .add(ToolCache::load(&tool_cache_file(folder)));
        }
        for path in &request.paths {
            match find::find(path, request.select.lang)? {
                Some(found) => all.add(path, &found, request, host)?,
                None => all.passed_over.push(path.clone()),
            }
        }
        if all.passed_over.len() == request.paths.len() {
            let paths = all.passed_over.iter();
            let nothing = paths.flat_map(|path| find::nothing(path, request.select.lang).problems);
            Failure::unless_empty(ExitKind::Project, nothing.collect())?;
        }
        for project in &mut all.projects {
            // Without a language left out, from the root: nothing can be missing.
            let from_root = request
                .paths
                .iter()
                .any(|path| project.root.starts_with(path));
            let everything = request.select.lang.is_none()
                && (from_root || project.settings.paths.is_some())
                && all.missing.is_empty()
                && all.unreadable.is_empty();
            project.collect(everything)?;
            let cgo = |function: &Function| {
                function.language() == Language::Go && function.settings.cgo == Some(true)
            };
            let cgo = request.go.cgo || project.functions.iter().any(cgo);
            if !project.workspaces.is_empty() || cgo {
                let zig = project.settings.zig.as_deref();
                project.linkers = linkers::read(&project.root, zig, host, &mut all.tool_cache)?;
                all.tool_cache.assign(&project.root);
            }
        }
        Ok(all)
    }

    fn add(
        &mut self,
        path: &Path,
        found: &find::ProjectRoots,
        request: &Request,
        host: &Host,
    ) -> anyhow::Result<()> {
        if let Some(root) = &found.discovered {
            return self.add_discovered(root, path, found, request, host);
        }
        for unit in &found.units {
            self.add_unit_or_tools(unit, path, found, request, host)?;
        }
        Ok(())
    }

    /// Which tools are missing is reported at once, with linkers and targets.
    fn add_unit_or_tools(
        &mut self,
        unit: &find::SourceRoot,
        path: &Path,
        found: &find::ProjectRoots,
        request: &Request,
        host: &Host,
    ) -> anyhow::Result<()> {
        let Err(error) = self.add_unit(unit, path, found, request, host) else {
            return Ok(());
        };
        match error.downcast_ref::<Failure>() {
            Some(failure) if failure.kind == ExitKind::Tool => {
                self.missing.extend(failure.problems.clone());
                Ok(())
            }
            _ => Err(error),
        }
    }

    fn add_unit(
        &mut self,
        unit: &find::SourceRoot,
        path: &Path,
        found: &find::ProjectRoots,
        request: &Request,
        host: &Host,
    ) -> anyhow::Result<()> {
        let root = |own: &PathBuf| match (&found.config, &found.discovered) {
            (Some((root, _)), _) | (None, Some(root)) => root.clone(),
            (None, None) => own.clone(),
        };
        let settings = found.config.as_ref().map(|(_, settings)| settings);
        let (index, unit_root) = match unit.language {
            Language::Rust => {
                let manifest = unit.dir.join("Cargo.toml");
                let workspace =
                    cargo::read(&manifest, &request.rust.lock, host, &mut self.tool_cache)?;
                let unit_root = workspace.root.clone();
                // A workspace with settings of its own has results of its own.
                let index = if found.config.is_none() && discovered::is_configured(&workspace) {
                    self.project(unit_root.clone())
                } else {
                    self.project(root(&unit_root))
                };
                let known = &mut self.projects[index].workspaces;
                if !known.iter().any(|other| other.root == workspace.root) {
                    known.push(workspace);
                }
                (index, unit_root)
            }
            Language::Go => {
                let variants = variant::variants(request, settings);
                let module = go::read(&unit.dir, path, &variants, host, &mut self.tool_cache)?;
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
        let project = &mut self.projects[index];
        project.discovered |= found.discovered.as_ref() == Some(&project.root);
        self.tool_cache.assign(&project.root);
        let scoped = ProjectScope {
            project: index,
            language: unit.language,
            scope: SourceScope::of(
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
pub(crate) fn own_dir(root: &Path) -> PathBuf {
    root.join("target").join("lambdapack")
}

/// Where a project keeps what it need not pack again.
pub(crate) fn cache_file(root: &Path) -> PathBuf {
    own_dir(root).join(".cache.json")
}

/// Where a project keeps what it need not ask again.
pub(crate) fn tool_cache_file(root: &Path) -> PathBuf {
    own_dir(root).join(".surveys.json")
}
