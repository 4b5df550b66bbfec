//! The packages that a Rust program is made of.
//!
//! In: the output of `cargo metadata`, Cargo.lock, and the packages that Cargo compiled. Out: the
//! packages that a program reaches through its dependencies. An optional dependency counts only if
//! an enabled feature of its dependent activates it: a run can compile packages for several
//! functions, and the graph contains the dependencies of all of them.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::cargo_platform::{Cfg, Platform};
use cargo_metadata::{
    DepKindInfo, Dependency, DependencyKind, Metadata, NodeDep, Package, PackageId,
};

use crate::build::compile::{CompiledFor, CompiledPackages};
use crate::build::project::cargo::locked_packages;

/// The packages of a workspace with all of their dependencies for one target.
#[derive(Debug, Default)]
pub(super) struct CargoGraph {
    packages: BTreeMap<PackageId, Package>,
    edges: BTreeMap<PackageId, Vec<NodeDep>>,
    checksums: BTreeMap<LockedKey, String>,
    target: Target,
}

/// The system that a program is compiled for.
#[derive(Debug, Default)]
struct Target {
    triple: String,
    settings: Vec<Cfg>,
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
    pub(super) fn new(metadata: Metadata, lock_file: &str, target: &str) -> Self {
        let nodes = metadata.resolve.into_iter().flat_map(|it| it.nodes);
        let packages = metadata.packages.into_iter();
        Self {
            packages: packages.map(|it| (it.id.clone(), it)).collect(),
            edges: nodes.map(|node| (node.id, node.deps)).collect(),
            checksums: checksums(lock_file),
            target: Target::new(target),
        }
    }

    /// The packages that the program of a package was built from. The package itself comes first,
    /// and the others are sorted by their IDs. An example is also built from the package's
    /// dev-dependencies.
    pub(super) fn used_packages<'a>(
        &'a self,
        program: &str,
        is_example: bool,
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
            let with_dev_dependencies = is_example && id.repr == program;
            let dependencies = self.dependencies(id, compiled_for, with_dev_dependencies, compiled);
            reached.insert(
                (id, compiled_for),
                dependencies.iter().map(|(id, _)| *id).collect(),
            );
            next.extend(dependencies);
        }
        let mut used: BTreeMap<&PackageId, UsedPackage<'_>> = BTreeMap::new();
        // Packages for the target come first, so that they keep their features.
        let mut target_first: Vec<_> = reached.into_iter().collect();
        target_first.sort_by_key(|((_, compiled_for), _)| *compiled_for);
        for ((id, compiled_for), dependencies) in target_first {
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
        let mut program_first: Vec<_> = used.into_values().collect();
        program_first.sort_by_key(|it| it.package.id.repr != program);
        program_first
    }

    /// The packages that a package depends on for this system, and for which system they are
    /// compiled. Only compiled packages are returned.
    fn dependencies<'a>(
        &'a self,
        id: &PackageId,
        compiled_for: CompiledFor,
        with_dev_dependencies: bool,
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
            // Cargo's graph contains an edge if one of its kinds is for the target. It does not say
            // which one.
            let is_for_target = |it: &&DepKindInfo| {
                compiled_for == CompiledFor::Host
                    || it.kind == DependencyKind::Build
                    || self.target.matches(it.target.as_ref())
            };
            let mut kinds: Vec<_> = edge.dep_kinds.iter().filter(is_for_target).collect();
            if kinds.is_empty() {
                kinds = edge.dep_kinds.iter().collect();
            }
            for kind in kinds {
                let needed_for = match kind.kind {
                    DependencyKind::Build => CompiledFor::Host,
                    DependencyKind::Development if !with_dev_dependencies => continue,
                    DependencyKind::Normal | DependencyKind::Development if is_macro => {
                        CompiledFor::Host
                    }
                    DependencyKind::Normal | DependencyKind::Development => compiled_for,
                    DependencyKind::Unknown => continue,
                };
                let is_declared = |it: &&Dependency| {
                    it.kind == kind.kind
                        && it.target == kind.target
                        && it.name == dependency.name.as_str()
                        && edge.name == crate_name(it, dependency)
                };
                let declared = package.dependencies.iter().filter(is_declared);
                if is_active(package, declared, features)
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

impl Target {
    /// All targets are 64-bit Linux. Other settings, such as CPU features, are not known here.
    fn new(triple: &str) -> Self {
        let arch = triple.split('-').next().unwrap_or_default();
        let env = if triple.ends_with("musl") {
            "musl"
        } else {
            "gnu"
        };
        let settings = [
            "unix".to_owned(),
            format!("target_arch = \"{arch}\""),
            "target_endian = \"little\"".to_owned(),
            format!("target_env = \"{env}\""),
            "target_family = \"unix\"".to_owned(),
            "target_os = \"linux\"".to_owned(),
            "target_pointer_width = \"64\"".to_owned(),
            "target_vendor = \"unknown\"".to_owned(),
        ];
        Self {
            triple: triple.to_owned(),
            settings: settings.iter().filter_map(|it| it.parse().ok()).collect(),
        }
    }

    fn matches(&self, platform: Option<&Platform>) -> bool {
        platform.is_none_or(|platform| platform.matches(&self.triple, &self.settings))
    }
}

/// The name that code uses for a dependency. A package can depend on several versions of another
/// one under different names.
fn crate_name(declared: &Dependency, package: &Package) -> String {
    let mut targets = package.targets.iter();
    let library = targets.find(|it| !it.is_bin() && !it.is_custom_build() && !it.is_example());
    let name = declared.rename.as_deref().or(library.map(|it| &*it.name));
    name.unwrap_or(&package.name).replace('-', "_")
}

/// Whether one of these declarations is not optional, or an enabled feature activates it.
fn is_active<'a>(
    package: &Package,
    declared: impl Iterator<Item = &'a Dependency>,
    features: &BTreeSet<String>,
) -> bool {
    let mut declared = declared.peekable();
    // No declaration has the name if Cargo's configuration replaces the package.
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
    let packages = locked_packages(lock_file).into_iter();
    packages
        .filter_map(|it| Some(((it.name, it.version, it.source), it.checksum?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_of_dependencies_are_compared_with_the_target() {
        let target = Target::new("aarch64-unknown-linux-musl");
        assert_eq!(target.settings.len(), 8);
        assert!(target.matches(None));
        for (platform, matches) in [
            ("aarch64-unknown-linux-musl", true),
            ("aarch64-unknown-linux-gnu", false),
            ("cfg(unix)", true),
            ("cfg(windows)", false),
            (
                "cfg(all(target_arch = \"aarch64\", not(target_env = \"gnu\")))",
                true,
            ),
            (
                "cfg(any(target_os = \"macos\", target_arch = \"x86_64\"))",
                false,
            ),
        ] {
            let platform: Platform = platform.parse().unwrap();
            assert_eq!(target.matches(Some(&platform)), matches, "{platform}");
        }
    }
}
