//! The source languages of functions.

use serde::{Deserialize, Serialize};

/// A source language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Built by cargo.
    Rust,
    /// Built by go.
    Go,
}

impl Language {
    /// The word for it in options and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Go => "go",
        }
    }
}
