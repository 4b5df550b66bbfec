//! `manifest.json`: what lies beside it, for Terraform, CDK and scripts.
//!
//! A run merges what it packed. An entry leaves only when its function left the
//! project or its zip is gone, so that packing one of many never makes a plan
//! delete the others. Paths are relative to the manifest's folder, with `/`.
//! Fields are named as their consumers name them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Kind};
use crate::lambda::{Arch, BOOTSTRAP, Runtime};
use crate::package::digest::Sha256;
use crate::package::entries::Entry;
use crate::plan::{Build, FunctionPlan, Output};
use crate::request::Language;

/// The file's name.
pub const FILE: &str = "manifest.json";

/// The version of the schema.
pub const VERSION: u32 = 1;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`VERSION`].
    pub version: u32,
    /// Functions by name.
    pub functions: BTreeMap<String, FunctionEntry>,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionEntry {
    /// `function`.
    pub kind: String,
    /// What it is written in.
    pub language: Language,
    /// What it is to run in.
    pub runtime: Runtime,
    /// What Lambda is told as the handler.
    pub handler: String,
    /// The project it belongs to, from here.
    pub project: String,
    /// What was packed, by architecture.
    pub archs: BTreeMap<Arch, ArchEntry>,
}

/// A function for one architecture: a zip, or a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchEntry {
    /// The zip.
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
    pub entries: Vec<ManifestEntry>,
    /// How it was built.
    pub build: Build,
}

/// A file in a zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// Its path.
    pub name: String,
    /// Its permission bits, in octal.
    pub mode: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its hash in hexadecimal.
    pub sha256: String,
}

impl From<&Entry<'_>> for ManifestEntry {
    fn from(entry: &Entry<'_>) -> Self {
        Self {
            name: entry.name.to_owned(),
            mode: format!("{:04o}", entry.mode),
            size: entry.bytes.len() as u64,
            sha256: Sha256::of(entry.bytes).hex(),
        }
    }
}

impl FunctionEntry {
    /// An entry without architectures.
    #[must_use]
    pub fn new(function: &FunctionPlan, output: &Output) -> Self {
        Self {
            kind: "function".to_owned(),
            language: function.language,
            runtime: function.runtime,
            handler: BOOTSTRAP.to_owned(),
            project: relative(&output.dir, &output.root),
            archs: BTreeMap::new(),
        }
    }
}

impl Manifest {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            version: VERSION,
            functions: BTreeMap::new(),
        }
    }

    /// Reads the manifest of a folder; an empty one where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be understood: it may be all that is known
    /// of other functions, so it is not overwritten.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let file = dir.join(FILE);
        if !file.exists() {
            return Ok(Self::new());
        }
        let bytes = fs_err::read(&file)?;
        match serde_json::from_slice::<Version>(&bytes) {
            Ok(Version { version }) if version > VERSION => {
                return Err(Failure::new(
                    Kind::Packaging,
                    format!(
                        "{} was written by a newer version of this program",
                        file.display()
                    ),
                )
                .help("update: cargo install --locked cargo-lambdapack")
                .into());
            }
            _ => {}
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            Failure::new(
                Kind::Packaging,
                format!("{} is damaged: {error}", file.display()),
            )
            .help("remove it and pack all functions again")
            .into()
        })
    }

    /// Adds a function for an architecture, or replaces it.
    pub fn add(&mut self, function: &FunctionPlan, output: &Output, mut entry: ArchEntry) {
        let place = relative(&output.dir, &function.target);
        match place.strip_suffix(&format!("/{BOOTSTRAP}")) {
            Some(dir) if entry.code_sha256.is_none() => entry.dir = Some(dir.to_owned()),
            _ => entry.zip = Some(place),
        }
        entry.build = function.build.clone();
        let new = FunctionEntry::new(function, output);
        let old = self.functions.remove(&function.name);
        let archs = old.map(|old| old.archs).unwrap_or_default();
        let mut new = FunctionEntry { archs, ..new };
        new.archs.insert(function.arch, entry);
        self.functions.insert(function.name.clone(), new);
    }

    /// Takes out what left the project or lost its zip, and tells which zips of
    /// the former still lie there.
    pub fn prune(&mut self, output: &Output) -> Vec<String> {
        let project = relative(&output.dir, &output.root);
        let mut left_over = Vec::new();
        self.functions.retain(|name, function| {
            function.archs.retain(|_, arch| {
                let place = arch.zip.as_ref().or(arch.dir.as_ref());
                place.is_some_and(|place| output.dir.join(place).exists())
            });
            let left = function.project == project && !output.functions.contains(name);
            if left {
                let places = function
                    .archs
                    .values()
                    .filter_map(|a| a.zip.as_ref().or(a.dir.as_ref()));
                left_over.extend(places.cloned());
            }
            !left && !function.archs.is_empty()
        });
        left_over
    }

    /// The file's text.
    ///
    /// # Errors
    /// None that is known; what serialises may fail by its signature.
    pub fn text(&self) -> anyhow::Result<String> {
        let text = serde_json::to_string_pretty(self).context("cannot write a manifest")?;
        Ok(text + "\n")
    }
}

impl Default for Manifest {
    fn default() -> Self {
        Self::new()
    }
}

/// The way from one folder to a path, with `/`; the path itself where there is none.
fn relative(from: &Path, to: &Path) -> String {
    let from: Vec<_> = from.components().collect();
    let to_components: Vec<_> = to.components().collect();
    let common = from
        .iter()
        .zip(&to_components)
        .take_while(|(a, b)| a == b)
        .count();
    if common == 0 {
        return to.to_string_lossy().replace('\\', "/");
    }
    let up = from[common..].iter().map(|_| "..".to_owned());
    let down = to_components[common..]
        .iter()
        .map(|name| name.as_os_str().to_string_lossy().into_owned());
    let all: Vec<_> = up.chain(down).collect();
    if all.is_empty() {
        ".".to_owned()
    } else {
        all.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_from_the_manifests_folder() {
        let dir = Path::new("/w/target/lambdapack");
        assert_eq!(
            relative(dir, Path::new("/w/target/lambdapack/arm64/a.zip")),
            "arm64/a.zip"
        );
        assert_eq!(relative(dir, Path::new("/w")), "../..");
        assert_eq!(relative(dir, dir), ".");
    }
}
