//! The packages that a Rust program is made of.
//!
//! In: the output of `cargo metadata`, Cargo.lock, and the packages that Cargo compiled. Out: the
//! packages that a program reaches through its dependencies. An optional dependency counts only if
//! an enabled feature of its dependent activates it: a run can compile packages for several
//! functions, and the graph contains the dependencies of all of them.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, NodeDep, Package, PackageId};
use serde::Deserialize;

use crate::build::compile::{CompiledFor, CompiledPackages};

/// The packages of a workspace with all of their dependencies for one target.
#[derive(Debug, Default)]
pub(super) struct CargoGraph {
    packages: BTreeMap<PackageId, Package>,
    edges: BTreeMap<PackageId, Vec<NodeDep>>,
    checksums: BTreeMap<LockedKey, String>,
}

/// The name, version, and source of a package in Cargo.lock.
type LockedKey = (String, String, Option<String>);

/// A package that a program was built from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UsedPackage<'a> {
    pub package: &'a Package,
    /// The SHA-256 of its archive in the registry.
    pub checksum: Option<&'a str>,
    /// Whether it is a part of the program, or of a build script or procedural macro.
    pub compiled_for: CompiledFor,
    /// The enabled features.
    pub features: &'a BTreeSet<String>,
    /// The packages that it depends on directly.
    pub dependencies: BTreeSet<&'a PackageId>,
}

impl CargoGraph {
    pub(super) fn new(metadata: Metadata, lock_file: &str) -> Self {
        let nodes = metadata.resolve.into_iter().flat_map(|it| it.nodes);
        let packages = metadata.packages.into_iter();
        Self {
            packages: packages.map(|it| (it.id.clone(), it)).collect(),
            edges: nodes.map(|node| (node.id, node.deps)).collect(),
            checksums: checksums(lock_file),
        }
    }

    /// The packages that the program of a package was built from. The package itself comes first,
    /// and the others are sorted by their IDs.
    pub(super) fn used_packages<'a>(
        &'a self,
        program: &str,
        compiled: &'a CompiledPackages,
    ) -> Vec<UsedPackage<'a>> {
        let mut reached: BTreeMap<(&PackageId, CompiledFor), BTreeSet<&PackageId>> =
            BTreeMap::new();
        let roots = self.packages.keys().filter(|id| id.repr == program);
        let mut next: Vec<_> = roots.map(|id| (id, CompiledFor::Target)).collect();
        while let Some((id, compiled_for)) = next.pop() {
            if reached.contains_key(&(id, compiled_for)) {
                continue;
            }
            let dependencies = self.dependencies(id, compiled_for, compiled);
            reached.insert(
                (id, compiled_for),
                dependencies.iter().map(|(id, _)| *id).collect(),
            );
            next.extend(dependencies);
        }
        let mut used: BTreeMap<&PackageId, UsedPackage<'_>> = BTreeMap::new();
        // Packages for the target come first, so that they keep their features.
        let mut reached: Vec<_> = reached.into_iter().collect();
        reached.sort_by_key(|((_, compiled_for), _)| *compiled_for);
        for ((id, compiled_for), dependencies) in reached {
            let package = self.packages.get(id);
            let features = compiled.features(&id.repr, compiled_for);
            let (Some(package), Some(features)) = (package, features) else {
                continue;
            };
            let new = || UsedPackage {
                package,
                checksum: self.checksum(package),
                compiled_for,
                features,
                dependencies: BTreeSet::new(),
            };
            let entry = used.entry(id).or_insert_with(new);
            entry.dependencies.extend(dependencies);
        }
        let mut used: Vec<_> = used.into_values().collect();
        used.sort_by_key(|it| it.package.id.repr != program);
        used
    }

    /// The packages that a package depends on for this system, and for which system they are
    /// compiled. Only compiled packages are returned.
    fn dependencies<'a>(
        &'a self,
        id: &PackageId,
        compiled_for: CompiledFor,
        compiled: &CompiledPackages,
    ) -> Vec<(&'a PackageId, CompiledFor)> {
        let features = compiled.features(&id.repr, compiled_for);
        let (Some(package), Some(features)) = (self.packages.get(id), features) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for edge in self.edges.get(id).into_iter().flatten() {
            let Some(dependency) = self.packages.get(&edge.pkg) else {
                continue;
            };
            let is_macro = dependency
                .targets
                .iter()
                .any(cargo_metadata::Target::is_proc_macro);
            for kind in &edge.dep_kinds {
                let needed_for = match kind.kind {
                    DependencyKind::Normal if is_macro => CompiledFor::Host,
                    DependencyKind::Normal => compiled_for,
                    DependencyKind::Build => CompiledFor::Host,
                    _ => continue,
                };
                if is_active(package, dependency, kind.kind, features)
                    && compiled.features(&edge.pkg.repr, needed_for).is_some()
                {
                    found.push((&edge.pkg, needed_for));
                }
            }
        }
        found
    }

    fn checksum(&self, package: &Package) -> Option<&str> {
        let key = (
            package.name.to_string(),
            package.version.to_string(),
            package.source.as_ref().map(|source| source.repr.clone()),
        );
        self.checksums.get(&key).map(String::as_str)
    }
}

/// Whether a package with these features depends on another one.
fn is_active(
    package: &Package,
    dependency: &Package,
    kind: DependencyKind,
    features: &BTreeSet<String>,
) -> bool {
    let mut declared = package
        .dependencies
        .iter()
        .filter(|it| it.name == dependency.name.as_str() && it.kind == kind)
        .peekable();
    // The name is different if Cargo's configuration replaces the package.
    declared.peek().is_none()
        || declared.any(|it| {
            let name = it.rename.as_ref().unwrap_or(&it.name);
            !it.optional || activates(package, name, features)
        })
}

/// Whether an enabled feature activates an optional dependency.
///
/// Source: <https://doc.rust-lang.org/cargo/reference/features.html#optional-dependencies>.
fn activates(package: &Package, dependency: &str, features: &BTreeSet<String>) -> bool {
    features
        .iter()
        .filter_map(|feature| package.features.get(feature))
        .flatten()
        .any(|value| match value.strip_prefix("dep:") {
            Some(name) => name == dependency,
            // `name?/feature` does not activate it.
            None => value
                .split_once('/')
                .is_some_and(|(name, _)| name == dependency),
        })
}

/// The checksums of Cargo.lock.
fn checksums(lock_file: &str) -> BTreeMap<LockedKey, String> {
    #[derive(Deserialize, Default)]
    struct LockFile {
        #[serde(default)]
        package: Vec<LockedPackage>,
    }
    #[derive(Deserialize)]
    struct LockedPackage {
        name: String,
        version: String,
        source: Option<String>,
        checksum: Option<String>,
    }
    let lock: LockFile = toml::from_str(lock_file).unwrap_or_default();
    let packages = lock.package.into_iter();
    packages
        .filter_map(|it| Some(((it.name, it.version, it.source), it.checksum?)))
        .collect()
}
