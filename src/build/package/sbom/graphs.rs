//! Asks Cargo for the graph of packages, once for each run, and only if a function is packed.
//! Reads Cargo.lock once, to notice in later runs that versions have changed.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, bail};

use crate::build::package::sbom::cargo_graph::CargoGraph;
use crate::build::plan::{BuildStep, FunctionPlan, Plan};
use crate::build::project::cargo;
use crate::system::command::CommandSpec;
use crate::ui::failure::Problem;

/// The graphs of a plan's runs of Cargo.
#[derive(Debug)]
pub(crate) struct CargoGraphs {
    by_step: Vec<(Arc<BuildStep>, StepPackages)>,
}

/// The packages of a step. Each field is read when it is needed for the first time.
#[derive(Debug, Default)]
struct StepPackages {
    graph: LazyGraph,
    /// A hash of Cargo.lock; `None` if there is none.
    lock_file_hash: OnceLock<Option<u128>>,
}

/// A graph, or why it could not be read.
type LazyGraph = OnceLock<Result<CargoGraph, String>>;

impl CargoGraphs {
    pub(crate) fn new(plan: &Plan) -> Self {
        let steps = plan.steps.iter();
        Self {
            by_step: steps
                .map(|step| (Arc::clone(step), StepPackages::default()))
                .collect(),
        }
    }

    /// The graph for a function; `None` if there is none.
    pub(super) fn get(&self, function: &FunctionPlan) -> Option<&CargoGraph> {
        let step = function.step.as_ref()?;
        let command = step.graph.as_ref()?;
        let graph = &self.packages(step)?.graph;
        let target = step.target.as_deref().unwrap_or_default();
        let read =
            || read(command, &function.source_root, target).map_err(|error| format!("{error:#}"));
        graph.get_or_init(read).as_ref().ok()
    }

    /// A hash of `Cargo.lock`, from which a function's bill of materials takes versions. It is read
    /// after Cargo has reported a binary, because the first build writes the file.
    pub(in crate::build::package) fn lock_file_hash(
        &self,
        function: &FunctionPlan,
    ) -> Option<u128> {
        let step = function.step.as_ref().filter(|_| function.sbom)?;
        step.graph.as_ref()?;
        let hash = || {
            let file = function.source_root.join("Cargo.lock");
            Some(xxhash_rust::xxh3::xxh3_128(&fs_err::read(file).ok()?))
        };
        *self.packages(step)?.lock_file_hash.get_or_init(hash)
    }

    /// Like [`CargoGraphs::lock_file_hash`], for the record of a document. `None` if the document
    /// has no packages, so that it is written again as soon as Cargo can list them.
    pub(in crate::build::package) fn described_lock_file_hash(
        &self,
        function: &FunctionPlan,
    ) -> Option<u128> {
        let hash = self.lock_file_hash(function)?;
        self.get(function).is_some().then_some(hash)
    }

    fn packages(&self, step: &Arc<BuildStep>) -> Option<&StepPackages> {
        let mut by_step = self.by_step.iter();
        let (_, packages) = by_step.find(|(other, _)| Arc::ptr_eq(step, other))?;
        Some(packages)
    }

    /// The graphs that could not be read.
    pub(crate) fn problems(&self) -> impl Iterator<Item = Problem> {
        let results = self
            .by_step
            .iter()
            .filter_map(|(_, packages)| packages.graph.get());
        results
            .filter_map(|graph| graph.as_ref().err())
            .map(|error| {
                Problem::new(format!("the bill of materials lists no packages: {error}"))
                    .help("run `cargo fetch`, or pass `--no-sbom` to write no bill of materials")
            })
    }
}

fn read(command: &CommandSpec, root: &Path, target: &str) -> anyhow::Result<CargoGraph> {
    let output = cargo::capture_offline_first(command)?;
    if !output.status.success() {
        let error = output.stderr.trim().trim_start_matches("error: ");
        bail!("`cargo metadata` failed: {error}");
    }
    let metadata = cargo_metadata::MetadataCommand::parse(&output.stdout)
        .context("failed to parse the output of `cargo metadata`")?;
    let lock_file = fs_err::read_to_string(root.join("Cargo.lock")).unwrap_or_default();
    Ok(CargoGraph::new(metadata, &lock_file, target))
}
