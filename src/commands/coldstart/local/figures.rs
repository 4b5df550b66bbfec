//! The figures of each zip, and their comparison.
//!
//! In: a [`StartSample`] for each start. Out: the values of each [`Metric`], and the verdict about
//! a ratio. There is no verdict if the control, which runs at the same time, differs as much.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::commands::coldstart::local::page_cache::PageCache;
use crate::commands::coldstart::local::sample::StartSample;
use crate::commands::invoke::ReadyFunction;
use crate::lambda::Arch;
use crate::metrics::statistics;
use crate::metrics::statistics::{DRAWS, Ratio};
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::path_display::display_path;

/// A figure of a start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Metric {
    /// Its name in JSON.
    pub(super) name: &'static str,
    /// Its name in text.
    pub(super) what: &'static str,
    /// Whether it depends on other activity on the machine.
    pub(super) timed: bool,
    value: fn(&StartSample) -> Option<f64>,
}

pub(super) const INIT: Metric = Metric {
    name: "init_ms",
    what: "init",
    timed: true,
    value: |sample| Some(sample.init_ms),
};
pub(super) const FIRST: Metric = Metric {
    name: "first_ms",
    what: "first event",
    timed: true,
    value: |sample| Some(sample.first_ms),
};
pub(super) const WARM: Metric = Metric {
    name: "warm_ms",
    what: "warm event",
    timed: true,
    value: |sample| sample.warm_ms,
};
pub(super) const CPU: Metric = Metric {
    name: "cpu_ms",
    what: "processor time",
    timed: false,
    value: |sample| sample.cpu_ms,
};
pub(super) const PEAK: Metric = Metric {
    name: "peak_bytes",
    what: "memory",
    timed: false,
    value: |sample| sample.peak.map(to_float),
};
pub(super) const MINOR: Metric = Metric {
    name: "minor_faults",
    what: "page faults",
    timed: false,
    value: |sample| sample.minor_faults.map(to_float),
};
pub(super) const MAJOR: Metric = Metric {
    name: "major_faults",
    what: "pages read",
    timed: false,
    value: |sample| sample.major_faults.map(to_float),
};

pub(super) const METRICS: [Metric; 7] = [INIT, FIRST, WARM, CPU, PEAK, MINOR, MAJOR];

/// A zip that is measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// Its unique name in tables.
    pub(super) label: String,
    pub(super) name: String,
    pub(super) zip: PathBuf,
    /// Its size in bytes.
    pub(super) zip_size: u64,
    /// The size of `bootstrap`, in bytes.
    pub(super) size: u64,
    pub(super) arch: Option<Arch>,
    /// Whether it is the control, a repetition of the first zip.
    pub(super) control: bool,
    /// `MemorySize` in MB, as reported to the function.
    pub(super) memory_mb: u32,
    samples: [Vec<StartSample>; 2],
}

impl Candidate {
    pub(super) fn new(ready: &ReadyFunction, control: bool) -> anyhow::Result<Self> {
        Ok(Self {
            label: ready.zip.name.clone(),
            name: ready.zip.name.clone(),
            zip_size: fs_err::metadata(&ready.zip.path)?.len(),
            zip: ready.zip.path.clone(),
            size: fs_err::metadata(ready.sandbox.bootstrap())?.len(),
            arch: ready.sandbox.arch(),
            control,
            memory_mb: ready.memory_mb(),
            samples: Default::default(),
        })
    }

    pub(super) fn add(&mut self, cache: PageCache, sample: StartSample) {
        self.samples[cache as usize].push(sample);
    }

    pub(super) fn samples(&self, cache: PageCache) -> &[StartSample] {
        &self.samples[cache as usize]
    }

    /// All values of one metric.
    pub(super) fn values(&self, metric: Metric, cache: PageCache) -> Vec<f64> {
        self.samples(cache)
            .iter()
            .filter_map(metric.value)
            .collect()
    }

    /// Returns true if the program was read from the disk in the starts that should do so.
    pub(super) fn read_from_disk(&self) -> bool {
        let read = self.values(MAJOR, PageCache::Cold);
        statistics::median(&read).is_some_and(|read| read > 0.0)
    }

    /// Warns if the function responds with an error, because then errors are measured.
    pub(super) fn warn_about_errors(&self, console: &Console) {
        let all = self.samples.iter().flatten();
        let Some(error) = all.filter_map(|sample| sample.error.as_ref()).next() else {
            return;
        };
        if !self.control {
            let what = format!(
                "{} returned an error, so errors are measured: {error}",
                self.label
            );
            let help =
                "pass an event that the function accepts with `--data JSON` or `--event NAME`";
            console.problem(&Problem::new(what).help(help));
        }
    }
}

/// Makes labels unique. Candidates with the same name are labeled with their paths, and with a
/// number if those are also the same.
pub(super) fn make_labels_unique(candidates: &mut [Candidate], cwd: &Path) {
    let labels = |candidates: &[Candidate]| -> Vec<_> {
        let without_control = candidates.iter().filter(|candidate| !candidate.control);
        without_control
            .map(|candidate| candidate.label.clone())
            .collect()
    };
    let count = |all: &[String], label: &String| all.iter().filter(|other| *other == label).count();
    let names = labels(candidates);
    for candidate in candidates.iter_mut() {
        if count(&names, &candidate.label) > 1 {
            candidate.label = display_path(&candidate.zip, cwd);
        }
    }
    let paths = labels(candidates);
    for (index, candidate) in candidates.iter_mut().enumerate() {
        let before = count(&paths[..index.min(paths.len())], &candidate.label);
        if before > 0 && !candidate.control {
            let _ = write!(candidate.label, " ({})", before + 1);
        }
        if candidate.control {
            candidate.label += " again";
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of bytes and pages are below 2^53"
)]
pub(super) const fn to_float(count: u64) -> f64 {
    count as f64
}

/// The verdict about a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Less,
    More,
    Inconclusive,
}

impl Verdict {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Less => "less",
            Self::More => "more",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// There is a verdict if the ratio definitely differs from 1 and from the ratio of the control.
    /// If the ratio of the control differs from 1, there is no verdict about timed metrics.
    pub(super) fn from_ratio(ratio: Ratio, control: Option<Ratio>, timed: bool) -> Self {
        let control = match control {
            Some(control) if control.contains_one() || !timed => control,
            _ => return Self::Inconclusive,
        };
        if ratio.high < 1.0 && ratio.high < control.low {
            Self::Less
        } else if ratio.low > 1.0 && ratio.low > control.high {
            Self::More
        } else {
            Self::Inconclusive
        }
    }
}

/// The ratio of two candidates in one metric.
pub(super) fn ratio(
    new: &Candidate,
    base: &Candidate,
    metric: Metric,
    cache: PageCache,
    seed: u64,
) -> Option<Ratio> {
    let (new, base) = (new.values(metric, cache), base.values(metric, cache));
    statistics::ratio(&new, &base, DRAWS, seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ratio(low: f64, point: f64, high: f64) -> Ratio {
        Ratio { point, low, high }
    }

    #[test]
    fn a_verdict_needs_an_interval_without_1_and_a_control_equal_to_itself() {
        let control = Some(ratio(0.9, 1.0, 1.1));
        for (low, high, wanted) in [
            (0.4, 0.6, Verdict::Less),
            (1.2, 1.5, Verdict::More),
            (0.4, 1.1, Verdict::Inconclusive),
            // Closer to 1 than the limit of the control.
            (0.85, 0.95, Verdict::Inconclusive),
            (1.05, 1.2, Verdict::Inconclusive),
        ] {
            for timed in [false, true] {
                let found =
                    Verdict::from_ratio(ratio(low, (low + high) / 2.0, high), control, timed);
                assert_eq!(found, wanted, "{low} to {high}");
            }
        }
        let less = ratio(0.1, 0.2, 0.3);
        assert_eq!(
            Verdict::from_ratio(less, None, false),
            Verdict::Inconclusive
        );
        assert_eq!(Verdict::from_ratio(less, None, true), Verdict::Inconclusive);
    }

    #[test]
    fn a_deviating_control_prevents_timed_verdicts_and_shifts_the_others() {
        for (control, wanted) in [
            (ratio(1.01, 1.1, 1.2), Verdict::Less),
            (ratio(0.7, 0.8, 0.9), Verdict::Less),
            (ratio(0.2, 0.3, 0.4), Verdict::Inconclusive),
        ] {
            let less = ratio(0.1, 0.2, 0.3);
            let verdict = |timed| Verdict::from_ratio(less, Some(control), timed);
            assert_eq!(
                (verdict(true), verdict(false)),
                (Verdict::Inconclusive, wanted)
            );
        }
    }

    fn candidate(path: &str, control: bool) -> Candidate {
        let path = Path::new(path);
        Candidate {
            label: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            name: String::new(),
            zip: path.to_owned(),
            zip_size: 1,
            size: 1,
            arch: None,
            control,
            memory_mb: 128,
            samples: Default::default(),
        }
    }

    #[test]
    fn labels_are_unique() {
        let mut all = ["/p/a.zip", "/p/old/a.zip", "/p/b.zip", "/p/a.zip"]
            .map(|path| candidate(path, false))
            .to_vec();
        all.push(candidate("/p/a.zip", true));
        make_labels_unique(&mut all, Path::new("/p"));
        let labels: Vec<_> = all
            .iter()
            .map(|candidate| candidate.label.as_str())
            .collect();
        let wanted = ["a.zip", "old/a.zip", "b", "a.zip (2)", "a.zip again"];
        assert_eq!(labels, wanted);
    }
}
