//! Reads, changes, and writes a manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::build::package::manifest::entry::{ArchEntry, FunctionEntry};
use crate::build::plan::{FunctionPlan, OutputFolder};
use crate::fs::file_name;
use crate::fs::path;
use crate::fs::path::relative;
use crate::lambda::{Arch, Language};
use crate::ui::failure::{ExitKind, Failure};

/// The name of the file.
pub(crate) const FILE: &str = "manifest.json";

/// The version of the schema.
pub(crate) const VERSION: u32 = 1;

/// A `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub version: u32,
    pub functions: BTreeMap<String, FunctionEntry>,
    /// Long lists of functions that were built together, by the names of their references. Only the
    /// file has references.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) runs: BTreeMap<String, String>,
}

impl Manifest {
    pub(crate) const fn new() -> Self {
        Self {
            version: VERSION,
            functions: BTreeMap::new(),
            runs: BTreeMap::new(),
        }
    }

    /// Reads the manifest of a folder. If there is none, it is empty.
    pub(crate) fn read(dir: &Path) -> anyhow::Result<Self> {
        let file = dir.join(FILE);
        if !file.exists() {
            return Ok(Self::new());
        }
        Self::read_file(&file)
    }

    /// Reads a manifest, which must exist.
    pub(crate) fn read_file(file: &Path) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct FormatVersion {
            version: u32,
        }
        let bytes = fs_err::read(file)?;
        let why = match serde_json::from_slice::<Self>(&bytes) {
            Ok(manifest) if manifest.version <= VERSION => return Ok(manifest.without_references()),
            Ok(_) => String::new(),
            Err(why) => why.to_string(),
        };
        let failure = |what: String, help| Failure::new(ExitKind::Packaging, what).help(help);
        let shown = file.display();
        Err(match serde_json::from_slice::<FormatVersion>(&bytes) {
            Ok(FormatVersion { version }) if version > VERSION => failure(
                format!("`{shown}` was written by a newer version of cargo-lambdapack"),
                "update with `cargo install --locked cargo-lambdapack`",
            ),
            Ok(_) => failure(
                format!("`{shown}` is damaged: {why}"),
                "remove it and package all functions again",
            ),
            Err(_) => failure(
                format!("`{shown}` is damaged, or is not a manifest of cargo-lambdapack"),
                "if another program wrote it, pass another `--out-dir`; otherwise remove it and \
                 package all functions again",
            ),
        }
        .into())
    }

    /// The result of a function for one architecture.
    pub(crate) fn entry(&self, name: &str, arch: Arch) -> Option<&ArchEntry> {
        self.functions.get(name)?.archs.get(&arch)
    }

    /// The number of results: functions, each counted once for each architecture.
    pub(crate) fn len(&self) -> usize {
        self.functions
            .values()
            .map(|function| function.archs.len())
            .sum()
    }

    /// Adds or replaces a function for one architecture, and returns whether that changes the
    /// manifest. Paths become relative to the folder, or stay absolute without one.
    pub(crate) fn add(
        &mut self,
        dir: Option<&Path>,
        function: &FunctionPlan,
        mut entry: ArchEntry,
    ) -> bool {
        match function.folder() {
            Some(folder) => entry.dir = Some(relative(dir, folder)),
            None => {
                entry.zip = Some(relative(dir, &function.target));
                if let Some(sbom) = &mut entry.sbom {
                    sbom.path = relative(dir, &file_name::sbom(&function.target));
                }
            }
        }
        let new = FunctionEntry {
            kind: function.purpose,
            language: function.language,
            runtime: function.runtime,
            handler: function.handler(),
            source: relative(dir, &function.source_root),
            archs: BTreeMap::from([(function.arch, entry)]),
        };
        self.insert(&function.name, new)
    }

    /// Adds or replaces a function for its architectures, and returns whether that changes the
    /// manifest. Entries of other architectures are kept.
    pub(crate) fn insert(&mut self, name: &str, mut new: FunctionEntry) -> bool {
        let Some(mut old) = self.functions.remove(name) else {
            self.functions.insert(name.to_owned(), new);
            return true;
        };
        let old_archs = std::mem::take(&mut old.archs);
        let new_archs = std::mem::take(&mut new.archs);
        let is_same = |(arch, entry)| old_archs.get(arch) == Some(entry);
        let is_changed = old != new || !new_archs.iter().all(is_same);
        new.archs = old_archs;
        new.archs.extend(new_archs);
        self.functions.insert(name.to_owned(), new);
        is_changed
    }

    /// Removes results whose zip or folder is missing.
    pub(crate) fn prune_missing(&mut self, dir: &Path) {
        self.functions.retain(|_, function| {
            function.archs.retain(|_, arch| {
                let place = arch.zip.as_ref().or(arch.dir.as_ref());
                place.is_some_and(|place| dir.join(place).exists())
            });
            !function.archs.is_empty()
        });
    }

    /// The source of another project's function with the same name, whose zip would be overwritten.
    pub(crate) fn owner(&self, dir: &Path, function: &FunctionPlan) -> Option<PathBuf> {
        let entry = self.functions.get(&function.name)?;
        (!entry.is_for(dir, function) && entry.has_source(dir))
            .then(|| path::resolve(dir, &entry.source))
    }

    /// Removes a function for one architecture, unless it belongs to another project. Returns
    /// its zip or folder.
    pub(crate) fn remove(&mut self, dir: &Path, function: &FunctionPlan) -> Option<String> {
        let entry = self.functions.get_mut(&function.name)?;
        if !entry.is_for(dir, function) {
            return None;
        }
        let arch = entry.archs.remove(&function.arch)?;
        if entry.archs.is_empty() {
            self.functions.remove(&function.name);
        }
        arch.zip.or(arch.dir)
    }

    /// Removes functions that left the project or lost their zip. Returns the zips of the
    /// former that still exist.
    pub(crate) fn prune(&mut self, output: &OutputFolder) -> Vec<String> {
        let dir = &output.dir;
        let read: BTreeSet<_> = output
            .source_roots
            .iter()
            .map(|(language, root)| (*language, relative(Some(dir), root)))
            .collect();
        self.prune_missing(dir);
        let mut orphaned = Vec::new();
        let mut has_source = BTreeMap::new();
        self.functions.retain(|name, function| {
            // A workspace or module that this run did not read may still contain the function.
            let is_read = function
                .language
                .is_some_and(|language| read.contains(&(language, function.source.clone())));
            let exists = *has_source
                .entry((function.language, function.source.clone()))
                .or_insert_with(|| function.has_source(dir));
            let is_gone = !exists || (is_read && !output.functions.contains(name));
            if is_gone {
                let archs = function.archs.values();
                orphaned.extend(archs.filter_map(|a| a.zip.clone().or_else(|| a.dir.clone())));
            }
            !is_gone
        });
        orphaned
    }

    pub(crate) fn text(&self) -> anyhow::Result<String> {
        let text = serde_json::to_string_pretty(&self.with_references())
            .context("failed to serialize the manifest")?;
        Ok(text + "\n")
    }
}

impl Default for Manifest {
    fn default() -> Self {
        Self::new()
    }
}

impl FunctionEntry {
    /// Whether the entry belongs to this function, and not to another project's.
    fn is_for(&self, dir: &Path, function: &FunctionPlan) -> bool {
        self.language == function.language
            && self.source == relative(Some(dir), &function.source_root)
    }

    /// Whether its workspace or module still exists.
    pub(crate) fn has_source(&self, dir: &Path) -> bool {
        let source = path::join(dir, &self.source);
        let manifests: &[&str] = match self.language {
            Some(Language::Rust) => &["Cargo.toml"],
            Some(Language::Go) => &["go.mod", "go.work"],
            None => &[],
        };
        manifests.iter().any(|file| source.join(file).exists())
    }
}
