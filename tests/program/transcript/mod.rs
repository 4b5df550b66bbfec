//! Generates `docs/errors.md`, which shows the messages for every exit code and every finding.
//!
//! The whole program runs each scene with fake tools, so the page contains only real output.
//! `SNAPSHOTS=overwrite` rewrites the page; review the difference like a new user. Scenes are
//! selected by a match on the exit code or finding, so a new one without a scene does not
//! compile.

mod deployments;
mod findings;
mod kinds;
mod usage;

use std::path::Path;

use cargo_lambdapack::internals::ExitKind;
use cargo_lambdapack::internals::FindingCode;

use crate::support::{Ran, Sandbox, overwrites};

const FILE: &str = "docs/errors.md";

const START: &str = "\
# Errors

The messages of `cargo lambdapack` for every exit code and every finding. Search this page for the
words that you see.

Each error names the subject and the cause. A `help:` line contains the next step. All problems are
reported at once. The tests write this page from the program's real output. Only paths, hashes, ids,
some numbers, and the version of the package are replaced.
";

/// A command and its output.
struct Scene {
    /// The situation, as text before a colon.
    story: &'static str,
    /// The command line and everything printed, in order.
    seen: String,
    /// The exit code.
    code: Option<i32>,
}

/// Runs the program as on a terminal, with stdout and stderr combined.
fn scene(story: &'static str, sandbox: &Sandbox, args: &[&str]) -> Scene {
    let ran = sandbox.run_after("exec 2>&1", args);
    seen(story, sandbox, args, &ran)
}

/// Builds a scene from a completed run.
fn seen(story: &'static str, sandbox: &Sandbox, args: &[&str], ran: &Ran) -> Scene {
    let words = args.iter().map(|word| {
        if word.contains([' ', '"', '*']) {
            format!(" '{word}'")
        } else {
            format!(" {word}")
        }
    });
    let printed = plain(sandbox, &format!("{}{}", ran.stdout, ran.stderr));
    Scene {
        story,
        seen: format!("$ cargo lambdapack{}\n{printed}", words.collect::<String>()),
        code: ran.code,
    }
}

/// Replaces what varies between machines: the sandbox becomes a home folder, and hashes become
/// placeholders.
fn plain(sandbox: &Sandbox, printed: &str) -> String {
    let root = sandbox.root().to_str().unwrap();
    let printed = printed
        .replace(&format!("{root}/home"), "/home/ada")
        .replace(root, "/home/ada")
        .replace(env!("CARGO_PKG_VERSION"), "X.Y.Z");
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/".contains(c);
    let mut text = String::new();
    for line in printed.split_inclusive('\n') {
        // The length of the sandbox's path affects sizes and offsets.
        let measured = ["Packed ", "Fresh ", "at its byte "];
        let is_measured = measured.iter().any(|words| line.contains(words));
        let words = line.split(' ').map(|word| {
            let bare = word.trim_end_matches(['\n', '"', ',']);
            let hash = bare.strip_suffix('=').unwrap_or_default();
            let is_id = bare.len() == 36 && bare.chars().filter(|c| *c == '-').count() == 4;
            match word.split_once("/lambdapack-verify-") {
                _ if is_id => word.replace(bare, "<id>"),
                _ if is_measured && bare.parse::<u32>().is_ok() => word.replace(bare, "<number>"),
                _ if hash.len() == 43 && hash.chars().all(is_base64) => {
                    word.replace(bare, "<hash>")
                }
                Some((_, rest)) => {
                    let (_, inside) = rest.split_once('/').unwrap_or_default();
                    format!("/tmp/<folder>/{inside}")
                }
                None => word.to_owned(),
            }
        });
        text += &words.collect::<Vec<_>>().join(" ");
    }
    text
}

/// Capitalizes a meaning.
fn sentence(meaning: &str) -> String {
    let mut rest = meaning.chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    first.chain(rest).collect()
}

impl Scene {
    fn text(&self) -> String {
        let Self { story, seen, code } = self;
        let end = if seen.ends_with('\n') { "" } else { "\n" };
        let code = code.map_or("none".to_owned(), |code| code.to_string());
        format!("{story}:\n\n```console\n{seen}{end}$ echo $?\n{code}\n```\n\n")
    }
}

/// The problems of a scene: a wrong exit code, or messages that violate the style. A message
/// must begin in lowercase and end without a period, and each error needs a help line. clap's
/// own errors are exempt; they refer to the help.
fn wrong(scene: &Scene, code: u8) -> Vec<String> {
    let mut wrong = Vec::new();
    if scene.code != Some(code.into()) {
        wrong.push(format!("it ends with {:?}, not {code}", scene.code));
    }
    let lines: Vec<_> = scene.seen.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let said = ["error: ", "warning: ", "help: ", "note: "];
        let Some(what) = said.iter().find_map(|start| line.strip_prefix(start)) else {
            continue;
        };
        let first = what.chars().next().unwrap_or(' ');
        // Names keep their case: Lambda, variables, and files.
        let name = what.split([' ', ':']).next().unwrap_or_default();
        let is_name = name.contains(['.', '_', '/', '\'']) || name == "Lambda";
        if first.is_uppercase() && !is_name {
            wrong.push(format!("it begins in upper case: {line}"));
        }
        if what.ends_with('.') {
            wrong.push(format!("it ends with a full stop: {line}"));
        }
        if line.starts_with("error: ") {
            let next = lines[at + 1..].iter();
            let mut next = next.take_while(|line| !line.starts_with("error: "));
            let steps = ["help: ", "For more information"];
            if !next.any(|line| steps.iter().any(|step| line.starts_with(step))) {
                wrong.push(format!("it has no next step: {line}"));
            }
        }
    }
    let shown = |wrong| format!("{wrong}\n{}", scene.text());
    wrong.into_iter().map(shown).collect()
}

#[test]
fn the_documentation_shows_every_error_as_printed() {
    let mut text = START.to_owned();
    let mut all_wrong = Vec::new();
    text += "\n## Exit codes\n\n";
    for kind in ExitKind::ALL {
        text += &format!(
            "### Exit code {}\n\n{}.\n\n",
            kind.code(),
            sentence(kind.meaning())
        );
        for scene in kinds::scenes(kind) {
            // The messages of compilers are not checked.
            if kind != ExitKind::Compiler {
                all_wrong.extend(wrong(&scene, kind.code()));
            }
            text += &scene.text();
        }
    }
    text += "## Findings\n\n`check` shows them in a file; a build and `pack` say the same of what \
             they make. [The list](findings.md) has their levels.\n\n";
    for (code, meaning) in FindingCode::ALL {
        let scene = findings::scene(*code);
        let end = code.level().kind().map_or(0, ExitKind::code);
        all_wrong.extend(wrong(&scene, end));
        if !scene.seen.contains(&format!("[{code}]")) {
            all_wrong.push(format!("it does not name {code}\n{}", scene.text()));
        }
        text += &format!("### `{code}`\n\n{meaning}\n\n{}", scene.text());
    }
    let text = format!("{}\n", text.trim_end());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if overwrites() {
        fs_err::write(&file, &text).unwrap();
    }
    assert!(all_wrong.is_empty(), "{}", all_wrong.join("\n"));
    let stands = fs_err::read_to_string(&file).unwrap_or_default();
    let mut pairs = stands.lines().zip(text.lines());
    let first = pairs.find(|(stands, said)| stands != said);
    assert!(
        stands == text,
        "{FILE} is not what the program says, first in {first:?}: \
         SNAPSHOTS=overwrite cargo test --test program transcript"
    );
}
