//! Draws three box plots of cold starts: the init, the invocation, and their sum.

use crate::commands::report::call_group::CallGroup;
use crate::metrics::box_plot::{self, BoxPlot, Panel, Series};

/// Box plots of all groups that have cold starts.
pub(super) fn svg(groups: &[CallGroup<'_>]) -> String {
    let cold: Vec<_> = groups
        .iter()
        .filter(|group| group.cold().next().is_some())
        .collect();
    let panel = |title: &str, value: fn(f64, f64) -> f64| Panel {
        title: title.to_owned(),
        unit: "ms".to_owned(),
        series: cold
            .iter()
            .map(|group| Series {
                label: group.label(),
                color: color(&cold, group.name),
                values: group
                    .cold()
                    .map(|(init, call)| value(init, call.duration_ms))
                    .collect(),
            })
            .collect(),
    };
    box_plot::svg(&BoxPlot {
        title: "Cold starts".to_owned(),
        note: if cold.is_empty() {
            "There are no cold starts.".to_owned()
        } else {
            String::new()
        },
        panels: vec![
            panel("Init (Init Duration)", |init, _| init),
            panel("Cold (Duration of the first invocation)", |_, cold| cold),
            panel("Init + Cold", |init, cold| init + cold),
        ],
    })
}

/// The color of a function, which is the same for all memory sizes and architectures.
fn color(groups: &[&CallGroup<'_>], name: &str) -> usize {
    let mut names: Vec<_> = groups.iter().map(|group| group.name).collect();
    names.dedup();
    names.iter().position(|other| *other == name).unwrap_or(0)
}
