//! What was measured, as text and as JSON: pure.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::commands::coldstart::local::figures::{
    CPU, Candidate, FIRST, INIT, MAJOR, METRICS, MINOR, Metric, PEAK, Verdict, WARM, ratio,
};
use crate::commands::coldstart::local::{LocalMeasurement, PageCache};
use crate::metrics::box_plot;
use crate::metrics::statistics::{Ratio, Summary, median};
use crate::ui::console::size;
use crate::ui::output_style::OutputStyle;

/// What nobody should take the figures for.
pub(super) const RELATIVE: &str =
    "relative: they tell builds apart, and foretell no Init Duration of Lambda's";

/// How many characters a box takes.
const BOX: usize = 28;

impl LocalMeasurement {
    /// Tables with boxes, or everything as JSON, or the table of all starts.
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

    /// How one compares with the first, and what may be said of that.
    pub(super) fn compared(
        &self,
        one: &Candidate,
        metric: Metric,
        cache: PageCache,
    ) -> Option<(Ratio, Verdict)> {
        let first = self.candidates.first()?;
        if one.label == first.label {
            return None;
        }
        let of = |one| ratio(one, first, metric, cache, self.seed);
        let found = of(one)?;
        let control = self.control().and_then(of);
        Some((found, Verdict::of(found, control, metric.timed)))
    }

    fn tables(&self) -> String {
        let mut text = format!(
            "Cold starts on this machine, {} of each, seed {}: {RELATIVE}\n{}\n",
            self.times,
            self.seed,
            self.surroundings.text()
        );
        let width = { self.candidates.iter() }.map(|one| one.label.chars().count());
        let width = width.max().unwrap_or_default();
        for cache in self.caches() {
            let title = format!("init, page cache {}", cache.name());
            self.boxes(&mut text, &title, cache, width);
        }
        self.others(&mut text, width);
        text
    }

    fn boxes(&self, text: &mut String, title: &str, cache: PageCache, width: usize) {
        let all = { self.candidates.iter() }
            .filter_map(|one| Some((one, Summary::from_values(&one.values(INIT, cache))?)));
        let all: Vec<_> = all.collect();
        let end = { all.iter() }.fold(0.0, |end, (_, one)| one.max().max(end));
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
        for (one, summary) in all {
            let tail = |share| match summary.tail(share) {
                Some(value) => format!("{value:.2}"),
                None => "-".to_owned(),
            };
            let compared = match self.compared(one, INIT, cache) {
                Some((ratio, verdict)) => {
                    format!("  {}", shown(ratio, one.control, INIT, verdict))
                }
                None => String::new(),
            };
            let row = format!(
                "  {:<width$}  {:>7} {:>7.2} {:>7} {:>7} {:>7.2}  {}{compared}",
                one.label,
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

    /// The medians of everything else, in the state nearest to Lambda's.
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
        for one in &self.candidates {
            let of = |metric| median(&one.values(metric, cache));
            let ms = |metric| of(metric).map_or_else(|| "-".to_owned(), |ms| format!("{ms:.2}"));
            let whole = |metric| of(metric).map_or_else(|| "-".to_owned(), |n| format!("{n:.0}"));
            let memory = of(PEAK).map_or_else(|| "-".to_owned(), |bytes| size(rounded(bytes)));
            let faults = format!("{} ({})", whole(MINOR), whole(MAJOR));
            let _ = writeln!(
                text,
                "  {:<width$}  {:>9} {:>9} {:>9} {:>9} {:>9} {memory:>9} {faults:>13}",
                one.label,
                size(one.zip_size),
                size(one.size),
                ms(FIRST),
                ms(WARM),
                ms(CPU),
            );
        }
        for one in self.candidates.iter().skip(1) {
            let said: Vec<_> = [FIRST, WARM, CPU, PEAK]
                .into_iter()
                .filter_map(|metric| {
                    let (ratio, verdict) = self.compared(one, metric, cache)?;
                    Some(format!(
                        "{} {}",
                        metric.what,
                        shown(ratio, one.control, metric, verdict)
                    ))
                })
                .collect();
            let _ = writeln!(text, "  {}: {}", one.label, said.join(", "));
        }
    }

    /// Everything, with every number: what `--baseline` reads.
    pub(crate) fn json(&self) -> Value {
        let functions: Vec<_> = { self.candidates.iter() }
            .map(|one| {
                let caches = self.caches().map(|cache| {
                    let figures = METRICS.iter().map(|metric| {
                        let figures = self.figures(one, *metric, cache);
                        (metric.name.to_owned(), figures)
                    });
                    (cache.name().to_owned(), Value::Object(figures.collect()))
                });
                json!({
                    "name": one.name,
                    "label": one.label,
                    "control": one.control,
                    "zip": one.zip,
                    "arch": one.arch,
                    "zip_size": one.zip_size,
                    "size": one.size,
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
            "machine": self.surroundings,
            "functions": functions,
        })
    }

    fn figures(&self, one: &Candidate, metric: Metric, cache: PageCache) -> Value {
        let values = one.values(metric, cache);
        let Some(summary) = Summary::from_values(&values) else {
            return Value::Null;
        };
        let compared = self.compared(one, metric, cache).map(|(ratio, verdict)| {
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

/// `0.50x (0.48 to 0.53) less`; of a control only whether it is itself.
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
