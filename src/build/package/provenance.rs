//! Records how results were built, for the manifest: everything that a rebuild needs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::inputs::FunctionKey;
use crate::build::package::deflate::{COMPRESSOR, FORMAT};
use crate::build::package::manifest::Packing;
use crate::build::package::packed::Packed;
use crate::build::plan::{BuildDescription, DiscoveredInputs, FunctionPlan, Plan};
use crate::build::request::PackageFormat;
use crate::fs::digest::Sha256;
use crate::fs::path;
use crate::lambda::Language;

/// This program and its version, as manifests record them.
pub(crate) const TOOL: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// Completes the manifest entries of results. Lock files are read after the build, because the
/// first build writes them.
pub(super) fn record(plan: &Plan, packed: &mut [Packed]) {
    // Functions that are built together share a description, which is completed only once.
    let mut previous: Option<(&Arc<BuildDescription>, Arc<BuildDescription>)> = None;
    for packed in packed {
        let function = plan.function(packed.function);
        let shared = previous
            .take()
            .filter(|(planned, _)| Arc::ptr_eq(planned, &function.build));
        let (planned, build) =
            shared.unwrap_or_else(|| (&function.build, Arc::new(complete(function))));
        packed.arch_entry.build = match &packed.key {
            Some(FunctionKey { key, discovered }) => Arc::new(BuildDescription {
                key: Some(key.clone()),
                inputs: Some(discovered.clone()).filter(|it| *it != DiscoveredInputs::default()),
                ..BuildDescription::clone(&build)
            }),
            None => Arc::clone(&build),
        };
        previous = Some((planned, build));
        packed.arch_entry.packing = (function.format == PackageFormat::Zip).then(|| Packing {
            format: FORMAT,
            compressor: COMPRESSOR.to_owned(),
            compression: function.compression,
        });
    }
}

/// The description of a build, with the lock file and the root of its project.
fn complete(function: &FunctionPlan) -> BuildDescription {
    let source_root = &function.source_root;
    let lock_file = function
        .language
        .map(|language| lock_file(language, source_root));
    let output = &function.output;
    let root = output.root.as_ref().filter(|_| output.discovered);
    BuildDescription {
        tool: Some(TOOL.to_owned()),
        lock: lock_file.and_then(|file| hash(&file)),
        root: root.map(|root| path::relative(Some(source_root), root)),
        ..BuildDescription::clone(&function.build)
    }
}

/// The file that pins the versions of dependencies.
fn lock_file(language: Language, source_root: &Path) -> PathBuf {
    let work = source_root.join("go.work.sum");
    match language {
        Language::Rust => source_root.join("Cargo.lock"),
        Language::Go if work.is_file() => work,
        Language::Go => source_root.join("go.sum"),
    }
}

/// `None` if the file does not exist: a module without dependencies has no lock file.
fn hash(file: &Path) -> Option<String> {
    let bytes = fs_err::read(file).ok()?;
    Some(Sha256::digest(&bytes).hex())
}
