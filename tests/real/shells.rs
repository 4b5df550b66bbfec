//! Completions in real shells.

use std::path::Path;
use std::process::Command;

use super::support::{command, lambdapack, ok, tool};

/// A folder with the completion script of a shell.
fn script(shell: &str, name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = ok(lambdapack(folder.path()).args(["completions", shell]));
    fs_err::write(folder.path().join(name), text).unwrap();
    folder
}

/// Words to complete, and the results: both names of the program, its own options, a
/// subcommand, and a subcommand's options and values.
const WORDS: [(&str, &str); 5] = [
    ("cargo-lambdapack --message-f", "--message-format"),
    ("cargo-lambdapack migr", "migrate"),
    ("lambdapack coldstart --max", "--max-ratio"),
    ("lambdapack report --columns pub", "published"),
    (
        "lambdapack build --arch arm64 --message-f",
        "--message-format",
    ),
];

/// The variables that bash sets before it calls a completion function.
const BASH: &str = r#"
set -eu
source "$1"
read -ra COMP_WORDS <<<"$2"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
made=$(complete -p "${COMP_WORDS[0]}")
[[ $made =~ -F\ ([^ ]+) ]]
"${BASH_REMATCH[1]}" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}"
"#;

#[test]
fn bash_completes_options_commands_and_values() {
    let Some(bash) = tool("bash") else {
        return;
    };
    let folder = script("bash", "lambdapack.bash");
    for (line, wanted) in WORDS {
        let mut bash = command(&bash, folder.path());
        bash.args(["--norc", "-c", BASH, "bash", "./lambdapack.bash", line]);
        assert_eq!(ok(&mut bash).trim(), wanted, "{line}");
    }
}

/// A shell on its own terminal. The test types a line, Tab, and a key that writes the line to a
/// file.
const ZSH: &str = r#"
zmodload zsh/zpty
zpty shell "PS1= RPS1= zsh -f -i"
zpty -w shell "fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; unsetopt beep"
zpty -w shell "leave() { print -r -- \"\$BUFFER\" >$2.new; mv $2.new $2 }; zle -N leave"
zpty -w shell "bindkey '^X' leave; : >$2.ready"
for i in {1..1200}; do [[ -e $2.ready ]] && break; sleep 0.05; done
zpty -w -n shell "$3"$'\t\x18'
for i in {1..1200}; do [[ -s $2 ]] && break; sleep 0.05; done
cat $2
zpty -d shell
"#;

/// `cargo lambdapack` too, if Cargo's own completions are installed with Rust.
#[test]
fn zsh_completes_options_commands_and_values() {
    let Some(zsh) = tool("zsh") else {
        return;
    };
    let folder = script("zsh", "_cargo-lambdapack");
    let typed = |fpath: &str, line: &str| {
        let out = folder.path().join("line");
        for file in [&out, &folder.path().join("line.ready")] {
            let _ = fs_err::remove_file(file);
        }
        let mut zsh = command(&zsh, folder.path());
        zsh.args(["-f", "-c", ZSH, "zsh", fpath]).arg(out).arg(line);
        let line = ok(&mut zsh);
        line.trim_end().trim_end_matches('=').to_owned()
    };
    let own = folder.path().to_str().unwrap();
    for (line, wanted) in WORDS {
        let found = typed(own, line);
        assert!(found.ends_with(&format!(" {wanted}")), "{line}: {found}");
    }
    let sysroot = ok(command("rustc", folder.path()).args(["--print", "sysroot"]));
    let cargos = Path::new(sysroot.trim()).join("share/zsh/site-functions");
    if cargos.join("_cargo").exists() {
        let both = format!("{own} {}", cargos.display());
        let found = typed(&both, "cargo lambdapack coldstart --max");
        assert_eq!(found, "cargo lambdapack coldstart --max-ratio");
    }
}

#[test]
fn fish_completes_options_commands_and_values_also_after_cargo() {
    let Some(fish) = tool("fish") else {
        return;
    };
    let folder = script("fish", "lambdapack.fish");
    let more = [
        ("cargo lambdapack coldstart --max", "--max-ratio"),
        ("cargo lambdapack migr", "migrate"),
        ("cargo lambdapack report --columns pub", "published"),
    ];
    for (line, wanted) in WORDS.into_iter().chain(more) {
        let mut fish: Command = command(&fish, folder.path());
        fish.env("HOME", folder.path()).args([
            "--no-config",
            "-c",
            "source lambdapack.fish; complete -C $argv[1]",
            line,
        ]);
        let found = ok(&mut fish);
        let first = found.split('\t').next().unwrap().trim();
        assert_eq!(first, wanted, "{line}: {found}");
    }
}
