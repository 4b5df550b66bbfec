//! A binary that was found, and what is known of it.

use std::path::PathBuf;

use crate::build::project::config::FunctionSettings;
use crate::lambda::{Language, Purpose};

/// A binary that is a function, or could be one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Function {
    /// Its name in files, options and configuration.
    pub name: String,
    /// Whether it is packed without being named.
    pub status: FunctionStatus,
    /// The folder of its package.
    pub dir: PathBuf,
    /// The name of its cargo package, or its import path.
    pub package: String,
    /// The name of its binary.
    pub bin: String,
    pub source: FunctionSource,
    /// What its dependencies make of it; `kind` in the configuration takes precedence.
    pub purpose: Purpose,
    /// What configuration says, the nearest table first.
    pub settings: FunctionSettings,
    /// Whether a `[function.NAME]` table means it.
    pub configured: bool,
}

/// Why a binary is packed, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionStatus {
    /// It depends on a Lambda runtime, directly or not, or on `lambda-extension`, or is
    /// configured.
    Function,
    /// It is the only binary of its workspace or module, and could contain a Runtime API
    /// client of its own. The finished program decides.
    Unknown,
    Skipped,
    /// No Lambda runtime is among its dependencies.
    Other,
    /// An example of a cargo package: packed only when named.
    Example,
}

/// Where a binary comes from; the number is its place in [`Project`](crate::build::project::Project).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FunctionSource {
    /// Cargo's ID of its package in this workspace.
    Cargo(usize, String),
    Go(usize),
}

impl FunctionStatus {
    /// Whether it is built without being named.
    pub(crate) const fn is_candidate(self) -> bool {
        matches!(self, Self::Function | Self::Unknown)
    }
}

impl Function {
    /// What it is written in.
    pub(crate) const fn language(&self) -> Language {
        match self.source {
            FunctionSource::Cargo(..) => Language::Rust,
            FunctionSource::Go(..) => Language::Go,
        }
    }

    /// Whether one of the words is its cargo package, its import path or its name:
    /// what `-p` and `--exclude` take.
    pub(crate) fn is_among(&self, words: &[String]) -> bool {
        words
            .iter()
            .any(|word| *word == self.package || *word == self.name)
    }
}
