//! Where results are left.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::project::{Project, Status};
use crate::request::Request;

/// A folder for results.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// The project's root.
    pub root: PathBuf,
    /// Where zips and the manifest go.
    pub dir: PathBuf,
    /// Whether there is a manifest: not with `--out`.
    pub manifest: bool,
    /// Whether the folder is ours alone and ignored by git.
    pub own: bool,
    /// Every function of the project, packed now or not.
    pub functions: BTreeSet<String>,
}

impl Output {
    /// The place that the option, the configuration or the project says.
    #[must_use]
    pub fn new(request: &Request, project: &Project) -> Self {
        let configured = project.settings.out_dir.as_ref();
        let configured = configured.map(|dir| project.root.join(dir));
        let chosen = request.output.out_dir.clone().or(configured);
        Self {
            root: project.root.clone(),
            own: chosen.is_none(),
            dir: chosen.unwrap_or_else(|| project.root.join("target/lambdapack")),
            manifest: request.output.out.is_none(),
            functions: project
                .functions
                .iter()
                .filter(|function| function.status != Status::Example)
                .map(|function| function.name.clone())
                .collect(),
        }
    }
}

/// Where compilers leave what they make.
#[must_use]
pub(super) fn target_dir(request: &Request, project: &Project) -> PathBuf {
    let chosen = request.rust.target_dir.clone();
    chosen.unwrap_or_else(|| project.root.join("target"))
}
