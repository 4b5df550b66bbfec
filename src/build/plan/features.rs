//! Resolves the features of a package that the command line enables.
//!
//! In: the request and a member of a workspace. Out: the features that its binaries lack. Cargo fails
//! the whole run for a named binary whose `required-features` are not enabled:
//! <https://doc.rust-lang.org/cargo/reference/cargo-targets.html#the-required-features-field>.

use std::collections::BTreeSet;

use crate::build::project::cargo::CargoPackage;
use crate::build::project::{Function, FunctionSource, Project};
use crate::build::request::Request;

/// The `required-features` of a binary or example that are not enabled.
pub(super) fn missing(request: &Request, project: &Project, function: &Function) -> Vec<String> {
    let Some(package) = package(project, function) else {
        return Vec::new();
    };
    let Some(required) = package.required.get(&function.bin) else {
        return Vec::new();
    };
    if request.rust.all_features {
        return Vec::new();
    }
    let enabled = enabled(request, package);
    let is_missing = |feature: &&String| !enabled.contains(feature.as_str());
    required.iter().filter(is_missing).cloned().collect()
}

/// Whether the Lambda runtime among a package's dependencies is optional, and no enabled
/// feature brings it.
pub(super) fn lacks_runtime(request: &Request, project: &Project, function: &Function) -> bool {
    let Some(package) = package(project, function) else {
        return false;
    };
    if package.optional_runtimes.is_empty() || request.rust.all_features || function.configured {
        return false;
    }
    let enabled = enabled(request, package);
    let mut runtimes = package.optional_runtimes.iter();
    !runtimes.any(|name| enabled.contains(&format!("dep:{name}")))
}

fn package<'a>(project: &'a Project, function: &Function) -> Option<&'a CargoPackage> {
    let FunctionSource::Cargo { workspace, package } = &function.source else {
        return None;
    };
    let mut members = project.workspace(*workspace).packages.iter();
    members.find(|member| member.id == *package)
}

/// The features that are enabled, and optional dependencies as `dep:NAME`.
fn enabled(request: &Request, package: &CargoPackage) -> BTreeSet<String> {
    let rust = &request.rust;
    let mut next: Vec<&str> = rust
        .features
        .iter()
        .flat_map(|list| list.split([',', ' ']))
        .filter_map(|feature| match feature.split_once('/') {
            Some((name, feature)) if name == package.name => Some(feature),
            Some(_) => None,
            None => Some(feature),
        })
        .filter(|feature| !feature.is_empty())
        .collect();
    if !rust.no_default_features {
        next.push("default");
    }
    // The features that other members enable are also enabled when these are built.
    next.extend(package.asked.iter().map(String::as_str));
    let mut enabled = BTreeSet::new();
    while let Some(feature) = next.pop() {
        if !enabled.insert(feature.to_owned()) {
            continue;
        }
        if let Some((dependency, _)) = feature.split_once('/')
            && let Some(name) = dependency
                .strip_suffix('?')
                .map_or(Some(dependency), |_| None)
        {
            enabled.insert(format!("dep:{name}"));
        }
        let more = package.activates.get(feature).into_iter().flatten();
        next.extend(more.map(String::as_str));
    }
    enabled
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn package() -> CargoPackage {
        let activates = [
            ("default", vec!["json"]),
            ("json", vec![]),
            ("aws", vec!["bootstrap"]),
            ("bootstrap", vec!["dep:lambda_runtime"]),
            ("weak", vec!["lambda_runtime?/tracing"]),
            ("strong", vec!["lambda_runtime/tracing"]),
        ];
        let owned = |(name, all): (&str, Vec<&str>)| {
            let all: Vec<_> = all.into_iter().map(str::to_owned).collect();
            (name.to_owned(), all)
        };
        CargoPackage {
            name: "shop".to_owned(),
            activates: activates.into_iter().map(owned).collect::<BTreeMap<_, _>>(),
            ..CargoPackage::default()
        }
    }

    fn has(features: &[&str], no_default: bool, wanted: &str) -> bool {
        let mut request = Request::default();
        request.rust.features = features.iter().map(|word| (*word).to_owned()).collect();
        request.rust.no_default_features = no_default;
        enabled(&request, &package()).contains(wanted)
    }

    #[test]
    fn features_are_followed_as_cargo_does() {
        assert!(has(&[], false, "json"));
        assert!(!has(&[], true, "json"));
        assert!(has(&["x,aws"], false, "bootstrap"));
        assert!(has(&["shop/aws"], false, "dep:lambda_runtime"));
        assert!(!has(&["other/aws"], false, "bootstrap"));
        assert!(has(&["strong"], false, "dep:lambda_runtime"));
        assert!(!has(&["weak"], false, "dep:lambda_runtime"));
    }
}
