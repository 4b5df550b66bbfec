//! The folders that results and compiled programs are written to.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::build::project::{Project, own_dir};
use crate::build::request::{CacheSize, Request};
use crate::fs::path;
use crate::lambda::Language;

/// The folder that the results of a project are written to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OutputFolder {
    /// The project's root, below which caches are kept; `None` if nothing is cached.
    pub root: Option<PathBuf>,
    /// The folder of the zips and the manifest.
    pub dir: PathBuf,
    /// Whether a manifest is written. `--out` writes none.
    pub manifest: bool,
    /// Whether the project's workspaces and modules were discovered below its root.
    pub discovered: bool,
    /// The roots of the workspaces and modules that were read completely.
    pub source_roots: BTreeSet<(Language, PathBuf)>,
    /// The folder with zips of earlier builds, which machines can share.
    pub cache: Option<PathBuf>,
    /// The size to which that folder is reduced.
    pub cache_size: CacheSize,
    /// The names of all their binaries, whether this run packs them or not.
    pub functions: BTreeSet<String>,
}

impl OutputFolder {
    /// The folder of `--out-dir`, else of the configuration, else the project's own.
    pub(crate) fn new(request: &Request, project: &Project) -> Self {
        let configured = || {
            let dir = project.settings.out_dir.as_ref()?;
            Some(path::resolve(&project.root, dir))
        };
        let dir = request.output.out_dir.clone().or_else(configured);
        let options = &request.output.cache;
        let cache = options.dir.clone().or_else(|| {
            let dir = project.settings.cache.as_ref()?;
            Some(path::resolve(&project.root, dir))
        });
        // A zip for `--out` has no place in a manifest, so its inputs are not known.
        let has_cache = !options.disabled && request.output.out.is_none();
        let cache_size = options.size.or(project.settings.cache_size);
        let workspaces = project
            .workspaces
            .iter()
            .map(|w| (Language::Rust, w.root.clone()));
        let modules = project
            .modules
            .iter()
            .map(|m| (Language::Go, m.root.clone()));
        Self {
            root: Some(project.root.clone()),
            dir: dir.unwrap_or_else(|| own_dir(&project.root)),
            manifest: request.output.out.is_none(),
            discovered: project.discovered,
            source_roots: workspaces.chain(modules).collect(),
            cache: cache.filter(|_| has_cache),
            cache_size: cache_size.unwrap_or_default(),
            functions: project
                .functions
                .iter()
                .map(|function| function.name.clone())
                .collect(),
        }
    }
}

/// The target folder that compilers write to.
pub(super) fn target_dir(request: &Request, project: &Project) -> PathBuf {
    let target_dir = request.rust.target_dir.clone();
    target_dir.unwrap_or_else(|| project.root.join("target"))
}
