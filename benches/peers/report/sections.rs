//! The report and its sections, except hundreds of functions.

use std::fmt::Write as _;

use super::machine::{cpu, date, load, system};
use super::many::{many_goals, many_section};
use crate::peers::inputs::Input;
use crate::peers::measure::median;
use crate::peers::packers::{
    BEST, CARGO_LAMBDA, DEFAULT, GO, Made, PACKERS, PYTHON, Results, SEVEN_ZIP, ZIP,
};
use crate::peers::tools::Tools;
use crate::peers::{many, selected, sizes, unchanged, watching};

type Compared<'a> = [(&'a Input, Results)];

/// All results. Those that are not measured yet are empty.
#[derive(Default)]
pub(crate) struct Measured<'a> {
    pub(crate) compared: Vec<(&'a Input, Results)>,
    pub(crate) unchanged: Vec<unchanged::Row>,
    pub(crate) many: Vec<many::Row>,
    pub(crate) selected: Option<selected::Row>,
    pub(crate) watched: Option<watching::Row>,
    pub(crate) sizes: Vec<sizes::Row>,
}

/// The whole report.
pub(crate) fn text(tools: &Tools, load_before: &str, measured: &Measured<'_>) -> String {
    let mut text = String::from("# What packing costs, beside other packers\n\n");
    text += "Written by `make bench` (`benches/peers.rs`); not to be edited.\n\n";
    head(&mut text, tools, load_before);
    goals(&mut text, &measured.compared, &measured.unchanged);
    if let Some(selected) = &measured.selected {
        selected_goal(&mut text, selected);
    }
    if let Some(watch) = &measured.watched {
        watch_goal(&mut text, watch);
    }
    many_goals(&mut text, &measured.many);
    for (input, results) in &measured.compared {
        packers(&mut text, input, results);
    }
    nothing_changed(&mut text, &measured.unchanged);
    many_section(&mut text, &measured.many);
    if let Some(selected) = &measured.selected {
        one_of_many(&mut text, selected);
    }
    if let Some(watch) = &measured.watched {
        watched(&mut text, watch);
    }
    by_size(&mut text, &measured.sizes);
    text
}

fn head(text: &mut String, tools: &Tools, load_before: &str) {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let _ = writeln!(text, "{}, {}, {}.", date(), system(), cpu());
    let _ = writeln!(
        text,
        "Load average on {processors} processors: {load_before} before, {} after; above 1 or so \
         other programs ran, too.\n",
        load()
    );
    for version in tools.versions() {
        let _ = writeln!(text, "- {version}");
    }
    for name in &tools.missing {
        let _ = writeln!(text, "- **missing: {name}**");
    }
    *text += "
CPU is user and system time of a command and all that it starts, the median of 7 runs, of 3 from
20 MB on (`best`: 7 and 1, 7z: 3 and 1), in turn with all others. Peak is the most memory that one
process had. `÷` is ours divided by theirs: below 1 ours is smaller, cheaper, takes less. 7z is
`-tzip -mx=9 -mpass=15 -mfb=258`. cargo-lambda packs only what it has built: its CPU is that of
`cargo lambda build --output-format zip` less that of `--output-format binary`, nothing being left
to build; its peak is that of the former, cargo included.
";
}

/// One goal: the worst value of all inputs.
fn goal(
    text: &mut String,
    compared: &Compared<'_>,
    what: &str,
    [ours, theirs]: [&str; 2],
    value: impl Fn(&Made) -> f64,
    limit: f64,
) {
    let ratios = compared.iter().filter_map(|(input, results)| {
        let ratio = value(results.get(ours)?) / value(results.get(theirs)?);
        Some((ratio, input.name))
    });
    let line = match ratios.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((worst, input)) => {
            let met = if worst <= limit { "met" } else { "**missed**" };
            format!("| {what} | {limit:.3} | {worst:.4} | {input} | {met} |")
        }
        None => format!("| {what} | {limit:.3} | | | missing |"),
    };
    *text += &line;
    text.push('\n');
}

fn goals(text: &mut String, compared: &Compared<'_>, rows: &[unchanged::Row]) {
    *text += "\n## What is to be reached\n\n";
    *text += "| goal | at most | worst | of | |\n| --- | --- | --- | --- | --- |\n";
    let bytes = |made: &Made| made.bytes;
    let cpu = |made: &Made| made.cost.cpu;
    let mut add = |what: &str, peers, value: &dyn Fn(&Made) -> f64, limit| {
        goal(text, compared, what, peers, value, limit);
    };
    add("size ÷ `zip -9`", [DEFAULT, ZIP], &bytes, 0.995);
    add("size ÷ Go archive/zip", [DEFAULT, GO], &bytes, 0.97);
    add("size of `best` ÷ 7z", [BEST, SEVEN_ZIP], &bytes, 1.002);
    let seventh = 1.0 / 7.0;
    add("CPU of `best` ÷ 7z", [BEST, SEVEN_ZIP], &cpu, seventh);
    add("CPU ÷ `zip -9`", [DEFAULT, ZIP], &cpu, 0.30);
    add(
        "CPU ÷ cargo-lambda's packing",
        [DEFAULT, CARGO_LAMBDA],
        &cpu,
        0.85,
    );
    let beyond = |row: &unchanged::Row| row.ours.cpu - row.plain.cpu;
    let worst = rows.iter().max_by(|a, b| beyond(a).total_cmp(&beyond(b)));
    if let Some(worst) = worst {
        let met = if rows.iter().all(unchanged::Row::is_met) {
            "met"
        } else {
            "**missed**"
        };
        let _ = writeln!(
            text,
            "| CPU of a no-op beyond the compiler's own | 10 % or 10 ms | {:.1} ms | {} | {met} |",
            beyond(worst) * 1e3,
            worst.what
        );
    }
}

fn packers(text: &mut String, input: &Input, results: &Results) {
    let _ = writeln!(
        text,
        "\n## {}: {}, {} bytes\n",
        input.name, input.what, input.size
    );
    *text += "| | bytes | CPU | peak | size ÷ | CPU ÷ | peak ÷ |\n";
    *text += "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
    for name in PACKERS {
        let Some(made) = results.get(name) else {
            let _ = writeln!(text, "| {name} | missing | | | | | |");
            continue;
        };
        let _ = write!(
            text,
            "| {name} | {} | {} | {} |",
            made.bytes,
            seconds(made.cost.cpu),
            megabytes(made.cost.peak)
        );
        // 7z is the peer of `best`; the other peers are compared with the default.
        let ours = match name {
            SEVEN_ZIP => results[BEST],
            ZIP | GO | PYTHON | CARGO_LAMBDA => results[DEFAULT],
            _ => {
                *text += " | | |\n";
                continue;
            }
        };
        let best = if name == SEVEN_ZIP { " (best)" } else { "" };
        let _ = writeln!(
            text,
            " {:.4}{best} | {:.2} | {:.2} |",
            ours.bytes / made.bytes,
            ours.cost.cpu / made.cost.cpu,
            ours.cost.peak / made.cost.peak
        );
    }
}

pub(crate) fn nothing_changed(text: &mut String, rows: &[unchanged::Row]) {
    let rounds = unchanged::ROUNDS;
    let _ = write!(
        text,
        "
## Nothing changed, and the number of functions

CPU, the least of {rounds} runs, each just after another of its own: what else the machine does only adds.
The compiler alone is `cargo build --release`, or `go build` with our flags.
`Packed` has no results from before: everything is packed, nothing is built.

| | ours | compiler alone | beyond it | cargo-lambda | CPU ÷ cargo-lambda | packed |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"
    );
    for row in rows {
        let (theirs, ratio) = row.cargo_lambda.map_or_else(Default::default, |cost| {
            let ratio = row.ours.cpu / cost.cpu;
            (seconds(cost.cpu), format!("{ratio:.2}"))
        });
        let beyond = row.ours.cpu - row.plain.cpu;
        let met = if row.is_met() { "" } else { " **missed**" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:+.1} ms, {:+.0} %{met} | {theirs} | {ratio} | {} |",
            row.what,
            seconds(row.ours.cpu),
            seconds(row.plain.cpu),
            beyond * 1e3,
            beyond / row.plain.cpu * 100.0,
            seconds(row.packed.cpu)
        );
    }
}

/// The goal for the build of one function of many.
pub(crate) fn selected_goal(text: &mut String, row: &selected::Row) {
    let limit = selected::Row::LIMIT;
    let met = if row.ratio() <= limit {
        "met"
    } else {
        "**missed**"
    };
    let _ = writeln!(
        text,
        "| CPU of `--bin` ÷ cargo's with the same line | {limit:.1} | {:.4} | one of {} | {met} |",
        row.ratio(),
        selected::FUNCTIONS
    );
}

pub(crate) fn one_of_many(text: &mut String, row: &selected::Row) {
    let _ = writeln!(
        text,
        "
## One of {} functions

CPU of a first build, the least of {} runs in turn. Cargo alone runs the line that `--dry-run` prints.
Ours also checks and packs the program.

| | ours | cargo alone | CPU ÷ |
| --- | ---: | ---: | ---: |
| `--bin` one of {} tiny functions in Rust | {} | {} | {:.2} |",
        selected::FUNCTIONS,
        selected::ROUNDS,
        selected::FUNCTIONS,
        seconds(row.ours.cpu),
        seconds(row.plain.cpu),
        row.ratio()
    );
}

/// The goal for a warm request to a function that is watched.
pub(crate) fn watch_goal(text: &mut String, row: &watching::Row) {
    let limit = watching::Row::LIMIT;
    let doors = [
        ("Invoke API", row.ratio(|tool| &tool.invoke)),
        ("function URL", row.ratio(|tool| &tool.url)),
    ];
    for (door, ratio) in doors {
        let met = if ratio <= limit { "met" } else { "**missed**" };
        let _ = writeln!(
            text,
            "| warm request to `watch` ÷ cargo-lambda's | {limit:.1} | {ratio:.4} | {door} | {met} |"
        );
    }
}

pub(crate) fn watched(text: &mut String, row: &watching::Row) {
    let _ = write!(
        text,
        "
## `watch`: warm requests, and saves under load

The Rust template, built with `dev`. Warm requests on one connection, in turn with the other tool.
Then {} saves per tool, with a request every {} ms. An answer of the old program is stale if its
request was sent more than {} ms after the save. A request is lost if it fails or has no answer
after {} s. Cargo alone builds a change in {}.

| | cargo-lambdapack | cargo-lambda |
| --- | ---: | ---: |
",
        watching::SAVES,
        watching::INTERVAL.as_millis(),
        watching::DEBOUNCE.as_millis(),
        watching::PATIENCE.as_secs(),
        seconds(row.build)
    );
    let mut line = |what: &str, value: &dyn Fn(&watching::Watched) -> String| {
        let _ = writeln!(
            text,
            "| {what} | {} | {} |",
            value(&row.ours),
            value(&row.theirs)
        );
    };
    let middle = |times: &Vec<f64>| match times[..] {
        [] => "never".to_owned(),
        _ => seconds(median(times.iter().copied())),
    };
    let longest = |times: &Vec<f64>| match times[..] {
        [] => "never".to_owned(),
        _ => seconds(times.iter().copied().fold(0.0, f64::max)),
    };
    line("warm request, Invoke API", &|tool| middle(&tool.invoke));
    line("warm request, function URL", &|tool| middle(&tool.url));
    line("warm requests lost", &|tool| {
        let sent = tool.invoke.len() + tool.url.len();
        format!("{} of {sent}", tool.failed)
    });
    line("save to first new answer, median", &|tool| {
        middle(&tool.reload)
    });
    line("save to first new answer, longest", &|tool| {
        longest(&tool.reload)
    });
    line("saves without a new answer", &|tool| {
        tool.unseen.to_string()
    });
    line("stale answers per save", &|tool| {
        format!("{:.1}", tool.stale as f64 / watching::SAVES as f64)
    });
    line("requests lost under load", &|tool| {
        format!("{} of {}", tool.lost, tool.loaded)
    });
}

fn by_size(text: &mut String, rows: &[sizes::Row]) {
    *text += "
## The size of the program

The smallest of the inputs above, followed by pieces of all of them.

| size | CPU | per MB | peak | peak ÷ size | CPU, fast | per MB, fast |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
";
    for row in rows {
        let per_megabyte = |cpu: f64| format!("{:.1} ms", cpu * 1e3 / (row.size / 1e6));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.2} | {} | {} |",
            megabytes(row.size),
            seconds(row.default.cpu),
            per_megabyte(row.default.cpu),
            megabytes(row.default.peak),
            row.default.peak / row.size,
            seconds(row.fast.cpu),
            per_megabyte(row.fast.cpu)
        );
    }
}

pub(super) fn seconds(cpu: f64) -> String {
    if cpu < 1.0 {
        format!("{:.1} ms", cpu * 1e3)
    } else {
        format!("{cpu:.2} s")
    }
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}
