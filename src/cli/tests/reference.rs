//! Generates docs/reference/commands.md: every command, argument, and option that clap knows.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command};

use super::*;

const PAGE: &str = "docs/reference/commands.md";

#[test]
fn the_documentation_lists_every_command_and_option() {
    crate::generated_docs::assert_matches(PAGE, &page());
}

#[test]
fn the_help_names_every_exit_code() {
    let help = Cli::command().render_long_help().to_string();
    let codes = help.split_once("Exit codes:").unwrap().1;
    for kind in ExitKind::ALL {
        let code = kind.code().to_string();
        let mut words = codes.split(|c: char| !c.is_ascii_digit());
        assert!(words.any(|word| word == code), "{code}: {codes}");
    }
}

fn page() -> String {
    let mut main = Cli::command();
    main.build();
    let mut page = "# Commands and options\n\n\
        This page is generated from the program: it contains what `--help` prints.\n\
        `LAMBDAPACK_UPDATE_DOCS=1 cargo test --lib documentation` updates it.\n\n"
        .to_owned();
    let commands: Vec<_> = main
        .get_subcommands()
        .filter(|command| command.get_name() != "help" && !command.is_hide_set())
        .collect();
    for command in &commands {
        let name = command.get_name();
        writeln!(page, "- [`{name}`](#{name}): {}", about(command)).unwrap();
    }
    page += "- [for all commands](#for-all-commands)\n";
    let build = commands[0];
    for command in &commands {
        section(&mut page, command, build);
    }
    page += "\n## For all commands\n";
    table(&mut page, &main, |arg| {
        arg.is_global_set() || ["help", "version"].contains(&arg.get_id().as_str())
    });
    page
}

fn section(page: &mut String, command: &Command, build: &Command) {
    let name = command.get_name();
    write!(page, "\n## {name}\n\n{}.\n\n", about(command)).unwrap();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    // The default command goes without its name.
    let usage = usage.replace("cargo lambdapack build", "cargo lambdapack [build]");
    writeln!(page, "```text\n{usage}\n```").unwrap();
    let own = |arg: &Arg| {
        !arg.is_global_set()
            && !arg.is_hide_set()
            && !["help", "version"].contains(&arg.get_id().as_str())
    };
    let ids = |command: &Command| -> Vec<String> {
        let args = command.get_arguments().filter(|arg| own(arg));
        args.map(|arg| arg.get_id().to_string()).collect()
    };
    let (these, all) = (ids(command), ids(build));
    let shares_all = these.iter().all(|id| all.contains(id)) && these.contains(&"paths".to_owned());
    if name != build.get_name() && shares_all {
        page.push_str("\nTakes the arguments and options of [`build`](#build)");
        let without = build.get_arguments().filter(|arg| {
            let id = arg.get_id().to_string();
            all.contains(&id) && !these.contains(&id)
        });
        let without: Vec<_> = without.map(spelling).collect();
        if !without.is_empty() {
            write!(page, ", except {}", without.join(" and ")).unwrap();
        }
        page.push_str(".\n");
    } else {
        table(page, command, own);
    }
    if name == build.get_name() {
        after(page, &Cli::command());
    }
    after(page, command);
}

/// The text below the options: sentences as they are, tables as a block.
fn after(page: &mut String, command: &Command) {
    let Some(text) = command.get_after_help() else {
        return;
    };
    let mut in_block = false;
    // Whether a line continues the sentence of the previous line.
    let mut continues = false;
    for line in text.to_string().lines() {
        if line.starts_with("  ") != in_block {
            page.push_str(if in_block { "```\n" } else { "\n```text\n" });
            in_block = !in_block;
        }
        if in_block {
            writeln!(page, "{}", &line[2..]).unwrap();
        } else if !line.is_empty() {
            let before = if continues { "" } else { "\n" };
            writeln!(page, "{before}{}", plain(line)).unwrap();
        }
        continues = !in_block && !line.is_empty() && !line.ends_with(['.', ':']);
    }
    if in_block {
        page.push_str("```\n");
    }
}

fn table(page: &mut String, command: &Command, wanted: impl Fn(&Arg) -> bool) {
    let args: Vec<_> = command.get_arguments().filter(|arg| wanted(arg)).collect();
    let mut headings: Vec<Option<&str>> = Vec::new();
    for arg in &args {
        if !headings.contains(&arg.get_help_heading()) {
            headings.push(arg.get_help_heading());
        }
    }
    headings.sort_by_key(|heading| heading.is_some());
    for heading in headings {
        match heading {
            Some(heading)
                if heading != "Output Options" || args.iter().any(|a| !a.is_global_set()) =>
            {
                write!(page, "\n**{heading}**\n").unwrap();
            }
            _ => {}
        }
        page.push_str("\n| option | meaning |\n| --- | --- |\n");
        for arg in args.iter().filter(|a| a.get_help_heading() == heading) {
            writeln!(page, "| {} | {} |", spelling(arg), meaning(arg)).unwrap();
        }
    }
}

/// `-o`, `--output <FILE>`.
fn spelling(arg: &Arg) -> String {
    let takes = match arg.get_action() {
        ArgAction::Set | ArgAction::Append => {
            let names = arg.get_value_names().unwrap_or_default();
            let names: Vec<_> = names.iter().map(|name| format!("<{name}>")).collect();
            names.join(" ")
        }
        _ => String::new(),
    };
    let short = arg.get_short().map(|short| format!("`-{short}`"));
    let long = { arg.get_long() }.map(|long| format!("`{}`", format!("--{long} {takes}").trim()));
    let position = arg.is_positional().then(|| format!("`{takes}`"));
    let words: Vec<_> = [short, long, position].into_iter().flatten().collect();
    words.join(", ").replace('|', "\\|")
}

/// The help, the values and the default.
fn meaning(arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help());
    let mut text = plain(&help.map(ToString::to_string).unwrap_or_default());
    let flag = !matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let values = arg.get_possible_values();
    let values = values.iter().filter(|value| !flag && !value.is_hide_set());
    let values: Vec<_> = values
        .map(|value| match value.get_help() {
            Some(help) => format!("<br>`{}`: {}", value.get_name(), plain(&help.to_string())),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    match values.first() {
        Some(first) if first.starts_with("<br>") => text += &values.concat(),
        Some(_) => text += &format!(": {}", values.join(", ")),
        None => {}
    }
    let defaults: Vec<_> = { arg.get_default_values().iter() }
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if !flag && !defaults.is_empty() {
        let lines = text.contains("<br>");
        let before = if lines { "<br>" } else { " " };
        text += &format!("{before}\\[default: {}\\]", defaults.join(", "));
    }
    text
}

fn about(command: &Command) -> String {
    plain(
        &command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default(),
    )
}

/// Text that is neither HTML nor a cell's border; as it is within backticks.
fn plain(text: &str) -> String {
    let mut code = false;
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '`' => code = !code,
            '<' | '[' | ']' | '*' | '_' if !code => out.push('\\'),
            '|' => out.push('\\'),
            _ => {}
        }
        out.push(if letter == '\n' { ' ' } else { letter });
    }
    out
}
