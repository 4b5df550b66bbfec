//! Reads the feature declarations of the members of a workspace.
//!
//! In: Cargo's metadata. Out: plain data. `plan/features.rs` decides which features are enabled.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{Dependency, DependencyKind, Metadata, Package};

/// The package whose dependents are extensions, unless they also depend on a runtime.
pub(super) const EXTENSION: &str = "lambda-extension";

/// The features of a member that other members enable.
pub(super) fn enabled_by_members(metadata: &Metadata, name: &str) -> Vec<String> {
    let members = metadata.workspace_packages().into_iter();
    let dependencies = members.flat_map(|package| &package.dependencies);
    let mut enabled = BTreeSet::new();
    for dependency in dependencies.filter(|d| d.name == name && d.path.is_some()) {
        enabled.extend(dependency.features.iter().cloned());
        enabled.extend(
            dependency
                .uses_default_features
                .then(|| "default".to_owned()),
        );
    }
    enabled.into_iter().collect()
}

/// Whether one of these is among a package's own normal dependencies.
pub(super) fn depends_on(package: &Package, names: &[&str]) -> bool {
    let mut dependencies = package.dependencies.iter();
    dependencies.any(|d| d.kind == DependencyKind::Normal && names.contains(&d.name.as_str()))
}

/// The runtimes of a package by their names in the manifest, if all are optional.
pub(super) fn optional_runtimes(package: &Package, runtimes: &[&str]) -> Vec<String> {
    let found: Vec<_> = package
        .dependencies
        .iter()
        .filter(|d| d.kind == DependencyKind::Normal)
        .filter(|d| runtimes.contains(&d.name.as_str()))
        .collect();
    if !found.iter().all(|dependency| dependency.optional) {
        return Vec::new();
    }
    let name = |d: &&Dependency| d.rename.as_ref().unwrap_or(&d.name).clone();
    found.iter().map(name).collect()
}

/// The binaries and examples that require features.
pub(super) fn required(package: &Package) -> BTreeMap<String, Vec<String>> {
    let targets = package.targets.iter();
    targets
        .filter(|target| !target.required_features.is_empty())
        .filter(|target| target.is_bin() || target.is_example())
        .map(|target| (target.name.clone(), target.required_features.clone()))
        .collect()
}
