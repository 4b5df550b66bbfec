//! Compares this program with other packers, on one machine and in one run, and writes
//! `benches/RESULTS.md`. `make bench` runs it. Times differ between machines, so slowness never
//! fails here. Tests assert sizes and process counts.
//!
//! An argument measures and prints only one part:
//!
//! - `cargo bench --bench peers -- unchanged`: runs in which nothing has changed (a few minutes)
//! - `-- selected`: the build of one function of many
//! - `-- watch`: `watch`
//! - `-- many`: hundreds of functions (ten minutes). `-- many 20` measures only this number of
//!   functions, and `-- many write` also replaces this part of `benches/RESULTS.md`.
//!
//! `generated` and `inputs` create sources and programs; `packers`, `unchanged`, `many`, `selected`,
//! `watching`, and `sizes` measure; `report` writes. A missing packer is named, and sets the exit
//! code to 1.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit,
    reason = "like a test it may end with a panic and looks at the machine itself"
)]

#[cfg(unix)]
mod peers {
    pub(crate) mod generated;
    #[allow(dead_code, reason = "tests need more of it")]
    #[path = "../../tests/real/http_client.rs"]
    pub(crate) mod http_client;
    pub(crate) mod inputs;
    pub(crate) mod many;
    pub(crate) mod measure;
    pub(crate) mod packers;
    pub(crate) mod report;
    pub(crate) mod selected;
    pub(crate) mod sizes;
    /// For `trace`.
    mod support {
        pub(crate) use super::tools::{command, ok};
    }
    pub(crate) mod tools;
    #[allow(dead_code, reason = "tests need more of it")]
    #[path = "../../tests/real/trace.rs"]
    pub(crate) mod trace;
    pub(crate) mod unchanged;
    pub(crate) mod watching;
}

#[cfg(unix)]
use peers::{inputs, many, measure, packers, report, selected, sizes, tools, unchanged, watching};

#[cfg(unix)]
fn main() {
    if let Some(code) = measure::played(std::env::args_os().skip(1)) {
        std::process::exit(code);
    }
    let tools = tools::Tools::find();
    let load = report::load();
    let has_argument = |argument: &str| std::env::args().any(|word| word == argument);
    if has_argument("unchanged") {
        let rows = unchanged::rows(&tools);
        let mut text = format!("Load average: {load} before, {} after.\n", report::load());
        report::nothing_changed(&mut text, &rows);
        println!("{text}");
        return;
    }
    if has_argument("many") {
        let numbers: Vec<usize> = std::env::args().filter_map(|it| it.parse().ok()).collect();
        let counts = if numbers.is_empty() {
            &many::COUNTS
        } else {
            &numbers[..]
        };
        let is_written = has_argument("write");
        assert!(
            !is_written || counts == many::COUNTS,
            "`write` needs all numbers of functions"
        );
        let rows = many::rows(&tools, counts);
        let mut text = format!("Load average: {load} before, {} after.\n\n", report::load());
        report::many_goals(&mut text, &rows);
        report::many_section(&mut text, &rows);
        println!("{text}");
        if is_written {
            let old = fs_err::read_to_string(results()).unwrap();
            fs_err::write(results(), report::with_many(&old, &rows, &load)).unwrap();
        }
        return;
    }
    if has_argument("selected") {
        let row = selected::row();
        let mut text = format!("Load average: {load} before, {} after.\n\n", report::load());
        report::selected_goal(&mut text, &row);
        report::one_of_many(&mut text, &row);
        println!("{text}");
        return;
    }
    if has_argument("watch") {
        let row = watching::row(&tools).expect("cargo-lambda is missing");
        let mut text = format!("Load average: {load} before, {} after.\n\n", report::load());
        report::watch_goal(&mut text, &row);
        report::watched(&mut text, &row);
        println!("{text}");
        return;
    }
    eprintln!("builds what is packed");
    let inputs = inputs::inputs(&tools);
    let stub = packers::Stub::new(&tools);
    // The whole benchmark takes long, so partial results are written as they arrive.
    let mut measured = report::Measured::default();
    let write = |measured: &report::Measured<'_>| {
        let text = report::text(&tools, &load, measured);
        fs_err::write(results(), text).unwrap();
    };
    eprintln!("builds one function of many");
    measured.selected = Some(selected::row());
    eprintln!("watches a function");
    measured.watched = watching::row(&tools);
    eprintln!("packs what has not changed");
    measured.unchanged = unchanged::rows(&tools);
    write(&measured);
    eprintln!("packs hundreds of functions");
    measured.many = many::rows(&tools, &many::COUNTS);
    write(&measured);
    for input in &inputs {
        eprintln!("packs {} with everything", input.name);
        let results = packers::compare(input, &tools, stub.as_ref());
        measured.compared.push((input, results));
        write(&measured);
    }
    eprintln!("packs programs of up to 250 MB");
    measured.sizes = sizes::rows(&inputs);
    write(&measured);
    if !tools.missing.is_empty() {
        eprintln!("missing: {}", tools.missing.join(", "));
        std::process::exit(1);
    }
}

/// The report.
#[cfg(unix)]
fn results() -> std::path::PathBuf {
    tools::repository().join("benches/RESULTS.md")
}

/// The cost of children is measured in another way there.
#[cfg(not(unix))]
fn main() {}
