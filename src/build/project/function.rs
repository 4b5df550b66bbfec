//! A binary of a project that is a Lambda function, or could be one.

use std::path::PathBuf;

use crate::build::project::config::FunctionSettings;
use crate::lambda::{Language, Purpose};

/// A binary that is a Lambda function, or could be one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Function {
    /// The name in files, options, and configuration.
    pub name: String,
    pub status: FunctionStatus,
    /// The folder of its package.
    pub dir: PathBuf,
    /// The name of its Cargo package, or its import path.
    pub package: String,
    /// The name of the binary.
    pub bin: String,
    pub source: FunctionSource,
    /// The purpose that its dependencies suggest; see [`Function::purpose`].
    pub purpose: Purpose,
    /// Its settings. Those of the innermost table take precedence.
    pub settings: FunctionSettings,
    /// Whether it has a `[function.NAME]` table.
    pub configured: bool,
}

/// Whether a binary is packed if the command line does not name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionStatus {
    /// It depends on a Lambda runtime, directly or not, or on `lambda-extension`, or is
    /// configured.
    Function,
    /// It is the only binary of its workspace or module, and could contain a Runtime API
    /// client of its own. The finished program decides.
    Unknown,
    /// The configuration sets `skip`.
    Skipped,
    /// No Lambda runtime is among its dependencies.
    Other,
    /// An example of a Cargo package.
    Example,
}

/// Identifies a Cargo workspace of a [`Project`](crate::build::project::Project).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WorkspaceId(pub usize);

/// Identifies a Go module of a [`Project`](crate::build::project::Project).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModuleId(pub usize);

/// The workspace or module that contains a binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FunctionSource {
    Cargo {
        workspace: WorkspaceId,
        /// Cargo's package ID.
        package: String,
    },
    Go {
        module: ModuleId,
    },
}

impl FunctionStatus {
    /// Whether a binary is built without being named.
    pub(crate) const fn is_candidate(self) -> bool {
        matches!(self, Self::Function | Self::Unknown)
    }
}

impl Function {
    pub(crate) const fn language(&self) -> Language {
        match self.source {
            FunctionSource::Cargo { .. } => Language::Rust,
            FunctionSource::Go { .. } => Language::Go,
        }
    }

    /// The purpose: `kind` in the configuration takes precedence over dependencies.
    pub(crate) fn purpose(&self) -> Purpose {
        self.settings.kind.unwrap_or(self.purpose)
    }

    /// Whether one of these is its Cargo package, its import path, or its name, which `-p` and
    /// `--exclude` accept.
    pub(crate) fn is_among(&self, names: &[String]) -> bool {
        names
            .iter()
            .any(|name| *name == self.package || *name == self.name)
    }
}
