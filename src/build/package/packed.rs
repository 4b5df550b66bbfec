//! The result of packing a function.

use crate::build::compile::PackagesSoFar;
use crate::build::inputs::FunctionKey;
use crate::build::package::cache::CachedResult;
use crate::build::package::manifest::ArchEntry;
use crate::build::plan::FunctionId;
use crate::fs::atomic_write::StagedFile;

/// A function that is ready to be published, or that is up to date.
#[derive(Debug)]
pub(crate) struct Packed {
    pub function: FunctionId,
    /// The packages of Cargo's run; empty for other compilers.
    pub packages: PackagesSoFar,
    /// The entry for the manifest.
    pub arch_entry: ArchEntry,
    /// The key of the inputs; `None` if they cannot be accounted for.
    pub key: Option<FunctionKey>,
    /// The record for the next run. A zip from the cache of `--cache` has none.
    pub record: Option<CachedResult>,
    pub source: PackedSource,
    /// The files to rename to their final paths, the zip before its hash.
    pub staged: Vec<StagedFile>,
}

/// Where a result comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PackedSource {
    /// It was packed.
    Build,
    /// The result of an earlier run is up to date.
    EarlierRun,
    /// It is in the folder of `--cache`, so no compiler was run.
    ZipCache,
}

/// A function whose files are at their final paths.
#[derive(Debug)]
pub(crate) struct Published {
    pub packed: Packed,
    /// Whether files were written: false if the existing ones have the same bytes.
    pub is_written: bool,
}
