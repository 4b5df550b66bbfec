//! What is rebuilt by one run.

use std::path::PathBuf;

use crate::recorded::Recorded;
use crate::request::Language;

/// What one run rebuilds: all that was built alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    /// The folder of the workspace or module.
    pub(super) source: PathBuf,
    /// What builds it.
    pub(super) language: Language,
    /// The recorded options.
    pub(super) options: Vec<String>,
    /// From where paths among them are meant, seen from the source.
    pub(super) from: Option<String>,
    /// The functions of the run.
    pub(super) together: Vec<String>,
}

impl Group {
    pub(super) fn of(subject: &Recorded) -> Option<Self> {
        let build = &subject.entry.build;
        let mut options = build.options.clone();
        if options.is_empty() {
            // Packed before options were recorded.
            options.push(format!("--arch={}", subject.arch));
        }
        Some(Self {
            source: subject.source.clone(),
            language: subject.language?,
            options,
            from: build.from.clone(),
            together: build.together.clone(),
        })
    }
}
