//! Everything that the build of a program has shown about its inputs: plain data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::build::plan::DiscoveredInputs;

/// The inputs that a build has shown, as they were when the program was compiled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Discovery {
    #[serde(flatten)]
    pub inputs: DiscoveredInputs,
    /// The key of everything that the compiler may have read; `None` for a program in Go, which is
    /// always up to date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiler_key: Option<String>,
    /// The hashes of the files and folders that the build has shown, and of others that source
    /// code names, by their paths relative to the source root.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hashes: BTreeMap<String, String>,
}
