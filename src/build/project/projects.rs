//! The projects that were read: plain data.

use std::path::{Path, PathBuf};

use crate::build::project::cargo::Workspace;
use crate::build::project::config::FunctionSettings;
use crate::build::project::go::GoModule;
use crate::build::project::linkers::AvailableLinkers;
use crate::build::project::scope::SourceScope;
use crate::build::project::{Function, FunctionSource, ModuleId, WorkspaceId};
use crate::lambda::Language;
use crate::system::tool_cache::ToolCache;
use crate::ui::failure::Problem;

/// The projects of a request.
#[derive(Debug, Default)]
pub(crate) struct Projects {
    /// One for each root.
    pub projects: Vec<Project>,
    /// The parts of the projects that the folders on the command line select.
    pub scopes: Vec<ProjectScope>,
    /// Missing tools without which a folder could not be read. They are reported together with
    /// all other missing tools.
    pub missing: Vec<Problem>,
    /// The answers of tools, which are kept for the next run.
    pub tool_cache: ToolCache,
    /// Folders on the command line that are not projects, if others are.
    pub passed_over: Vec<PathBuf>,
    /// Projects that were discovered and cannot be read.
    pub unreadable: Vec<UnreadableProject>,
}

/// Identifies a project of [`Projects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProjectId(pub(super) usize);

/// A workspace, a module, or everything that a configuration file includes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Project {
    pub root: PathBuf,
    /// The settings of the whole project.
    pub settings: FunctionSettings,
    pub workspaces: Vec<Workspace>,
    pub modules: Vec<GoModule>,
    /// The binaries and examples, sorted by name.
    pub functions: Vec<Function>,
    /// The linkers of this machine; read only if the project needs one.
    pub linkers: AvailableLinkers,
    /// Whether the workspaces and modules were discovered below the root.
    pub discovered: bool,
    /// Whether the whole project was read, and not only a part of it.
    pub is_complete: bool,
}

/// A project that was discovered and cannot be read.
#[derive(Debug)]
pub(crate) struct UnreadableProject {
    pub dir: PathBuf,
    pub error: anyhow::Error,
}

/// The part of a project that a folder on the command line selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectScope {
    pub project: ProjectId,
    /// The language of the workspace or module.
    pub language: Language,
    /// The root of the workspace or module.
    pub source_root: PathBuf,
    pub scope: SourceScope,
}

impl ProjectScope {
    /// Whether a function of the project is selected.
    pub(crate) fn contains(&self, project: &Project, function: &Function) -> bool {
        self.language == function.language()
            && self.source_root == project.source_root(function)
            && self.scope.contains(&function.dir)
    }
}

impl Projects {
    /// The project with this ID.
    pub(crate) fn project(&self, id: ProjectId) -> &Project {
        &self.projects[id.0]
    }

    /// The projects, each with its ID.
    pub(crate) fn projects_by_id(&self) -> impl Iterator<Item = (ProjectId, &Project)> {
        (0..).map(ProjectId).zip(&self.projects)
    }
}

impl Project {
    /// The workspace with this ID.
    pub(crate) fn workspace(&self, id: WorkspaceId) -> &Workspace {
        &self.workspaces[id.0]
    }

    /// The module with this ID.
    pub(crate) fn module(&self, id: ModuleId) -> &GoModule {
        &self.modules[id.0]
    }

    /// The workspaces, each with its ID.
    pub(crate) fn workspaces_by_id(&self) -> impl Iterator<Item = (WorkspaceId, &Workspace)> {
        (0..).map(WorkspaceId).zip(&self.workspaces)
    }

    /// The modules, each with its ID.
    pub(crate) fn modules_by_id(&self) -> impl Iterator<Item = (ModuleId, &GoModule)> {
        (0..).map(ModuleId).zip(&self.modules)
    }

    /// The roots of all workspaces and modules.
    pub(crate) fn source_roots(&self) -> impl Iterator<Item = &Path> {
        let workspaces = self.workspaces.iter().map(|workspace| &*workspace.root);
        workspaces.chain(self.modules.iter().map(|module| &*module.root))
    }

    /// The root of the workspace or module that contains a function.
    pub(crate) fn source_root(&self, function: &Function) -> &Path {
        match function.source {
            FunctionSource::Cargo { workspace, .. } => &self.workspace(workspace).root,
            FunctionSource::Go { module } => &self.module(module).root,
        }
    }

    /// Whether a program imports a library that describes infrastructure.
    pub(crate) fn describes_infrastructure(&self, function: &Function) -> bool {
        let FunctionSource::Go { module } = function.source else {
            return false;
        };
        let mut packages = self.module(module).packages.iter();
        packages.any(|package| package.import_path == function.package && package.infrastructure)
    }

    /// The folders of all packages in a language.
    pub(super) fn package_dirs(&self, language: Language) -> Vec<&Path> {
        match language {
            Language::Rust => {
                let packages = self.workspaces.iter().flat_map(|w| &w.packages);
                packages.map(|package| package.dir.as_path()).collect()
            }
            Language::Go => {
                let packages = self.modules.iter().flat_map(|m| &m.packages);
                packages.map(|package| package.dir.as_path()).collect()
            }
        }
    }
}
