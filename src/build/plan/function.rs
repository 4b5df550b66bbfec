//! One function of a plan: how it is built, and how it is packed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::build::plan::linker::UsedLinker;
use crate::build::plan::{BuildStep, DiscoveredInputs, OutputFolder};
use crate::build::project::one_or_many::OneOrMany;
use crate::build::request::{Compression, Entrypoint, IncludeOption, PackageFormat};
use crate::lambda::{Arch, BOOTSTRAP, EXTENSIONS, Language, Purpose, Runtime};

/// Identifies a function of one [`Plan`](crate::build::plan::Plan).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FunctionId(usize);

impl FunctionId {
    /// The functions of a plan, each with its ID.
    pub(super) fn enumerate(
        functions: &[FunctionPlan],
    ) -> impl Iterator<Item = (Self, &FunctionPlan)> {
        let ids = (0..).map(Self);
        ids.zip(functions)
    }

    /// Its function, among all functions of the plan.
    pub(super) fn function_in(self, functions: &[FunctionPlan]) -> &FunctionPlan {
        &functions[self.0]
    }
}

/// One function for one architecture. After the plan, Rust and Go functions are treated alike.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FunctionPlan {
    pub name: String,
    /// The source language; `None` if the program was built before.
    pub language: Option<Language>,
    pub arch: Arch,
    pub runtime: Runtime,
    /// The root of the Cargo workspace or Go module.
    pub source_root: PathBuf,
    /// The step that builds it; `None` if the program was built before.
    pub step: Option<Arc<BuildStep>>,
    /// How the path of its binary becomes known.
    pub binary: BinarySource,
    pub compression: Compression,
    pub format: PackageFormat,
    /// Whether a bill of materials is written next to the zip.
    pub sbom: bool,
    /// The folder that the results of its project are written to.
    pub output: Arc<OutputFolder>,
    /// The path of the zip, or of the program in its folder.
    pub target: PathBuf,
    /// The manifest's description of the build. Functions that are built together share it.
    pub build: Arc<BuildDescription>,
    pub purpose: Purpose,
    pub entry: Entrypoint,
    /// Additional files for the zip.
    pub include: Vec<IncludeOption>,
    /// Libraries that a layer provides.
    pub layer_libraries: Vec<String>,
    /// Whether it may be larger than Lambda unpacks.
    pub allow_oversize: bool,
    /// Folders of this machine whose paths should not be in its binary.
    pub local_folders: Vec<PathBuf>,
    /// What to do if its binary needs a newer glibc than the runtime has.
    pub glibc_advice: String,
    /// Why it is taken for a function.
    pub evidence: Evidence,
}

/// Why a program is taken for a function before it is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Evidence {
    /// The command line or the configuration names it, so it is packed in any case.
    #[default]
    Named,
    /// A Lambda runtime is among its dependencies.
    Dependencies,
    /// It is the only program of its workspace or module.
    Alone,
}

impl FunctionPlan {
    /// Whether this step builds it. Steps are compared by identity: two runs may be equal.
    pub(super) fn is_built_by(&self, step: &Arc<BuildStep>) -> bool {
        let built_by = self.step.as_ref();
        built_by.is_some_and(|built_by| Arc::ptr_eq(built_by, step))
    }

    /// The folder that is written instead of a zip.
    pub(crate) fn folder(&self) -> Option<&Path> {
        let depth = match self.purpose {
            Purpose::Extension => 2,
            Purpose::Function => 1,
        };
        let is_folder = self.format == PackageFormat::Dir;
        is_folder
            .then(|| self.target.ancestors().nth(depth))
            .flatten()
    }

    /// The handler for Lambda's configuration. A bootstrap from a layer gets the program to
    /// start; nothing reads any other handler of a custom runtime.
    pub(crate) fn handler(&self) -> Option<String> {
        match (self.purpose, self.entry) {
            (Purpose::Extension, _) => None,
            (_, Entrypoint::Layer) => Some(self.name.clone()),
            (_, Entrypoint::Bootstrap | Entrypoint::Script) => Some(BOOTSTRAP.to_owned()),
        }
    }

    /// The names of the program and its start script in the zip, the program's last.
    pub(crate) fn program_entries(&self) -> Vec<String> {
        program_entries(&self.name, self.purpose, self.entry)
    }
}

/// The names of a program and its start script in the zip, the program's last.
pub(super) fn program_entries(name: &str, purpose: Purpose, entry: Entrypoint) -> Vec<String> {
    match (purpose, entry) {
        (Purpose::Extension, _) => vec![format!("{EXTENSIONS}{name}")],
        (_, Entrypoint::Bootstrap) => vec![BOOTSTRAP.to_owned()],
        (_, Entrypoint::Script) => vec![BOOTSTRAP.to_owned(), name.to_owned()],
        (_, Entrypoint::Layer) => vec![name.to_owned()],
    }
}

/// How the path of a binary becomes known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BinarySource {
    /// Cargo's message for this package and target contains the path.
    CargoMessage {
        /// Cargo's package ID.
        package: String,
        /// The name of the target.
        name: String,
        /// Whether the target is an example.
        example: bool,
    },
    /// The compiler gets this path as an argument.
    File(PathBuf),
}

/// How a binary is built, for the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BuildDescription {
    /// This program and its version, once the function is packed; `None` in older manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The compiler, by its own version line.
    pub toolchain: String,
    /// rustc's target, or GOARCH with its level.
    pub target: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The variables that this program sets for the compiler.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// The linker, and why it was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linker: Option<UsedLinker>,
    /// Whether Cargo is run by `cargo auditable`, which embeds the list of packages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auditable: bool,
    /// The user's flags for rustc.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rustflags: Vec<String>,
    /// The arguments that decide the bytes.
    pub args: Vec<String>,
    /// The functions built in the same run, separated by commas: cargo unifies their
    /// features. It is one string because a list in each of fifty functions is long.
    #[serde(
        default,
        skip_serializing_if = "String::is_empty",
        deserialize_with = "comma_separated"
    )]
    pub together: String,
    /// The options of our own command line that decide the bytes, for people to read. `verify`
    /// uses them if there is no recipe.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The folder that paths in the options are relative to, as seen from the source; `None`
    /// if it is the source's own folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The recipe of the build, with which `verify` repeats it; `None` in older manifests. Only
    /// `verify` parses it, so that other commands accept the recipe of a newer version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Value>,
    /// The folder below which the project was discovered, as seen from the source. Names
    /// depend on everything in that folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// SHA-256 of Cargo.lock or go.sum in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
    /// SHA-256 of everything that decides the bytes of the zip in hexadecimal; `None` if that
    /// cannot be accounted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The inputs that only the build of the program has shown. They are a part of the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<DiscoveredInputs>,
}

/// Reads the names from a string, or from a list as older versions wrote it.
fn comma_separated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let names = OneOrMany::<String>::deserialize(deserializer)?;
    Ok(names.to_vec().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn together_is_read_as_a_string_and_as_a_list() {
        let build = BuildDescription {
            together: "orders,users".to_owned(),
            ..BuildDescription::default()
        };
        let text = serde_json::to_string(&build).unwrap();
        for text in [
            text.clone(),
            text.replace("\"orders,users\"", "[\"orders\",\"users\"]"),
        ] {
            assert_eq!(
                serde_json::from_str::<BuildDescription>(&text).unwrap(),
                build,
                "{text}"
            );
        }
    }
}
