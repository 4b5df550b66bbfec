//! The entries of a manifest: functions, their zips, and the files in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::build::plan::BuildDescription;
use crate::build::request::Compression;
use crate::fs::digest::Sha256;
use crate::lambda::{Arch, Language, Purpose, Runtime};

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FunctionEntry {
    pub kind: Purpose,
    /// The source language; `None` if the program was built before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    pub runtime: Runtime,
    /// The handler for Lambda's configuration; an extension has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// The folder of the Cargo workspace or Go module.
    pub source: String,
    /// The results by architecture.
    pub archs: BTreeMap<Arch, ArchEntry>,
}

/// A function for one architecture: a zip, or a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArchEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    /// The folder that was written instead of a zip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// The zip's hash in the format of Lambda and Terraform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
    /// The zip's hash in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The zip's size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip_size: Option<u64>,
    /// The bill of materials next to the zip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sbom: Option<SbomEntry>,
    /// The unpacked size in bytes.
    pub size: u64,
    /// The files in it.
    pub entries: Vec<ManifestFile>,
    /// How the zip was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packing: Option<Packing>,
    /// How it was built.
    pub build: Arc<BuildDescription>,
}

/// A bill of materials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SbomEntry {
    /// The path of the document.
    pub path: String,
    /// Its hash in hexadecimal.
    pub sha256: String,
}

/// How a zip was written. The same entries with the same packing give the same zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Packing {
    /// The version of the zip format.
    pub format: u32,
    /// The compressor and its version.
    pub compressor: String,
    pub compression: Compression,
}

/// A file in a zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ManifestFile {
    pub name: String,
    /// Its permission bits, in octal.
    pub mode: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its hash in hexadecimal; empty for `pack`, which writes no manifest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
}

impl ArchEntry {
    /// The entry for a zip with these hashes and this size, without its path and its build.
    pub(in crate::build::package) fn for_zip(
        (code_sha256, sha256, zip_size): (&str, &str, u64),
        size: u64,
        entries: Vec<ManifestFile>,
        sbom_sha256: Option<String>,
    ) -> Self {
        Self {
            zip: None,
            dir: None,
            code_sha256: Some(code_sha256.to_owned()),
            sha256: Some(sha256.to_owned()),
            zip_size: Some(zip_size),
            sbom: sbom_sha256.map(|sha256| SbomEntry {
                path: String::new(),
                sha256,
            }),
            size,
            entries,
            packing: None,
            build: Arc::default(),
        }
    }

    /// The names of the files in it.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.entries
            .iter()
            .map(|entry| entry.name.as_str())
            .collect()
    }
}

impl ManifestFile {
    /// Describes a file.
    pub(crate) fn new(name: &str, mode: u16, bytes: &[u8]) -> Self {
        Self {
            sha256: Sha256::digest(bytes).hex(),
            ..Self::unhashed(name, mode, bytes)
        }
    }

    /// Describes a file without its hash, which takes a third of the time of compressing it.
    pub(crate) fn unhashed(name: &str, mode: u16, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            mode: format!("{mode:04o}"),
            size: bytes.len() as u64,
            sha256: String::new(),
        }
    }
}
