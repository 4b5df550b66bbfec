//! Parses the documentation: pages, code blocks, and command lines.

use std::path::Path;

/// A page of the documentation.
#[derive(Debug)]
pub(crate) struct Page {
    /// The path in the repository, with `/`.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A fenced block of a page.
#[derive(Debug)]
pub(crate) struct Block {
    /// The info string of the fence.
    pub(crate) language: String,
    /// The number of its first line in the page.
    pub(crate) line: usize,
    pub(crate) lines: Vec<String>,
}

/// A simple command of a shell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Typed {
    pub(crate) words: Vec<String>,
    /// Whether the command reads the output of another one.
    pub(crate) piped: bool,
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page for users and contributors.
pub(crate) fn pages() -> Vec<Page> {
    let mut names: Vec<String> = [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ]
    .map(str::to_owned)
    .into();
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(repository().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(name),
                false if name.ends_with(".md") => names.push(name),
                false => {}
            }
        }
    }
    names.sort();
    let page = |name: String| Page {
        text: fs_err::read_to_string(repository().join(&name)).unwrap(),
        name,
    };
    names.into_iter().map(page).collect()
}

impl Page {
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut inside = false;
        let mut indent = 0;
        for (number, line) in self.text.lines().enumerate() {
            match (line.trim_start().strip_prefix("```"), inside) {
                (Some(language), false) => {
                    inside = true;
                    // A block in a list is indented.
                    indent = line.len() - line.trim_start().len();
                    blocks.push(Block {
                        language: language.trim().to_owned(),
                        line: number + 2,
                        lines: Vec::new(),
                    });
                }
                (Some(_), true) => inside = false,
                (None, true) => {
                    let line = line.get(indent..).unwrap_or_default().to_owned();
                    blocks.last_mut().unwrap().lines.push(line);
                }
                (None, false) => {}
            }
        }
        assert!(!inside, "{}: a block without an end", self.name);
        blocks
    }

    /// The text without its code blocks.
    pub(crate) fn prose(&self) -> String {
        let mut inside = false;
        let mut prose = String::new();
        for line in self.text.lines() {
            if line.trim_start().starts_with("```") {
                inside = !inside;
            } else if !inside {
                prose += line;
            }
            prose.push('\n');
        }
        prose
    }
}

impl Block {
    /// The commands to type: in a `console` block the lines that start with `$`, and in other
    /// blocks all lines. A line that ends with `\` continues.
    pub(crate) fn typed(&self) -> Vec<Typed> {
        let mut typed = Vec::new();
        let mut line = String::new();
        for next in &self.lines {
            let next = match self.language.as_str() {
                "console" if line.is_empty() => next.strip_prefix("$ ").unwrap_or_default(),
                // The commands of a workflow.
                "yaml" => next.split_once("run: ").map_or("", |(_, command)| command),
                _ => next,
            };
            match next.strip_suffix('\\') {
                Some(start) => line += start,
                None => typed.extend(commands(&(std::mem::take(&mut line) + next))),
            }
        }
        typed
    }
}

/// The simple commands of a line. Handles quotes, comments, pipes, lists, and `$(…)`.
fn commands(line: &str) -> Vec<Typed> {
    let mut all = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut piped = false;
    let mut quote = None;
    for letter in line.chars().chain([';']) {
        match (letter, quote) {
            (_, Some(open)) if letter == open => quote = None,
            (_, Some(_)) => word.get_or_insert_default().push(letter),
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            ('#', None) if word.is_none() => break,
            (' ' | '\t', None) => words.extend(word.take()),
            ('|' | '&' | ';' | '(' | ')', None) => {
                words.extend(word.take());
                if !words.is_empty() {
                    let words = std::mem::take(&mut words);
                    all.push(Typed { words, piped });
                }
                piped = letter == '|';
            }
            (_, None) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word.take());
    if !words.is_empty() {
        all.push(Typed { words, piped });
    }
    all
}

impl Typed {
    /// The arguments of `cargo lambdapack`, however it is called, without variable assignments and
    /// redirections.
    pub(crate) fn ours(&self) -> Option<Vec<&str>> {
        let words = self.words.iter().map(String::as_str);
        let set = |word: &&str| word.contains('=') && !word.starts_with('-');
        let words: Vec<_> = words.skip_while(set).collect();
        let words = match words[..] {
            ["cargo", "lambdapack", ..] => &words[2..],
            ["cargo", "run", "--release", "--", ..] => &words[4..],
            ["cargo-lambdapack" | "lambdapack", ..] => &words[1..],
            _ => return None,
        };
        let words = words.iter().copied();
        Some(words.take_while(|word| !word.starts_with('>')).collect())
    }
}

#[test]
fn lines_are_split_as_a_shell_would() {
    let typed = |line| -> Vec<Vec<String>> {
        let all = commands(line).into_iter();
        all.map(|typed| typed.words).collect()
    };
    assert_eq!(typed("a 'b c' \"d\"e  # f"), [vec!["a", "b c", "de"]]);
    assert_eq!(typed("a | b && c; d"), [["a"], ["b"], ["c"], ["d"]]);
    assert_eq!(typed("h=$(a b)"), [vec!["h=$"], vec!["a", "b"]]);
    assert!(typed("# nothing").is_empty());
    assert!(commands("a | b")[1].piped);
    let ours = &commands("A=b cargo lambdapack list . > a")[0];
    assert_eq!(ours.ours().unwrap(), ["list", "."]);
}
