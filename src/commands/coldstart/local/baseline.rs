//! A gate against regressions: what was measured against what was measured before, or
//! against the first of several zips.
//!
//! In: an earlier run as JSON, and by how much a figure may be worse. Out: each figure
//! that surely is. A ratio whose interval holds the limit is told and passes, and so is
//! the time of init beside an earlier run: how busy the machine was then is in no
//! control, and a gate that fails by chance is switched off. Memory and sizes hold from
//! run to run; processor time to within what neighbours on the same processors take of
//! its caches, which was measured to be up to 1.4x, and is for the ratio to allow.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::commands::coldstart::local::figures;
use crate::commands::coldstart::local::figures::{CPU, Candidate, INIT, Metric, PEAK};
use crate::commands::coldstart::local::machine::MachineDescription;
use crate::commands::coldstart::local::{LocalMeasurement, PageCache, number};
use crate::metrics::statistics;
use crate::metrics::statistics::{DRAWS, Ratio};
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// What an earlier run measured.
#[derive(Debug, Deserialize)]
pub(super) struct Baseline {
    version: u32,
    machine: BaselineMachine,
    functions: Vec<BaselineFunction>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct BaselineMachine {
    system: String,
    processors: usize,
}

#[derive(Debug, Deserialize)]
struct BaselineFunction {
    name: String,
    control: bool,
    zip_size: u64,
    page_cache: BTreeMap<String, BTreeMap<String, Option<BaselineFigures>>>,
}

#[derive(Debug, Deserialize)]
struct BaselineFigures {
    values: Vec<f64>,
}

/// A figure that is worse than it may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Regression {
    label: String,
    what: &'static str,
    ratio: Ratio,
    most: f64,
}

impl Regression {
    pub(super) fn problem(&self) -> Problem {
        let Self { label, what, .. } = self;
        let Ratio { point, low, high } = self.ratio;
        Problem::new(format!(
            "{label}: {what} is {point:.2}x ({low:.2} to {high:.2}), and {:.2}x is allowed",
            self.most
        ))
        .help("see what was added since; if it is meant, measure the baseline again: --json FILE")
    }
}

/// Reads an earlier run.
pub(super) fn read(file: &Path) -> anyhow::Result<Baseline> {
    let bytes = fs_err::read(file)?;
    let shown = file.display();
    let failure = |what: String| {
        Failure::new(ExitKind::Packaging, what)
            .help("make one: cargo lambdapack coldstart NAME --json FILE")
    };
    let baseline: Baseline = serde_json::from_slice(&bytes)
        .map_err(|why| failure(format!("{shown} is no run that --json wrote: {why}")))?;
    if baseline.version != 1 {
        let what = format!("{shown} was written by a newer version of this program");
        return Err(failure(what).into());
    }
    Ok(baseline)
}

/// Everything that is surely worse than it may be.
pub(super) fn over(
    measured: &LocalMeasurement,
    baseline: Option<&Baseline>,
    most: f64,
    console: &Console,
) -> Result<Vec<Regression>, Failure> {
    let cache = measured.caches().next().unwrap_or(PageCache::Warm);
    let skipped = usize::from(baseline.is_none());
    let judged = { measured.candidates.iter() }
        .filter(|one| !one.control)
        .skip(skipped);
    let (mut over, mut unknown) = (Vec::new(), Vec::new());
    for one in judged {
        let before = match baseline {
            Some(baseline) => match baseline.function(&one.name) {
                Some(function) => ComparedWith::Read(function),
                None => continue,
            },
            None => ComparedWith::First(&measured.candidates[0]),
        };
        let any = |metric: &Metric| !before.values(*metric, cache).is_empty();
        if ![INIT, CPU, PEAK].iter().any(any) {
            let what = format!(
                "the baseline has no starts of {} with a page cache that was {}",
                one.name,
                cache.name()
            );
            let help = "measure it again, on this machine: --json FILE";
            unknown.push(Problem::new(what).help(help));
        }
        for metric in [INIT, CPU, PEAK] {
            let Some(ratio) = statistics::ratio(
                &one.values(metric, cache),
                &before.values(metric, cache),
                DRAWS,
                measured.seed,
            ) else {
                continue;
            };
            let Ratio { point, low, .. } = ratio;
            let first = &measured.candidates[0];
            let control = measured
                .control()
                .and_then(|control| figures::ratio(control, first, metric, cache, measured.seed));
            let is_itself = control.is_none_or(|control| match metric.timed {
                true => control.contains_one(),
                false => control.high < low,
            });
            let is_timed = metric.timed && baseline.is_some();
            if low > most && is_itself && !is_timed {
                over.push(Regression {
                    label: one.label.clone(),
                    what: metric.what,
                    ratio,
                    most,
                });
            } else if point > most {
                let (why, help) = match (is_timed, is_itself) {
                    (true, _) => (
                        "that may be the machine, which was measured at another time",
                        "measure both zips in one run: cargo lambdapack coldstart OLD NEW",
                    ),
                    (_, true) => ("that may be chance", "measure more often: --times N"),
                    (_, false) => (
                        "the control is off, too",
                        "measure again, on a quieter machine",
                    ),
                };
                let what = format!(
                    "{}: {} is {point:.2}x, more than {most:.2}x, and {why}",
                    one.label, metric.what
                );
                console.problem(&Problem::new(what).help(help));
            }
        }
        let point = number(one.zip_size) / number(before.zip_size()).max(1.0);
        if point > most {
            over.push(Regression {
                label: one.label.clone(),
                what: "the zip's size",
                ratio: Ratio {
                    point,
                    low: point,
                    high: point,
                },
                most,
            });
        }
    }
    Failure::unless_empty(ExitKind::Project, unknown)?;
    Ok(over)
}

/// What something is compared with.
enum ComparedWith<'a> {
    Read(&'a BaselineFunction),
    First(&'a Candidate),
}

impl ComparedWith<'_> {
    fn values(&self, metric: Metric, cache: PageCache) -> Vec<f64> {
        match self {
            Self::First(one) => one.values(metric, cache),
            Self::Read(function) => {
                let figures = function.page_cache.get(cache.name());
                let figures = figures.and_then(|all| all.get(metric.name)?.as_ref());
                figures.map(|one| one.values.clone()).unwrap_or_default()
            }
        }
    }

    const fn zip_size(&self) -> u64 {
        match self {
            Self::First(one) => one.zip_size,
            Self::Read(function) => function.zip_size,
        }
    }
}

impl Baseline {
    /// Looks before anything is measured whether all will have something beside them.
    pub(super) fn knows(
        &self,
        candidates: &[Candidate],
        here: &MachineDescription,
        console: &Console,
    ) -> Result<(), Failure> {
        let BaselineMachine { system, processors } = &self.machine;
        if (system, processors) != (&here.system, &here.processors) {
            console.warning(&format!(
                "the baseline is of another machine ({system}, {processors} processors): its \
                 processor time says nothing here"
            ));
        }
        let own = self.functions.iter().filter(|one| !one.control);
        let names: Vec<_> = own.map(|one| one.name.as_str()).collect();
        let unknown = { candidates.iter() }
            .filter(|one| !one.control && !names.contains(&one.name.as_str()))
            .map(|one| {
                let what = format!("the baseline has no {}, but {}", one.name, names.join(", "));
                Problem::new(what).help(
                    "measure it with this function: cargo lambdapack coldstart NAME --json FILE",
                )
            });
        Failure::unless_empty(ExitKind::Project, unknown.collect())
    }

    fn function(&self, name: &str) -> Option<&BaselineFunction> {
        let mut own = self.functions.iter().filter(|one| !one.control);
        own.find(|one| one.name == name)
    }
}
