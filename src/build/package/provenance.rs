//! Where a result comes from, for the manifest: all that a rebuild needs to know.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::package::Packed;
use crate::build::package::deflate::{COMPRESSOR, FORMAT};
use crate::build::package::manifest::Packing;
use crate::build::plan::{BuildDescription, Plan};
use crate::build::request::PackageFormat;
use crate::fs::digest::Sha256;
use crate::fs::path;
use crate::lambda::Language;

/// Says of every result how it was built and packed. The lock files are read after
/// the build, because the first one writes them.
pub(super) fn record(plan: &Plan, packed: &mut [Packed]) {
    // What came of the build of the one before, which may be this one's, too.
    let mut before: Option<(&Arc<BuildDescription>, Arc<BuildDescription>)> = None;
    for one in packed {
        let function = &plan.functions[one.function];
        let known = before.take();
        let known = known.filter(|(planned, _)| Arc::ptr_eq(planned, &function.build));
        let (planned, build) = known.unwrap_or_else(|| {
            let file = function
                .language
                .map(|language| lock_file(language, &function.unit));
            let output = &plan.outputs[function.output];
            let root = output.root.as_ref().filter(|_| output.discovered);
            let build = BuildDescription {
                lock: file.and_then(|file| hash(&file)),
                root: root.map(|root| path::relative(Some(&function.unit), root)),
                ..BuildDescription::clone(&function.build)
            };
            (&function.build, Arc::new(build))
        });
        one.arch_entry.build = Arc::clone(&build);
        before = Some((planned, build));
        one.arch_entry.packing = (function.format == PackageFormat::Zip).then(|| Packing {
            format: FORMAT,
            compressor: COMPRESSOR.to_owned(),
            compression: function.compression,
        });
    }
}

/// The file that pins the versions of a unit's dependencies.
fn lock_file(language: Language, unit: &Path) -> PathBuf {
    let work = unit.join("go.work.sum");
    match language {
        Language::Rust => unit.join("Cargo.lock"),
        Language::Go if work.is_file() => work,
        Language::Go => unit.join("go.sum"),
    }
}

/// Nothing for a file that is not there: a module without dependencies has none.
fn hash(file: &Path) -> Option<String> {
    let bytes = fs_err::read(file).ok()?;
    Some(Sha256::of(&bytes).hex())
}
