//! The project's English: words that made readers stop are rejected in help, messages,
//! comments, and documentation.
//!
//! CONTRIBUTING.md describes the style. A line that needs such a word, for example because
//! it quotes another program, has `prose-ok: REASON` on it or on the line before it.

use std::path::{Path, PathBuf};

use super::layers::rust_files;

/// Rejected words, each with the plain alternative.
const REJECTED: [(&str, &str); 22] = [
    ("somebody", "the user, another process"),
    ("nobody", "no one, no process"),
    ("whoever", "the user, the caller"),
    ("anew", "again"),
    ("likewise", "also"),
    ("surely", "definitely"),
    ("is told", "is reported, is printed"),
    ("are told", "are reported, are printed"),
    ("was told", "was reported, was passed"),
    ("is said", "is printed, is set"),
    ("are said", "are printed, are set"),
    ("was said", "was printed, was set"),
    ("is heard", "is honored"),
    ("are heard", "are honored"),
    ("stands there", "exists"),
    ("stand there", "exist"),
    ("is there already", "already exists"),
    ("are there already", "already exist"),
    ("beside", "next to"),
    ("besides", "in addition to"),
    ("is to be", "must be, should be"),
    ("are to be", "must be, should be"),
];

const OVERRIDE: &str = "prose-ok: ";

fn pages(dir: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in fs_err::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages.extend(pages_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages
}

/// Only `docs` has pages in folders of its own.
fn pages_below(dir: &Path) -> Vec<PathBuf> {
    let is_docs = dir.components().any(|part| part.as_os_str() == "docs");
    if is_docs { pages(dir) } else { Vec::new() }
}

/// The rejected words of a line.
fn rejected_words(line: &str) -> Vec<&'static (&'static str, &'static str)> {
    let line = line.to_lowercase();
    let is_word = |text: &str, word: &str| {
        text.match_indices(word).any(|(start, _)| {
            let before = text[..start].chars().next_back();
            let after = text[start + word.len()..].chars().next();
            let is_boundary = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
            is_boundary(before) && is_boundary(after)
        })
    };
    let rejected = REJECTED.iter().filter(|(word, _)| is_word(&line, word));
    rejected.collect()
}

#[test]
fn help_messages_comments_and_documentation_are_plain_english() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = rust_files(&root.join("src"));
    files.extend(pages(root));
    let mut problems = Vec::new();
    for file in files {
        let text = fs_err::read_to_string(&file).unwrap();
        let mut previous = "";
        for (number, line) in text.lines().enumerate() {
            let is_allowed = line.contains(OVERRIDE) || previous.contains(OVERRIDE);
            previous = line;
            if is_allowed {
                continue;
            }
            for (word, instead) in rejected_words(line) {
                let place = file.strip_prefix(root).unwrap().display();
                problems.push(format!("{place}:{}: `{word}`: {instead}", number + 1));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn only_whole_words_are_rejected() {
    let words = |line| rejected_words(line).len();
    assert_eq!(words("Somebody else's file is told of anew."), 3);
    assert_eq!(words("The renewed bedside lamp; `is_told()`."), 0);
}
