//! Files that may describe functions or build them.

use std::path::PathBuf;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkupFormat {
    /// A template, a service, or another file.
    Yaml,
    /// A template or another file.
    Json,
    Terraform,
    /// Any other text, which is only searched.
    Text,
}

#[derive(Debug)]
pub struct CandidateFile {
    pub path: PathBuf,
    pub form: MarkupFormat,
    pub text: String,
}

/// The files that were found, and those that were skipped although their names match.
#[derive(Debug, Default)]
pub(crate) struct CandidateFiles {
    pub(crate) files: Vec<CandidateFile>,
    pub(crate) left_out: Vec<(PathBuf, String)>,
    /// Files with an old runtime that are not UTF-8, decoded as far as possible.
    pub(crate) not_utf8: Vec<CandidateFile>,
}
