//! Exports a measurement as a table of all starts and as box plots.
//!
//! The first five columns of the table are the ones that others publish. The columns after them are
//! only known here. `report` reads the table.

use crate::commands::coldstart::local::answer::RELATIVE;
use crate::commands::coldstart::local::figures::{FIRST, INIT, Metric, WARM};
use crate::commands::coldstart::local::measurement::LocalMeasurement;
use crate::commands::coldstart::local::page_cache::PageCache;
use crate::metrics::box_plot;
use crate::metrics::box_plot::{BoxPlot, Panel, Series};
use crate::metrics::report_log::table::{quoted, shown};

const HEADER: &str = "Name;Memory;Init;Cold;Billed;Source;Arch;MaxMemory;PageCache;Warm;Cpu;\
                      MinorFaults;MajorFaults;ZipSize;Size";

/// A row for each start. Starts with a warm page cache have another name, so that they never share a
/// box with the others. If the page cache could not be emptied, there are no rows for a cold one.
pub(super) fn csv(measured: &LocalMeasurement) -> String {
    let mut table = format!("{HEADER}\n");
    for candidate in &measured.candidates {
        for cache in measured.caches() {
            let name = match cache {
                PageCache::Cold => candidate.label.clone(),
                PageCache::Warm => format!("{} (page cache warm)", candidate.label),
            };
            for sample in candidate.samples(cache) {
                let fields = [
                    quoted(&name),
                    candidate.memory_mb.to_string(),
                    ms(sample.init_ms),
                    ms(sample.first_ms),
                    sample.billed_ms().to_string(),
                    "local".to_owned(),
                    shown(candidate.arch),
                    shown(sample.peak.map(|bytes| bytes.div_ceil(1 << 20))),
                    cache.name().to_owned(),
                    shown(sample.warm_ms.map(ms)),
                    shown(sample.cpu_ms.map(ms)),
                    shown(sample.minor_faults),
                    shown(sample.major_faults),
                    candidate.zip_size.to_string(),
                    candidate.size.to_string(),
                ];
                table += &fields.join(";");
                table.push('\n');
            }
        }
    }
    table
}

fn ms(ms: f64) -> String {
    format!("{ms:.3}")
}

pub(super) fn svg(measured: &LocalMeasurement) -> String {
    let panel = |what: &str, metric: Metric, cache: PageCache| Panel {
        title: format!("{what}, page cache {}", cache.name()),
        unit: "ms".to_owned(),
        series: measured
            .candidates
            .iter()
            .enumerate()
            .map(|(index, candidate)| Series {
                label: candidate.label.clone(),
                // The control has the color of the first candidate, which it repeats.
                color: if candidate.control { 0 } else { index },
                values: candidate.values(metric, cache),
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
        note: format!("{}; {RELATIVE}.", measured.machine.text()),
        panels,
    })
}
