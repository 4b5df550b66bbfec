//! Leaves out functions that need no build: those that have not changed, those of other partitions,
//! and those whose zips are in the cache.
//!
//! In: a plan for all selected functions. Out: [`Work`], the plan for this run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::build::assets::Assets;
use crate::build::inputs::InputKeys;
use crate::build::package::cache::zip_settings;
use crate::build::package::keys::print_missing_key;
use crate::build::package::manifest::Manifest;
use crate::build::package::zip_cache::CachedZip;
use crate::build::plan::{BuildDescription, FunctionPlan, Plan};
use crate::build::project::Projects;
use crate::build::request::Request;
use crate::commands::context::CommandContext;
use crate::system::host::Host;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// The functions of a run.
#[derive(Debug)]
pub(crate) struct Work {
    pub plan: Plan,
    /// The keys, if they were needed to select the functions.
    pub keys: Option<InputKeys>,
    /// The zips in the cache, by the paths to which they are copied.
    pub cached: BTreeMap<PathBuf, CachedZip>,
    /// Why functions have no key to compare, by the paths of their results.
    pub keyless: BTreeMap<PathBuf, String>,
    /// The note if no function is left. `None` if that is a failure, because no function was left
    /// out.
    pub empty_note: Option<String>,
}

impl Work {
    /// Selects the functions of this run: those that have changed, and of them the partition.
    pub(crate) fn select(
        plan: Plan,
        request: &Request,
        projects: &mut Projects,
        context: &CommandContext<'_>,
    ) -> anyhow::Result<Self> {
        let host = context.host;
        let has_cache = plan.outputs.iter().any(|output| output.cache.is_some());
        if request.changed.is_none() && !has_cache {
            return Ok(Self {
                plan: plan.partitioned(request.partition),
                keys: None,
                cached: BTreeMap::new(),
                keyless: BTreeMap::new(),
                empty_note: empty_note(request),
            });
        }
        let earlier = request.changed.as_deref().map(read_manifest).transpose()?;
        let assets = Assets::list(&plan)?;
        let mut keys = InputKeys::read(&plan, projects, &assets, host, zip_settings)?;
        let changed = plan.narrowed(|function| {
            let earlier = earlier.as_ref();
            earlier.is_none_or(|earlier| has_changed(function, earlier, &mut keys, host))
        });
        let mut cached = BTreeMap::new();
        for function in &changed.functions {
            if let Some(zip) = CachedZip::find(function, &mut keys, host) {
                cached.insert(function.target.clone(), zip);
            }
        }
        let mut keyless = BTreeMap::new();
        for function in &changed.functions {
            let reason = match (keys.source_key(function), &earlier) {
                (Err(reason), _) => reason.to_owned(),
                (Ok(_), Some(earlier)) if has_no_key(function, earlier) => {
                    "the manifest of `--changed` has no key to compare".to_owned()
                }
                _ => continue,
            };
            keyless.insert(function.target.clone(), reason);
        }
        // Cached zips are dealt out separately, so that each partition has as much to build.
        let (mut next_cached, mut next_built) = (0, 0);
        let plan = changed.narrowed(|function| {
            let position = if cached.contains_key(&function.target) {
                &mut next_cached
            } else {
                &mut next_built
            };
            let partition = request.partition;
            let is_kept =
                partition.is_none_or(|it| it.contains(*position, &function.name, function.arch));
            *position += 1;
            is_kept
        });
        Ok(Self {
            plan,
            keys: Some(keys),
            cached,
            keyless,
            empty_note: empty_note(request),
        })
    }

    /// Explains with `-v` which functions have no key, if keys were needed to select them.
    pub(crate) fn print_missing_keys(&self, console: &Console) {
        for function in &self.plan.functions {
            if let Some(reason) = self.keyless.get(&function.target) {
                print_missing_key(function, reason, console);
            }
        }
    }
}

/// The note for a run that leaves out functions, if none is left. That is no failure.
fn empty_note(request: &Request) -> Option<String> {
    match (request.partition, &request.changed) {
        (Some(partition), _) => Some(format!("partition `{partition}` contains no functions")),
        (None, Some(manifest)) => {
            Some(format!("no function differs from `{}`", manifest.display()))
        }
        (None, None) => None,
    }
}

/// Reads the manifest of `--changed`.
fn read_manifest(file: &Path) -> anyhow::Result<Manifest> {
    if !file.is_file() {
        let what = format!("the manifest `{}` does not exist", file.display());
        let help = "pass the `manifest.json` of an earlier build, or omit `--changed`";
        return Err(Failure::new(ExitKind::Usage, what).help(help).into());
    }
    Manifest::read_file(file)
}

/// Whether a function has another key than in an earlier manifest, or one of them has no key.
fn has_changed(
    function: &FunctionPlan,
    earlier: &Manifest,
    keys: &mut InputKeys,
    host: &Host,
) -> bool {
    let Some(build) = earlier_build(function, earlier) else {
        return true;
    };
    let discovered = build.inputs.clone().unwrap_or_default();
    let key = keys.key_with(function, &discovered, host);
    key.ok() != build.key || build.key.is_none()
}

fn has_no_key(function: &FunctionPlan, earlier: &Manifest) -> bool {
    earlier_build(function, earlier).is_some_and(|build| build.key.is_none())
}

fn earlier_build<'a>(
    function: &FunctionPlan,
    earlier: &'a Manifest,
) -> Option<&'a BuildDescription> {
    let entry = earlier.functions.get(&function.name)?;
    Some(&entry.archs.get(&function.arch)?.build)
}
