//! What the manifest says of a function, its zips and their files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::build::plan::BuildDescription;
use crate::build::request::Compression;
use crate::fs::digest::Sha256;
use crate::lambda::{Arch, Runtime};
use crate::lambda::{Language, Purpose};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FunctionEntry {
    pub kind: Purpose,
    /// What it is written in; not known of what was built before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What it is to run in.
    pub runtime: Runtime,
    /// What Lambda is told as the handler of a function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// The folder of its cargo workspace or Go module.
    pub source: String,
    /// What was packed, by architecture.
    pub archs: BTreeMap<Arch, ArchEntry>,
}

/// A function for one architecture: a zip, or a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArchEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    /// The folder, where no zip was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// The zip's hash as Lambda and Terraform spell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
    /// The zip's hash in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The zip's size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip_size: Option<u64>,
    /// The unpacked size in bytes.
    pub size: u64,
    /// What is in it.
    pub entries: Vec<ManifestFile>,
    /// How its bytes became a zip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packing: Option<Packing>,
    /// How it was built.
    pub build: Arc<BuildDescription>,
}

/// How bytes became a zip. Same entries, same packing: same zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Packing {
    /// The version of our own way of writing zips.
    pub format: u32,
    /// The compressor and its version.
    pub compressor: String,
    /// How hard it compressed.
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
    /// Its hash in hexadecimal; of what `pack` packs, which no manifest lists, none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
}

impl ArchEntry {
    /// The names of the files in it.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.entries
            .iter()
            .map(|entry| entry.name.as_str())
            .collect()
    }
}

impl ManifestFile {
    /// What is said of a file.
    pub(crate) fn new(name: &str, mode: u16, bytes: &[u8]) -> Self {
        Self {
            sha256: Sha256::of(bytes).hex(),
            ..Self::unhashed(name, mode, bytes)
        }
    }

    /// The same without its hash: that costs as much as a third of compressing.
    pub(crate) fn unhashed(name: &str, mode: u16, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            mode: format!("{mode:04o}"),
            size: bytes.len() as u64,
            sha256: String::new(),
        }
    }
}
