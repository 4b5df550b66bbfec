//! Projects that were discovered below a folder without a manifest.
//!
//! In: the units below the folder. Out: they are read, as one project with the folder
//! as its root. Units below a `lambdapack.toml` of their own stay a project of their own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::project::cargo::Workspace;
use crate::build::project::find;
use crate::build::project::find::SourceRoot;
use crate::build::project::{Project, Projects, config, tool_cache_file};
use crate::build::request::Request;
use crate::lambda::Language;
use crate::system::host::Host;
use crate::system::process;
use crate::system::tool_cache::ToolCache;
use crate::ui::failure::{ExitKind, Failure};

/// A project that was discovered and cannot be read.
#[derive(Debug)]
pub(crate) struct UnreadableProject {
    pub dir: PathBuf,
    pub error: anyhow::Error,
}

impl Projects {
    /// Reads the discovered units, outer folders first, so that members of a workspace
    /// are not read again. A unit that cannot be read does not block the others.
    pub(super) fn add_discovered(
        &mut self,
        root: &Path,
        path: &Path,
        found: &find::ProjectRoots,
        request: &Request,
        host: &Host,
    ) -> anyhow::Result<()> {
        let mut configured = BTreeSet::new();
        let mut unreadable = Vec::new();
        let before = (self.scopes.len(), self.missing.len());
        for unit in &found.units {
            let inner = unit.dir.ancestors().take_while(|folder| *folder != root);
            if let Some(folder) = { inner.into_iter() }.find(|dir| dir.join(config::FILE).is_file())
            {
                configured.insert(folder);
            } else if !self.has_read(unit) {
                let read = self.add_unit_or_tools(unit, path, found, request, host);
                keep_going(read, &unit.dir, &mut unreadable)?;
            }
        }
        for folder in configured {
            self.tool_cache
                .add(ToolCache::load(&tool_cache_file(folder)));
            let read = match find::find(folder, request.select.lang) {
                Ok(Some(found)) => self.add(folder, &found, request, host),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            keep_going(read, folder, &mut unreadable)?;
        }
        let nothing = before == (self.scopes.len(), self.missing.len());
        if nothing && !unreadable.is_empty() {
            return Err(unreadable.remove(0).error);
        }
        self.unreadable.append(&mut unreadable);
        Ok(())
    }

    /// Whether a unit is part of a workspace that was read.
    pub(crate) fn has_read(&self, unit: &SourceRoot) -> bool {
        self.projects.iter().any(|project| match unit.language {
            Language::Rust => project.workspaces.iter().any(|workspace| {
                let mut packages = workspace.packages.iter();
                workspace.root == unit.dir || packages.any(|package| package.dir == unit.dir)
            }),
            // Of the modules inside a module, only those in its go.work are listed.
            Language::Go => project.modules.iter().any(|module| {
                let mut packages = module.packages.iter();
                module.root == unit.dir
                    || unit.dir.starts_with(&module.root)
                        && packages.any(|package| package.dir.starts_with(&unit.dir))
            }),
        })
    }
}

impl Projects {
    /// Whether workspaces and modules of more than one folder were read.
    pub(crate) fn has_several(&self) -> bool {
        let of = |project: &Project| {
            let workspaces = project.workspaces.iter().map(|workspace| &workspace.root);
            let modules = project.modules.iter().map(|module| &module.root);
            workspaces.chain(modules).cloned().collect::<Vec<_>>()
        };
        let folders: BTreeSet<_> = self.projects.iter().flat_map(of).collect();
        folders.len() > 1
    }

    /// One line for the folders of the command line that are not projects.
    pub(crate) fn passed_over_line(&self, request: &Request) -> Option<String> {
        let folders = self
            .passed_over
            .iter()
            .map(|folder| folder.display().to_string());
        let folders: Vec<_> = folders.collect();
        let wanted = find::manifests(request.select.lang);
        (!folders.is_empty())
            .then(|| format!("{}: no {wanted} there, above, or below", folders.join(", ")))
    }
}

/// Keeps the error of a project that cannot be read, unless it ends the run.
fn keep_going(
    read: anyhow::Result<()>,
    dir: &Path,
    unreadable: &mut Vec<UnreadableProject>,
) -> anyhow::Result<()> {
    process::interrupted()?;
    if let Err(error) = read {
        unreadable.push(UnreadableProject {
            dir: dir.to_owned(),
            error,
        });
    }
    Ok(())
}

impl UnreadableProject {
    /// One line for a warning.
    pub(crate) fn warning(&self) -> String {
        let failure = Failure::from_error(&self.error, ExitKind::Project);
        let reason = failure
            .problems
            .first()
            .map(|problem| problem.what.as_str());
        let reason = reason.unwrap_or_default().trim();
        let lines = reason
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let reason: Vec<_> = lines.take(2).collect();
        format!(
            "the project in {} is left out because it cannot be read: {}",
            self.dir.display(),
            reason.join(" ")
        )
    }
}

/// Whether a workspace has settings of its own, which hold for no other.
pub(super) fn is_configured(workspace: &Workspace) -> bool {
    let metadata = workspace.metadata.as_ref();
    metadata.is_some_and(|metadata| metadata.get("lambdapack").is_some())
}
