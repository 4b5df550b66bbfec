//! Reads the projects below a folder without a manifest.
//!
//! In: the workspaces and modules below the folder. Out: one project with the folder as its
//! root. Those below a `lambdapack.toml` of their own are a separate project.

use std::collections::BTreeSet;
use std::path::Path;

use crate::build::project::find::SourceRoot;
use crate::build::project::read::FolderRequest;
use crate::build::project::{Projects, UnreadableProject, config, find, tool_cache_file};
use crate::build::request::Request;
use crate::lambda::Language;
use crate::system::process;
use crate::system::tool_cache::ToolCache;
use crate::ui::failure::{ExitKind, Failure};

impl Projects {
    /// Reads the discovered workspaces and modules, outer folders first, so that members of a
    /// workspace are not read again. One that cannot be read does not block the others.
    pub(super) fn add_discovered(
        &mut self,
        root: &Path,
        folder: FolderRequest<'_>,
    ) -> anyhow::Result<()> {
        let mut configured = BTreeSet::new();
        let mut unreadable = Vec::new();
        let before = (self.scopes.len(), self.missing.len());
        for source_root in &folder.roots.source_roots {
            let mut inner = source_root.dir.ancestors().take_while(|dir| *dir != root);
            if let Some(dir) = inner.find(|dir| dir.join(config::FILE).is_file()) {
                configured.insert(dir);
            } else if !self.has_read(source_root) {
                let result = self.add_or_report_tools(source_root, folder);
                keep_error(result, &source_root.dir, &mut unreadable)?;
            }
        }
        for dir in configured {
            self.tool_cache.add(ToolCache::load(&tool_cache_file(dir)));
            let result = match find::find(dir, folder.request.select.lang) {
                Ok(Some(roots)) => self.add(FolderRequest {
                    path: dir,
                    roots: &roots,
                    ..folder
                }),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            keep_error(result, dir, &mut unreadable)?;
        }
        let is_unchanged = before == (self.scopes.len(), self.missing.len());
        if is_unchanged && !unreadable.is_empty() {
            return Err(unreadable.remove(0).error);
        }
        self.unreadable.append(&mut unreadable);
        Ok(())
    }

    /// Whether a folder belongs to a workspace or module that was read.
    pub(super) fn has_read(&self, source_root: &SourceRoot) -> bool {
        self.projects
            .iter()
            .any(|project| match source_root.language {
                Language::Rust => project.workspaces.iter().any(|workspace| {
                    let mut packages = workspace.packages.iter();
                    workspace.root == source_root.dir
                        || packages.any(|package| package.dir == source_root.dir)
                }),
                // Of the modules inside a module, only those in its go.work are listed.
                Language::Go => project.modules.iter().any(|module| {
                    let mut packages = module.packages.iter();
                    module.root == source_root.dir
                        || source_root.dir.starts_with(&module.root)
                            && packages.any(|package| package.dir.starts_with(&source_root.dir))
                }),
            })
    }

    /// Whether workspaces and modules of more than one folder were read.
    pub(crate) fn has_several(&self) -> bool {
        let projects = self.projects.iter();
        let folders: BTreeSet<_> = projects
            .flat_map(|project| project.source_roots())
            .collect();
        folders.len() > 1
    }

    /// One line for the folders on the command line that are not projects.
    pub(crate) fn passed_over_line(&self, request: &Request) -> Option<String> {
        let folders: Vec<_> = self
            .passed_over
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        let wanted = find::manifests(request.select.lang);
        (!folders.is_empty()).then(|| {
            format!(
                "{}: no {wanted} in the folder, above it, or below it",
                folders.join(", ")
            )
        })
    }
}

/// Keeps the error of a project that cannot be read. An interruption ends the run instead.
fn keep_error(
    result: anyhow::Result<()>,
    dir: &Path,
    unreadable: &mut Vec<UnreadableProject>,
) -> anyhow::Result<()> {
    process::interrupted()?;
    if let Err(error) = result {
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
        let problem = failure.problems.first();
        let reason: Vec<_> = problem
            .map_or("", |problem| problem.what.as_str())
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .take(2)
            .collect();
        format!(
            "skipping the project in `{}` because it cannot be read: {}",
            self.dir.display(),
            reason.join(" ")
        )
    }
}
