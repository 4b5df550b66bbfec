//! Finds the zips of a function for all architectures.

use std::collections::BTreeSet;

use crate::build::results::packed_function::PackedFunction;
use crate::build::results::zip_selector::find::{find_by_name, find_each, recorded_functions};
use crate::build::results::zip_selector::{SelectedZip, ZipSelector};
use crate::lambda::{Arch, Purpose};
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// A function with its zips.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionZips {
    pub name: String,
    /// One for each architecture; at least one.
    pub zips: Vec<SelectedZip>,
}

/// Finds the zips for each word, in their order. A name can have a zip for each architecture.
pub(crate) fn find_all_archs(
    selector: &ZipSelector,
    host: &Host,
) -> anyhow::Result<Vec<FunctionZips>> {
    let from_path = |zip: SelectedZip| FunctionZips {
        name: zip.name.clone(),
        zips: vec![zip],
    };
    find_each(selector, host, from_path, function_zips)
}

/// Finds the zips of all functions in the manifests of the project, sorted by name. Extensions
/// are left out.
pub(crate) fn find_all_functions(
    selector: &ZipSelector,
    host: &Host,
) -> anyhow::Result<Vec<FunctionZips>> {
    let recorded = recorded_functions(selector, host)?;
    let names: BTreeSet<_> = recorded
        .iter()
        .filter(|function| function.purpose == Purpose::Function)
        .map(|function| function.name.as_str())
        .collect();
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for name in names {
        match function_zips(name, &recorded, selector) {
            Ok(zips) => found.push(zips),
            Err(problem) => problems.push(problem),
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)?;
    Ok(found)
}

/// The zips of the function with a name.
pub(super) fn function_zips(
    name: &str,
    recorded: &[PackedFunction],
    selector: &ZipSelector,
) -> Result<FunctionZips, Problem> {
    let archs: BTreeSet<Arch> = recorded
        .iter()
        .filter(|function| function.name == name)
        .map(|function| function.arch)
        .collect();
    let zips = if archs.len() < 2 || selector.arch.is_some() {
        vec![find_by_name(name, recorded, selector)?]
    } else {
        let for_arch = |arch| ZipSelector {
            arch: Some(arch),
            ..selector.clone()
        };
        archs
            .into_iter()
            .map(|arch| find_by_name(name, recorded, &for_arch(arch)))
            .collect::<Result<_, _>>()?
    };
    Ok(FunctionZips {
        name: name.to_owned(),
        zips,
    })
}
