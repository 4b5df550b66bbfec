//! The man pages, as `mandoc` parses them and `man` shows them.

use super::support::{command, ok, repository, run, tool};

/// One page for each command, from `release/man_pages.rs`, an example that is built with the
/// tests.
#[test]
fn mandoc_accepts_the_man_pages() {
    let Some(mandoc) = tool("mandoc") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_cargo-lambdapack"))
        .with_file_name("examples")
        .join("man-pages");
    ok(command(program, repository()).arg(folder.path()));
    let mut names: Vec<_> = fs_err::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 17, "{names:?}");
    assert!(names.contains(&"cargo-lambdapack.1".to_owned()));
    let mut lint = command(&mandoc, folder.path());
    let lint = run(lint.args(["-T", "lint", "-W", "warning"]).args(&names));
    // clap_mangen's paragraph separators, and the missing date: a page is the same on every day.
    let harmless = ["skipping paragraph macro: br ", "cannot parse date"];
    let is_harmless = |line: &&str| harmless.iter().any(|words| line.contains(words));
    let all = format!("{}{}", lint.stdout, lint.stderr);
    let found: Vec<_> = all.lines().filter(|line| !is_harmless(line)).collect();
    assert_eq!(found, Vec::<&str>::new());
    let page =
        ok(command(&mandoc, folder.path()).args(["-T", "ascii", "cargo-lambdapack-deploy.1"]));
    for words in ["cargo-lambdapack-deploy", "orders-prod", "--s3-bucket"] {
        // Bold text is a letter, a backspace, and the letter again.
        let mut plain = String::new();
        for letter in page.chars() {
            match letter {
                '\u{8}' => drop(plain.pop()),
                letter => plain.push(letter),
            }
        }
        assert!(plain.contains(words), "{words}: {plain}");
    }
}
