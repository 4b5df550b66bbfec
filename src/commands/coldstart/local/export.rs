//! Every start as a row: the five columns that were published by others, and behind
//! them what is known only here. `report` reads it.

use crate::commands::coldstart::local::{LocalMeasurement, PageCache};
use crate::metrics::report_log::table::{quoted, shown};

const HEADER: &str = "Name;Memory;Init;Cold;Billed;Source;Arch;MaxMemory;PageCache;Warm;Cpu;\
                      MinorFaults;MajorFaults;ZipSize;Size";

/// A row for each start; those from another page cache have another name, so that they
/// never share a box, and those that were to find it empty and did not have none.
pub(super) fn table(measured: &LocalMeasurement) -> String {
    let mut table = format!("{HEADER}\n");
    for one in &measured.candidates {
        for cache in measured.caches() {
            let name = match cache {
                PageCache::Cold => one.label.clone(),
                PageCache::Warm => format!("{} (page cache warm)", one.label),
            };
            for sample in one.samples(cache) {
                let fields = [
                    quoted(&name),
                    one.memory_mb.to_string(),
                    ms(sample.init_ms),
                    ms(sample.first_ms),
                    sample.billed_ms().to_string(),
                    "local".to_owned(),
                    shown(one.arch),
                    shown(sample.peak.map(|bytes| bytes.div_ceil(1 << 20))),
                    cache.name().to_owned(),
                    shown(sample.warm_ms.map(ms)),
                    shown(sample.cpu_ms.map(ms)),
                    shown(sample.minor_faults),
                    shown(sample.major_faults),
                    one.zip_size.to_string(),
                    one.size.to_string(),
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
