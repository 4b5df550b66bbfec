//! The packages that Cargo compiles in one run.
//!
//! In: Cargo's `compiler-artifact` messages. Out: the enabled features of each package. Cargo
//! compiles some packages twice: for the target, and for this machine, where build scripts and
//! procedural macros run.
//!
//! Source: <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use cargo_metadata::Artifact;

/// The packages of a run, by their package IDs.
#[derive(Debug, Default)]
pub(crate) struct CompiledPackages {
    for_target: BTreeMap<String, BTreeSet<String>>,
    for_host: BTreeMap<String, BTreeSet<String>>,
    /// The names of the crates of each package, by its name and version.
    crates: BTreeMap<(String, String), BTreeSet<String>>,
}

/// The packages of a run until now. All binaries of the run share them, because a copy for each
/// binary would cost more with every function.
#[derive(Debug, Clone, Default)]
pub(crate) struct PackagesSoFar(Arc<RwLock<CompiledPackages>>);

impl PackagesSoFar {
    /// Adds the result of compiling a part of a package. `target` is the value of `--target`.
    pub(super) fn add(&self, artifact: &Artifact, target: Option<&str>) {
        let mut packages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        packages.add(artifact, target);
    }

    /// The packages until now. They include those of every reported binary, because Cargo compiles
    /// them first.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, CompiledPackages> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The system that a package is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CompiledFor {
    /// The program itself.
    Target,
    /// This machine: it is a part of a build script or a procedural macro.
    Host,
}

impl CompiledPackages {
    fn add(&mut self, artifact: &Artifact, target: Option<&str>) {
        let is_target_file = |target: &str| {
            let mut files = artifact.filenames.iter();
            files.any(|file| file.components().any(|part| part.as_str() == target))
        };
        let runs_here = artifact.target.is_proc_macro() || artifact.target.is_custom_build();
        let is_for_host = runs_here || target.is_some_and(|target| !is_target_file(target));
        let packages = if is_for_host {
            &mut self.for_host
        } else {
            &mut self.for_target
        };
        let features = packages
            .entry(artifact.package_id.repr.clone())
            .or_default();
        features.extend(artifact.features.iter().cloned());
        if let Some(package) = name_and_version(&artifact.package_id.repr) {
            let crates = self.crates.entry(package).or_default();
            crates.insert(artifact.target.name.replace('-', "_"));
        }
    }

    /// The names of the compiled crates of a package, by its name and version. rustc uses them in
    /// the names of files.
    pub(crate) fn crate_names(&self, (name, version): (&str, &str)) -> impl Iterator<Item = &str> {
        let package = (name.to_owned(), version.to_owned());
        let names = self.crates.get(&package).into_iter().flatten();
        names.map(String::as_str)
    }

    /// The enabled features of a package; `None` if it was not compiled for this system.
    pub(crate) fn features(
        &self,
        package: &str,
        compiled_for: CompiledFor,
    ) -> Option<&BTreeSet<String>> {
        match compiled_for {
            CompiledFor::Target => self.for_target.get(package),
            CompiledFor::Host => self.for_host.get(package),
        }
    }
}

/// The name and version in a package ID, such as `registry+URL#name@1.0.0` or
/// `path+file:///w/name#1.0.0`.
///
/// Source: <https://doc.rust-lang.org/cargo/reference/pkgid-spec.html>.
fn name_and_version(id: &str) -> Option<(String, String)> {
    let (url, fragment) = id.rsplit_once('#')?;
    let (name, version) = fragment.split_once('@').unwrap_or_else(|| {
        let folder = url.trim_end_matches('/').rsplit('/').next();
        (folder.unwrap_or_default(), fragment)
    });
    Some((name.to_owned(), version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(package: &str, kind: &str, file: &str, features: &[&str]) -> Artifact {
        serde_json::from_value(serde_json::json!({
            "package_id": package, "manifest_path": "/w/Cargo.toml", "features": features,
            "filenames": [file], "executable": null, "fresh": true,
            "target": {
                "name": "a", "kind": [kind], "crate_types": [kind], "src_path": "/w/src/lib.rs",
            },
            "profile": {
                "opt_level": "0", "debuginfo": 0, "debug_assertions": true,
                "overflow_checks": true, "test": false,
            },
        }))
        .unwrap()
    }

    #[test]
    fn package_ids_contain_names_and_versions() {
        for (id, name) in [
            ("registry+https://github.com/x/y#serde@1.0.1", "serde"),
            ("path+file:///w/orders#1.0.1", "orders"),
            ("path+file:///w/folder#orders@1.0.1", "orders"),
        ] {
            let expected = Some((name.to_owned(), "1.0.1".to_owned()));
            assert_eq!(name_and_version(id), expected, "{id}");
        }
        assert_eq!(name_and_version("serde"), None);
    }

    #[test]
    fn binaries_share_the_packages_of_their_run() {
        let packages = PackagesSoFar::default();
        let of_first_binary = packages.clone();
        packages.add(&artifact("a", "lib", "/w/liba.rlib", &["std"]), None);
        let compiled = of_first_binary.read();
        assert!(compiled.features("a", CompiledFor::Target).is_some());
    }

    #[test]
    fn packages_are_separated_by_the_system_they_are_compiled_for() {
        let mut packages = CompiledPackages::default();
        let target = Some("aarch64-unknown-linux-gnu");
        let arm = "/w/target/aarch64-unknown-linux-gnu/lambda/deps/liba.rlib";
        let here = "/w/target/release/deps/liba.rlib";
        packages.add(&artifact("a", "lib", arm, &["std"]), target);
        packages.add(&artifact("a", "lib", here, &["full"]), target);
        packages.add(
            &artifact("m", "proc-macro", "/w/target/release/libm.so", &[]),
            target,
        );
        packages.add(&artifact("b", "custom-build", arm, &[]), target);
        let features = |package, compiled_for| {
            let features = packages.features(package, compiled_for)?;
            Some(features.iter().map(String::as_str).collect::<Vec<_>>())
        };
        assert_eq!(features("a", CompiledFor::Target), Some(vec!["std"]));
        assert_eq!(features("a", CompiledFor::Host), Some(vec!["full"]));
        assert_eq!(features("m", CompiledFor::Target), None);
        assert_eq!(features("m", CompiledFor::Host), Some(vec![]));
        assert_eq!(features("b", CompiledFor::Target), None);
    }
}
