//! Readable help: every line fits a terminal, and begins with the option or command to type.

use cargo_lambdapack::internals::command;

use snapbox::str;

use crate::support::Sandbox;

#[test]
fn no_line_of_any_help_is_longer_than_80_columns() {
    let mut sandbox = Sandbox::new();
    sandbox.set("COLUMNS", "80");
    let commands = command();
    let names = commands.get_subcommands().map(clap::Command::get_name);
    let mut wide = Vec::new();
    for name in names.chain([""]) {
        for option in ["-h", "--help"] {
            let words: Vec<_> = [name, option]
                .into_iter()
                .filter(|w| !w.is_empty())
                .collect();
            let help = sandbox.run(&words).ok().stdout;
            let first = help.lines().next().unwrap_or_default();
            assert_eq!(first, "Examples:", "{words:?}");
            let lines = help.lines().filter(|line| line.chars().count() > 80);
            wide.extend(lines.map(|line| format!("{words:?}: {line}")));
            // A wrapped example would be hard to read and could not be pasted.
            let examples = help.lines().skip(1).take_while(|line| !line.is_empty());
            for line in examples {
                let is_whole = line.starts_with("  cargo lambdapack") || line.starts_with("  aws ");
                assert!(is_whole, "{words:?}: {line}");
            }
        }
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

#[test]
fn a_shell_without_a_script_is_a_usage_error_that_names_those_with_one() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["completions", "tcsh"]).ends_with(2);
    ran.stderr_eq(str![[r#"
error: invalid value 'tcsh' for '<SHELL>'
  [possible values: bash, elvish, fish, powershell, zsh]

  tip: a similar value exists: 'zsh'

For more information, try '--help'.

"#]]);
}
