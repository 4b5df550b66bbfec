//! The results of earlier runs.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::build::assets::Assets;
use crate::build::client_check;
use crate::build::compile::Binary;
use crate::build::package::cache::{CachedRejection, CachedResult, FreshnessCheck, SkippedProgram};
use crate::build::package::packed::{Packed, PackedSource};
use crate::build::package::sbom::CargoGraphs;
use crate::build::plan::{FunctionPlan, Plan};
use crate::build::project::cache_file;
use crate::lambda::Language;
use crate::system::tool_cache::FileStamp;
use crate::validate::program_kind::ProgramKind;

/// The file `.cache.json` of a project. Losing it costs only time.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::build::package) struct CacheFile {
    /// The results, by target path.
    pub packed: HashMap<PathBuf, CachedResult>,
    /// Programs that are not functions, by the target path that a result would have.
    #[serde(default, rename = "judged")]
    pub rejected: HashMap<PathBuf, CachedRejection>,
}

impl CacheFile {
    /// Reads a project's cache. One that cannot be read is treated as empty.
    fn load(root: &Path) -> Self {
        let bytes = fs_err::read(cache_file(root)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

/// The caches of a plan's projects, by root.
#[derive(Debug)]
pub(crate) struct BuildCache(pub(in crate::build::package) BTreeMap<PathBuf, CacheFile>);

/// The result of the last build of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastBuild {
    /// There was no build, or its record is lost.
    Unknown,
    Packed,
    /// The finished program was not a function.
    Rejected(ProgramKind),
}

impl BuildCache {
    /// Reads the caches of the plan's projects.
    pub(crate) fn load(plan: &Plan) -> Self {
        let roots = plan.outputs.iter().filter_map(|output| output.root.clone());
        Self(
            roots
                .map(|root| {
                    let file = CacheFile::load(&root);
                    (root, file)
                })
                .collect(),
        )
    }

    fn packed(&self, function: &FunctionPlan) -> Option<&CachedResult> {
        self.file(function)?.packed.get(&function.target)
    }

    fn rejected(&self, function: &FunctionPlan) -> Option<&CachedRejection> {
        self.file(function)?.rejected.get(&function.target)
    }

    /// The cache of the function's project. Programs without a project have none.
    fn file(&self, function: &FunctionPlan) -> Option<&CacheFile> {
        self.0.get(function.output.root.as_ref()?)
    }

    /// Whether the cache already contains this record of a function.
    pub(in crate::build::package) fn contains(&self, plan: &Plan, packed: &Packed) -> bool {
        let record = packed.record.as_ref();
        record.is_none() || self.packed(plan.function(packed.function)) == record
    }

    /// Whether the cache already contains this record of a program that is not a function.
    pub(in crate::build::package) fn contains_rejection(
        &self,
        plan: &Plan,
        skipped: &SkippedProgram,
    ) -> bool {
        self.rejected(plan.function(skipped.function)) == Some(&skipped.rejection)
    }

    /// The result for a binary, if it is up to date.
    pub(crate) fn find_fresh(
        &self,
        plan: &Plan,
        binary: &Binary,
        assets: &Assets,
        graphs: &CargoGraphs,
        check: FreshnessCheck,
    ) -> Option<Packed> {
        let function = plan.function(binary.function);
        let record = self.packed(function)?;
        if record.lock_file_hash != graphs.lock_file_hash(function) {
            return None;
        }
        // The metadata is read before the content, so that a later write is detected.
        let stamp = FileStamp::read(&binary.path);
        let included = assets.files(binary.function);
        if !record.is_fit && client_check::needs_client_check(function, included) {
            return None;
        }
        if !record.is_up_to_date(function, (&binary.path, stamp), included, check) {
            return None;
        }
        let mut record = record.clone();
        if keeps_stamp(function) {
            if record.binary_content.stamp != stamp {
                // Cargo has linked it again, perhaps from other files with the same result.
                record.discovered = None;
            }
            record.binary_content.stamp = stamp;
        }
        Some(Packed {
            function: binary.function,
            packages: binary.packages.clone(),
            arch_entry: record.arch_entry(),
            key: None,
            record: Some(record),
            source: PackedSource::EarlierRun,
            staged: Vec::new(),
        })
    }

    /// The rejection of a binary by an earlier run, if the binary is unchanged.
    pub(crate) fn find_rejection(
        &self,
        plan: &Plan,
        binary: &Binary,
        assets: &Assets,
        check: FreshnessCheck,
    ) -> Option<SkippedProgram> {
        let function = plan.function(binary.function);
        let record = self.rejected(function)?;
        // The metadata is read before the content, so that a later write is detected.
        let stamp = FileStamp::read(&binary.path);
        let is_same = client_check::needs_client_check(function, assets.files(binary.function))
            && record.binary == binary.path
            && record.content.matches(&binary.path, stamp, check);
        if !is_same {
            return None;
        }
        let mut rejection = record.clone();
        if keeps_stamp(function) {
            rejection.content.stamp = stamp;
        }
        Some(SkippedProgram {
            function: binary.function,
            rejection,
        })
    }

    /// The result of the last build of a function.
    pub(crate) fn last_build(&self, function: &FunctionPlan) -> LastBuild {
        match self.rejected(function) {
            Some(rejection) => LastBuild::Rejected(rejection.likeness),
            None if self.packed(function).is_some() => LastBuild::Packed,
            None => LastBuild::Unknown,
        }
    }
}

/// Whether the new metadata of an unchanged binary is recorded. A Rust binary that was linked
/// again and has the same content should not be read in each run. go updates the time of each
/// binary that it finds up to date, so the record would change in each run.
fn keeps_stamp(function: &FunctionPlan) -> bool {
    function.language == Some(Language::Rust)
}
