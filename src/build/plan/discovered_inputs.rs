//! The inputs of a Rust program that only its build shows: plain data.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Inputs of a program that were discovered by building it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DiscoveredInputs {
    /// Files, and folders with all files below them, relative to the source root, with `/`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub files: BTreeSet<String>,
    /// The names of variables.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub env: BTreeSet<String>,
}
