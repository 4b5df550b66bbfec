//! The packages of Cargo.lock that are not in the repository.
//!
//! In: the text of Cargo.lock. Out: the source and checksum of a package, by name and version.

use std::collections::{BTreeMap, BTreeSet};

use crate::build::project::cargo::locked_packages;

/// The sources and checksums by name and version. Two sources can have the same version.
#[derive(Debug, Default)]
pub(super) struct LockedPackages(BTreeMap<(String, String), BTreeSet<String>>);

impl LockedPackages {
    pub(super) fn parse(text: &str) -> Self {
        let mut packages: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for package in locked_packages(text) {
            let source = package.source.unwrap_or_default();
            let checksum = package.checksum.unwrap_or_default();
            packages
                .entry((package.name, package.version))
                .or_default()
                .insert(format!("{source} {checksum}"));
        }
        Self(packages)
    }

    /// The sources and checksums of a package.
    pub(super) fn fact(&self, name: &str, version: &str) -> String {
        let key = (name.to_owned(), version.to_owned());
        let sources = self.0.get(&key).into_iter().flatten();
        sources.cloned().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_names_source_and_checksum() {
        let text = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"r\"\n\
                    checksum = \"c\"\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n";
        let locked = LockedPackages::parse(text);
        assert_eq!(locked.fact("a", "1.0.0"), "r c");
        assert_eq!(locked.fact("b", "1.0.0"), " ");
        assert_eq!(locked.fact("a", "2.0.0"), "");
    }
}
