//! Where results are left.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::build::project::{Project, own_dir};
use crate::build::request::Request;
use crate::fs::path;
use crate::lambda::Language;

/// A folder for results.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OutputFolder {
    /// The project's root; `None` where nothing is remembered.
    pub root: Option<PathBuf>,
    /// Where zips and the manifest go.
    pub dir: PathBuf,
    /// Whether there is a manifest: not with `--out`.
    pub manifest: bool,
    /// Whether the project's workspaces and modules were discovered below its root.
    pub discovered: bool,
    /// The workspaces and modules that were read: what is known to be whole.
    pub units: BTreeSet<(Language, PathBuf)>,
    /// Every binary of those, packed now or not.
    pub functions: BTreeSet<String>,
}

impl OutputFolder {
    /// The place that the option, the configuration or the project says.
    pub(crate) fn new(request: &Request, project: &Project) -> Self {
        let configured = project.settings.out_dir.as_ref();
        let configured = configured.map(|dir| path::resolve(&project.root, dir));
        let chosen = request.output.out_dir.clone().or(configured);
        let workspaces = project
            .workspaces
            .iter()
            .map(|w| (Language::Rust, w.root.clone()));
        let modules = project
            .modules
            .iter()
            .map(|m| (Language::Go, m.root.clone()));
        let functions = project.functions.iter();
        Self {
            root: Some(project.root.clone()),
            dir: chosen.unwrap_or_else(|| own_dir(&project.root)),
            manifest: request.output.out.is_none(),
            discovered: project.discovered,
            units: workspaces.chain(modules).collect(),
            functions: functions.map(|function| function.name.clone()).collect(),
        }
    }
}

/// Where compilers leave what they make.
pub(super) fn target_dir(request: &Request, project: &Project) -> PathBuf {
    let chosen = request.rust.target_dir.clone();
    chosen.unwrap_or_else(|| project.root.join("target"))
}
