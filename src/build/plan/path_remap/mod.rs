//! Replaces folders of this machine in binaries by fixed names.

mod remap;

pub(super) use crate::build::plan::path_remap::remap::PathRemap;

#[cfg(test)]
mod tests;
