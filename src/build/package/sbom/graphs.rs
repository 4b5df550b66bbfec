//! Asks Cargo for the graph of packages, once for each run, and only if a function is packed.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, bail};

use crate::build::package::sbom::cargo_graph::CargoGraph;
use crate::build::plan::{BuildStep, FunctionPlan, Plan};
use crate::system::command::CommandSpec;
use crate::system::process;
use crate::ui::failure::Problem;

/// The graphs of a plan's runs of Cargo.
#[derive(Debug)]
pub(crate) struct CargoGraphs {
    by_step: Vec<(Arc<BuildStep>, LazyGraph)>,
}

/// A graph, or why it could not be read.
type LazyGraph = OnceLock<Result<CargoGraph, String>>;

impl CargoGraphs {
    pub(crate) fn new(plan: &Plan) -> Self {
        let steps = plan.steps.iter();
        Self {
            by_step: steps
                .map(|step| (Arc::clone(step), OnceLock::new()))
                .collect(),
        }
    }

    /// The graph for a function; `None` if there is none.
    pub(super) fn get(&self, function: &FunctionPlan) -> Option<&CargoGraph> {
        let step = function.step.as_ref()?;
        let command = step.graph.as_ref()?;
        let mut by_step = self.by_step.iter();
        let (_, graph) = by_step.find(|(other, _)| Arc::ptr_eq(step, other))?;
        let target = step.target.as_deref().unwrap_or_default();
        let read =
            || read(command, &function.source_root, target).map_err(|error| format!("{error:#}"));
        graph.get_or_init(read).as_ref().ok()
    }

    /// The graphs that could not be read.
    pub(crate) fn problems(&self) -> impl Iterator<Item = Problem> {
        let results = self.by_step.iter().filter_map(|(_, graph)| graph.get());
        results
            .filter_map(|graph| graph.as_ref().err())
            .map(|error| {
                Problem::new(format!("the bill of materials lists no packages: {error}"))
                    .help("run `cargo fetch`, or pass `--no-sbom` to write no bill of materials")
            })
    }
}

/// Cargo may need the network for packages that the build did not need, such as those of tests.
/// It uses it only if the build may.
fn read(command: &CommandSpec, root: &Path, target: &str) -> anyhow::Result<CargoGraph> {
    let is_offline_option = |arg: &String| arg == "--offline" || arg == "--frozen";
    let is_offline = command.args.iter().any(is_offline_option);
    let options = ["--offline"].into_iter().skip(is_offline.into());
    let mut output = process::capture(&command.clone().args(options))?;
    if !output.status.success() && !is_offline {
        output = process::capture(command)?;
    }
    if !output.status.success() {
        let error = output.stderr.trim().trim_start_matches("error: ");
        bail!("`cargo metadata` failed: {error}");
    }
    let metadata = cargo_metadata::MetadataCommand::parse(&output.stdout)
        .context("failed to parse the output of `cargo metadata`")?;
    let lock_file = fs_err::read_to_string(root.join("Cargo.lock")).unwrap_or_default();
    Ok(CargoGraph::new(metadata, &lock_file, target))
}
