//! A deployed function and its architecture.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::lambda::Arch;

/// A Lambda function that a file describes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeployedFunction {
    pub file: PathBuf,
    /// The line that names the architecture, or else the function.
    pub line: usize,
    /// The names it may have: its logical ID, its function name, or the label of its block.
    pub names: Vec<String>,
    /// Where its code is, as the file spells it.
    pub code: Option<String>,
    pub arch: DeclaredArch,
}

/// The architecture that a file declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DeclaredArch {
    Arch(Arch),
    /// No architecture is declared, which means x86_64 on Lambda.
    Default,
    /// The architecture is only known when it is deployed.
    Computed,
}

impl DeclaredArch {
    /// Parses a word such as `arm64`.
    pub(crate) fn parse(word: &str) -> Self {
        let mut archs = Arch::ALL.into_iter();
        let arch = archs.find(|arch| arch.name() == word);
        arch.map_or(Self::Computed, Self::Arch)
    }
}

/// Returns true if a runtime starts a `bootstrap`, or is Go's own. `None` is a runtime that the
/// file computes.
pub(crate) fn is_custom(runtime: Option<&str>) -> bool {
    runtime.is_none_or(|name| name == "go1.x" || name.starts_with("provided"))
}

/// Returns true if the name of a program distinguishes its function from others.
pub(crate) fn is_own_name(program: &str) -> bool {
    !["", "bootstrap", "main"].contains(&program)
}

/// The line of a byte, counted from 1.
pub(crate) fn line_number(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}
