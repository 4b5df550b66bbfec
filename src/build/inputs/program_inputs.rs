//! The inputs of a program: plain data.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Everything that a compiler turns into one program, except its own version, its flags, and its
/// target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProgramInputs {
    /// Files whose content can change the program: absolute and sorted.
    pub files: BTreeSet<PathBuf>,
    /// Other facts, such as a module with its version and checksum. They must not contain paths of
    /// this machine.
    pub facts: BTreeSet<String>,
    /// Why the inputs cannot be listed completely: such a program has no key.
    pub unaccounted: Option<String>,
}

/// A package that a program is compiled from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UsedPackage {
    pub name: String,
    pub version: String,
    /// The folder of a package in the repository.
    pub dir: Option<PathBuf>,
}
