//! The three plots of cold starts: init, the call itself, and both.

use crate::commands::report::call_group::CallGroup;
use crate::metrics::box_plot;
use crate::metrics::box_plot::{BoxPlot, Panel, Series};

/// Box plots of all groups that have cold starts.
pub(super) fn svg(groups: &[CallGroup<'_>]) -> String {
    let cold: Vec<_> = groups
        .iter()
        .filter(|group| group.cold().next().is_some())
        .collect();
    let panel = |title: &str, of: fn(f64, f64) -> f64| Panel {
        title: title.to_owned(),
        unit: "ms".to_owned(),
        series: cold
            .iter()
            .map(|group| Series {
                label: group.label(),
                colour: colour(&cold, group.name),
                values: group
                    .cold()
                    .map(|(init, call)| of(init, call.duration_ms))
                    .collect(),
            })
            .collect(),
    };
    box_plot::svg(&BoxPlot {
        title: "Cold starts".to_owned(),
        note: match cold.is_empty() {
            true => "No call had an init.".to_owned(),
            false => String::new(),
        },
        panels: vec![
            panel("Init (Init Duration)", |init, _| init),
            panel("Cold (Duration of the call that had an init)", |_, cold| {
                cold
            }),
            panel("Init + Cold", |init, cold| init + cold),
        ],
    })
}

/// A function keeps its colour whatever its memory and architecture.
fn colour(groups: &[&CallGroup<'_>], name: &str) -> usize {
    let mut names: Vec<_> = groups.iter().map(|group| group.name).collect();
    names.dedup();
    names.iter().position(|known| *known == name).unwrap_or(0)
}
