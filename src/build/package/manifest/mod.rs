//! `manifest.json`: the results in its folder, for Terraform, CDK, and scripts.
//!
//! A run merges its results into the manifest. An entry is removed only if its function left the
//! project or its zip is missing, so that packing one of many functions never makes a deployment
//! delete the others. Paths are relative to the manifest's folder, with `/`. Fields have the names
//! that consumers use.

mod entry;
mod manifest_file;
mod runs;

pub(crate) use crate::build::package::manifest::entry::{
    ArchEntry, FunctionEntry, ManifestFile, Packing, SbomEntry,
};
pub(crate) use crate::build::package::manifest::manifest_file::{FILE, Manifest, VERSION};
