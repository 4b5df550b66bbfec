//! A Cargo workspace: plain data.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::build::project::cargo_config::CargoConfig;
use crate::build::project::toolchain::Toolchain;

/// A workspace, or a single package.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Workspace {
    /// The folder of the root manifest.
    pub root: PathBuf,
    /// The folder of Cargo's results.
    pub target_dir: PathBuf,
    /// The folder of Cargo's intermediate results, usually the same.
    pub build_dir: PathBuf,
    /// The names and folders of path dependencies outside the workspace.
    pub outside: Vec<(String, PathBuf)>,
    /// The members, sorted by name.
    pub packages: Vec<CargoPackage>,
    pub metadata: Option<serde_json::Value>,
    /// `[profile]` of the root manifest.
    pub manifest_profiles: toml::Table,
    /// `[workspace.package]` and `[workspace.lints]` of the root manifest, from which members
    /// inherit.
    pub inherited: toml::Table,
    pub config: CargoConfig,
    /// The toolchain, if rustc was found.
    pub toolchain: Option<Toolchain>,
}

/// A member of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CargoPackage {
    pub name: String,
    pub version: String,
    /// The names of its features.
    pub features: Vec<String>,
    /// Cargo's package ID, as in its messages.
    pub id: String,
    pub dir: PathBuf,
    /// Whether its normal dependencies contain a Lambda runtime, directly or indirectly.
    pub lambda: bool,
    /// Whether it depends on `lambda-extension`, which registers extensions.
    pub extension: bool,
    /// The runtimes among its own dependencies, by their names in the manifest, if all of
    /// them are optional.
    pub optional_runtimes: Vec<String>,
    /// The features and dependencies that each feature activates, as in the manifest.
    pub activates: BTreeMap<String, Vec<String>>,
    /// The features that other members enable.
    pub asked: Vec<String>,
    /// The `required-features` of binaries and examples that have any.
    pub required: BTreeMap<String, Vec<String>>,
    /// Its binaries, in the manifest's order.
    pub bins: Vec<String>,
    pub examples: Vec<String>,
    /// Whether it has a build script, or is a procedural macro.
    pub for_host: bool,
    /// Whether its library is also built as a dynamic or static library, for other languages.
    pub foreign_library: bool,
    /// Whether it has a dependency by which build scripts compile C code.
    pub compiles_c: bool,
    /// Whether it has dependencies.
    pub depends: bool,
    pub metadata: Option<serde_json::Value>,
}

impl Workspace {
    /// Whether Cargo compiles something for this machine: build scripts and procedural macros.
    /// Nearly every dependency tree contains `libc`, which has a build script, or `proc-macro2`.
    pub(crate) fn builds_for_host(&self) -> bool {
        let members = &self.packages;
        members.iter().any(|package| package.for_host)
            || ["proc-macro2", "libc"].iter().any(|name| self.locks(name))
            || (members.iter().any(|package| package.depends)
                && !self.root.join("Cargo.lock").is_file())
    }

    /// Whether the metadata contains settings, which apply to no other workspace.
    pub(crate) fn is_configured(&self) -> bool {
        let metadata = self.metadata.as_ref();
        metadata.is_some_and(|metadata| metadata.get("lambdapack").is_some())
    }

    /// Whether Cargo.lock contains a package of this name. The file is read each time, because the
    /// first build writes it.
    pub(crate) fn locks(&self, package: &str) -> bool {
        let line = format!("name = \"{package}\"");
        fs_err::read_to_string(self.root.join("Cargo.lock"))
            .is_ok_and(|text| text.lines().any(|each| each == line))
    }
}
