//! The goals and tables for hundreds of functions.

use std::fmt::Write as _;

use super::machine::{date, load};
use super::sections::seconds;
use crate::peers::many::{CARGO_LAMBDA_UP_TO, Language, Row, Step};

const HEADING: &str = "## Hundreds of functions";

/// The numbers of functions between which growth is measured.
const GROWTH: [usize; 2] = [100, 500];

/// Five times as many functions may cost five times as much. The part beyond the compiler's is the
/// difference of two measurements, which vary by about one percent each. It is a small part of
/// both, so its own error is up to ten percent.
const GROWTH_LIMIT: f64 = 5.0 * 1.1;

/// A smaller part beyond the compiler's is as large as its error, so growth starts from here.
const SMALLEST: f64 = 0.005;

/// With a full cache, from this number of functions on. Below, the start of the program counts.
const CACHED_FROM: usize = 20;
/// Seconds per function.
const CACHED_LIMIT: f64 = 0.010;

const NO_OP_GOAL: &str = "CPU of a no-op beyond the compiler's own, 500 ÷ 100 functions";
const CACHED_GOAL: &str = "CPU per function in a fresh clone with a full cache";
const STARTED_GOAL: &str = "processes started there";

/// The rows in the table of goals.
pub(crate) fn many_goals(text: &mut String, rows: &[Row]) {
    for language in [Language::Rust, Language::Go] {
        let [few, many] = GROWTH.map(|count| find(rows, language, Step::Unchanged, count));
        let limit = format!("{GROWTH_LIMIT:.1}");
        let worst = few.zip(many).map(|(few, many)| {
            let growth = many.beyond() / few.beyond().max(SMALLEST);
            let is_met = growth <= GROWTH_LIMIT;
            (format!("{growth:.2}"), format!("{language:?}"), is_met)
        });
        goal(text, NO_OP_GOAL, &limit, worst);
    }
    let cached = rows
        .iter()
        .filter(|row| row.step == Step::Cached && row.count >= CACHED_FROM);
    let slowest = { cached.clone() }.max_by(|a, b| per_function(a).total_cmp(&per_function(b)));
    let worst = slowest.map(|row| {
        let is_met = per_function(row) <= CACHED_LIMIT;
        (seconds(per_function(row)), name(row), is_met)
    });
    goal(text, CACHED_GOAL, &seconds(CACHED_LIMIT), worst);
    let most = { cached.filter_map(|row| Some((row.started?, row))) }.max_by_key(|(n, _)| *n);
    let worst = most.map(|(started, row)| (started.to_string(), name(row), started == 0));
    goal(text, STARTED_GOAL, "0", worst);
}

/// One row: the worst value, its project, and whether the goal is met.
fn goal(text: &mut String, goal: &str, limit: &str, worst: Option<(String, String, bool)>) {
    let (value, project, met) = match worst {
        Some((value, project, true)) => (value, project, "met"),
        Some((value, project, false)) => (value, project, "**missed**"),
        None => (String::new(), String::new(), "missing"),
    };
    let _ = writeln!(text, "| {goal} | {limit} | {value} | {project} | {met} |");
}

/// The section with all measurements.
pub(crate) fn many_section(text: &mut String, rows: &[Row]) {
    let _ = write!(
        text,
        "
{HEADING}

CPU, the least of 21 runs without changes, of 9 after one change or with a cache, and of 3 after a
change of the shared crate or package, which every fifth function uses. First builds are measured
once, because they take up to a minute. All numbers of functions are measured in turn. The
compiler alone is `cargo build --release`, or `go build` with our flags. It builds the same
programs, without LTO, and has no cache of zips: with a full cache, ours is compared with its
first build. First builds in Go start with an empty GOCACHE, so they also compile the standard
library. Ours also checks and packs the programs. cargo-lambda is measured up to
{CARGO_LAMBDA_UP_TO} functions, because it packs all functions in each run. It builds no Go.
"
    );
    let cached = rows.iter().filter(|row| row.step == Step::Cached);
    let started: Vec<_> = cached.map(|row| row.started).collect();
    if started.iter().all(Option::is_none) {
        *text += "Processes were not counted.\n";
    } else if started.iter().all(|count| *count == Some(0)) {
        *text +=
            "In a fresh clone with a full cache, ours starts no process, according to strace.\n";
    }
    for language in [Language::Rust, Language::Go] {
        let _ = write!(
            text,
            "
| {language:?} | functions | ours | compiler alone | beyond it | ours, per function | cargo-lambda | CPU ÷ cargo-lambda |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"
        );
        for step in Step::ALL {
            let rows = rows.iter();
            for row in rows.filter(|row| row.language == language && row.step == step) {
                cost(text, row);
            }
        }
    }
    growth(text, rows);
}

fn cost(text: &mut String, row: &Row) {
    let (theirs, ratio) = row.cargo_lambda.map_or_else(Default::default, |cost| {
        let ratio = row.ours.cpu / cost.cpu;
        (seconds(cost.cpu), format!("{ratio:.2}"))
    });
    let beyond = row.beyond();
    let sign = if beyond < 0.0 { '-' } else { '+' };
    let _ = writeln!(
        text,
        "| {} | {} | {} | {} | {sign}{}, {:+.0} % | {} | {theirs} | {ratio} |",
        what(row.step),
        row.count,
        seconds(row.ours.cpu),
        seconds(row.plain.cpu),
        seconds(beyond.abs()),
        beyond / row.plain.cpu * 100.0,
        seconds(per_function(row)),
    );
}

/// The factors for five times as many functions.
fn growth(text: &mut String, rows: &[Row]) {
    let [from, to] = GROWTH;
    let _ = write!(
        text,
        "
The CPU for {to} functions, divided by that for {from}: 5 is linear. The goal allows a tenth more, because
the part beyond the compiler's is the difference of two measurements. It is left out for first builds,
which are measured once, and if it is less than a tenth of the compiler's, because of its error.

| | ours | compiler alone | beyond it |
| --- | ---: | ---: | ---: |
"
    );
    for language in [Language::Rust, Language::Go] {
        for step in Step::ALL {
            let [few, many] = GROWTH.map(|count| find(rows, language, step, count));
            let Some((few, many)) = few.zip(many) else {
                continue;
            };
            let beyond = if step != Step::Cold && few.beyond() >= few.plain.cpu / 10.0 {
                format!("{:.2}", many.beyond() / few.beyond())
            } else {
                String::new()
            };
            let _ = writeln!(
                text,
                "| {language:?}, {} | {:.2} | {:.2} | {beyond} |",
                what(step),
                many.ours.cpu / few.ours.cpu,
                many.plain.cpu / few.plain.cpu,
            );
        }
    }
}

/// An earlier report with these results in place of its own.
pub(crate) fn with_many(report: &str, rows: &[Row], load_before: &str) -> String {
    let mut goals = String::new();
    many_goals(&mut goals, rows);
    let mut section = String::new();
    many_section(&mut section, rows);
    let _ = writeln!(
        section,
        "\nMeasured alone on {} (`cargo bench --bench peers -- many write`), with a load average of\n\
         {load_before} before and {} after.",
        date(),
        load()
    );

    let is_goal = |line: &&str| {
        [NO_OP_GOAL, CACHED_GOAL, STARTED_GOAL]
            .iter()
            .any(|goal| line.starts_with(&format!("| {goal} |")))
    };
    let kept: String = report
        .split_inclusive('\n')
        .filter(|line| !is_goal(line))
        .collect();
    // The table of goals is the first one.
    let (head, rest) = kept.split_once("| --- |").unwrap_or((&kept, ""));
    let (table, rest) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let mut text = format!("{head}| --- |{table}\n{goals}\n");
    let (before, after) = match rest.split_once(HEADING) {
        Some((before, old)) => (before, old.find("\n## ").map_or("", |end| &old[end + 1..])),
        None => rest.split_at(rest.find("## One of ").unwrap_or(rest.len())),
    };
    text += before.trim_end();
    text.push('\n');
    text += &section;
    if !after.is_empty() {
        text.push('\n');
        text += after;
    }
    text
}

fn find(rows: &[Row], language: Language, step: Step, count: usize) -> Option<&Row> {
    rows.iter()
        .find(|row| row.language == language && row.step == step && row.count == count)
}

fn per_function(row: &Row) -> f64 {
    row.ours.cpu / row.count as f64
}

fn name(row: &Row) -> String {
    format!("{} functions in {:?}", row.count, row.language)
}

fn what(step: Step) -> &'static str {
    match step {
        Step::Cold => "first build, no cache",
        Step::Unchanged => "nothing changed",
        Step::OneChanged => "one function changed",
        Step::SharedChanged => "shared source changed",
        Step::Cached => "fresh clone, full cache",
    }
}
