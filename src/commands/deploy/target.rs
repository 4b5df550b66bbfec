//! Finds the function on AWS for each selected function.
//!
//! In: [`Selection`]. Out: a [`Target`] for each function on AWS, with the zips that it could
//! run. AWS is not asked.

use std::collections::BTreeMap;

use crate::build::project::Projects;
use crate::build::request::Request;
use crate::build::results::zip_selector::{
    FunctionZips, SelectedZip, find_all_archs, find_all_functions,
};
use crate::commands::deploy::options::{Selection, TargetNames};
use crate::fs::path;
use crate::lambda::{FunctionNamePattern, Purpose};
use crate::system::host::Host;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::{ExitKind, Failure, Problem};

/// A function on AWS with the zips that it could run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The name of the packaged function.
    pub(super) name: String,
    /// The name or ARN of the function on AWS.
    pub(super) function: String,
    /// One for each architecture; at least one.
    pub(super) zips: Vec<SelectedZip>,
}

/// Finds the targets, in the order of the command line.
pub(super) fn find_targets(selection: &Selection, host: &Host) -> anyhow::Result<Vec<Target>> {
    let found = if selection.all {
        find_all_functions(&selection.zips, host)?
    } else {
        find_all_archs(&selection.zips, host)?
    };
    if found.is_empty() {
        return Err(Failure::new(ExitKind::Project, "no functions are packaged")
            .help("run `cargo lambdapack` first")
            .into());
    }
    reject_extensions(&found)?;
    let targets = match &selection.names {
        TargetNames::Single(function) => single_target(found, function)?,
        TargetNames::Pattern(pattern) => found
            .into_iter()
            .flat_map(|function| expand(function, pattern))
            .collect(),
        TargetNames::Configured => {
            let patterns = configured_names(host)?;
            let names = found.iter().map(|function| function.name.as_str());
            reject_unconfigured(names, &patterns)?;
            found
                .into_iter()
                .flat_map(|function| {
                    let pattern = patterns.get(&function.name).cloned();
                    pattern.map(|pattern| expand(function, &pattern))
                })
                .flatten()
                .collect()
        }
    };
    reject_duplicates(&targets)?;
    Ok(targets)
}

fn single_target(found: Vec<FunctionZips>, function: &str) -> Result<Vec<Target>, Failure> {
    if found.len() > 1 {
        let what = "several functions cannot be deployed to one `--function`";
        let help = "pass `--map 'prod-{name}'` instead of `--function`, or set `deploy` in each \
                    `[function.NAME]` table";
        return Err(Failure::new(ExitKind::Usage, what).help(help));
    }
    let targets = found.into_iter().map(|found| Target {
        name: found.name,
        function: function.to_owned(),
        zips: found.zips,
    });
    Ok(targets.collect())
}

/// The targets of a function. If the pattern contains the architecture, there is one for each
/// architecture.
fn expand(found: FunctionZips, pattern: &FunctionNamePattern) -> Vec<Target> {
    let target = |zips: Vec<SelectedZip>| {
        let arch = zips.first().and_then(|zip| zip.arch);
        Target {
            function: pattern.expand(&found.name, arch),
            name: found.name.clone(),
            zips,
        }
    };
    if pattern.has_arch() {
        let zips = found.zips.into_iter();
        zips.map(|zip| target(vec![zip])).collect()
    } else {
        vec![target(found.zips.clone())]
    }
}

/// The key `deploy` of each function of the project in the current folder.
pub(super) fn configured_names(
    host: &Host,
) -> anyhow::Result<BTreeMap<String, FunctionNamePattern>> {
    let request = Request {
        paths: vec![path::resolve(&host.cwd, ".")],
        ..Request::default()
    };
    let projects = Projects::read(&request, host, &Console::new(Verbosity::Quiet))?;
    if projects.projects.is_empty() {
        Failure::unless_empty(ExitKind::Tool, projects.missing.clone())?;
    }
    let functions = projects.projects.iter().flat_map(|p| &p.functions);
    Ok(functions
        .filter_map(|function| Some((function.name.clone(), function.settings.deploy.clone()?)))
        .collect())
}

/// Reports every function without a name on AWS.
pub(super) fn reject_unconfigured<'a>(
    names: impl Iterator<Item = &'a str>,
    patterns: &BTreeMap<String, FunctionNamePattern>,
) -> Result<(), Failure> {
    let missing: Vec<_> = names.filter(|name| !patterns.contains_key(*name)).collect();
    let Some(first) = missing.first() else {
        return Ok(());
    };
    let what = format!(
        "the name of the function on AWS is not set for `{}`",
        missing.join("`, `")
    );
    let option = if missing.len() == 1 {
        "`--function NAME`, `--map 'prod-{name}'`,"
    } else {
        "`--map 'prod-{name}'`"
    };
    let help = format!("pass {option} or set `deploy = \"NAME\"` in `[function.{first}]`");
    Err(Failure::new(ExitKind::Usage, what).help(help))
}

fn reject_extensions(found: &[FunctionZips]) -> Result<(), Failure> {
    let is_extension = |function: &&FunctionZips| {
        let mut zips = function.zips.iter();
        zips.any(|zip| zip.purpose == Some(Purpose::Extension))
    };
    let problems = found.iter().filter(is_extension).map(|function| {
        let name = &function.name;
        let what = format!("`{name}` is an extension, and extensions are deployed as layers");
        Problem::new(what).help(PUBLISH_LAYER)
    });
    Failure::unless_empty(ExitKind::Refused, problems.collect())
}

/// How to deploy a layer or an extension.
pub(super) const PUBLISH_LAYER: &str = "publish it with `--layer NAME`";

/// Rejects functions that would overwrite each other.
fn reject_duplicates(targets: &[Target]) -> Result<(), Failure> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for target in targets {
        names
            .entry(&target.function)
            .or_default()
            .push(&target.name);
    }
    let problems =
        names
            .into_iter()
            .filter(|(_, names)| names.len() > 1)
            .map(|(function, names)| {
                let what = format!(
                    "several functions would be deployed to `{function}`: {}",
                    names.join(", ")
                );
                Problem::new(what).help("name each function once, and use `{name}` in `--map`")
            });
    Failure::unless_empty(ExitKind::Usage, problems.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::Arch;

    fn zips(name: &str, archs: &[Arch]) -> FunctionZips {
        let zip = |arch: &Arch| SelectedZip {
            path: format!("/w/{arch}/{name}.zip").into(),
            name: name.to_owned(),
            arch: Some(*arch),
            runtime: None,
            purpose: Some(Purpose::Function),
            handler: None,
            code_sha256: None,
        };
        FunctionZips {
            name: name.to_owned(),
            zips: archs.iter().map(zip).collect(),
        }
    }

    fn functions(pattern: &str) -> Vec<(String, usize)> {
        let pattern = pattern.parse().unwrap();
        let targets = expand(zips("orders", &Arch::ALL), &pattern);
        let targets = targets.into_iter();
        targets
            .map(|target| (target.function, target.zips.len()))
            .collect()
    }

    #[test]
    fn a_pattern_with_the_architecture_has_a_target_for_each() {
        assert_eq!(functions("prod-{name}"), [("prod-orders".to_owned(), 2)]);
        assert_eq!(
            functions("{name}-{arch}"),
            [
                ("orders-arm64".to_owned(), 1),
                ("orders-x86_64".to_owned(), 1)
            ]
        );
    }

    #[test]
    fn two_functions_with_the_same_target_are_rejected() {
        let pattern: FunctionNamePattern = "prod".parse().unwrap();
        let targets: Vec<_> = ["orders", "users"]
            .into_iter()
            .flat_map(|name| expand(zips(name, &[Arch::Arm64]), &pattern))
            .collect();
        let failure = reject_duplicates(&targets).unwrap_err();
        assert_eq!(failure.kind, ExitKind::Usage);
        assert!(failure.problems[0].what.ends_with("`prod`: orders, users"));
        assert!(reject_duplicates(&targets[..1]).is_ok());
    }

    #[test]
    fn functions_without_a_name_on_aws_are_reported_together() {
        let patterns = BTreeMap::from([("orders".to_owned(), "prod".parse().unwrap())]);
        let names = ["orders", "users", "mail"];
        let failure = reject_unconfigured(names.into_iter(), &patterns).unwrap_err();
        let problem = &failure.problems[0];
        assert_eq!(
            problem.what,
            "the name of the function on AWS is not set for `users`, `mail`"
        );
        assert!(reject_unconfigured(["orders"].into_iter(), &patterns).is_ok());
    }
}
