//! `completions`: prints a completion script for a shell.
//!
//! In: a shell. Out: the script. It leaves the installation to the user; `docs/install.md`
//! says where each shell looks for scripts.
//!
//! A script serves `cargo-lambdapack` and `lambdapack`, which installers may call it.
//! For `cargo lambdapack` it is cargo's own script that asks for ours:
//! - bash: since Rust 1.87, with bash-completion 2.12 or later
//!   (<https://github.com/rust-lang/cargo/pull/15247>);
//! - zsh: by the name of the function, `_cargo-lambdapack`
//!   (<https://github.com/rust-lang/cargo/pull/3807>);
//! - fish: it does not ask, so that our script adds to it;
//! - PowerShell and elvish have one completer for each program, and cargo's is not ours
//!   to replace.

use clap::{Arg, Args, Command};
use clap_complete::aot::{Shell, generate};

#[derive(Debug, Args)]
#[command(
    after_help = "The script completes `cargo-lambdapack`, and in bash, zsh, and fish also \
`cargo lambdapack`."
)]
pub(crate) struct CompletionsArgs {
    /// Shell to complete in
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// What the program is called, whoever starts it.
const NAME: &str = "cargo-lambdapack";

/// What installers may call it for those who have no cargo.
const OTHER: &str = "lambdapack";

/// fish: hands the words after `cargo` to the completions of the program.
const FISH: &str = "
complete -c lambdapack -w cargo-lambdapack
function __fish_cargo_lambdapack_words
    set -l words (commandline -opc)
    set -e words[1..2]
    complete -C \"cargo-lambdapack $words \"(commandline -ct)
end
complete -c cargo -n '__fish_seen_subcommand_from lambdapack' -f \
-a '(__fish_cargo_lambdapack_words)'
";

/// zsh: what may stand where no command does.
const ZSH_FIRST: &str = "\
_cargo-lambdapack_first() {
    _alternative 'commands:command:_cargo-lambdapack_commands' 'folders:folder:_files -/'
}

_cargo-lambdapack() {";

/// The command line without PATH in place of a command: scripts would take the command
/// for one, and know none of its options.
fn first_a_command(whole: &Command) -> Command {
    let options = { whole.get_arguments() }
        .filter(|arg| !arg.is_positional() && !arg.is_hide_set())
        .map(alone);
    Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .args(options)
        .subcommands(whole.get_subcommands().cloned())
}

/// An option without its word on others, of which some are not there.
fn alone(arg: &Arg) -> Arg {
    let mut alone = Arg::new(arg.get_id())
        .action(arg.get_action().clone())
        .value_parser(arg.get_value_parser().clone())
        .value_hint(arg.get_value_hint())
        .value_names(arg.get_value_names().unwrap_or_default().to_vec())
        .short(arg.get_short())
        .global(arg.is_global_set());
    if let Some(help) = arg.get_help() {
        alone = alone.help(help.clone());
    }
    if let Some(long) = arg.get_long() {
        alone = alone.long(long.to_owned());
    }
    match arg.get_action().takes_values() {
        true => alone,
        false => alone.num_args(0),
    }
}

/// The script for a shell.
pub(crate) fn script(shell: Shell, whole: &Command) -> String {
    // clap_complete 4.6 gives the parts of its bash script two names where the program's
    // has a hyphen, and then nothing is found behind a command.
    let name = if shell == Shell::Bash { OTHER } else { NAME };
    let mut bytes = Vec::new();
    generate(shell, &mut first_a_command(whole), name, &mut bytes);
    let script = String::from_utf8_lossy(&bytes).into_owned();
    match shell {
        // The function tells by the word it is called for, whatever that is.
        Shell::Bash => {
            format!("{script}\ncomplete -F _{OTHER} -o bashdefault -o default {NAME}\n")
        }
        Shell::Zsh => script
            .replacen(
                &format!("#compdef {NAME}"),
                &format!("#compdef {NAME} {OTHER}"),
                1,
            )
            .replacen(&format!("_{NAME}() {{"), ZSH_FIRST, 1)
            .replacen(
                &format!(":: :_{NAME}_commands"),
                &format!(":: :_{NAME}_first"),
                1,
            ),
        Shell::Fish => script + FISH,
        Shell::PowerShell => script.replacen(
            &format!("-CommandName '{NAME}'"),
            &format!("-CommandName '{NAME}', '{OTHER}'"),
            1,
        ),
        Shell::Elvish => format!(
            "{script}set edit:completion:arg-completer[{OTHER}] = \
             $edit:completion:arg-completer[{NAME}]\n"
        ),
        _ => script,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn each_script_serves_both_names_and_knows_the_commands() {
        for shell in Shell::value_variants() {
            let script = script(*shell, &crate::cli::command());
            for word in ["coldstart", "message-format"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
            let second = match shell {
                Shell::Bash => "-o default cargo-lambdapack\n",
                Shell::Zsh => "\":: :_cargo-lambdapack_first\"",
                Shell::Fish => "complete -c lambdapack -w cargo-lambdapack\n",
                Shell::PowerShell => "-CommandName 'cargo-lambdapack', 'lambdapack' ",
                Shell::Elvish => "arg-completer[lambdapack] = ",
                _ => "",
            };
            assert!(script.contains(second), "{shell}: {second}");
            let compdef = "#compdef cargo-lambdapack lambdapack\n";
            assert_eq!(script.starts_with(compdef), *shell == Shell::Zsh);
        }
    }
}
