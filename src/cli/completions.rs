//! `completions`: prints a completion script for a shell.
//!
//! In: a shell. Out: the script. It leaves the installation to the user; `docs/install.md`
//! says where each shell looks for scripts.
//!
//! A script completes `cargo-lambdapack` and `lambdapack`, the name that some installers
//! use. For `cargo lambdapack`, Cargo's own script calls ours:
//! - bash: since Rust 1.87, with bash-completion 2.12 or later
//!   (<https://github.com/rust-lang/cargo/pull/15247>);
//! - zsh: by the name of the function, `_cargo-lambdapack`
//!   (<https://github.com/rust-lang/cargo/pull/3807>);
//! - fish: Cargo's script does not call ours, so our script extends it;
//! - PowerShell and elvish have one completer for each program, and replacing Cargo's
//!   would break it.

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

/// The name of the program.
const NAME: &str = "cargo-lambdapack";

/// The name that installers for users without Cargo may give it.
const OTHER: &str = "lambdapack";

/// fish: completes the words after `cargo` with the completions of this program.
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

/// zsh: the first argument is a subcommand or a folder.
const ZSH_FIRST: &str = "\
_cargo-lambdapack_first() {
    _alternative 'commands:command:_cargo-lambdapack_commands' 'folders:folder:_files -/'
}

_cargo-lambdapack() {";

/// The command line without its positional PATH. The scripts would treat a subcommand as a
/// PATH, and complete none of its options.
fn without_positionals(whole: &Command) -> Command {
    let options = whole
        .get_arguments()
        .filter(|arg| !arg.is_positional() && !arg.is_hide_set())
        .map(detached);
    Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .args(options)
        .subcommands(whole.get_subcommands().cloned())
}

/// An option without its relations to other options, because some of those are missing.
fn detached(arg: &Arg) -> Arg {
    let mut option = Arg::new(arg.get_id())
        .action(arg.get_action().clone())
        .value_parser(arg.get_value_parser().clone())
        .value_hint(arg.get_value_hint())
        .value_names(arg.get_value_names().unwrap_or_default().to_vec())
        .short(arg.get_short())
        .global(arg.is_global_set());
    if let Some(help) = arg.get_help() {
        option = option.help(help.clone());
    }
    if let Some(long) = arg.get_long() {
        option = option.long(long.to_owned());
    }
    if arg.get_action().takes_values() {
        option
    } else {
        option.num_args(0)
    }
}

/// The script for a shell.
pub(crate) fn script(shell: Shell, whole: &Command) -> String {
    // If the program's name has a hyphen, clap_complete 4.6 uses two different names in its
    // bash script, and completes nothing after a subcommand.
    let name = if shell == Shell::Bash { OTHER } else { NAME };
    let mut bytes = Vec::new();
    generate(shell, &mut without_positionals(whole), name, &mut bytes);
    let script = String::from_utf8_lossy(&bytes).into_owned();
    match shell {
        // The function takes the name of the program from the command line.
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
    fn each_script_completes_both_names_and_all_subcommands() {
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
