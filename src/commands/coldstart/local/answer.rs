//! Renders a measurement as text and as JSON. Pure.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::commands::coldstart::local::figures::{
    CPU, Candidate, FIRST, INIT, MAJOR, METRICS, MINOR, Metric, PEAK, Verdict, WARM, ratio,
};
use crate::commands::coldstart::local::measurement::LocalMeasurement;
use crate::commands::coldstart::local::page_cache::PageCache;
use crate::metrics::box_plot;
use crate::metrics::statistics::{Ratio, Summary, median};
use crate::ui::console::size;
use crate::ui::output_style::OutputStyle;

/// The limits of the figures.
pub(super) const RELATIVE: &str =
    "relative figures that compare builds but do not predict Lambda's Init Duration";

/// The width of a box plot in characters.
const BOX: usize = 28;

impl LocalMeasurement {
    /// Tables with box plots, or everything as JSON, or the table of all starts.
    pub(crate) fn text(&self, style: OutputStyle) -> String {
        match (&self.csv, style) {
            (Some(csv), _) => csv.clone(),
            (None, OutputStyle::Json) => format!("{}\n", self.json()),
            _ => self.tables(),
        }
    }

    /// The states of the page cache that could be measured.
    pub(super) fn caches(&self) -> impl Iterator<Item = PageCache> + '_ {
        let measured = |cache: &PageCache| self.cold_cache || *cache == PageCache::Warm;
        PageCache::ALL.into_iter().filter(measured)
    }

    pub(super) fn control(&self) -> Option<&Candidate> {
        self.candidates.last()
    }

    /// Compares a candidate with the first candidate.
    pub(super) fn compared(
        &self,
        candidate: &Candidate,
        metric: Metric,
        cache: PageCache,
    ) -> Option<(Ratio, Verdict)> {
        let first = self.candidates.first()?;
        if candidate.label == first.label {
            return None;
        }
        let compare = |candidate| ratio(candidate, first, metric, cache, self.seed);
        let found = compare(candidate)?;
        let control = self.control().and_then(compare);
        Some((found, Verdict::from_ratio(found, control, metric.timed)))
    }

    fn tables(&self) -> String {
        let mut text = format!(
            "Cold starts on this machine, {} of each, seed {}: {RELATIVE}\n{}\n",
            self.times,
            self.seed,
            self.machine.text()
        );
        let width = self
            .candidates
            .iter()
            .map(|candidate| candidate.label.chars().count());
        let width = width.max().unwrap_or_default();
        for cache in self.caches() {
            let title = format!("init, page cache {}", cache.name());
            self.boxes(&mut text, &title, cache, width);
        }
        self.others(&mut text, width);
        text
    }

    fn boxes(&self, text: &mut String, title: &str, cache: PageCache, width: usize) {
        let all = self.candidates.iter().filter_map(|candidate| {
            Some((
                candidate,
                Summary::from_values(&candidate.values(INIT, cache))?,
            ))
        });
        let all: Vec<_> = all.collect();
        let end = all
            .iter()
            .fold(0.0, |end, (_, candidate)| candidate.max().max(end));
        let _ = writeln!(
            text,
            "\n{title}\n{:<width$}  {:>7} {:>7} {:>7} {:>7} {:>7}  ms, 0 to {end:.1}",
            "",
            "p5",
            "median",
            "p95",
            "p99",
            "IQR",
            width = width + 2
        );
        for (candidate, summary) in all {
            let tail = |share| match summary.tail(share) {
                Some(value) => format!("{value:.2}"),
                None => "-".to_owned(),
            };
            let compared = match self.compared(candidate, INIT, cache) {
                Some((ratio, verdict)) => {
                    format!("  {}", shown(ratio, candidate.control, INIT, verdict))
                }
                None => String::new(),
            };
            let row = format!(
                "  {:<width$}  {:>7} {:>7.2} {:>7} {:>7} {:>7.2}  {}{compared}",
                candidate.label,
                tail(0.05),
                summary.median,
                tail(0.95),
                tail(0.99),
                summary.iqr(),
                box_plot::line(&summary, end, BOX),
            );
            text.push_str(row.trim_end());
            text.push('\n');
        }
    }

    /// The medians of all other metrics, in the state that is closest to Lambda.
    fn others(&self, text: &mut String, width: usize) {
        let Some(cache) = self.caches().next() else {
            return;
        };
        let _ = writeln!(
            text,
            "\nmedians, page cache {}\n{:<width$}  {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>13}",
            cache.name(),
            "",
            "zip",
            "program",
            "first ms",
            "warm ms",
            "CPU ms",
            "memory",
            "faults (disk)",
            width = width + 2
        );
        for candidate in &self.candidates {
            let median_of = |metric| median(&candidate.values(metric, cache));
            let ms =
                |metric| median_of(metric).map_or_else(|| "-".to_owned(), |ms| format!("{ms:.2}"));
            let whole =
                |metric| median_of(metric).map_or_else(|| "-".to_owned(), |n| format!("{n:.0}"));
            let memory =
                median_of(PEAK).map_or_else(|| "-".to_owned(), |bytes| size(rounded(bytes)));
            let faults = format!("{} ({})", whole(MINOR), whole(MAJOR));
            let _ = writeln!(
                text,
                "  {:<width$}  {:>9} {:>9} {:>9} {:>9} {:>9} {memory:>9} {faults:>13}",
                candidate.label,
                size(candidate.zip_size),
                size(candidate.size),
                ms(FIRST),
                ms(WARM),
                ms(CPU),
            );
        }
        for candidate in self.candidates.iter().skip(1) {
            let comparisons: Vec<_> = [FIRST, WARM, CPU, PEAK]
                .into_iter()
                .filter_map(|metric| {
                    let (ratio, verdict) = self.compared(candidate, metric, cache)?;
                    Some(format!(
                        "{} {}",
                        metric.what,
                        shown(ratio, candidate.control, metric, verdict)
                    ))
                })
                .collect();
            let _ = writeln!(text, "  {}: {}", candidate.label, comparisons.join(", "));
        }
    }

    /// Everything, including every single value. `--baseline` reads it.
    pub(crate) fn json(&self) -> Value {
        let functions: Vec<_> = self
            .candidates
            .iter()
            .map(|candidate| {
                let caches = self.caches().map(|cache| {
                    let figures = METRICS.iter().map(|metric| {
                        let figures = self.figures(candidate, *metric, cache);
                        (metric.name.to_owned(), figures)
                    });
                    (cache.name().to_owned(), Value::Object(figures.collect()))
                });
                json!({
                    "name": candidate.name,
                    "label": candidate.label,
                    "control": candidate.control,
                    "zip": candidate.zip,
                    "arch": candidate.arch,
                    "zip_size": candidate.zip_size,
                    "size": candidate.size,
                    "page_cache": Value::Object(caches.collect()),
                })
            })
            .collect();
        json!({
            "version": 1,
            "measured": "local",
            "note": RELATIVE,
            "seed": self.seed,
            "times": self.times,
            "machine": self.machine,
            "functions": functions,
        })
    }

    fn figures(&self, candidate: &Candidate, metric: Metric, cache: PageCache) -> Value {
        let values = candidate.values(metric, cache);
        let Some(summary) = Summary::from_values(&values) else {
            return Value::Null;
        };
        let compared = self
            .compared(candidate, metric, cache)
            .map(|(ratio, verdict)| {
                json!({
                    "ratio": ratio.point,
                    "low": ratio.low,
                    "high": ratio.high,
                    "verdict": verdict.name(),
                })
            });
        json!({
            "median": summary.median,
            "p5": summary.tail(0.05),
            "p95": summary.tail(0.95),
            "p99": summary.tail(0.99),
            "min": summary.min(),
            "max": summary.max(),
            "iqr": summary.iqr(),
            "compared": compared,
            "values": values,
        })
    }
}

/// For example `0.50x (0.48 to 0.53) less`. For a control, only whether it equals itself.
fn shown(ratio: Ratio, control: bool, metric: Metric, verdict: Verdict) -> String {
    let word = match (control, ratio.contains_one()) {
        (true, true) => "control",
        (true, false) if metric.timed => "control is off: no verdict",
        (true, false) => "control is off",
        (false, _) => verdict.name(),
    };
    format!(
        "{:.2}x ({:.2} to {:.2}) {word}",
        ratio.point, ratio.low, ratio.high
    )
}

fn rounded(bytes: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a median of sizes is a size"
    )]
    let whole = bytes.round() as u64;
    whole
}
