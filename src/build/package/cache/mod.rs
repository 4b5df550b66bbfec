//! What need not be done again.
//!
//! In: a binary. Out: its zip, if that surely stands there already.
//! First a binary's stamp is compared, then the build ID that `go build` itself goes by
//! (it sets the time of each binary that it finds up to date), then the content (cargo
//! swaps stamps of binaries that did not change); the result on disk and its hash file
//! must be what was written, likewise.

mod content;
mod rejected_programs;

use crate::validate::program_kind::likeness;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::build::assets::{Assets, IncludedFile};
use crate::build::checked_binary::CheckedBinary;
use crate::build::compile::Binary;
use crate::build::package::Packed;
use crate::build::package::cache::content::Fingerprint;
pub(super) use crate::build::package::cache::content::is_executable;
pub(crate) use crate::build::package::cache::content::{FreshnessCheck, is_content};
pub(crate) use crate::build::package::cache::rejected_programs::{CachedRejection, SkippedProgram};
use crate::build::package::deflate::{COMPRESSOR, FORMAT};
use crate::build::package::manifest::{ArchEntry, ManifestFile};
use crate::build::plan::{FunctionPlan, OutputFolder, Plan};
use crate::build::project::cache_file;
use crate::build::recognize;
use crate::fs::digest::Digests;
use crate::lambda::Language;
use crate::system::tool_cache::FileStamp;

/// The file `.cache.json`. Losing it costs time and nothing else.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct CacheFile {
    /// What was packed, by where it stands.
    pub packed: HashMap<PathBuf, CachedResult>,
    /// Programs that are not functions, by where their results would be.
    #[serde(default)]
    pub judged: HashMap<PathBuf, CachedRejection>,
}

/// A result that stands on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CachedResult {
    /// Everything besides the binary that decides the result.
    recipe: String,
    binary: PathBuf,
    binary_content: Fingerprint,
    /// What was written: the zip and its hash, or the files of the folder.
    written: BTreeMap<PathBuf, Fingerprint>,
    hashes: Option<ZipHashes>,
    entries: Vec<ManifestFile>,
    /// Whether the program can serve its purpose by itself, as far as its bytes show.
    #[serde(default)]
    is_fit: bool,
    /// The files that were included, by their names in the zip.
    #[serde(default)]
    included: BTreeMap<String, (PathBuf, FileStamp)>,
}

/// What a zip is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ZipHashes {
    code_sha256: String,
    sha256: String,
    zip_size: u64,
}

impl CachedResult {
    /// What is known before the result is written.
    pub(crate) fn new(
        function: &FunctionPlan,
        binary: &CheckedBinary,
        included: &[IncludedFile],
        entries: Vec<ManifestFile>,
        written: &BTreeMap<PathBuf, Digests>,
    ) -> Self {
        let written_content = |digests: &Digests| Fingerprint {
            stamp: None,
            size: digests.size,
            xxh3: digests.xxh3,
            build_id: None,
        };
        let bytes = binary.bytes();
        let build_id = match function.language {
            Some(Language::Go) => content::build_id(bytes),
            Some(Language::Rust) | None => None,
        };
        let included = included.iter();
        Self {
            recipe: recipe(function),
            binary: binary.path().clone(),
            binary_content: Fingerprint {
                stamp: Some(binary.stamp()),
                size: bytes.len() as u64,
                xxh3: xxhash_rust::xxh3::xxh3_128(bytes),
                build_id,
            },
            written: { written.iter() }
                .map(|(path, digests)| (path.clone(), written_content(digests)))
                .collect(),
            hashes: written.values().find_map(|digests| {
                let hash = digests.sha256?;
                Some(ZipHashes {
                    code_sha256: hash.base64(),
                    sha256: hash.hex(),
                    zip_size: digests.size,
                })
            }),
            entries,
            is_fit: likeness(bytes, function.purpose).is_none(),
            included: included
                .map(|file| (file.name.clone(), (file.path.clone(), file.stamp)))
                .collect(),
        }
    }

    /// The same record, once its result stands there.
    pub(crate) fn standing(mut self) -> Self {
        for (path, content) in &mut self.written {
            content.stamp = FileStamp::of(path);
        }
        self
    }

    /// What the manifest says of the result, its place and its build aside.
    pub(crate) fn arch_entry(&self) -> ArchEntry {
        ArchEntry {
            zip: None,
            dir: None,
            code_sha256: self
                .hashes
                .as_ref()
                .map(|hashes| hashes.code_sha256.clone()),
            sha256: self.hashes.as_ref().map(|hashes| hashes.sha256.clone()),
            zip_size: self.hashes.as_ref().map(|hashes| hashes.zip_size),
            size: self.entries.iter().map(|entry| entry.size).sum(),
            entries: self.entries.clone(),
            packing: None,
            build: Arc::default(),
        }
    }

    /// Whether these files are the ones that were included. Those that no stamp
    /// proves the same are packed again: they are small, as a rule.
    fn has_included(&self, included: &[IncludedFile]) -> bool {
        self.included.len() == included.len()
            && included.iter().all(|file| {
                let known = self.included.get(&file.name);
                file.stamp.proves_content()
                    && known.is_some_and(|(path, stamp)| *path == file.path && *stamp == file.stamp)
            })
    }

    /// Whether what is to be executed in the folder may be.
    fn runs_from(&self, folder: &Path) -> bool {
        let programs = self.entries.iter().filter(|entry| entry.mode == "0755");
        { programs }.all(|entry| is_executable(&folder.join(&entry.name)))
    }

    /// Whether the result of this binary stands where it belongs.
    fn stands(
        &self,
        function: &FunctionPlan,
        (binary, stamp): (&Path, Option<FileStamp>),
        included: &[IncludedFile],
        look: FreshnessCheck,
    ) -> bool {
        self.binary == binary
            && self.binary_content.is_in(binary, stamp, look)
            && self.recipe == recipe(function)
            && self.has_included(included)
            && { self.written.iter() }.all(|(path, c)| c.is_in(path, FileStamp::of(path), look))
            && function
                .folder()
                .is_none_or(|folder| self.runs_from(folder))
    }
}

fn recipe(function: &FunctionPlan) -> String {
    format!(
        "{FORMAT} {COMPRESSOR} {:?} {:?} {} {} {:?} {:?} {:?} {} {:?}",
        function.compression,
        function.format,
        function.arch,
        function.runtime,
        function.purpose,
        function.entry,
        function.layer_libraries,
        function.allow_oversize,
        function.own_names()
    )
}

impl CacheFile {
    /// Reads a project's cache; an unreadable one is an empty one.
    pub(crate) fn load(root: &Path) -> Self {
        let bytes = fs_err::read(cache_file(root)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

/// What earlier runs of these projects left, one for each output of the plan.
#[derive(Debug)]
pub(crate) struct BuildCache(pub(super) Vec<CacheFile>);

impl BuildCache {
    /// Reads the caches of the plan's projects.
    pub(crate) fn load(plan: &Plan) -> Self {
        let outputs = plan.outputs.iter();
        let load = |output: &OutputFolder| output.root.as_deref().map(CacheFile::load);
        Self(
            outputs
                .map(|output| load(output).unwrap_or_default())
                .collect(),
        )
    }

    /// Whether this is what was known of a function already.
    pub(super) fn has(&self, plan: &Plan, one: &Packed) -> bool {
        let function = &plan.functions[one.function];
        self.0[function.output].packed.get(&function.target) == Some(&one.record)
    }

    /// The result of a binary, if it stands.
    pub(crate) fn standing(
        &self,
        plan: &Plan,
        binary: &Binary,
        extras: &Assets,
        look: FreshnessCheck,
    ) -> Option<Packed> {
        let function = &plan.functions[binary.function];
        let record = self.0[function.output].packed.get(&function.target)?;
        // Taken before the content is looked at: what is written meanwhile has another.
        let stamp = FileStamp::of(&binary.path);
        let included = extras.of(binary.function);
        if !record.is_fit && recognize::decides(function, included) {
            return None;
        }
        if !record.stands(function, (&binary.path, stamp), included, look) {
            return None;
        }
        let mut record = record.clone();
        // A binary that was linked anew and is the same is not to be read each time.
        // go sets the time of each one that it finds up to date: there it would be
        // written down each time.
        if function.language == Some(Language::Rust) {
            record.binary_content.stamp = stamp;
        }
        Some(Packed {
            function: binary.function,
            arch_entry: record.arch_entry(),
            record,
            fresh: true,
            staged: Vec::new(),
        })
    }
}
