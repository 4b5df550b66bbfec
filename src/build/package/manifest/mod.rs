//! `manifest.json`: what lies beside it, for Terraform, CDK and scripts.
//!
//! A run merges what it packed. An entry leaves only when its function left the
//! project or its zip is gone, so that packing one of many never makes a plan
//! delete the others. Paths are relative to the manifest's folder, with `/`.
//! Fields are named as their consumers name them.

mod entry;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

pub(crate) use crate::build::package::manifest::entry::{
    ArchEntry, FunctionEntry, ManifestFile, Packing,
};
use crate::build::plan::{FunctionPlan, OutputFolder};
use crate::fs::path;
use crate::fs::path::relative;
use crate::lambda::Language;
use crate::ui::failure::{ExitKind, Failure};

pub(crate) const FILE: &str = "manifest.json";

/// The version of the schema.
pub(crate) const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub version: u32,
    pub functions: BTreeMap<String, FunctionEntry>,
}

impl Manifest {
    pub(crate) const fn new() -> Self {
        Self {
            version: VERSION,
            functions: BTreeMap::new(),
        }
    }

    /// Reads the manifest of a folder; an empty one where there is none.
    pub(crate) fn read(dir: &Path) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct FormatVersion {
            version: u32,
        }
        let file = dir.join(FILE);
        if !file.exists() {
            return Ok(Self::new());
        }
        let bytes = fs_err::read(&file)?;
        let why = match serde_json::from_slice::<Self>(&bytes) {
            Ok(whole) if whole.version <= VERSION => return Ok(whole),
            Ok(_) => String::new(),
            Err(why) => why.to_string(),
        };
        let failure = |what: String, help| Failure::new(ExitKind::Packaging, what).help(help);
        let shown = file.display();
        Err(match serde_json::from_slice::<FormatVersion>(&bytes) {
            Ok(FormatVersion { version }) if version > VERSION => failure(
                format!("{shown} was written by a newer version of this program"),
                "update: cargo install --locked cargo-lambdapack",
            ),
            Ok(_) => failure(
                format!("{shown} is damaged: {why}"),
                "remove it and pack all functions again",
            ),
            Err(_) => failure(
                format!("{shown} is not a manifest of this program, or is damaged"),
                "if it is yours, use another --out-dir; else remove it and pack all again",
            ),
        }
        .into())
    }

    /// How much was packed: functions, each as often as it has architectures.
    pub(crate) fn len(&self) -> usize {
        { self.functions.values() }
            .map(|function| function.archs.len())
            .sum()
    }

    /// Adds a function for an architecture, or replaces it; whether that changes
    /// anything. Paths are written from this folder, or absolute where there is none.
    pub(crate) fn add(
        &mut self,
        dir: Option<&Path>,
        function: &FunctionPlan,
        mut entry: ArchEntry,
    ) -> bool {
        match function.folder() {
            Some(folder) => entry.dir = Some(relative(dir, folder)),
            None => entry.zip = Some(relative(dir, &function.target)),
        }
        let mut new = FunctionEntry {
            kind: function.purpose,
            language: function.language,
            runtime: function.runtime,
            handler: function.handler(),
            source: relative(dir, &function.unit),
            archs: BTreeMap::from([(function.arch, entry)]),
        };
        let changed = self.functions.remove(&function.name).is_none_or(|mut old| {
            // Those of other architectures stay.
            let others = std::mem::take(&mut old.archs);
            let same = others.get(&function.arch) == new.archs.get(&function.arch);
            let archs = std::mem::take(&mut new.archs);
            let same = same && old == new;
            new.archs = others;
            new.archs.extend(archs);
            !same
        });
        self.functions.insert(function.name.clone(), new);
        changed
    }

    /// The folder of another project whose function has this one's name, and
    /// whose zip would be overwritten.
    pub(crate) fn owner(&self, dir: &Path, function: &FunctionPlan) -> Option<PathBuf> {
        let entry = self.functions.get(&function.name)?;
        let same = entry.language == function.language
            && entry.source == relative(Some(dir), &function.unit);
        (!same && entry.lives(dir)).then(|| path::resolve(dir, &entry.source))
    }

    /// Takes out a function for one architecture, if it is this one and not another
    /// project's. Returns its zip or folder.
    pub(crate) fn take_out(&mut self, dir: &Path, function: &FunctionPlan) -> Option<String> {
        let entry = self.functions.get_mut(&function.name)?;
        let same = entry.language == function.language
            && entry.source == relative(Some(dir), &function.unit);
        let arch = same.then(|| entry.archs.remove(&function.arch)).flatten()?;
        if entry.archs.is_empty() {
            self.functions.remove(&function.name);
        }
        arch.zip.or(arch.dir)
    }

    /// Takes out what left the project or lost its zip, and tells which zips of
    /// the former still lie there.
    pub(crate) fn prune(&mut self, output: &OutputFolder) -> Vec<String> {
        let dir = &output.dir;
        let units: BTreeSet<_> = output
            .units
            .iter()
            .map(|(language, unit)| (*language, relative(Some(dir), unit)))
            .collect();
        let mut left_over = Vec::new();
        let mut lives = BTreeMap::new();
        self.functions.retain(|name, function| {
            function.archs.retain(|_, arch| {
                let place = arch.zip.as_ref().or(arch.dir.as_ref());
                place.is_some_and(|place| dir.join(place).exists())
            });
            // A unit that this run did not read may still have the function.
            let unit = function
                .language
                .map(|language| (language, function.source.clone()));
            let read = unit.is_some_and(|unit| units.contains(&unit));
            let source = (function.language, function.source.clone());
            let lives = *{ lives.entry(source) }.or_insert_with(|| function.lives(dir));
            let left = !lives || (read && !output.functions.contains(name));
            if left {
                let archs = function.archs.values();
                left_over.extend(archs.filter_map(|a| a.zip.clone().or_else(|| a.dir.clone())));
            }
            !left && !function.archs.is_empty()
        });
        left_over
    }

    pub(crate) fn text(&self) -> anyhow::Result<String> {
        let text = serde_json::to_string_pretty(self).context("cannot write a manifest")?;
        Ok(text + "\n")
    }
}

impl Default for Manifest {
    fn default() -> Self {
        Self::new()
    }
}

impl FunctionEntry {
    /// Whether its workspace or module is still there.
    fn lives(&self, dir: &Path) -> bool {
        let source = dir.join(&self.source);
        let markers: &[&str] = match self.language {
            Some(Language::Rust) => &["Cargo.toml"],
            Some(Language::Go) => &["go.mod", "go.work"],
            None => &[],
        };
        markers.iter().any(|marker| source.join(marker).exists())
    }
}
