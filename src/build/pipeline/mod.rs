//! Compiles, checks and packs side by side.
//!
//! In: [`Plan`]. Out: [`Packed`], one for each function, or every problem of all of
//! them. A binary goes to a worker as soon as its compiler names it: the worker asks
//! the cache, or else reads, checks and packs it, and drops its bytes. There are as
//! many workers as processors, at most, so that many functions take no more memory
//! than a few. What is told, and in which order, is decided by the plan alone.
//! Absent: anything at a final path.

mod worker_pool;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::build::assets::Assets;
use crate::build::checked_binary::{BinaryChecks, CheckOutcome, CheckedBinary};
use crate::build::compile::Binary;
use crate::build::package;
use crate::build::package::Packed;
use crate::build::package::cache::{BuildCache, CachedRejection, FreshnessCheck, SkippedProgram};
use crate::build::package::publish::OutputLock;
use crate::build::pipeline::worker_pool::side_by_side;
use crate::build::plan::Plan;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// What came of the programs of a plan.
#[derive(Debug, Default)]
pub(crate) struct PipelineOutput {
    pub packed: Vec<Packed>,
    /// The programs that are not functions.
    pub others: Vec<SkippedProgram>,
}

/// Follows a plan until every function is packed beside its place.
pub(crate) fn make(
    plan: &Plan,
    extras: &Assets,
    known: &BuildCache,
    desk: &OutputLock,
    console: &Console,
) -> anyhow::Result<PipelineOutput> {
    let work = PipelineContext {
        plan,
        extras,
        known,
        desk,
    };
    let mut done = side_by_side(&work, console)?;
    process::interrupted()?;
    done.sort_by_key(|done| done.function);
    let mut checks = BinaryChecks::default();
    let (mut packed, mut waiting, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let (mut unread, mut unpacked) = (Vec::new(), Vec::new());
    for one in done {
        checks.append(one.checks);
        match one.became {
            BinaryOutcome::Packed(one) => {
                // A build script may have written one of them after it was read.
                let changed = (!one.fresh).then(|| extras.unchanged(one.function).err());
                unpacked.extend(changed.flatten().map(Into::into));
                packed.push(*one);
            }
            BinaryOutcome::Waiting(binary) => waiting.push(binary),
            BinaryOutcome::NoFunction(unpacked) => others.push(unpacked),
            BinaryOutcome::Refused => {}
            BinaryOutcome::Unread(error) => unread.push(error),
            BinaryOutcome::Unpacked(error) => unpacked.push(error),
        }
    }
    all_of(unread)?;
    for problem in &checks.warnings {
        console.problem(problem);
    }
    for note in &checks.notes {
        console.detail("Checked", note);
    }
    checks.finish()?;
    all_of(unpacked)?;
    desk.make_way(plan, extras);
    for binary in waiting {
        packed.push(package::pack(plan, &binary, extras, &desk.folders)?);
    }
    Ok(PipelineOutput { packed, others })
}

/// Nothing, or what all of them say, once.
fn all_of(errors: Vec<anyhow::Error>) -> Result<(), Failure> {
    let mut all: Option<Failure> = None;
    for error in errors {
        let failure = Failure::from_error(&error, ExitKind::Packaging);
        let all = all.get_or_insert_with(|| Failure::silent(failure.kind));
        if failure.kind == ExitKind::Bug {
            all.kind = ExitKind::Bug;
        }
        for problem in failure.problems {
            if !all.problems.contains(&problem) {
                all.problems.push(problem);
            }
        }
    }
    all.map_or(Ok(()), Err)
}

/// What every worker knows.
struct PipelineContext<'a> {
    plan: &'a Plan,
    extras: &'a Assets,
    known: &'a BuildCache,
    desk: &'a OutputLock,
}

/// What came of a binary.
struct ProcessedBinary {
    function: usize,
    checks: BinaryChecks,
    became: BinaryOutcome,
}

enum BinaryOutcome {
    Packed(Box<Packed>),
    /// It passed, and can be packed when nothing is in its way any more.
    Waiting(CheckedBinary),
    /// Its finished program is not a function, and it was not named.
    NoFunction(SkippedProgram),
    Refused,
    Unread(anyhow::Error),
    Unpacked(anyhow::Error),
}

impl PipelineContext<'_> {
    /// What came of a binary, where its stamp tells that its result stands already:
    /// not worth a thread.
    fn glance(&self, binary: &Binary) -> Option<ProcessedBinary> {
        self.remembered(binary, FreshnessCheck::Stamp)
            .map(|became| ProcessedBinary {
                function: binary.function,
                checks: BinaryChecks::default(),
                became,
            })
    }

    /// What came of this very binary in an earlier run.
    fn remembered(&self, binary: &Binary, look: FreshnessCheck) -> Option<BinaryOutcome> {
        let (plan, extras) = (self.plan, self.extras);
        let standing = self.known.standing(plan, binary, extras, look);
        let packed = standing.map(|packed| BinaryOutcome::Packed(Box::new(packed)));
        packed.or_else(|| {
            let judged = self.known.judged(plan, binary, extras, look);
            judged.map(BinaryOutcome::NoFunction)
        })
    }

    /// What comes of a binary. `read` is told what packing it is announced as.
    fn follow(&self, binary: Binary, read: impl FnOnce(Option<String>)) -> ProcessedBinary {
        let function = binary.function;
        let mut checks = BinaryChecks::default();
        let follow = || self.became(binary, &mut checks, read);
        let became = catch_unwind(AssertUnwindSafe(follow))
            .unwrap_or_else(|_| BinaryOutcome::Unread(Failure::fault().into()));
        ProcessedBinary {
            function,
            checks,
            became,
        }
    }

    fn became(
        &self,
        binary: Binary,
        checks: &mut BinaryChecks,
        read: impl FnOnce(Option<String>),
    ) -> BinaryOutcome {
        let (plan, extras, function) = (self.plan, self.extras, binary.function);
        if let Err(told) = process::interrupted() {
            return BinaryOutcome::Unread(told.into());
        }
        if let Some(became) = self.remembered(&binary, FreshnessCheck::Content) {
            return became;
        }
        let binary = match checks.add(plan, binary, extras) {
            Ok(CheckOutcome::Passed(binary)) => binary,
            Ok(CheckOutcome::Refused) => return BinaryOutcome::Refused,
            Ok(CheckOutcome::Rejected(rejected)) => {
                let judged = CachedRejection::new(&plan.functions[function], &rejected);
                return BinaryOutcome::NoFunction(SkippedProgram { function, judged });
            }
            Err(error) => return BinaryOutcome::Unread(error),
        };
        read(package::announcement(plan, &binary, extras));
        if !self.desk.is_free(plan, function, extras) {
            return BinaryOutcome::Waiting(binary);
        }
        match package::pack(plan, &binary, extras, &self.desk.folders) {
            Ok(packed) => BinaryOutcome::Packed(Box::new(packed)),
            Err(error) => BinaryOutcome::Unpacked(error),
        }
    }
}
