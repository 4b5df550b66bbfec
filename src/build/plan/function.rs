//! One function, as it will be packed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use crate::build::plan::linker;
use crate::build::project::one_or_many::OneOrMany;
use crate::build::request::Compression;
use crate::build::request::{Entrypoint, IncludeOption, PackageFormat};
use crate::lambda::{Arch, Runtime};
use crate::lambda::{BOOTSTRAP, EXTENSIONS};
use crate::lambda::{Language, Purpose};

/// One function for one architecture. Rust and Go do not differ from here on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FunctionPlan {
    pub name: String,
    /// What it is written in; `None` where it was built before.
    pub language: Option<Language>,
    /// What it runs on.
    pub arch: Arch,
    /// What it runs in.
    pub runtime: Runtime,
    /// The cargo workspace or Go module that it belongs to.
    pub unit: PathBuf,
    /// The step that builds it; `None` where it was built before.
    pub step: Option<usize>,
    /// Where its binary will be known from.
    pub product: BinarySource,
    /// How hard it is compressed.
    pub compression: Compression,
    pub format: PackageFormat,
    /// The output it belongs to.
    pub output: usize,
    /// The zip, or the program in its folder.
    pub target: PathBuf,
    /// What the manifest says of how it was built, together with others as a rule.
    pub build: Arc<BuildDescription>,
    /// A function, or a layer with an extension.
    pub purpose: Purpose,
    pub entry: Entrypoint,
    /// What else goes into the zip.
    pub include: Vec<IncludeOption>,
    /// Libraries that a layer brings.
    pub layer_libraries: Vec<String>,
    /// Whether it may be larger than what Lambda unpacks.
    pub allow_oversize: bool,
    /// The folders whose names should not be in its binary.
    pub places: Vec<PathBuf>,
    /// What to do if its binary needs a newer glibc than the runtime has.
    pub older_glibc: String,
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
    /// Only that it is the only program of its workspace or module.
    Alone,
}

impl FunctionPlan {
    /// The folder that is left in place of a zip.
    pub(crate) fn folder(&self) -> Option<&Path> {
        let depth = match self.purpose {
            Purpose::Extension => 2,
            Purpose::Function => 1,
        };
        let wanted = self.format == PackageFormat::Dir;
        wanted.then(|| self.target.ancestors().nth(depth)).flatten()
    }

    /// What Lambda is told as the handler: the program to start, for a bootstrap that a
    /// layer brings, and otherwise a word that nothing reads.
    pub(crate) fn handler(&self) -> Option<String> {
        match (self.purpose, self.entry) {
            (Purpose::Extension, _) => None,
            (_, Entrypoint::Layer) => Some(self.name.clone()),
            (_, Entrypoint::Bootstrap | Entrypoint::Script) => Some(BOOTSTRAP.to_owned()),
        }
    }

    /// The names that its own files have in its zip, the program's last.
    pub(crate) fn own_names(&self) -> Vec<String> {
        match (self.purpose, self.entry) {
            (Purpose::Extension, _) => vec![format!("{EXTENSIONS}{}", self.name)],
            (_, Entrypoint::Bootstrap) => vec![BOOTSTRAP.to_owned()],
            (_, Entrypoint::Script) => vec![BOOTSTRAP.to_owned(), self.name.clone()],
            (_, Entrypoint::Layer) => vec![self.name.clone()],
        }
    }
}

/// Where a binary will be known from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BinarySource {
    /// Cargo's message for this package and target names it.
    CargoMessage {
        package: String,
        name: String,
        /// Whether it is an example.
        example: bool,
    },
    /// The compiler was told to write it here.
    File(PathBuf),
}

/// How a binary was built, for the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BuildDescription {
    /// The compiler, by its own version line.
    pub toolchain: String,
    /// rustc's target, or GOARCH with its level.
    pub target: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The settings that were ours, by their variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// What linked it, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linker: Option<linker::UsedLinker>,
    /// The user's flags for rustc.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rustflags: Vec<String>,
    /// The arguments that decide the bytes.
    pub args: Vec<String>,
    /// The functions built in the same run, separated by commas: cargo unifies their
    /// features. One text, because a list in each of fifty functions is long.
    #[serde(
        default,
        skip_serializing_if = "String::is_empty",
        deserialize_with = "names"
    )]
    pub together: String,
    /// The words of our own command line that decide the bytes: what follows
    /// `cargo lambdapack build` to have them again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The folder from which paths among the options are meant, seen from the
    /// source, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The folder below which the project was discovered, seen from the source: names
    /// depend on all that is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// SHA-256 of Cargo.lock or go.sum in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
}

/// Manifests that were written before had a list.
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let names = OneOrMany::<String>::deserialize(deserializer)?;
    Ok(names.to_vec().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_built_together_is_read_as_a_text_and_as_a_list() {
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
