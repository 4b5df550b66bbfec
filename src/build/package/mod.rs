//! From checked binaries to files on disk.
//!
//! In: [`Plan`](crate::build::plan::Plan),
//! [`CheckedBinary`](crate::build::checked_binary::CheckedBinary) and
//! [`Assets`](crate::build::assets::Assets). Out: [`Packed`], one for each function. `cache`
//! finds results that are up to date. `entries`, `zip` and `deflate` make the bytes. `publish`
//! writes all results or none. `manifest` and `write_caches` keep what the next run needs.

pub(crate) mod cache;
mod created_folders;
pub(crate) mod deflate;
mod entries;
mod exclusion_markers;
pub(crate) mod keys;
mod lock;
pub(crate) mod manifest;
pub(crate) mod output_lock;
mod pack;
mod packed;
mod provenance;
pub(crate) mod sbom;
pub(crate) mod stale_files;
pub(crate) mod write_caches;
pub(crate) mod zip;
pub(crate) mod zip_cache;

pub(crate) use crate::build::package::pack::{announcement, pack};
pub(crate) use crate::build::package::packed::{Packed, PackedSource, Published};
pub(crate) use crate::build::package::provenance::TOOL;
