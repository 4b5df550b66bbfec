//! The purpose of a zip: a function, or a layer with an extension.

use serde::{Deserialize, Serialize};

use crate::lambda::EXTENSIONS;

/// The purpose of a zip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    #[default]
    Function,
    /// A layer with a Lambda extension.
    Extension,
}

/// Whether Lambda would start a file of a layer as an extension.
pub(crate) fn is_extension(name: &str) -> bool {
    name.strip_prefix(EXTENSIONS)
        .is_some_and(|name| !name.is_empty() && !name.contains('/'))
}
