//! What need not be done again.
//!
//! In: binaries. Out: those whose zip surely stands there already, and the rest.
//! First a binary's stamp is compared, then its hash (cargo swaps stamps of
//! binaries that did not change); the result on disk must be the one that was
//! written, by stamp or else by hash, and its hash file must hold its hash.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::artifact::CheckedBinary;
use crate::compile::Binary;
use crate::package::deflate::{COMPRESSOR, FORMAT};
use crate::package::digest::Sha256;
use crate::package::manifest::{ArchEntry, ManifestEntry};
use crate::package::{Packed, publish};
use crate::plan::{FunctionPlan, Plan};
use crate::project::cache_file;
use crate::survey::{Stamp, Surveys};

/// The file `.cache.json`. Losing it costs time and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cache {
    /// What tools answered.
    pub surveys: Surveys,
    /// What was packed, by where it stands.
    #[serde(default)]
    pub packed: BTreeMap<PathBuf, Record>,
}

/// A result that stands on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Everything besides the binary that decides the result.
    recipe: String,
    binary: PathBuf,
    binary_stamp: Stamp,
    binary_sha256: String,
    /// Of the zip, or of bootstrap in its folder.
    pub target_stamp: Option<Stamp>,
    target_sha256: String,
    code_sha256: Option<String>,
    zip_size: Option<u64>,
    entries: Vec<ManifestEntry>,
}

impl Record {
    /// What is known before the result is written.
    #[must_use]
    pub fn new(
        function: &FunctionPlan,
        binary: &CheckedBinary,
        entries: &[ManifestEntry],
        hash: &Sha256,
        size: u64,
    ) -> Self {
        let zip = function.format == crate::request::Format::Zip;
        Self {
            recipe: recipe(function),
            binary: binary.path().clone(),
            binary_stamp: binary.stamp(),
            binary_sha256: Sha256::of(binary.bytes()).hex(),
            target_stamp: None,
            target_sha256: hash.hex(),
            code_sha256: zip.then(|| hash.base64()),
            zip_size: zip.then_some(size),
            entries: entries.to_vec(),
        }
    }

    fn arch_entry(&self) -> ArchEntry {
        let size = self.entries.iter().map(|entry| entry.size).sum();
        ArchEntry {
            code_sha256: self.code_sha256.clone(),
            sha256: self.code_sha256.is_some().then(|| self.target_sha256.clone()),
            zip_size: self.zip_size,
            ..ArchEntry::new(size, self.entries.clone())
        }
    }

    /// The record as it holds now, if the result stands.
    fn still(mut self, function: &FunctionPlan, binary: &Binary) -> Option<Self> {
        if self.recipe != recipe(function) || self.binary != binary.path {
            return None;
        }
        self.binary_stamp = same(&binary.path, Some(self.binary_stamp), &self.binary_sha256)?;
        let stamp = same(&function.target, self.target_stamp, &self.target_sha256)?;
        self.target_stamp = Some(stamp);
        if let Some(hash) = &self.code_sha256 {
            let sidecar = fs_err::read(publish::sidecar(&function.target)).ok()?;
            (sidecar == hash.as_bytes()).then_some(())?;
        }
        Some(self)
    }
}

/// The file's stamp, if it has the content it had: by stamp, or else by hash.
fn same(path: &Path, before: Option<Stamp>, sha256: &str) -> Option<Stamp> {
    let now = Stamp::of(path)?;
    if Some(now) == before && now.proves_content() {
        return Some(now);
    }
    let same_size = before.is_none_or(|before| before.len() == now.len());
    let same = same_size && Sha256::of(&fs_err::read(path).ok()?).hex() == sha256;
    same.then_some(now)
}

fn recipe(function: &FunctionPlan) -> String {
    format!(
        "{FORMAT} {COMPRESSOR} {:?} {:?} {} {}",
        function.compression, function.format, function.arch, function.runtime
    )
}

impl Cache {
    /// Reads a project's cache; an unreadable one is an empty one.
    #[must_use]
    pub fn load(root: &Path) -> Self {
        let bytes = fs_err::read(cache_file(root)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

/// Parts the binaries whose results stand from those that must be packed.
#[must_use]
pub fn part(plan: &Plan, binaries: Vec<Binary>) -> (Vec<Packed>, Vec<Binary>) {
    let mut caches: Vec<_> = plan.outputs.iter().map(|output| Cache::load(&output.root)).collect();
    let mut fresh = Vec::new();
    let mut stale = Vec::new();
    for binary in binaries {
        let function = &plan.functions[binary.function];
        let record = caches[function.output].packed.remove(&function.target);
        match record.and_then(|record| record.still(function, &binary)) {
            Some(record) => fresh.push(Packed {
                function: binary.function,
                arch_entry: record.arch_entry(),
                record,
                bytes: None,
            }),
            None => stale.push(binary),
        }
    }
    (fresh, stale)
}
