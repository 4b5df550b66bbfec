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

use crate::build::assets::Extras;
use crate::build::checked_binary::{Checked, CheckedBinary, Checks};
use crate::build::compile::Binary;
use crate::build::package;
use crate::build::package::Packed;
use crate::build::package::cache::{Judged, Known, Look, Unpacked};
use crate::build::package::publish::Desk;
use crate::build::pipeline::worker_pool::side_by_side;
use crate::build::plan::Plan;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::{Failure, Kind};

/// What came of the programs of a plan.
#[derive(Debug, Default)]
pub struct Made {
    /// The functions.
    pub packed: Vec<Packed>,
    /// The programs that are not functions.
    pub others: Vec<Unpacked>,
}

/// Follows a plan until every function is packed beside its place.
///
/// # Errors
/// 130 or 143 when we are told to end, else those of [`crate::build::compile::compile`], of reading,
/// of [`Checks::finish`], and of [`package::pack`]: the first of these that failed tells
/// what is wrong with each function. Nothing of what was packed is left then.
pub fn make(
    plan: &Plan,
    extras: &Extras,
    known: &Known,
    desk: &Desk,
    console: &Console,
) -> anyhow::Result<Made> {
    let work = Work {
        plan,
        extras,
        known,
        desk,
    };
    let mut done = side_by_side(&work, console)?;
    process::interrupted()?;
    done.sort_by_key(|done| done.function);
    let mut checks = Checks::default();
    let (mut packed, mut waiting, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let (mut unread, mut unpacked) = (Vec::new(), Vec::new());
    for one in done {
        checks.append(one.checks);
        match one.became {
            Became::Packed(one) => {
                // A build script may have written one of them after it was read.
                let changed = (!one.fresh).then(|| extras.unchanged(one.function).err());
                unpacked.extend(changed.flatten().map(Into::into));
                packed.push(*one);
            }
            Became::Waiting(binary) => waiting.push(binary),
            Became::NoFunction(unpacked) => others.push(unpacked),
            Became::Refused => {}
            Became::Unread(error) => unread.push(error),
            Became::Unpacked(error) => unpacked.push(error),
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
    Ok(Made { packed, others })
}

/// Nothing, or what all of them say, once.
fn all_of(errors: Vec<anyhow::Error>) -> Result<(), Failure> {
    let mut all: Option<Failure> = None;
    for error in errors {
        let failure = Failure::from_error(&error, Kind::Packaging);
        let all = all.get_or_insert_with(|| Failure::silent(failure.kind));
        if failure.kind == Kind::Bug {
            all.kind = Kind::Bug;
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
struct Work<'a> {
    plan: &'a Plan,
    extras: &'a Extras,
    known: &'a Known,
    desk: &'a Desk,
}

/// What came of a binary.
struct Done {
    function: usize,
    checks: Checks,
    became: Became,
}

enum Became {
    Packed(Box<Packed>),
    /// It passed, and can be packed when nothing is in its way any more.
    Waiting(CheckedBinary),
    /// Its finished program is not a function, and it was not named.
    NoFunction(Unpacked),
    Refused,
    Unread(anyhow::Error),
    Unpacked(anyhow::Error),
}

impl Work<'_> {
    /// What came of a binary, where its stamp tells that its result stands already:
    /// not worth a thread.
    fn glance(&self, binary: &Binary) -> Option<Done> {
        self.remembered(binary, Look::Stamp).map(|became| Done {
            function: binary.function,
            checks: Checks::default(),
            became,
        })
    }

    /// What came of this very binary in an earlier run.
    fn remembered(&self, binary: &Binary, look: Look) -> Option<Became> {
        let (plan, extras) = (self.plan, self.extras);
        let standing = self.known.standing(plan, binary, extras, look);
        let packed = standing.map(|packed| Became::Packed(Box::new(packed)));
        packed.or_else(|| {
            let judged = self.known.judged(plan, binary, extras, look);
            judged.map(Became::NoFunction)
        })
    }

    /// What comes of a binary. `read` is told what packing it is announced as.
    fn follow(&self, binary: Binary, read: impl FnOnce(Option<String>)) -> Done {
        let function = binary.function;
        let mut checks = Checks::default();
        let follow = || self.became(binary, &mut checks, read);
        let became = catch_unwind(AssertUnwindSafe(follow))
            .unwrap_or_else(|_| Became::Unread(Failure::fault().into()));
        Done {
            function,
            checks,
            became,
        }
    }

    fn became(
        &self,
        binary: Binary,
        checks: &mut Checks,
        read: impl FnOnce(Option<String>),
    ) -> Became {
        let (plan, extras, function) = (self.plan, self.extras, binary.function);
        if let Err(told) = process::interrupted() {
            return Became::Unread(told.into());
        }
        if let Some(became) = self.remembered(&binary, Look::Content) {
            return became;
        }
        let binary = match checks.add(plan, binary, extras) {
            Ok(Checked::Passed(binary)) => binary,
            Ok(Checked::Refused) => return Became::Refused,
            Ok(Checked::Rejected(rejected)) => {
                let judged = Judged::new(&plan.functions[function], &rejected);
                return Became::NoFunction(Unpacked { function, judged });
            }
            Err(error) => return Became::Unread(error),
        };
        read(package::announcement(plan, &binary, extras));
        if !self.desk.is_free(plan, function, extras) {
            return Became::Waiting(binary);
        }
        match package::pack(plan, &binary, extras, &self.desk.folders) {
            Ok(packed) => Became::Packed(Box::new(packed)),
            Err(error) => Became::Unpacked(error),
        }
    }
}
