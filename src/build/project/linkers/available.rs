//! The linkers of this machine: plain data.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::build::project::linkers::ZigInstallation;

/// The linkers of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AvailableLinkers {
    /// C compilers by their name on PATH.
    pub c: BTreeMap<String, CompilerDriver>,
    /// The zig that would be used, whether it works or not.
    pub zig: Option<ZigInstallation>,
}

/// A C compiler, used as a linker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CompilerDriver {
    pub program: PathBuf,
    /// The first line of `--version`.
    pub version: String,
    /// The C library that it links with.
    pub libc: DetectedLibc,
}

/// The C library of a C compiler.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DetectedLibc {
    /// glibc of this version.
    Glibc(u32, u32),
    /// No glibc that programs could be linked with.
    Missing,
    /// The compiler cannot be started, or fails.
    NoAnswer,
    /// The compiler does not tell.
    #[default]
    Unknown,
}
