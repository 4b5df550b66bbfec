//! The inputs of a program: plain data.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// Everything that a compiler turns into one program, except its own version, its flags, and its
/// target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProgramInputs {
    /// Files whose content can change the program: absolute and sorted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub files: BTreeSet<PathBuf>,
    /// Other facts, such as a module with its version and checksum. They must not contain paths of
    /// this machine.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub facts: BTreeSet<String>,
    /// Why the inputs cannot be listed completely: such a program has no key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unaccounted: Option<String>,
    /// The inputs that it shares with other programs: those of the packages of a Rust program.
    #[serde(skip)]
    pub shared: Vec<Rc<SharedInputs>>,
    /// Files and folders that procedural macros read without Cargo's knowledge. They are not among
    /// `files`, because some may not exist.
    #[serde(skip)]
    pub macro_files: BTreeSet<PathBuf>,
}

impl ProgramInputs {
    /// Inputs that cannot be listed completely, with the reason.
    pub(crate) fn unaccounted(reason: impl Into<String>) -> Self {
        Self {
            unaccounted: Some(reason.into()),
            ..Self::default()
        }
    }

    /// Adds the inputs of a part of the program. The first reason is kept.
    pub(crate) fn add(&mut self, part: &Self) {
        self.files.extend(part.files.iter().cloned());
        self.facts.extend(part.facts.iter().cloned());
        if self.unaccounted.is_none() {
            self.unaccounted.clone_from(&part.unaccounted);
        }
    }

    /// Adds inputs that other programs also have.
    pub(crate) fn share(&mut self, shared: &Rc<SharedInputs>) {
        if self.unaccounted.is_none() {
            self.unaccounted.clone_from(&shared.unaccounted);
        }
        self.shared.push(Rc::clone(shared));
    }

    /// The packages of a Rust program.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &UsedPackage> {
        self.shared.iter().filter_map(|it| it.package.as_ref())
    }

    /// Whether a file is one of the inputs.
    pub(crate) fn contains(&self, file: &Path) -> bool {
        self.files.contains(file) || self.shared.iter().any(|it| it.files.contains(file))
    }

    /// All files, also the shared ones.
    pub(crate) fn all_files(&self) -> BTreeSet<PathBuf> {
        let shared = self.shared.iter().flat_map(|it| &it.files);
        self.files.iter().chain(shared).cloned().collect()
    }
}

/// Inputs that many programs share. They are neither copied nor hashed for each of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SharedInputs {
    pub files: BTreeSet<PathBuf>,
    pub facts: BTreeSet<String>,
    pub unaccounted: Option<String>,
    /// The package that they belong to.
    pub package: Option<UsedPackage>,
    /// Their hash, once it is known.
    pub hash: OnceCell<String>,
}

/// A package that a program is compiled from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UsedPackage {
    pub name: String,
    pub version: String,
    /// The folder of a package in the repository.
    pub dir: Option<PathBuf>,
    /// Whether its code runs in a procedural macro.
    pub runs_in_macro: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_inputs_belong_to_each_program() {
        let [own, shared] = ["/w/a/main.rs", "/w/shared/lib.rs"].map(PathBuf::from);
        let package = Rc::new(SharedInputs {
            files: BTreeSet::from([shared.clone()]),
            unaccounted: Some("first".to_owned()),
            ..SharedInputs::default()
        });
        let mut inputs = ProgramInputs {
            files: BTreeSet::from([own.clone()]),
            ..ProgramInputs::default()
        };
        assert!(inputs.contains(&own) && !inputs.contains(&shared));
        inputs.share(&package);
        inputs.add(&ProgramInputs::unaccounted("second"));
        assert!(inputs.contains(&own) && inputs.contains(&shared));
        assert_eq!(inputs.all_files(), BTreeSet::from([own, shared]));
        assert_eq!(inputs.unaccounted.as_deref(), Some("first"));
    }
}
