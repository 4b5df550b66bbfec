//! The results of all parts, each once.

use std::collections::BTreeMap;
use std::path::Path;

use crate::build::package::manifest::{FunctionEntry, Manifest};
use crate::commands::collect::part::{Part, PartResult};
use crate::fs::path;

/// The results of all parts, sorted by name and architecture. If several parts have one, the first
/// is used.
pub(super) fn join(parts: &[Part]) -> Vec<PartResult<'_>> {
    let mut joined = BTreeMap::new();
    for result in parts.iter().flat_map(Part::results) {
        joined.entry((result.name, result.arch)).or_insert(result);
    }
    joined.into_values().collect()
}

impl PartResult<'_> {
    /// The function as a manifest describes it, only for this architecture.
    pub(super) fn function_entry(&self) -> FunctionEntry {
        FunctionEntry {
            archs: [(self.arch, self.entry.clone())].into(),
            ..self.function.clone()
        }
    }
}

/// A manifest of only these results, with absolute paths.
pub(super) fn absolute_manifest(results: &[PartResult<'_>], out_dir: &Path) -> Manifest {
    let absolute = |place: &String| path::join(out_dir, place).display().to_string();
    let mut manifest = Manifest::new();
    for result in results {
        let mut function = result.function_entry();
        function.source = absolute(&function.source);
        for entry in function.archs.values_mut() {
            entry.zip = entry.zip.as_ref().map(absolute);
            entry.dir = entry.dir.as_ref().map(absolute);
            if let Some(sbom) = &mut entry.sbom {
                sbom.path = absolute(&sbom.path);
            }
        }
        manifest.insert(result.name, function);
    }
    manifest
}
