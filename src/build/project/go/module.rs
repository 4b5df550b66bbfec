//! A Go module: plain data.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::build::project::go::package::GoPackage;
use crate::build::project::go::source;

/// A module, or all modules of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GoModule {
    /// The folder of go.work or go.mod, in which go is run.
    pub root: PathBuf,
    /// The packages with Go files for the requested systems, sorted by import path.
    pub packages: Vec<GoPackage>,
    /// The tags of GOFLAGS, from the environment or `go env -w`.
    pub tags: Vec<String>,
    /// The linker flags of GOFLAGS.
    pub ldflags: Vec<String>,
    /// GOVERSION, such as `go1.26.8`.
    pub version: String,
    /// Other variables of go's environment that change binaries, if the user has set them.
    pub settings: BTreeMap<String, String>,
    /// The folders whose names `-trimpath` keeps out of binaries: the module cache, and then those
    /// of [`GoModule::source_folders`].
    pub places: Vec<PathBuf>,
    /// GOHOSTARCH: the architecture that a C compiler without a prefix builds for.
    pub host_arch: String,
    /// The variables that make go build for this machine; none if it does so anyway.
    pub host_env: BTreeMap<String, String>,
    /// The C compiler for cgo that the user chose with `go env -w`.
    pub cc: Option<String>,
}

impl GoModule {
    /// The folders of its modules, and of those that `replace` directives name.
    pub(crate) fn source_folders(&self) -> &[PathBuf] {
        self.places.get(1..).unwrap_or_default()
    }

    /// The Go files of its packages.
    pub(crate) fn source_files(&self) -> BTreeSet<PathBuf> {
        let folders = self.source_folders().iter();
        let folders: BTreeSet<_> = folders.flat_map(|dir| source::folders(dir)).collect();
        folders.iter().flat_map(|dir| source::files(dir)).collect()
    }

    /// Adds the packages that another reading of the same module found.
    pub(in crate::build::project) fn merge(&mut self, other: Self) {
        for package in other.packages {
            if !self.packages.iter().any(|own| own.dir == package.dir) {
                self.packages.push(package);
            }
        }
    }
}
