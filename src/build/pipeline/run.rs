//! Runs a plan: builds, checks, and packs every function into temporary files next to its final
//! path.

use crate::build::assets::Assets;
use crate::build::checked_binary::BinaryChecks;
use crate::build::package;
use crate::build::package::cache::{BuildCache, SkippedProgram};
use crate::build::package::output_lock::OutputLock;
use crate::build::package::sbom::CargoGraphs;
use crate::build::package::{Packed, PackedSource};
use crate::build::pipeline::check_and_pack::{BinaryOutcome, PipelineContext};
use crate::build::pipeline::worker_pool;
use crate::build::plan::Plan;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// The results of a plan.
#[derive(Debug, Default)]
pub(crate) struct PipelineOutput {
    pub packed: Vec<Packed>,
    /// The programs that are not functions.
    pub not_functions: Vec<SkippedProgram>,
}

/// Compiles, checks, and packs all functions of a plan. Nothing is written to a final path.
pub(crate) fn run(
    plan: &Plan,
    assets: &Assets,
    cache: &BuildCache,
    output_lock: &OutputLock,
    console: &Console,
) -> anyhow::Result<PipelineOutput> {
    let graphs = CargoGraphs::new(plan);
    let context = PipelineContext {
        plan,
        assets,
        cache,
        output_lock,
        graphs: &graphs,
    };
    let mut processed = worker_pool::process_all(&context, console)?;
    process::interrupted()?;
    processed.sort_by_key(|binary| binary.function);
    let mut checks = BinaryChecks::default();
    let mut output = PipelineOutput::default();
    let mut waiting = Vec::new();
    let (mut read_errors, mut pack_errors) = (Vec::new(), Vec::new());
    for binary in processed {
        checks.merge(binary.checks);
        match binary.outcome {
            BinaryOutcome::Packed(packed) => {
                // A build script may have changed an additional file after it was read.
                if packed.source == PackedSource::Build
                    && let Err(changed) = assets.check_unchanged(packed.function)
                {
                    pack_errors.push(changed.into());
                }
                output.packed.push(*packed);
            }
            BinaryOutcome::Waiting(binary) => waiting.push(binary),
            BinaryOutcome::NotAFunction(skipped) => output.not_functions.push(skipped),
            BinaryOutcome::Refused => {}
            BinaryOutcome::ReadFailed(error) => read_errors.push(error),
            BinaryOutcome::PackFailed(error) => pack_errors.push(error),
        }
    }
    fail_with_all(read_errors)?;
    for problem in &checks.warnings {
        console.problem(problem);
    }
    for note in &checks.notes {
        console.detail("Checked", note);
    }
    checks.fail_if_refused()?;
    fail_with_all(pack_errors)?;
    output_lock.remove_obstacles(plan, assets);
    for binary in waiting {
        output.packed.push(package::pack(
            plan,
            &binary,
            assets,
            &output_lock.folders,
            &graphs,
        )?);
    }
    for problem in graphs.problems() {
        console.problem(&problem);
    }
    Ok(output)
}

/// Combines errors into one failure that reports each problem once.
fn fail_with_all(errors: Vec<anyhow::Error>) -> Result<(), Failure> {
    let mut joined: Option<Failure> = None;
    for error in errors {
        let failure = Failure::from_error(&error, ExitKind::Packaging);
        let joined = joined.get_or_insert_with(|| Failure::silent(failure.kind));
        if failure.kind == ExitKind::Bug {
            joined.kind = ExitKind::Bug;
        }
        for problem in failure.problems {
            if !joined.problems.contains(&problem) {
                joined.problems.push(problem);
            }
        }
    }
    joined.map_or(Ok(()), Err)
}
