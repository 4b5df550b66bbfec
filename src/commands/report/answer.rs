//! What was found, as text or JSON: pure.

use serde_json::{Value, json};

use crate::commands::report::ReportOptions;
use crate::commands::report::call_group::CallGroup;
use crate::commands::report::figures::ArchPair;
use crate::lambda::Arch;
use crate::metrics::box_plot;
use crate::metrics::pricing::AS_OF;
use crate::metrics::report_log::ReportLog;
use crate::metrics::statistics::Summary;

/// How wide boxes are, in characters.
const WIDTH: usize = 28;

/// The shares of the table's columns between median and ends.
const SHARES: [(&str, f64); 3] = [("p5", 0.05), ("p95", 0.95), ("p99", 0.99)];

pub(super) fn text(question: &ReportOptions, groups: &[CallGroup<'_>]) -> String {
    let mut text = String::new();
    for group in groups {
        text += &format!("{}\n", group.label());
        text += &format!("  {}\n", counts(group));
        text += &rows(group, groups);
        for line in costs(question, group) {
            text += &format!("  {line}\n");
        }
        text.push('\n');
    }
    for pair in ArchPair::of_all(groups, &question.prices) {
        text += &format!("{}\n", comparison(&pair));
    }
    let is_thin = groups
        .iter()
        .flat_map(CallGroup::rows)
        .any(|(_, row)| row.count() < 20);
    if is_thin {
        text += "-: p5 and p95 take 20 calls, p99 takes 100\n";
    }
    if groups
        .iter()
        .any(|group| group.cost(&question.prices, Arch::X86_64).is_some())
    {
        text += &format!("prices: {}\n", question.prices);
    }
    text
}

/// `40 calls, 10 cold (25.0 %), 1 failed, at most 64 MB used`.
fn counts(group: &CallGroup<'_>) -> String {
    let (calls, cold) = (group.calls.len(), group.cold().count());
    let mut counts = format!(
        "{calls} {}, {cold} cold ({:.1} %)",
        if calls == 1 { "call" } else { "calls" },
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

fn share(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 calls")]
    let share = part as f64 / whole.max(1) as f64;
    share
}

/// The table of times in ms, with boxes that have one axis for all groups.
fn rows(group: &CallGroup<'_>, all: &[CallGroup<'_>]) -> String {
    let mut text = format!(
        "  {:<11}{:>6}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
        "ms", "n", "median", "p5", "p95", "p99", "min", "max"
    );
    for (name, row) in group.rows() {
        let end = all.iter().flat_map(CallGroup::rows);
        let end = end
            .filter(|(other, _)| *other == name)
            .map(|(_, row)| row.max());
        let end = end.fold(0.0, f64::max);
        text += &format!(
            "  {:<11}{:>6}{:>10.2}",
            shown(name),
            row.count(),
            row.median
        );
        for (_, share) in SHARES {
            let tail = row.tail(share).map(|ms| format!("{ms:.2}"));
            text += &format!("{:>10}", tail.as_deref().unwrap_or("-"));
        }
        let line = box_plot::line(&row, end, WIDTH);
        text += &format!(
            "{:>10.2}{:>10.2}  {}\n",
            row.min(),
            row.max(),
            line.trim_end()
        );
    }
    text
}

fn shown(name: &str) -> String {
    match name {
        "init_cold" => "init + cold".to_owned(),
        name => name.to_owned(),
    }
}

/// What a million calls like these cost, and how their init was billed.
fn costs(question: &ReportOptions, group: &CallGroup<'_>) -> Vec<String> {
    let cost = |arch| group.cost(&question.prices, arch);
    let mut lines = Vec::new();
    if let (Some(x86), Some(arm)) = (cost(Arch::X86_64), cost(Arch::Arm64)) {
        lines.push(match group.arch {
            Some(own) => {
                let (own_cost, other, other_cost) = match own {
                    Arch::X86_64 => (x86, Arch::Arm64, arm),
                    Arch::Arm64 => (arm, Arch::X86_64, x86),
                };
                format!(
                    "a million calls like these: {own_cost:.4} USD; {other_cost:.4} USD if {other} \
                     took as long"
                )
            }
            None => {
                format!("a million calls like these: {x86:.4} USD on x86_64; {arm:.4} USD on arm64")
            }
        });
    }
    match group.billed_inits() {
        (_, 0) => {}
        (billed, told) => lines.push(format!("init billed in {billed} of {told} cold starts")),
    }
    if let Some(today) = group.cost_today(&question.prices, group.arch.unwrap_or(Arch::X86_64)) {
        lines.push(format!(
            "since 2025-08-01 the init of managed runtimes is billed, too: {today:.4} USD"
        ));
    }
    if let Some(family) = question.family {
        let otherwise = group.billed_otherwise(family);
        if otherwise > 0 {
            lines.push(format!(
                "{otherwise} cold starts were billed otherwise than this runtime's rule says"
            ));
        }
    }
    lines
}

/// `orders, 128 MB: arm64 / x86_64: init 0.83 (0.80 to 0.86), cost 0.79`.
fn comparison(pair: &ArchPair<'_, '_>) -> String {
    let group = pair.x86_64;
    let memory = group.memory_mb.map(|memory| format!(", {memory} MB"));
    let mut text = format!(
        "{}{}: arm64 / x86_64:",
        group.name,
        memory.unwrap_or_default()
    );
    if let Some(ratio) = pair.init {
        text += &format!(
            " init {:.2} ({:.2} to {:.2}",
            ratio.point, ratio.low, ratio.high
        );
        text += if ratio.holds_one() {
            ": inconclusive)"
        } else {
            ")"
        };
    }
    if let Some(cost) = pair.cost {
        text += &format!(" cost {cost:.2}");
    }
    text
}

pub(super) fn json(question: &ReportOptions, log: &ReportLog, groups: &[CallGroup<'_>]) -> String {
    let prices = question.prices;
    let of_group = |group: &CallGroup<'_>| {
        let times: serde_json::Map<_, _> = group
            .rows()
            .into_iter()
            .map(|(name, row)| (format!("{name}_ms"), json_of(&row)))
            .collect();
        let (billed, told) = group.billed_inits();
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
                "x86_64": group.cost(&prices, Arch::X86_64),
                "arm64": group.cost(&prices, Arch::Arm64),
            },
            "init_billed": { "yes": billed, "no": told - billed },
        })
    };
    let of_pair = |pair: &ArchPair<'_, '_>| {
        json!({
            "name": pair.x86_64.name,
            "memory_mb": pair.x86_64.memory_mb,
            "source": pair.x86_64.source,
            "init_ratio": pair.init.map(|ratio| json!({
                "point": ratio.point,
                "low": ratio.low,
                "high": ratio.high,
            })),
            "cost_ratio": pair.cost,
        })
    };
    let groups_json: Vec<_> = groups.iter().map(of_group).collect();
    let pairs: Vec<_> = ArchPair::of_all(groups, &prices)
        .iter()
        .map(of_pair)
        .collect();
    let value = json!({
        "version": 1,
        "prices": {
            "x86_64_usd_per_gb_second": prices.x86_64.dollars(),
            "arm64_usd_per_gb_second": prices.arm64.dollars(),
            "usd_per_million_requests": prices.requests.dollars(),
            "as_of": prices.is_own.then_some(AS_OF),
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

fn json_of(row: &Summary) -> Value {
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
    for (name, share) in SHARES {
        value[name] = json!(row.tail(share));
    }
    value
}
