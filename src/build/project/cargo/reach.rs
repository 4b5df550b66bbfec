//! Finds the packages of a workspace that reach a Lambda runtime through their dependencies.
//!
//! In: Cargo's metadata of the members. Out: the IDs of those whose normal dependencies contain
//! a runtime, directly or indirectly. Paths through members are in the manifests. Other paths,
//! such as those through a framework from a registry, are known only to Cargo's resolver, which
//! is run unless Cargo.lock rules them out.
//! Left to others: which binaries are packed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};
use serde::Deserialize;

use crate::system::command::CommandSpec;
use crate::system::process;
use crate::system::tool_cache::AnswerInputs;

/// The target whose dependencies count; those of the other architecture are the same.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Finds the members that reach a runtime. `is_runtime` takes the name of a package.
pub(super) fn reaching(
    metadata: &Metadata,
    cargo: &CommandSpec,
    lock: &[String],
    is_runtime: fn(&str) -> bool,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<BTreeSet<PackageId>> {
    let members = metadata.workspace_packages();
    let mut found = through_members(&members, is_runtime);
    let undecided: Vec<_> = members
        .iter()
        .filter(|package| !found.contains(&package.id))
        .filter(|package| package.targets.iter().any(cargo_metadata::Target::is_bin))
        .filter(|package| leaves_members(package, &members))
        .collect();
    if undecided.is_empty() {
        return Ok(found);
    }
    let file = metadata.workspace_root.join("Cargo.lock");
    let locked = Lockfile::read(file.as_std_path());
    let may_reach = |package: &&&Package| {
        let locked = locked.as_ref();
        locked.is_none_or(|locked| locked.reaches(&package.name, is_runtime))
    };
    if undecided.iter().any(may_reach) {
        found.extend(resolved(cargo, lock, is_runtime)?);
    }
    // Cargo may just have written it.
    inputs.file(file.as_std_path());
    Ok(found)
}

/// The members that reach a runtime through members only.
fn through_members(members: &[&Package], is_runtime: fn(&str) -> bool) -> BTreeSet<PackageId> {
    let mut found = BTreeSet::new();
    loop {
        let more: Vec<_> = members
            .iter()
            .filter(|package| !found.contains(&package.id))
            .filter(|package| {
                normal(package).any(|dependency| {
                    let member = member(members, dependency);
                    is_runtime(&dependency.name)
                        || member.is_some_and(|member| found.contains(&member.id))
                })
            })
            .map(|package| package.id.clone())
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// Whether a package depends on anything that is not a member, directly or through
/// members.
fn leaves_members(package: &Package, members: &[&Package]) -> bool {
    let mut seen = BTreeSet::from([&package.id]);
    let mut next = vec![package];
    while let Some(package) = next.pop() {
        for dependency in normal(package) {
            let Some(member) = member(members, dependency) else {
                return true;
            };
            if seen.insert(&member.id) {
                next.push(member);
            }
        }
    }
    false
}

fn normal(package: &Package) -> impl Iterator<Item = &cargo_metadata::Dependency> {
    let dependencies = package.dependencies.iter();
    dependencies.filter(|dependency| dependency.kind == DependencyKind::Normal)
}

fn member<'a>(
    members: &[&'a Package],
    dependency: &cargo_metadata::Dependency,
) -> Option<&'a Package> {
    let path = dependency.path.as_ref()?;
    let mut members = members.iter().copied();
    members.find(|member| member.manifest_path.parent() == Some(path))
}

/// Cargo.lock. It contains more than a build uses: the dependencies of all kinds and targets.
#[derive(Debug, Deserialize)]
struct Lockfile {
    #[serde(default)]
    package: Vec<LockedPackage>,
}

#[derive(Debug, Deserialize)]
struct LockedPackage {
    name: String,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Lockfile {
    fn read(file: &Path) -> Option<Self> {
        toml::from_str(&fs_err::read_to_string(file).ok()?).ok()
    }

    fn reaches(&self, name: &str, is_runtime: fn(&str) -> bool) -> bool {
        let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for package in &self.package {
            // `name`, `name version`, or `name version (source)`.
            let dependencies = package.dependencies.iter();
            let dependencies = dependencies.filter_map(|text| text.split(' ').next());
            names.entry(&package.name).or_default().extend(dependencies);
        }
        let mut seen = BTreeSet::new();
        let mut next = vec![name];
        while let Some(name) = next.pop() {
            for dependency in names.get(name).into_iter().flatten() {
                if is_runtime(dependency) {
                    return true;
                }
                if seen.insert(*dependency) {
                    next.push(dependency);
                }
            }
        }
        false
    }
}

/// The members that reach a runtime in Cargo's own resolution. If the workspace does not resolve,
/// there are none; Cargo reports why when it builds.
fn resolved(
    cargo: &CommandSpec,
    lock: &[String],
    is_runtime: fn(&str) -> bool,
) -> anyhow::Result<BTreeSet<PackageId>> {
    let spec = cargo.clone().args(["--filter-platform", TARGET]);
    let answer = process::capture(&spec.args(lock.iter().cloned()))?;
    let metadata = match cargo_metadata::MetadataCommand::parse(&answer.stdout) {
        Ok(metadata) if answer.status.success() => metadata,
        _ => return Ok(BTreeSet::new()),
    };
    let packages: BTreeMap<_, _> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package))
        .collect();
    let is = |id: &PackageId, test: &dyn Fn(&Package) -> bool| {
        packages.get(id).is_some_and(|package| test(package))
    };
    // A procedural macro and its dependencies run on this machine.
    let is_macro = |package: &Package| {
        let targets = &package.targets;
        targets.iter().any(cargo_metadata::Target::is_proc_macro)
    };
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let edges: BTreeMap<_, Vec<_>> = nodes
        .map(|node| {
            let normal = node.deps.iter().filter(|dependency| {
                let mut kinds = dependency.dep_kinds.iter();
                kinds.any(|kind| kind.kind == DependencyKind::Normal)
                    && !is(&dependency.pkg, &is_macro)
            });
            (&node.id, normal.map(|dependency| &dependency.pkg).collect())
        })
        .collect();
    let reaches = |member: &&PackageId| {
        let mut seen = BTreeSet::new();
        let mut next = vec![*member];
        while let Some(id) = next.pop() {
            for dependency in edges.get(id).into_iter().flatten() {
                if is(dependency, &|package| is_runtime(&package.name)) {
                    return true;
                }
                if seen.insert(*dependency) {
                    next.push(dependency);
                }
            }
        }
        false
    };
    let members = metadata.workspace_members.iter();
    Ok(members.filter(reaches).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_shows_which_packages_may_reach_a_runtime() {
        let text = "version = 4\n\
            [[package]]\nname = \"api\"\nversion = \"0.1.0\"\ndependencies = [\"web 2.0.0\"]\n\
            [[package]]\nname = \"web\"\nversion = \"2.0.0\"\ndependencies = [\"lambda_runtime\"]\n\
            [[package]]\nname = \"lambda_runtime\"\nversion = \"1.0.0\"\n\
            [[package]]\nname = \"tool\"\nversion = \"0.1.0\"\ndependencies = [\"tool\"]\n";
        let locked: Lockfile = toml::from_str(text).unwrap();
        let is_runtime = |name: &str| name == "lambda_runtime";
        assert!(locked.reaches("api", is_runtime));
        assert!(!locked.reaches("tool", is_runtime));
        assert!(!locked.reaches("missing", is_runtime));
    }
}
