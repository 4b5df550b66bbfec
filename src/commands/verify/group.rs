//! What is rebuilt by one run.

use std::path::PathBuf;

use crate::build::results::packed_function::PackedFunction;
use crate::fs::path;
use crate::lambda::Language;

/// What one run rebuilds: all that was built alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RebuildGroup {
    /// The folder of the workspace or module.
    pub(super) source: PathBuf,
    /// The folder that the run is about: the source, or the folder below which it was
    /// discovered together with other projects.
    pub(super) path: PathBuf,
    pub(super) language: Language,
    pub(super) options: Vec<String>,
    /// From where paths among them are meant, seen from the source.
    pub(super) from: Option<String>,
    /// The functions of the run, separated by commas.
    pub(super) together: String,
}

impl RebuildGroup {
    pub(super) fn of(subject: &PackedFunction) -> Option<Self> {
        let build = &subject.entry.build;
        let mut options = build.options.clone();
        if options.is_empty() {
            // Packed before options were recorded.
            options.push(format!("--arch={}", subject.arch));
        }
        let root = build.root.as_deref().unwrap_or(".");
        Some(Self {
            source: subject.source.clone(),
            path: path::join(&subject.source, root),
            language: subject.language?,
            options,
            from: build.from.clone(),
            together: build.together.clone(),
        })
    }
}
