//! The record of a result in the cache.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::build::assets::IncludedFile;
use crate::build::checked_binary::CheckedBinary;
use crate::build::inputs::Discovery;
use crate::build::package::cache::fingerprint;
use crate::build::package::cache::fingerprint::{Fingerprint, FreshnessCheck, is_executable};
use crate::build::package::deflate::{COMPRESSOR, FORMAT};
use crate::build::package::manifest::{ArchEntry, ManifestFile, SbomEntry};
use crate::build::plan::FunctionPlan;
use crate::fs::digest::Digests;
use crate::lambda::Language;
use crate::system::tool_cache::FileStamp;
use crate::validate::program_kind::mismatched_kind;

/// A result of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CachedResult {
    /// The settings that decide the result.
    #[serde(rename = "recipe")]
    settings: String,
    binary: PathBuf,
    pub(super) binary_content: Fingerprint,
    /// The files that were written: the zip and its hash, or the files of the folder.
    written: BTreeMap<PathBuf, Fingerprint>,
    hashes: Option<ZipHashes>,
    entries: Vec<ManifestFile>,
    /// The hash of the bill of materials in hexadecimal.
    #[serde(default, rename = "sbom")]
    sbom_sha256: Option<String>,
    /// A hash of Cargo.lock, if there is a bill of materials, which contains versions from it.
    #[serde(default, rename = "lock_file")]
    pub(in crate::build::package) lock_file_hash: Option<u128>,
    /// Whether the bytes of the program show that it can serve its purpose by itself.
    #[serde(default)]
    pub(super) is_fit: bool,
    /// The inputs that the build of the program has shown, or why they are not complete.
    #[serde(default)]
    pub(in crate::build::package) discovered: Option<Result<Discovery, String>>,
    /// The additional files, by their names in the zip.
    #[serde(default)]
    included: BTreeMap<String, (PathBuf, FileStamp)>,
}

/// The hashes and the size of a zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ZipHashes {
    code_sha256: String,
    sha256: String,
    zip_size: u64,
}

impl CachedResult {
    /// Describes a result before it is published. The written files have no metadata yet.
    pub(in crate::build::package) fn new(
        function: &FunctionPlan,
        binary: &CheckedBinary,
        included: &[IncludedFile],
        entries: Vec<ManifestFile>,
        sbom_sha256: Option<String>,
        lock_file_hash: Option<u128>,
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
            Some(Language::Go) => fingerprint::build_id(bytes),
            Some(Language::Rust) | None => None,
        };
        Self {
            settings: settings(function),
            binary: binary.path().clone(),
            binary_content: Fingerprint {
                stamp: Some(binary.stamp()),
                size: bytes.len() as u64,
                xxh3: xxhash_rust::xxh3::xxh3_128(bytes),
                build_id,
            },
            written: written
                .iter()
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
            sbom_sha256,
            lock_file_hash,
            is_fit: mismatched_kind(bytes, function.purpose).is_none(),
            discovered: None,
            included: included
                .iter()
                .map(|file| (file.name.clone(), (file.path.clone(), file.stamp)))
                .collect(),
        }
    }

    /// The record with the metadata of the published files.
    pub(in crate::build::package) fn with_stamps(mut self) -> Self {
        for (path, content) in &mut self.written {
            content.stamp = FileStamp::read(path);
        }
        self
    }

    /// The manifest entry for the result, without its path and its build.
    pub(in crate::build::package) fn arch_entry(&self) -> ArchEntry {
        ArchEntry {
            zip: None,
            dir: None,
            code_sha256: self
                .hashes
                .as_ref()
                .map(|hashes| hashes.code_sha256.clone()),
            sha256: self.hashes.as_ref().map(|hashes| hashes.sha256.clone()),
            zip_size: self.hashes.as_ref().map(|hashes| hashes.zip_size),
            sbom: self.sbom_sha256.clone().map(|sha256| SbomEntry {
                path: String::new(),
                sha256,
            }),
            size: self.entries.iter().map(|entry| entry.size).sum(),
            entries: self.entries.clone(),
            packing: None,
            build: Arc::default(),
        }
    }

    /// The binary that the result was made from.
    pub(in crate::build::package) const fn binary(&self) -> &PathBuf {
        &self.binary
    }

    /// Whether these files are the ones that were included. If metadata does not prove that,
    /// they are packed again, because additional files are usually small.
    fn includes(&self, included: &[IncludedFile]) -> bool {
        self.included.len() == included.len()
            && included.iter().all(|file| {
                let recorded = self.included.get(&file.name);
                file.stamp.proves_content()
                    && recorded
                        .is_some_and(|(path, stamp)| *path == file.path && *stamp == file.stamp)
            })
    }

    /// Whether the programs in the folder are executable.
    fn is_executable_in(&self, folder: &Path) -> bool {
        let mut programs = self.entries.iter().filter(|entry| entry.mode == "0755");
        programs.all(|entry| is_executable(&folder.join(&entry.name)))
    }

    /// Whether the result for this binary exists and is up to date.
    pub(super) fn is_up_to_date(
        &self,
        function: &FunctionPlan,
        (binary, stamp): (&Path, Option<FileStamp>),
        included: &[IncludedFile],
        check: FreshnessCheck,
    ) -> bool {
        self.binary == binary
            && self.binary_content.matches(binary, stamp, check)
            && self.settings == settings(function)
            && self.includes(included)
            && self
                .written
                .iter()
                .all(|(path, content)| content.matches(path, FileStamp::read(path), check))
            && function
                .folder()
                .is_none_or(|folder| self.is_executable_in(folder))
    }
}

/// Everything except files that decides the result for a function.
fn settings(function: &FunctionPlan) -> String {
    format!(
        "{} {} {}",
        zip_settings(function),
        function.build.auditable,
        sbom_settings(function).unwrap_or_default(),
    )
}

/// Everything except files and the program itself that decides the bytes of a zip.
pub(crate) fn zip_settings(function: &FunctionPlan) -> String {
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
        function.program_entries(),
    )
}

/// The settings that the bill of materials describes in addition to the files. `None` if none is
/// written.
fn sbom_settings(function: &FunctionPlan) -> Option<String> {
    let build = &function.build;
    function.sbom.then(|| {
        format!(
            "sbom {} {} {} {:?} {:?} {:?} {:x}",
            env!("CARGO_PKG_VERSION"),
            build.toolchain,
            build.target,
            build.profile,
            build.linker,
            build.args,
            // The list can be long, and each function of a run has it.
            xxhash_rust::xxh3::xxh3_128(build.together.as_bytes())
        )
    })
}
