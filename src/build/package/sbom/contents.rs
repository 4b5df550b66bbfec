//! The components of a program, and their dependencies.
//!
//! In: the packages or modules of the program. Out: parts of a CycloneDX document. Package URLs
//! follow <https://github.com/package-url/purl-spec>.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::PackageId;

use crate::build::compile::CompiledFor;
use crate::build::package::sbom::cargo_graph::UsedPackage;
use crate::build::package::sbom::cyclonedx::{
    Component, ComponentKind, Hash, License, Property, Scope,
};
use crate::validate::auditable::{AuditableKind, AuditablePackage};
use crate::validate::go_build_info::{BuildInfo, GoModule};

/// Cargo's two names for the registry crates.io.
const CRATES_IO: [&str; 2] = [
    "registry+https://github.com/rust-lang/crates.io-index",
    "sparse+https://index.crates.io/",
];

/// The components of a program.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// The components and their dependencies, by `bom-ref`. Two packages of Cargo can be the same
    /// code, such as one commit that two branches name.
    pub parts: BTreeMap<String, (Component, BTreeSet<String>)>,
    /// The `bom-ref` of the package that contains the program; empty if it is unknown.
    pub root: String,
}

impl Contents {
    /// The packages of a Rust program. The first one contains the program. `toolchain` is the
    /// version line of rustc.
    pub(super) fn from_cargo(used: &[UsedPackage<'_>], toolchain: &str) -> Self {
        let Some(root) = used.first() else {
            return Self::default();
        };
        let components: BTreeMap<_, _> = used
            .iter()
            .map(|used| (&used.package.id, cargo_component(used)))
            .collect();
        let reference = |id: &PackageId| Some(components.get(id)?.bom_ref.clone());
        let mut contents = Self {
            root: reference(&root.package.id).unwrap_or_default(),
            ..Self::default()
        };
        for package in used {
            if let Some(component) = components.get(&package.package.id) {
                let ids = package.dependencies.iter().copied();
                contents.add(component.clone(), ids.filter_map(reference).collect());
            }
        }
        contents.add_standard_library(rust_standard_library(toolchain));
        contents
    }

    /// The packages that `cargo auditable` has embedded.
    pub(super) fn from_auditable(packages: &[AuditablePackage]) -> Self {
        let source = |it: &AuditablePackage| match it.source.as_str() {
            "crates.io" => Some(CRATES_IO[0]),
            // Their addresses are unknown.
            _ => None,
        };
        let reference = |it: &AuditablePackage| cargo_reference(&it.name, &it.version, source(it));
        let mut contents = Self {
            root: packages
                .iter()
                .find(|it| it.root)
                .map(reference)
                .unwrap_or_default(),
            ..Self::default()
        };
        for package in packages {
            let component = Component {
                bom_ref: reference(package),
                kind: ComponentKind::Library,
                name: package.name.clone(),
                version: package.version.clone(),
                scope: Some(match package.kind {
                    AuditableKind::Runtime => Scope::Required,
                    AuditableKind::Build => Scope::Excluded,
                }),
                purl: cargo_purl(&package.name, &package.version, source(package)),
                properties: match package.source.as_str() {
                    "crates.io" => Vec::new(),
                    source => vec![Property::new("lambdapack:cargo:source", source)],
                },
                ..Component::default()
            };
            let indices = package.dependencies.iter();
            let dependencies = indices.filter_map(|index| packages.get(*index));
            contents.add(component, dependencies.map(reference).collect());
        }
        contents
    }

    /// The modules of a Go program. Go does not embed which module depends on which one.
    pub(super) fn from_go(info: &BuildInfo) -> Self {
        let mut contents = Self::default();
        let (main, others): (Vec<_>, Vec<_>) = info.modules.iter().partition(|it| it.is_main);
        for module in &others {
            contents.add(go_component(module), BTreeSet::new());
        }
        if let Some(main) = main.first() {
            let component = go_component(main);
            contents.root.clone_from(&component.bom_ref);
            contents.add(component, others.into_iter().map(go_reference).collect());
        }
        let version = info.version.trim_start_matches("go");
        let version = version.split(' ').next().unwrap_or_default();
        let purl = format!("pkg:golang/stdlib@{}", encode(version, ""));
        contents.add_standard_library(Component {
            bom_ref: purl.clone(),
            kind: ComponentKind::Library,
            name: "stdlib".to_owned(),
            version: version.to_owned(),
            scope: Some(Scope::Required),
            purl: Some(purl),
            ..Component::default()
        });
        contents
    }

    fn add(&mut self, component: Component, mut dependencies: BTreeSet<String>) {
        dependencies.remove(&component.bom_ref);
        let scope = component.scope;
        let new = || (component.clone(), BTreeSet::new());
        let part = self
            .parts
            .entry(component.bom_ref.clone())
            .or_insert_with(new);
        part.0.scope = part.0.scope.min(scope);
        part.1.extend(dependencies);
    }

    /// Adds the standard library, on which the package of the program depends.
    fn add_standard_library(&mut self, library: Component) {
        if let Some((_, dependencies)) = self.parts.get_mut(&self.root) {
            dependencies.insert(library.bom_ref.clone());
        }
        self.add(library, BTreeSet::new());
    }
}

fn cargo_component(used: &UsedPackage<'_>) -> Component {
    let package = used.package;
    let source = package.source.as_ref().map(|source| source.repr.as_str());
    let version = package.version.to_string();
    let kind = match source {
        None => Some("path"),
        Some(source) if source.starts_with("git+") => Some("git"),
        Some(_) => None,
    };
    let features = used.features.iter().cloned().collect::<Vec<_>>().join(",");
    let properties = [
        kind.map(|kind| Property::new("lambdapack:cargo:source", kind)),
        Some(features)
            .filter(|features| !features.is_empty())
            .map(|features| Property::new("lambdapack:cargo:features", features)),
    ];
    let license = package.license.as_ref().map(|license| License {
        // Old manifests separate alternatives with a slash.
        expression: license.replace('/', " OR "),
    });
    Component {
        bom_ref: cargo_reference(&package.name, &version, source),
        kind: ComponentKind::Library,
        name: package.name.to_string(),
        scope: Some(match used.compiled_for {
            CompiledFor::Target => Scope::Required,
            CompiledFor::Host => Scope::Excluded,
        }),
        hashes: used.checksum.map(Hash::sha256).into_iter().collect(),
        licenses: license.into_iter().collect(),
        purl: cargo_purl(&package.name, &version, source),
        properties: properties.into_iter().flatten().collect(),
        version,
    }
}

/// The `bom-ref` of a Rust package.
fn cargo_reference(name: &str, version: &str, source: Option<&str>) -> String {
    cargo_purl(name, version, source).unwrap_or_else(|| format!("{name}@{version}"))
}

/// The package URL of a Rust package. A local package has none, because scanners would take it
/// for the package of the same name on crates.io.
fn cargo_purl(name: &str, version: &str, source: Option<&str>) -> Option<String> {
    let source = source?;
    let purl = format!("pkg:cargo/{}@{}", encode(name, ""), encode(version, ""));
    if CRATES_IO.contains(&source) {
        return Some(purl);
    }
    // An address on this machine would differ on another one.
    let is_local = source.contains("file:");
    let qualifier = match source.split_once('#') {
        _ if is_local => return None,
        Some((address, commit)) if source.starts_with("git+") => {
            let address = without_credentials(address.split('?').next().unwrap_or_default());
            format!("vcs_url={}", encode(&format!("{address}@{commit}"), "/:@"))
        }
        _ => {
            let address = source
                .trim_start_matches("registry+")
                .trim_start_matches("sparse+");
            let address = without_credentials(address);
            format!("repository_url={}", encode(&address, "/:"))
        }
    };
    Some(format!("{purl}?{qualifier}"))
}

/// Removes the user name and the password from an HTTP address, because they can be secret.
fn without_credentials(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) if scheme.ends_with("http") || scheme.ends_with("https") => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
        _ => address.to_owned(),
    }
}

fn rust_standard_library(toolchain: &str) -> Component {
    let version = toolchain.split(' ').nth(1).unwrap_or_default();
    Component {
        bom_ref: format!("rust-std@{version}"),
        kind: ComponentKind::Library,
        name: "std".to_owned(),
        version: version.to_owned(),
        scope: Some(Scope::Required),
        licenses: vec![License {
            expression: "MIT OR Apache-2.0".to_owned(),
        }],
        properties: vec![Property::new("lambdapack:cargo:source", "toolchain")],
        ..Component::default()
    }
}

fn go_component(module: &GoModule) -> Component {
    let source = &module.source;
    let replaced = (source.path != module.path).then_some(&module.path);
    let properties = [
        is_folder(&source.path).then(|| Property::new("lambdapack:go:source", "path")),
        replaced.map(|path| Property::new("lambdapack:go:replaces", path)),
        Some(&source.sum)
            .filter(|sum| !sum.is_empty())
            .map(|sum| Property::new("lambdapack:go:sum", sum)),
    ];
    Component {
        bom_ref: go_reference(module),
        kind: ComponentKind::Library,
        name: if is_folder(&source.path) {
            module.path.clone()
        } else {
            source.path.clone()
        },
        version: source.version.clone(),
        scope: Some(Scope::Required),
        purl: go_purl(module),
        properties: properties.into_iter().flatten().collect(),
        ..Component::default()
    }
}

fn go_reference(module: &GoModule) -> String {
    go_purl(module).unwrap_or_else(|| module.path.clone())
}

/// The package URL of a module. Code without a version has none.
fn go_purl(module: &GoModule) -> Option<String> {
    let source = &module.source;
    let has_version = !matches!(source.version.as_str(), "" | "(devel)");
    (has_version && !is_folder(&source.path)).then(|| {
        let path = encode(&source.path.to_lowercase(), "/");
        format!("pkg:golang/{path}@{}", encode(&source.version, ""))
    })
}

/// Whether a module was replaced by a folder, whose path may be one of this machine.
fn is_folder(path: &str) -> bool {
    path.starts_with(['.', '/', '\\']) || path.get(1..2) == Some(":")
}

/// Percent-encodes all characters except for those that package URLs contain literally.
fn encode(text: &str, literal: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        let is_literal = byte.is_ascii_alphanumeric()
            || b".-_~".contains(&byte)
            || literal.as_bytes().contains(&byte);
        if is_literal {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::go_build_info::GoModuleSource;

    #[test]
    fn rust_packages_have_the_urls_of_their_sources() {
        let purl = |source| cargo_purl("a-b", "1.0.0+x", source);
        let plain = "pkg:cargo/a-b@1.0.0%2Bx";
        assert_eq!(purl(Some(CRATES_IO[0])).unwrap(), plain);
        assert_eq!(purl(Some(CRATES_IO[1])).unwrap(), plain);
        assert_eq!(
            purl(Some("git+https://example.com/a?branch=main#c0ffee")).unwrap(),
            format!("{plain}?vcs_url=git%2Bhttps://example.com/a@c0ffee")
        );
        assert_eq!(
            purl(Some("sparse+https://example.com/index/")).unwrap(),
            format!("{plain}?repository_url=https://example.com/index/")
        );
        assert_eq!(
            purl(Some("git+https://me:secret@example.com/a#c0ffee")).unwrap(),
            format!("{plain}?vcs_url=git%2Bhttps://example.com/a@c0ffee")
        );
        assert_eq!(purl(None), None);
        assert_eq!(purl(Some("git+file:///home/me/a#c0ffee")), None);
    }

    #[test]
    fn replaced_modules_are_described_by_their_replacements() {
        let module = |path: &str, source: &str, version: &str| GoModule {
            path: path.to_owned(),
            is_main: false,
            source: GoModuleSource {
                path: source.to_owned(),
                version: version.to_owned(),
                sum: String::new(),
            },
        };
        let fork = go_component(&module("example.com/a", "example.com/Fork", "v1.0.0"));
        assert_eq!(
            fork.purl.as_deref(),
            Some("pkg:golang/example.com/fork@v1.0.0")
        );
        assert_eq!(
            fork.properties,
            [Property::new("lambdapack:go:replaces", "example.com/a")]
        );
        for folder in ["/home/me/a", "../a", r"C:\a"] {
            let local = go_component(&module("example.com/a", folder, "(devel)"));
            assert_eq!(local.purl, None);
            assert_eq!(local.name, "example.com/a");
            assert!(!format!("{local:?}").contains(folder));
        }
    }

    #[test]
    fn a_go_program_depends_on_its_modules_and_the_standard_library() {
        let module = |path: &str, is_main| GoModule {
            path: path.to_owned(),
            is_main,
            source: GoModuleSource {
                path: path.to_owned(),
                version: "v1.0.0".to_owned(),
                sum: "h1:x=".to_owned(),
            },
        };
        let contents = Contents::from_go(&BuildInfo {
            version: "go1.26.8 X:nodwarf5".to_owned(),
            modules: vec![module("b", true), module("a", false)],
            settings: Vec::new(),
        });
        assert_eq!(contents.root, "pkg:golang/b@v1.0.0");
        let (_, dependencies) = &contents.parts[&contents.root];
        let expected = ["pkg:golang/a@v1.0.0", "pkg:golang/stdlib@1.26.8"];
        assert!(dependencies.iter().eq(&expected));
    }

    #[test]
    fn components_with_the_same_reference_are_joined() {
        let mut contents = Contents::default();
        for (scope, dependency) in [(Scope::Excluded, "b"), (Scope::Required, "c")] {
            let component = Component {
                bom_ref: "a".to_owned(),
                scope: Some(scope),
                ..Component::default()
            };
            contents.add(component, ["a".to_owned(), dependency.to_owned()].into());
        }
        let (component, dependencies) = &contents.parts["a"];
        assert_eq!(component.scope, Some(Scope::Required));
        assert!(dependencies.iter().eq(&["b", "c"]));
    }
}
