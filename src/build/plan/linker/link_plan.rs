//! How a target is linked, and what that depends on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::build::project::cargo::Workspace;
use crate::build::project::linkers::AvailableLinkers;
use crate::build::request::{Libc, LinkerChoice};
use crate::lambda::{Arch, Runtime};
use crate::system::host::Host;
use crate::ui::failure::Problem;

/// The request for a linker.
#[derive(Debug, Clone, Copy)]
pub(in crate::build::plan) struct LinkRequest {
    pub arch: Arch,
    /// The runtime with the oldest glibc among the functions: nothing newer may be needed.
    pub runtime: Runtime,
    /// `--linker` or the configuration.
    pub linker: LinkerChoice,
    /// `--libc` or the configuration; `None` leaves the choice to this module.
    pub libc: Option<Libc>,
    /// Whether Cargo builds the standard library itself.
    pub build_std: bool,
}

/// The machine and the workspace that a linker is chosen for.
#[derive(Debug, Clone, Copy)]
pub(in crate::build::plan) struct LinkEnvironment<'a> {
    /// The folder for links to this program.
    pub links: &'a Path,
    pub workspace: &'a Workspace,
    /// The linkers that the user has configured, by target.
    pub configured: &'a BTreeMap<String, String>,
    /// The C compilers and the zig of this machine.
    pub linkers: &'a AvailableLinkers,
    pub host: &'a Host,
}

/// The linker of a build, for the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsedLinker {
    pub name: String,
    /// The version, as the linker itself reports it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Why it was chosen.
    pub reason: String,
}

/// How a target is linked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::build::plan) struct LinkPlan {
    pub target: String,
    pub used: UsedLinker,
    /// The path of the linker, if known.
    pub program: Option<PathBuf>,
    /// Variables for Cargo, rustc, and the cc crate.
    pub env: BTreeMap<String, String>,
    /// Links to this program that must exist before the build, because it acts as the linker.
    pub links: Vec<PathBuf>,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// What to do on this machine if the program needs too new a glibc.
    pub glibc_advice: String,
    /// The missing tools.
    pub missing: Vec<Problem>,
}

/// A target triple and its libc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinkTarget {
    pub(super) triple: String,
    pub(super) libc: Libc,
}

impl LinkTarget {
    /// The triple in the name of a variable: `aarch64_unknown_linux_gnu`.
    pub(super) fn underscored(&self) -> String {
        self.triple.replace(['-', '.'], "_")
    }

    /// The variable that sets Cargo's linker for the target.
    pub(super) fn linker_variable(&self) -> String {
        format!("CARGO_TARGET_{}_LINKER", self.underscored().to_uppercase())
    }
}
