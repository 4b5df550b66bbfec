//! The context and the result of processing one binary.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::build::assets::Assets;
use crate::build::checked_binary::{BinaryChecks, CheckOutcome, CheckedBinary};
use crate::build::compile::Binary;
use crate::build::package;
use crate::build::package::Packed;
use crate::build::package::cache::{BuildCache, CachedRejection, FreshnessCheck, SkippedProgram};
use crate::build::package::output_lock::OutputLock;
use crate::build::package::sbom::CargoGraphs;
use crate::build::plan::{FunctionId, Plan};
use crate::system::process;
use crate::ui::failure::Failure;

/// What all workers share.
pub(super) struct PipelineContext<'a> {
    pub(super) plan: &'a Plan,
    pub(super) assets: &'a Assets,
    pub(super) cache: &'a BuildCache,
    pub(super) output_lock: &'a OutputLock,
    pub(super) graphs: &'a CargoGraphs,
}

/// A binary that was processed.
pub(super) struct ProcessedBinary {
    pub(super) function: FunctionId,
    pub(super) checks: BinaryChecks,
    pub(super) outcome: BinaryOutcome,
}

/// The result of processing a binary.
pub(super) enum BinaryOutcome {
    Packed(Box<Packed>),
    /// It passed the checks, but results of an earlier run are in the way of its own.
    Waiting(CheckedBinary),
    /// The finished program is not a function, and the user did not name it.
    NotAFunction(SkippedProgram),
    /// Lambda would not run it.
    Refused,
    /// It could not be read.
    ReadFailed(anyhow::Error),
    /// It could not be packed.
    PackFailed(anyhow::Error),
}

impl PipelineContext<'_> {
    /// Fast path: the cached result of a binary whose metadata is unchanged. It needs no worker.
    pub(super) fn find_unchanged(&self, binary: &Binary) -> Option<ProcessedBinary> {
        let outcome = self.find_cached(binary, FreshnessCheck::Stamp)?;
        Some(ProcessedBinary {
            function: binary.function,
            checks: BinaryChecks::default(),
            outcome,
        })
    }

    /// The result of the same binary in an earlier run.
    fn find_cached(&self, binary: &Binary, check: FreshnessCheck) -> Option<BinaryOutcome> {
        let (plan, assets) = (self.plan, self.assets);
        if let Some(packed) = self
            .cache
            .find_fresh(plan, binary, assets, self.graphs, check)
        {
            return Some(BinaryOutcome::Packed(Box::new(packed)));
        }
        let rejected = self.cache.find_rejection(plan, binary, assets, check);
        rejected.map(BinaryOutcome::NotAFunction)
    }

    /// Processes a binary. `on_released` is called when the binary may be overwritten, with the
    /// announcement of packing it if that takes long. A panic becomes an internal error, so that
    /// the other workers go on.
    pub(super) fn process(
        &self,
        binary: Binary,
        on_released: impl FnOnce(Option<String>),
    ) -> ProcessedBinary {
        let function = binary.function;
        let mut checks = BinaryChecks::default();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.check_and_pack(binary, &mut checks, on_released)
        }))
        .unwrap_or_else(|_| BinaryOutcome::ReadFailed(Failure::internal_error().into()));
        ProcessedBinary {
            function,
            checks,
            outcome,
        }
    }

    fn check_and_pack(
        &self,
        binary: Binary,
        checks: &mut BinaryChecks,
        on_released: impl FnOnce(Option<String>),
    ) -> BinaryOutcome {
        let (plan, assets, function) = (self.plan, self.assets, binary.function);
        if let Err(interrupted) = process::interrupted() {
            return BinaryOutcome::ReadFailed(interrupted.into());
        }
        if let Some(outcome) = self.find_cached(&binary, FreshnessCheck::Content) {
            return outcome;
        }
        let binary = match checks.check_binary(plan, binary, assets) {
            Ok(CheckOutcome::Passed(binary)) => binary,
            Ok(CheckOutcome::Refused) => return BinaryOutcome::Refused,
            Ok(CheckOutcome::Rejected(rejected)) => {
                let rejection = CachedRejection::new(plan.function(function), &rejected);
                return BinaryOutcome::NotAFunction(SkippedProgram {
                    function,
                    rejection,
                });
            }
            Err(error) => return BinaryOutcome::ReadFailed(error),
        };
        // All bytes are in memory now.
        on_released(package::announcement(plan, &binary, assets));
        if !self.output_lock.is_free(plan, function, assets) {
            return BinaryOutcome::Waiting(binary);
        }
        match package::pack(
            plan,
            &binary,
            assets,
            &self.output_lock.folders,
            self.graphs,
        ) {
            Ok(packed) => BinaryOutcome::Packed(Box::new(packed)),
            Err(error) => BinaryOutcome::PackFailed(error),
        }
    }
}
