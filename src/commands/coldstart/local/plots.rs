//! Box plots of what was measured.

use crate::commands::coldstart::local::answer::RELATIVE;
use crate::commands::coldstart::local::figures::{FIRST, INIT, Metric, WARM};
use crate::commands::coldstart::local::{LocalMeasurement, PageCache};
use crate::metrics::box_plot;
use crate::metrics::box_plot::{BoxPlot, Panel, Series};

pub(super) fn svg(measured: &LocalMeasurement) -> String {
    let panel = |what: &str, metric: Metric, cache: PageCache| Panel {
        title: format!("{what}, page cache {}", cache.name()),
        unit: "ms".to_owned(),
        series: { measured.candidates.iter().enumerate() }
            .map(|(index, one)| Series {
                label: one.label.clone(),
                // The control looks like what it is.
                color: if one.control { 0 } else { index },
                values: one.values(metric, cache),
            })
            .collect(),
    };
    let mut panels = Vec::new();
    for cache in measured.caches() {
        panels.push(panel("Init", INIT, cache));
    }
    if let Some(cache) = measured.caches().next() {
        panels.push(panel("First event", FIRST, cache));
        panels.push(panel("Warm event", WARM, cache));
    }
    box_plot::svg(&BoxPlot {
        title: format!("Cold starts on one machine, {} of each", measured.times),
        note: format!("{}; {RELATIVE}.", measured.surroundings.text()),
        panels,
    })
}
