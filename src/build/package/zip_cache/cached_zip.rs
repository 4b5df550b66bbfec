//! An entry of the cache, and how it is found.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::build::inputs::{FunctionKey, InputKeys};
use crate::build::package::manifest::{ArchEntry, ManifestFile};
use crate::build::plan::{DiscoveredInputs, FunctionPlan};
use crate::build::request::PackageFormat;
use crate::fs::digest::Sha256;
use crate::fs::folder::entries;
use crate::system::host::Host;

/// A zip in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CachedZip {
    pub(super) record: ZipRecord,
    /// The zip itself.
    pub(super) path: PathBuf,
}

/// The description of a zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ZipRecord {
    /// The key of its inputs.
    pub key: String,
    /// The inputs that its build has discovered.
    #[serde(default)]
    pub inputs: DiscoveredInputs,
    pub code_sha256: String,
    pub sha256: String,
    pub zip_size: u64,
    pub size: u64,
    /// The files in the zip.
    pub entries: Vec<ManifestFile>,
    /// The bill of materials; `None` if the build wrote none.
    pub sbom: Option<String>,
}

/// A record as it is written: with its own hash, because it is used without a compiler to compare
/// it with.
#[derive(Debug, Serialize, Deserialize)]
struct RecordFile {
    /// SHA-256 of the record as compact JSON.
    sha256: String,
    record: ZipRecord,
}

impl ZipRecord {
    /// Reads a record; `None` if it does not exist or is damaged.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let bytes = fs_err::read(path).ok()?;
        let file: RecordFile = serde_json::from_slice(&bytes).ok()?;
        let hash = file.record.hash().ok()?;
        (hash == file.sha256).then_some(file.record)
    }

    pub(super) fn text(self) -> anyhow::Result<String> {
        let sha256 = self.hash()?;
        let file = RecordFile {
            sha256,
            record: self,
        };
        Ok(serde_json::to_string_pretty(&file)? + "\n")
    }

    fn hash(&self) -> anyhow::Result<String> {
        Ok(Sha256::digest(&serde_json::to_vec(self)?).hex())
    }

    /// The manifest entry for the zip, without its path and its build.
    pub(super) fn arch_entry(&self) -> ArchEntry {
        let sbom = self.sbom.as_ref();
        ArchEntry::for_zip(
            (&self.code_sha256, &self.sha256, self.zip_size),
            self.size,
            self.entries.clone(),
            sbom.map(|text| Sha256::digest(text.as_bytes()).hex()),
        )
    }
}

impl CachedZip {
    /// Finds the zip that was built from the same inputs as the function has now. Its content is not
    /// read yet.
    pub(crate) fn find(function: &FunctionPlan, keys: &mut InputKeys, host: &Host) -> Option<Self> {
        let folder = folder(function, keys.source_key(function).ok()?)?;
        let mut records: Vec<_> = entries(&folder)
            .filter(|path| path.extension().is_some_and(|it| it == "json"))
            .collect();
        records.sort();
        records.into_iter().find_map(|path| {
            let record = ZipRecord::read(&path)?;
            let key = keys.key_with(function, &record.inputs, host).ok()?;
            let zip = path.with_extension("zip");
            let has_sbom = record.sbom.is_some() || !function.sbom;
            let is_same = has_sbom
                && key == record.key
                && path.file_stem().is_some_and(|name| *name == *key)
                && fs_err::metadata(&zip).is_ok_and(|data| data.len() == record.zip_size);
            let record = ZipRecord {
                sbom: record.sbom.filter(|_| function.sbom),
                ..record
            };
            is_same.then_some(Self { record, path: zip })
        })
    }

    /// The key of the inputs.
    pub(super) fn key(&self) -> FunctionKey {
        FunctionKey {
            key: self.record.key.clone(),
            discovered: self.record.inputs.clone(),
        }
    }
}

/// The folder for the zips of a function with this source key. `None` if they are not cached.
pub(super) fn folder(function: &FunctionPlan, source_key: &str) -> Option<PathBuf> {
    let dir = function.output.cache.as_ref()?;
    (function.format == PackageFormat::Zip).then(|| zips_dir(dir).join(source_key))
}

/// The folder of all zips in the folder of `--cache`.
pub(super) fn zips_dir(cache: &Path) -> PathBuf {
    cache.join("zips")
}
