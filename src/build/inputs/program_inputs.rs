//! The inputs of a program: plain data.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Everything that a compiler turns into one program, except its own version, its flags, and its
/// target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProgramInputs {
    /// Files whose content can change the program: absolute and sorted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub files: BTreeSet<PathBuf>,
    /// Other facts, such as a module with its version and checksum. They must not contain paths of
    /// this machine.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub facts: BTreeSet<String>,
    /// Why the inputs cannot be listed completely: such a program has no key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unaccounted: Option<String>,
    /// The packages of a Rust program.
    #[serde(skip)]
    pub packages: BTreeSet<UsedPackage>,
    /// Files and folders that procedural macros read without Cargo's knowledge. They are not among
    /// `files`, because some may not exist.
    #[serde(skip)]
    pub macro_files: BTreeSet<PathBuf>,
}

impl ProgramInputs {
    /// Inputs that cannot be listed completely, with the reason.
    pub(crate) fn unaccounted(reason: impl Into<String>) -> Self {
        Self {
            unaccounted: Some(reason.into()),
            ..Self::default()
        }
    }

    /// Adds the inputs of a part of the program. The first reason is kept.
    pub(crate) fn add(&mut self, part: &Self) {
        self.files.extend(part.files.iter().cloned());
        self.facts.extend(part.facts.iter().cloned());
        if self.unaccounted.is_none() {
            self.unaccounted.clone_from(&part.unaccounted);
        }
    }
}

/// A package that a program is compiled from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UsedPackage {
    pub name: String,
    pub version: String,
    /// The folder of a package in the repository.
    pub dir: Option<PathBuf>,
}
