//! Finds results that are up to date.
//!
//! In: a binary. Out: its result, if it exists and is up to date. First the metadata of the
//! binary is compared, then the build ID that `go build` itself uses (it updates the time of
//! each binary that it finds up to date), then the content (Cargo swaps the metadata of
//! binaries that did not change). The result on disk and its hash file are compared in the same
//! way.

mod build_cache;
mod cached_result;
mod fingerprint;
mod rejection;

pub(crate) use crate::build::package::cache::build_cache::{BuildCache, LastBuild};
pub(crate) use crate::build::package::cache::cached_result::{CachedResult, zip_settings};
pub(crate) use crate::build::package::cache::fingerprint::FreshnessCheck;
pub(super) use crate::build::package::cache::fingerprint::has_content;
pub(crate) use crate::build::package::cache::fingerprint::is_executable;
pub(crate) use crate::build::package::cache::rejection::{CachedRejection, SkippedProgram};
