//! Compares this program with other packers, on one machine and in one run, and writes
//! `benches/RESULTS.md`. `make bench` runs it. Times differ between machines, so slowness never
//! fails here. Tests assert sizes and process counts. `cargo bench --bench peers -- unchanged`
//! measures and prints only runs in which nothing has changed, which takes a few minutes. `--
//! selected` does the same for the build of one function of many, and `-- watch` for `watch`.
//!
//! `inputs` builds the programs; `packers`, `unchanged`, `selected`, `watching`, and `sizes` measure;
//! `report` writes. A missing packer is named, and sets the exit code to 1.
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
    #[allow(dead_code, reason = "tests need more of it")]
    #[path = "../../tests/real/http_client.rs"]
    pub(crate) mod http_client;
    pub(crate) mod inputs;
    pub(crate) mod measure;
    pub(crate) mod packers;
    pub(crate) mod report;
    pub(crate) mod selected;
    pub(crate) mod sizes;
    pub(crate) mod tools;
    pub(crate) mod unchanged;
    pub(crate) mod watching;
}

#[cfg(unix)]
use peers::{inputs, measure, packers, report, selected, sizes, tools, unchanged, watching};

#[cfg(unix)]
fn main() {
    if let Some(code) = measure::played(std::env::args_os().skip(1)) {
        std::process::exit(code);
    }
    let tools = tools::Tools::find();
    let load = report::load();
    if std::env::args().any(|word| word == "unchanged") {
        let rows = unchanged::rows(&tools);
        let mut text = format!("Load average: {load} before, {} after.\n", report::load());
        report::nothing_changed(&mut text, &rows);
        println!("{text}");
        return;
    }
    if std::env::args().any(|word| word == "selected") {
        let row = selected::row();
        let mut text = format!("Load average: {load} before, {} after.\n\n", report::load());
        report::selected_goal(&mut text, &row);
        report::one_of_many(&mut text, &row);
        println!("{text}");
        return;
    }
    if std::env::args().any(|word| word == "watch") {
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
    eprintln!("builds one function of many");
    let selected = selected::row();
    eprintln!("watches a function");
    let watched = watching::row(&tools);
    let write = |compared: &[_], unchanged: &[_], sizes: &[_]| {
        let watched = watched.as_ref();
        let text = report::text(
            &tools, &load, compared, unchanged, &selected, watched, sizes,
        );
        fs_err::write(tools::repository().join("benches/RESULTS.md"), text).unwrap();
    };
    eprintln!("packs what has not changed");
    let unchanged = unchanged::rows(&tools);
    write(&[], &unchanged, &[]);
    let mut compared = Vec::new();
    for input in &inputs {
        eprintln!("packs {} with everything", input.name);
        compared.push((input, packers::compare(input, &tools, stub.as_ref())));
        write(&compared, &unchanged, &[]);
    }
    eprintln!("packs programs of up to 250 MB");
    let sizes = sizes::rows(&inputs);
    write(&compared, &unchanged, &sizes);
    if !tools.missing.is_empty() {
        eprintln!("missing: {}", tools.missing.join(", "));
        std::process::exit(1);
    }
}

/// The cost of children is measured in another way there.
#[cfg(not(unix))]
fn main() {}
