//! The selection on the command line, and the zips that were found.

use std::path::PathBuf;

use crate::build::results::packed_function::PackedFunction;
use crate::lambda::{Arch, Purpose, Runtime};

/// The zips that a command line selects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ZipSelector {
    /// Paths and names, as the user wrote them; empty for the only function that was packed.
    pub words: Vec<PathBuf>,
    /// The architecture to use if a name has several.
    pub arch: Option<Arch>,
    /// The default architecture if a name has several.
    pub preferred: Option<Arch>,
    pub out_dir: Option<PathBuf>,
}

/// A zip that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SelectedZip {
    /// The absolute path.
    pub path: PathBuf,
    /// The function's name in the manifest, or else the file name without `.zip`.
    pub name: String,
    /// The architecture in the manifest, if it contains the zip.
    pub arch: Option<Arch>,
    /// The runtime in the manifest, if it contains the zip.
    pub runtime: Option<Runtime>,
    /// The purpose in the manifest, if it contains the zip.
    pub purpose: Option<Purpose>,
    /// The handler in the manifest, if it contains the zip.
    pub handler: Option<String>,
    /// The hash in the manifest, in Lambda's format. The file may have changed since.
    pub code_sha256: Option<String>,
}

impl SelectedZip {
    /// A zip that a manifest contains.
    pub(super) fn from_recorded(path: PathBuf, recorded: &PackedFunction) -> Self {
        Self {
            path,
            name: recorded.name.clone(),
            arch: Some(recorded.arch),
            runtime: Some(recorded.runtime),
            purpose: Some(recorded.purpose),
            handler: recorded.handler.clone(),
            code_sha256: recorded.entry.code_sha256.clone(),
        }
    }
}
