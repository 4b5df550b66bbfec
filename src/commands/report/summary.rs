//! Writes the summary as text or JSON.

use serde_json::{Value, json};

use crate::commands::report::arch_pair::ArchPair;
use crate::commands::report::call_group::CallGroup;
use crate::commands::report::options::ReportOptions;
use crate::lambda::Arch;
use crate::metrics::box_plot;
use crate::metrics::pricing::{AS_OF, Prices};
use crate::metrics::report_log::ReportLog;
use crate::metrics::statistics::Summary;

/// The width of box plots, in characters.
const WIDTH: usize = 28;

/// The quantiles in the columns between the median and the extremes.
const QUANTILES: [(&str, f64); 3] = [("p5", 0.05), ("p95", 0.95), ("p99", 0.99)];

pub(super) fn text(options: &ReportOptions, groups: &[CallGroup<'_>]) -> String {
    let mut text = String::new();
    for group in groups {
        text += &format!("{}\n", group.label());
        text += &format!("  {}\n", counts(group));
        text += &rows(group, groups);
        for line in costs(options, group) {
            text += &format!("  {line}\n");
        }
        text.push('\n');
    }
    for pair in ArchPair::from_groups(groups, &options.prices) {
        text += &format!("{}\n", comparison(&pair));
    }
    let has_few_calls = groups
        .iter()
        .flat_map(CallGroup::rows)
        .any(|(_, row)| row.count() < 20);
    if has_few_calls {
        text += "-: p5 and p95 need at least 20 invocations, p99 needs 100\n";
    }
    if groups
        .iter()
        .any(|group| group.cost(&options.prices, Arch::X86_64).is_some())
    {
        text += &format!("prices: {}\n", options.prices);
    }
    text
}

/// `40 invocations, 10 cold (25.0%), 1 failed, at most 64 MB used`.
fn counts(group: &CallGroup<'_>) -> String {
    let (calls, cold) = (group.calls.len(), group.cold().count());
    let mut counts = format!(
        "{calls} {}, {cold} cold ({:.1}%)",
        plural(calls, "invocation", "invocations"),
        share(cold, calls) * 100.0
    );
    if group.failed() > 0 {
        counts += &format!(", {} failed", group.failed());
    }
    if let Some(memory) = group.max_memory_mb() {
        counts += &format!(", at most {memory} MB used");
    }
    counts
}

fn plural<'a>(count: usize, singular: &'a str, plural: &'a str) -> &'a str {
    if count == 1 { singular } else { plural }
}

fn share(part: usize, whole: usize) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are fewer than 2^53 calls"
    )]
    let share = part as f64 / whole.max(1) as f64;
    share
}

/// The table of times in ms. The axis of a box plot is the same in all groups.
fn rows(group: &CallGroup<'_>, all: &[CallGroup<'_>]) -> String {
    let mut text = format!(
        "  {:<11}{:>6}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
        "ms", "n", "median", "p5", "p95", "p99", "min", "max"
    );
    for (name, row) in group.rows() {
        let axis_end = all
            .iter()
            .flat_map(CallGroup::rows)
            .filter(|(other, _)| *other == name)
            .map(|(_, row)| row.max())
            .fold(0.0, f64::max);
        text += &format!(
            "  {:<11}{:>6}{:>10.2}",
            row_label(name),
            row.count(),
            row.median
        );
        for (_, share) in QUANTILES {
            let tail = row.tail(share).map(|ms| format!("{ms:.2}"));
            text += &format!("{:>10}", tail.as_deref().unwrap_or("-"));
        }
        let line = box_plot::line(&row, axis_end, WIDTH);
        text += &format!(
            "{:>10.2}{:>10.2}  {}\n",
            row.min(),
            row.max(),
            line.trim_end()
        );
    }
    text
}

fn row_label(name: &str) -> &str {
    match name {
        "init_cold" => "init + cold",
        name => name,
    }
}

/// The cost of a million such calls, and how their init was billed.
fn costs(options: &ReportOptions, group: &CallGroup<'_>) -> Vec<String> {
    let cost = |arch| group.cost(&options.prices, arch);
    let mut lines = Vec::new();
    if let (Some(x86), Some(arm)) = (cost(Arch::X86_64), cost(Arch::Arm64)) {
        lines.push(match group.arch {
            Some(arch) => {
                let (cost, other_arch, other_cost) = match arch {
                    Arch::X86_64 => (x86, Arch::Arm64, arm),
                    Arch::Arm64 => (arm, Arch::X86_64, x86),
                };
                format!(
                    "cost of a million such invocations: {cost:.4} USD; {other_cost:.4} USD on \
                     {other_arch} if they took as long"
                )
            }
            None => {
                format!(
                    "cost of a million such invocations: {x86:.4} USD on x86_64; {arm:.4} USD on \
                     arm64"
                )
            }
        });
    }
    let inits = group.billed_inits();
    if inits.decidable > 0 {
        lines.push(format!(
            "init billed in {} of {} cold starts",
            inits.billed, inits.decidable
        ));
    }
    if let Some(today) = group.cost_today(&options.prices, group.arch.unwrap_or(Arch::X86_64)) {
        lines.push(format!(
            "cost with billed init, as for managed runtimes since 2025-08-01: {today:.4} USD"
        ));
    }
    if let Some(family) = options.family {
        let count = group.unexpectedly_billed(family);
        if count > 0 {
            lines.push(format!(
                "{count} {} not billed as this runtime's billing rule predicts",
                plural(count, "cold start was", "cold starts were")
            ));
        }
    }
    lines
}

/// `orders, 128 MB: arm64 / x86_64: init 0.83 (0.80 to 0.86), cost 0.79`.
fn comparison(pair: &ArchPair<'_, '_>) -> String {
    let group = pair.x86_64;
    let memory = group.memory_mb.map(|memory| format!(", {memory} MB"));
    let init = pair.init_ratio.map(|ratio| {
        format!(
            "init {:.2} ({:.2} to {:.2}{})",
            ratio.point,
            ratio.low,
            ratio.high,
            if ratio.contains_one() {
                ", inconclusive"
            } else {
                ""
            }
        )
    });
    let cost = pair.cost_ratio.map(|cost| format!("cost {cost:.2}"));
    let ratios: Vec<_> = init.into_iter().chain(cost).collect();
    format!(
        "{}{}: arm64 / x86_64: {}",
        group.name,
        memory.unwrap_or_default(),
        ratios.join(", ")
    )
}

pub(super) fn json(options: &ReportOptions, log: &ReportLog, groups: &[CallGroup<'_>]) -> String {
    let prices = options.prices;
    let groups_json: Vec<_> = groups
        .iter()
        .map(|group| group_json(group, &prices))
        .collect();
    let pairs: Vec<_> = ArchPair::from_groups(groups, &prices)
        .iter()
        .map(pair_json)
        .collect();
    let value = json!({
        "version": 1,
        "prices": {
            "x86_64_usd_per_gb_second": prices.x86_64.dollars(),
            "arm64_usd_per_gb_second": prices.arm64.dollars(),
            "usd_per_million_requests": prices.requests.dollars(),
            "as_of": prices.is_default.then_some(AS_OF),
        },
        "groups": groups_json,
        "arm64_to_x86_64": pairs,
        "failed_inits": log.inits,
        "repeated": log.repeated,
        "unread": log.unread_count,
        "calls": log.calls,
    });
    format!("{value}\n")
}

fn group_json(group: &CallGroup<'_>, prices: &Prices) -> Value {
    let times: serde_json::Map<_, _> = group
        .rows()
        .into_iter()
        .map(|(name, row)| (format!("{name}_ms"), row_json(&row)))
        .collect();
    let inits = group.billed_inits();
    json!({
        "name": group.name,
        "memory_mb": group.memory_mb,
        "arch": group.arch,
        "source": group.source,
        "calls": group.calls.len(),
        "cold": group.cold().count(),
        "cold_share": share(group.cold().count(), group.calls.len()),
        "failed": group.failed(),
        "max_memory_mb": group.max_memory_mb(),
        "times": times,
        "usd_per_million_calls": {
            "x86_64": group.cost(prices, Arch::X86_64),
            "arm64": group.cost(prices, Arch::Arm64),
        },
        "init_billed": { "yes": inits.billed, "no": inits.decidable - inits.billed },
    })
}

fn pair_json(pair: &ArchPair<'_, '_>) -> Value {
    json!({
        "name": pair.x86_64.name,
        "memory_mb": pair.x86_64.memory_mb,
        "source": pair.x86_64.source,
        "init_ratio": pair.init_ratio.map(|ratio| json!({
            "point": ratio.point,
            "low": ratio.low,
            "high": ratio.high,
        })),
        "cost_ratio": pair.cost_ratio,
    })
}

fn row_json(row: &Summary) -> Value {
    let mut value = json!({
        "n": row.count(),
        "min": row.min(),
        "q1": row.q1,
        "median": row.median,
        "q3": row.q3,
        "max": row.max(),
        "iqr": row.iqr(),
        "whiskers": [row.whiskers.0, row.whiskers.1],
        "outliers": row.outliers,
    });
    for (name, share) in QUANTILES {
        value[name] = json!(row.tail(share));
    }
    value
}
