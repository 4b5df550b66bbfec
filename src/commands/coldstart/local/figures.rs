//! What was measured of each zip, and how it compares.
//!
//! In: a [`StartSample`] for each start. Out: the numbers of each [`Metric`], and what may be
//! said of their ratio: nothing, where a control that ran beside it differs as much.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::commands::coldstart::local::sample::StartSample;
use crate::commands::coldstart::local::{PageCache, number};
use crate::commands::invoke::ReadyFunction;
use crate::lambda::Arch;
use crate::metrics::statistics;
use crate::metrics::statistics::{DRAWS, Ratio};
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::path_display::display_path;

/// One figure of a start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Metric {
    /// Its name in JSON.
    pub(super) name: &'static str,
    /// What it is, for people.
    pub(super) what: &'static str,
    /// Whether it depends on who else uses the machine.
    pub(super) timed: bool,
    of: fn(&StartSample) -> Option<f64>,
}

pub(super) const INIT: Metric = Metric {
    name: "init_ms",
    what: "init",
    timed: true,
    of: |sample| Some(sample.init_ms),
};
pub(super) const FIRST: Metric = Metric {
    name: "first_ms",
    what: "first event",
    timed: true,
    of: |sample| Some(sample.first_ms),
};
pub(super) const WARM: Metric = Metric {
    name: "warm_ms",
    what: "warm event",
    timed: true,
    of: |sample| sample.warm_ms,
};
pub(super) const CPU: Metric = Metric {
    name: "cpu_ms",
    what: "processor time",
    timed: false,
    of: |sample| sample.cpu_ms,
};
pub(super) const PEAK: Metric = Metric {
    name: "peak_bytes",
    what: "memory",
    timed: false,
    of: |sample| sample.peak.map(number),
};
pub(super) const MINOR: Metric = Metric {
    name: "minor_faults",
    what: "page faults",
    timed: false,
    of: |sample| sample.minor_faults.map(number),
};
pub(super) const MAJOR: Metric = Metric {
    name: "major_faults",
    what: "pages read",
    timed: false,
    of: |sample| sample.major_faults.map(number),
};

pub(super) const METRICS: [Metric; 7] = [INIT, FIRST, WARM, CPU, PEAK, MINOR, MAJOR];

/// A zip that takes part.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// What it is called in tables: no two are called alike.
    pub(super) label: String,
    pub(super) name: String,
    pub(super) zip: PathBuf,
    /// Its size in bytes.
    pub(super) zip_size: u64,
    /// The size of `bootstrap`, in bytes.
    pub(super) size: u64,
    pub(super) arch: Option<Arch>,
    /// Whether it is the first one, once more.
    pub(super) control: bool,
    /// `MemorySize`, in MB, as the function was told.
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

    /// All numbers of one figure.
    pub(super) fn values(&self, metric: Metric, cache: PageCache) -> Vec<f64> {
        self.samples(cache).iter().filter_map(metric.of).collect()
    }

    /// Whether the program was read from a disk, where it was to be.
    pub(super) fn read_from_disk(&self) -> bool {
        let read = self.values(MAJOR, PageCache::Cold);
        statistics::median(&read).is_some_and(|read| read > 0.0)
    }

    /// Says that it is errors that are measured.
    pub(super) fn tell(&self, console: &Console) {
        let all = self.samples.iter().flatten();
        let Some(error) = all.filter_map(|sample| sample.error.as_ref()).next() else {
            return;
        };
        if !self.control {
            let what = format!(
                "{} answers with an error, which is measured: {error}",
                self.label
            );
            let help = "give it an event that it knows: --data JSON, or --event NAME";
            console.problem(&Problem::new(what).help(help));
        }
    }
}

/// Gives those that are called alike other labels: their paths, as somebody in this
/// folder writes them, and where those are the same, too, a number.
pub(super) fn tell_apart(candidates: &mut [Candidate], cwd: &Path) {
    let others = |candidates: &[Candidate]| -> Vec<_> {
        let own = candidates.iter().filter(|one| !one.control);
        own.map(|one| one.label.clone()).collect()
    };
    let count =
        |labels: &[String], label: &String| labels.iter().filter(|other| *other == label).count();
    let names = others(candidates);
    for one in candidates.iter_mut() {
        if count(&names, &one.label) > 1 {
            one.label = display_path(&one.zip, cwd);
        }
    }
    let paths = others(candidates);
    for (index, one) in candidates.iter_mut().enumerate() {
        let before = count(&paths[..index.min(paths.len())], &one.label);
        if before > 0 && !one.control {
            let _ = write!(one.label, " ({})", before + 1);
        }
        if one.control {
            one.label += " again";
        }
    }
}

/// What may be said of a ratio.
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

    /// Something is said where the ratio surely is not 1, and surely no ratio that the
    /// same zip has with itself; of what a clock says nothing at all, where that is not 1.
    pub(super) fn of(ratio: Ratio, control: Option<Ratio>, timed: bool) -> Self {
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

/// How one compares with another in one figure.
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
    fn a_verdict_needs_an_interval_without_one_and_a_control_that_is_itself() {
        let control = Some(ratio(0.9, 1.0, 1.1));
        for (low, high, wanted) in [
            (0.4, 0.6, Verdict::Less),
            (1.2, 1.5, Verdict::More),
            (0.4, 1.1, Verdict::Inconclusive),
            // No further from 1 than the control.
            (0.85, 0.95, Verdict::Inconclusive),
            (1.05, 1.2, Verdict::Inconclusive),
        ] {
            for timed in [false, true] {
                let found = Verdict::of(ratio(low, (low + high) / 2.0, high), control, timed);
                assert_eq!(found, wanted, "{low} to {high}");
            }
        }
        let less = ratio(0.1, 0.2, 0.3);
        assert_eq!(Verdict::of(less, None, false), Verdict::Inconclusive);
        assert_eq!(Verdict::of(less, None, true), Verdict::Inconclusive);
    }

    #[test]
    fn a_control_that_is_off_takes_the_word_from_clocks_and_moves_the_mark_for_the_rest() {
        for (control, wanted) in [
            (ratio(1.01, 1.1, 1.2), Verdict::Less),
            (ratio(0.7, 0.8, 0.9), Verdict::Less),
            (ratio(0.2, 0.3, 0.4), Verdict::Inconclusive),
        ] {
            let less = ratio(0.1, 0.2, 0.3);
            let of = |timed| Verdict::of(less, Some(control), timed);
            assert_eq!((of(true), of(false)), (Verdict::Inconclusive, wanted));
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
    fn no_two_are_called_alike() {
        let mut all = ["/p/a.zip", "/p/old/a.zip", "/p/b.zip", "/p/a.zip"]
            .map(|path| candidate(path, false))
            .to_vec();
        all.push(candidate("/p/a.zip", true));
        tell_apart(&mut all, Path::new("/p"));
        let labels: Vec<_> = all.iter().map(|one| one.label.as_str()).collect();
        let wanted = ["a.zip", "old/a.zip", "b", "a.zip (2)", "a.zip again"];
        assert_eq!(labels, wanted);
    }
}
