//! Reads the projects of a request.
//!
//! In: the folders of the request. Out: [`Projects`], with every binary that could be a
//! function. Tools are asked only if the answer of an earlier run is outdated.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::project::find::{ProjectRoots, SourceRoot};
use crate::build::project::scope::SourceScope;
use crate::build::project::{
    Function, Project, ProjectId, ProjectScope, Projects, cargo, find, go, linkers,
    repository_root, tool_cache_file, variant,
};
use crate::build::request::{BuildDestination, Request};
use crate::fs::path;
use crate::lambda::Language;
use crate::system::host::Host;
use crate::system::tool_cache::ToolCache;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// The input for reading one folder on the command line.
#[derive(Clone, Copy)]
pub(super) struct FolderRequest<'a> {
    /// The folder on the command line.
    pub(super) path: &'a Path,
    /// The projects that the folder belongs to or contains.
    pub(super) roots: &'a ProjectRoots,
    pub(super) request: &'a Request,
    pub(super) host: &'a Host,
}

impl Projects {
    /// Reads every project that the request names.
    pub(crate) fn read(request: &Request, host: &Host, console: &Console) -> anyhow::Result<Self> {
        Self::read_with(ToolCache::new(console), request, host)
    }

    /// Reads the projects again. Tools are asked only if their answers can have changed.
    pub(crate) fn read_again(
        self,
        request: &Request,
        host: &Host,
        console: &Console,
    ) -> anyhow::Result<Self> {
        let mut tool_cache = ToolCache::new(console);
        tool_cache.add(self.tool_cache);
        Self::read_with(tool_cache, request, host)
    }

    fn read_with(tool_cache: ToolCache, request: &Request, host: &Host) -> anyhow::Result<Self> {
        let mut projects = Self {
            tool_cache,
            ..Self::default()
        };
        projects.load_tool_caches(request);
        if let Some(cache) = &request.output.cache.dir {
            for path in &request.paths {
                projects.tool_cache.share(cache, &repository_root(path));
            }
        }
        for path in &request.paths {
            match find::find(path, request.select.lang)? {
                Some(roots) => projects.add(FolderRequest {
                    path,
                    roots: &roots,
                    request,
                    host,
                })?,
                None => projects.passed_over.push(path.clone()),
            }
        }
        if projects.passed_over.len() == request.paths.len() {
            let paths = projects.passed_over.iter();
            let problems =
                paths.flat_map(|path| find::no_project(path, request.select.lang).problems);
            Failure::unless_empty(ExitKind::Project, problems.collect())?;
        }
        projects.collect_functions(request, host)?;
        Ok(projects)
    }

    /// Loads the answers of tools that the project folders around the request's folders keep.
    fn load_tool_caches(&mut self, request: &Request) {
        let folders: BTreeSet<_> = request
            .paths
            .iter()
            .flat_map(|path| path.ancestors())
            .collect();
        let mut folders: Vec<_> = folders.into_iter().collect();
        // Of two answers, the one in the nearer folder is used.
        folders.sort_by_key(|folder| Reverse(folder.components().count()));
        for folder in folders {
            self.tool_cache
                .add(ToolCache::load(&tool_cache_file(folder)));
        }
    }

    fn collect_functions(&mut self, request: &Request, host: &Host) -> anyhow::Result<()> {
        for project in &mut self.projects {
            // If everything was read, a table without a binary is an error.
            let from_root = request
                .paths
                .iter()
                .any(|path| project.root.starts_with(path));
            let is_complete = request.select.lang.is_none()
                && (from_root || project.settings.paths.is_some())
                && self.missing.is_empty()
                && self.unreadable.is_empty();
            project.collect(is_complete)?;
            let is_cgo = |function: &Function| {
                function.language() == Language::Go && function.settings.cgo == Some(true)
            };
            let uses_cgo = request.go.cgo || project.functions.iter().any(is_cgo);
            let links_for_lambda = request.destination == BuildDestination::Lambda
                && (!project.workspaces.is_empty() || uses_cgo);
            if links_for_lambda {
                let zig = project.settings.zig.as_deref();
                project.linkers = linkers::read(&project.root, zig, host, &mut self.tool_cache)?;
                self.tool_cache.assign(&project.root);
            }
        }
        Ok(())
    }

    pub(super) fn add(&mut self, folder: FolderRequest<'_>) -> anyhow::Result<()> {
        if let Some(root) = &folder.roots.discovered {
            return self.add_discovered(root, folder);
        }
        for source_root in &folder.roots.source_roots {
            self.add_or_report_tools(source_root, folder)?;
        }
        Ok(())
    }

    /// Adds a workspace or module. A missing tool is kept for later, so that it is reported
    /// together with missing linkers and targets.
    pub(super) fn add_or_report_tools(
        &mut self,
        source_root: &SourceRoot,
        folder: FolderRequest<'_>,
    ) -> anyhow::Result<()> {
        let Err(error) = self.add_source_root(source_root, folder) else {
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

    fn add_source_root(
        &mut self,
        source_root: &SourceRoot,
        folder: FolderRequest<'_>,
    ) -> anyhow::Result<()> {
        let config = folder.roots.config.as_ref();
        let project_root = |source_root: &Path| {
            let configured = config.map(|(root, _)| root);
            let root = configured.or(folder.roots.discovered.as_ref());
            root.map_or(source_root, PathBuf::as_path).to_owned()
        };
        let settings = config.map(|(_, settings)| settings);
        let options = &folder.request.output.cache;
        if let Some((root, settings)) = config
            && let Some(cache) = settings.cache.as_ref().filter(|_| !options.disabled)
            && options.dir.is_none()
        {
            let cache = path::resolve(root, cache);
            self.tool_cache.share(&cache, &repository_root(root));
        }
        let (id, root) = match source_root.language {
            Language::Rust => {
                let manifest = source_root.dir.join("Cargo.toml");
                let workspace = cargo::read(
                    &manifest,
                    &folder.request.rust.lock,
                    folder.host,
                    &mut self.tool_cache,
                )?;
                let root = workspace.root.clone();
                // A workspace with its own settings is a project of its own.
                let id = if config.is_none() && workspace.is_configured() {
                    self.project_at(root.clone())
                } else {
                    self.project_at(project_root(&root))
                };
                let workspaces = &mut self.projects[id.0].workspaces;
                if !workspaces.iter().any(|other| other.root == root) {
                    workspaces.push(workspace);
                }
                (id, root)
            }
            Language::Go => {
                let variants = variant::variants(folder.request, settings);
                let module = go::read(
                    &source_root.dir,
                    folder.path,
                    &variants,
                    folder.host,
                    &mut self.tool_cache,
                )?;
                let root = module.root.clone();
                let id = self.project_at(project_root(&root));
                let modules = &mut self.projects[id.0].modules;
                match modules.iter_mut().find(|other| other.root == root) {
                    Some(other) => other.merge(module),
                    None => modules.push(module),
                }
                (id, root)
            }
        };
        let project = &mut self.projects[id.0];
        if let Some(settings) = settings {
            project.settings = settings.clone();
        }
        project.discovered |= folder.roots.discovered.as_ref() == Some(&project.root);
        self.tool_cache.assign(&project.root);
        let language = source_root.language;
        let scope = ProjectScope {
            project: id,
            language,
            scope: SourceScope::new(
                folder.path,
                language,
                &root,
                &project.package_dirs(language),
            ),
            source_root: root,
        };
        if !self.scopes.contains(&scope) {
            self.scopes.push(scope);
        }
        Ok(())
    }

    /// The project with this root, which is added if it is new.
    fn project_at(&mut self, root: PathBuf) -> ProjectId {
        let index = self.projects.iter().position(|p| p.root == root);
        ProjectId(index.unwrap_or_else(|| {
            self.projects.push(Project {
                root,
                ..Project::default()
            });
            self.projects.len() - 1
        }))
    }
}
