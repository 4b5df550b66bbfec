//! Groups the functions that one run rebuilds.

use std::path::PathBuf;

use crate::build::plan::BuildDescription;
use crate::build::results::packed_function::PackedFunction;
use crate::fs::path;
use crate::lambda::{Arch, Language};

/// The settings that functions must share to be rebuilt by one run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RebuildGroup {
    /// The folder of the workspace or module.
    pub(super) source: PathBuf,
    /// The folder that the run builds: the source, or the folder above it in which several projects
    /// were discovered.
    pub(super) path: PathBuf,
    pub(super) language: Language,
    pub(super) build: RecordedBuild,
}

/// The settings of a build, as a manifest records them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RecordedBuild {
    /// The recipe as JSON.
    Recipe(String),
    /// The options of the command line, from a manifest without a recipe.
    Options {
        options: Vec<String>,
        /// The folder that relative paths in the options refer to, relative to the source.
        from: Option<String>,
        /// The functions of the run, separated by commas.
        together: String,
    },
}

impl RebuildGroup {
    pub(super) fn from_packed_function(subject: &PackedFunction) -> Option<Self> {
        let build = &subject.entry.build;
        let root = build.root.as_deref().unwrap_or(".");
        Some(Self {
            source: subject.source.clone(),
            path: path::join(&subject.source, root),
            language: subject.language?,
            build: RecordedBuild::new(build, subject.arch),
        })
    }
}

impl RecordedBuild {
    fn new(build: &BuildDescription, arch: Arch) -> Self {
        if let Some(recipe) = &build.recipe {
            return Self::Recipe(recipe.to_string());
        }
        let mut options = build.options.clone();
        if options.is_empty() {
            // The function was packaged before options were recorded.
            options.push(format!("--arch={arch}"));
        }
        Self::Options {
            options,
            from: build.from.clone(),
            together: build.together.clone(),
        }
    }
}
