//! Writes the man pages into a folder: `cargo run --example man-pages -- FOLDER`.
//!
//! In: the clap command. Out: `cargo-lambdapack.1`, which `man` also finds for `cargo help
//! lambdapack`, and `cargo-lambdapack-<command>.1`. It is an example, so that the program
//! itself does not contain it.
#![allow(clippy::disallowed_methods, reason = "no part of the program")]

use std::path::PathBuf;

use anyhow::Context;
use cargo_lambdapack::internals::command;
use clap::Command;
use clap_mangen::Man;

const NAME: &str = "cargo-lambdapack";

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).context("say the folder")?;
    let folder = PathBuf::from(folder);
    fs_err::create_dir_all(&folder)?;
    let whole = command().disable_help_subcommand(true);
    for command in whole.get_subcommands() {
        let name = format!("{NAME}-{}", command.get_name());
        let usage = format!("cargo lambdapack {}", command.get_name());
        page(command.clone().bin_name(usage), name, &folder)?;
    }
    page(whole, NAME.to_owned(), &folder)
}

fn page(command: Command, name: String, folder: &std::path::Path) -> anyhow::Result<()> {
    let file = folder.join(format!("{name}.1"));
    // `--help` starts with the examples; a man page has a section for them.
    let examples = command.get_before_help().map(ToString::to_string);
    let command = command
        .name(name.clone())
        .display_name(name)
        .version(env!("CARGO_PKG_VERSION"))
        .before_help("");
    let mut bytes = Vec::new();
    let man = Man::new(command);
    man.render(&mut bytes)?;
    let mut text = String::from_utf8(bytes)?;
    if let Some(examples) = examples {
        text.push_str(".SH EXAMPLES\n.nf\n");
        for line in examples.lines().skip(1) {
            text.push_str(&line.trim_start().replace('\\', "\\e").replace('-', "\\-"));
            text.push('\n');
        }
        text.push_str(".fi\n");
    }
    Ok(fs_err::write(file, text)?)
}
