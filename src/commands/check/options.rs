//! The options of `check`, fully resolved.

use std::path::PathBuf;

use crate::lambda::{Arch, Runtime};
use crate::validate::zip::purpose::ZipPurpose;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckOptions {
    /// The absolute paths of zips and programs.
    pub files: Vec<PathBuf>,
    /// The function's architecture, or `None` for the architecture of each program.
    pub arch: Option<Arch>,
    pub runtime: Runtime,
    /// Libraries that a layer contains.
    pub libraries: Vec<String>,
    /// Whether a layer contains the bootstrap of the function.
    pub layer_bootstrap: bool,
    /// Whether the zips are layers, regardless of their contents.
    pub layer: bool,
    /// The absolute path of the bill of materials that must describe the only file.
    pub sbom: Option<PathBuf>,
}

impl CheckOptions {
    /// The purpose of the zips, if the user states it.
    pub(crate) const fn stated_purpose(&self) -> Option<ZipPurpose> {
        if self.layer {
            Some(ZipPurpose::Layer)
        } else if self.layer_bootstrap {
            Some(ZipPurpose::LayersFunction)
        } else {
            None
        }
    }
}
