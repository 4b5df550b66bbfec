//! The options of `collect`.

use std::path::PathBuf;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CollectOptions {
    /// The output folders to join, absolute; never empty.
    pub dirs: Vec<PathBuf>,
    /// The folder of the project, if `out_dir` is not given.
    pub folder: PathBuf,
    pub out_dir: Option<PathBuf>,
}
