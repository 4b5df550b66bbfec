//! Detects regressions against an earlier run, or against the first of several zips.
//!
//! In: an earlier run as JSON, and the maximum ratio. Out: each figure that definitely exceeds it.
//!
//! A ratio whose interval contains the limit is reported but passes. So does the init time compared
//! with an earlier run: no control tells how busy the machine was then, and users disable checks
//! that fail by chance. Memory and sizes are stable between runs. Processor time depends on how
//! other processes use the caches of the same processors, by up to 1.4x as measured; the maximum
//! ratio must allow for it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::commands::coldstart::local::figures;
use crate::commands::coldstart::local::figures::{CPU, Candidate, INIT, Metric, PEAK, to_float};
use crate::commands::coldstart::local::measurement::{
    LocalMeasurement, MachineDescription, Regression,
};
use crate::commands::coldstart::local::page_cache::PageCache;
use crate::metrics::statistics;
use crate::metrics::statistics::{DRAWS, Ratio};
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// The results of an earlier run.
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

/// Reads an earlier run.
pub(super) fn read(file: &Path) -> anyhow::Result<Baseline> {
    let bytes = fs_err::read(file)?;
    let shown = file.display();
    let failure = |what: String| {
        Failure::new(ExitKind::Packaging, what)
            .help("create one with `cargo lambdapack coldstart NAME --json FILE`")
    };
    let baseline: Baseline = serde_json::from_slice(&bytes)
        .map_err(|why| failure(format!("`{shown}` is not a result of `--json`: {why}")))?;
    if baseline.version != 1 {
        let what = format!("`{shown}` was written by a newer version of cargo-lambdapack");
        return Err(failure(what).into());
    }
    Ok(baseline)
}

/// All figures that definitely exceed the maximum ratio.
pub(super) fn regressions(
    measured: &LocalMeasurement,
    baseline: Option<&Baseline>,
    most: f64,
    console: &Console,
) -> Result<Vec<Regression>, Failure> {
    let cache = measured.caches().next().unwrap_or(PageCache::Warm);
    let skipped = usize::from(baseline.is_none());
    let judged = measured
        .candidates
        .iter()
        .filter(|candidate| !candidate.control)
        .skip(skipped);
    let (mut over, mut unknown) = (Vec::new(), Vec::new());
    for candidate in judged {
        let before = match baseline {
            Some(baseline) => match baseline.function(&candidate.name) {
                Some(function) => ComparedWith::Read(function),
                None => continue,
            },
            None => ComparedWith::First(&measured.candidates[0]),
        };
        let any = |metric: &Metric| !before.values(*metric, cache).is_empty();
        if ![INIT, CPU, PEAK].iter().any(any) {
            let what = format!(
                "the baseline has no starts of {} with a {} page cache",
                candidate.name,
                cache.name()
            );
            let help = "measure the baseline again on this machine with `--json FILE`";
            unknown.push(Problem::new(what).help(help));
        }
        for metric in [INIT, CPU, PEAK] {
            let Some(ratio) = statistics::ratio(
                &candidate.values(metric, cache),
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
            let is_itself = control.is_none_or(|control| {
                if metric.timed {
                    control.contains_one()
                } else {
                    control.high < low
                }
            });
            let is_timed = metric.timed && baseline.is_some();
            if low > most && is_itself && !is_timed {
                over.push(Regression {
                    label: candidate.label.clone(),
                    what: metric.what,
                    ratio,
                    most,
                });
            } else if point > most {
                let (why, help) = match (is_timed, is_itself) {
                    (true, _) => (
                        "the baseline was measured at another time",
                        "measure both zips in one run with `cargo lambdapack coldstart OLD NEW`",
                    ),
                    (_, true) => ("this may be chance", "measure more often with `--times N`"),
                    (_, false) => (
                        "the control also differs",
                        "measure again on a less busy machine",
                    ),
                };
                let what = format!(
                    "{}: {} is {point:.2}x, more than {most:.2}x, but {why}",
                    candidate.label, metric.what
                );
                console.problem(&Problem::new(what).help(help));
            }
        }
        let point = to_float(candidate.zip_size) / to_float(before.zip_size()).max(1.0);
        if point > most {
            over.push(Regression {
                label: candidate.label.clone(),
                what: "zip size",
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

/// The figure that a candidate is compared with.
enum ComparedWith<'a> {
    Read(&'a BaselineFunction),
    First(&'a Candidate),
}

impl ComparedWith<'_> {
    fn values(&self, metric: Metric, cache: PageCache) -> Vec<f64> {
        match self {
            Self::First(candidate) => candidate.values(metric, cache),
            Self::Read(function) => {
                let figures = function.page_cache.get(cache.name());
                let figures = figures.and_then(|all| all.get(metric.name)?.as_ref());
                figures
                    .map(|candidate| candidate.values.clone())
                    .unwrap_or_default()
            }
        }
    }

    const fn zip_size(&self) -> u64 {
        match self {
            Self::First(candidate) => candidate.zip_size,
            Self::Read(function) => function.zip_size,
        }
    }
}

impl Baseline {
    /// Checks before the measurement that the baseline contains every candidate.
    pub(super) fn check_candidates(
        &self,
        candidates: &[Candidate],
        here: &MachineDescription,
        console: &Console,
    ) -> Result<(), Failure> {
        let BaselineMachine { system, processors } = &self.machine;
        if (system, processors) != (&here.system, &here.processors) {
            console.warning(&format!(
                "the baseline is from another machine ({system}, {processors} processors), so its \
                 processor time is not comparable"
            ));
        }
        let own = self.functions.iter().filter(|candidate| !candidate.control);
        let names: Vec<_> = own.map(|candidate| candidate.name.as_str()).collect();
        let unknown = candidates
            .iter()
            .filter(|candidate| !candidate.control && !names.contains(&candidate.name.as_str()))
            .map(|candidate| {
                let what = format!(
                    "the baseline does not contain {}, only {}",
                    candidate.name,
                    names.join(", ")
                );
                Problem::new(what).help(
                    "measure a baseline with this function: `cargo lambdapack coldstart NAME \
                     --json FILE`",
                )
            });
        Failure::unless_empty(ExitKind::Project, unknown.collect())
    }

    fn function(&self, name: &str) -> Option<&BaselineFunction> {
        let mut without_control = self.functions.iter().filter(|candidate| !candidate.control);
        without_control.find(|candidate| candidate.name == name)
    }
}
