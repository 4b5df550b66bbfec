//! Measures this program beside other packers, on this machine and in one run, and writes
//! `benches/RESULTS.md`. `make bench` runs it. Times differ from machine to machine:
//! nothing here fails for being slow. Sizes and process counts are asserted by the tests.
//! `cargo bench --bench peers -- unchanged` takes a few minutes: it measures runs in which
//! nothing has changed, and prints them. `-- selected` measures the build of one function
//! of many in the same way.
//!
//! `inputs` builds what is packed; `packers`, `unchanged` and `sizes` measure; `report`
//! writes. A packer that is missing is named, and makes the exit code 1.
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
    pub(crate) mod inputs;
    pub(crate) mod measure;
    pub(crate) mod packers;
    pub(crate) mod report;
    pub(crate) mod selected;
    pub(crate) mod sizes;
    pub(crate) mod tools;
    pub(crate) mod unchanged;
}

#[cfg(unix)]
use peers::{inputs, measure, packers, report, selected, sizes, tools, unchanged};

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
    eprintln!("builds what is packed");
    let inputs = inputs::inputs(&tools);
    let stub = packers::Stub::new(&tools);
    // All of it takes long: what is known so far is there to be read meanwhile.
    eprintln!("builds one function of many");
    let selected = selected::row();
    let write = |compared: &[_], unchanged: &[_], sizes: &[_]| {
        let text = report::text(&tools, &load, compared, unchanged, &selected, sizes);
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

/// What children cost is asked in another way there.
#[cfg(not(unix))]
fn main() {}
