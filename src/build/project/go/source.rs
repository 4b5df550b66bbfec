//! Reads facts about a Go file that go itself does not report.
//!
//! In: a file's text, or a folder. Out: its declarations and imports.
//! This is not a parser of Go: for a file that go would reject, any result is possible.

use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_128;

/// A Go file without its comments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct GoSource {
    /// The code. Raw strings are empty, so a line never begins inside a string.
    code: String,
    strings: Vec<String>,
    /// Whether a build constraint asks for a build without cgo.
    pub(super) without_cgo: bool,
}

impl GoSource {
    /// Reads a file. One that cannot be read is empty: go reports it.
    pub(super) fn read(file: &Path) -> Self {
        Self::parse(&fs_err::read_to_string(file).unwrap_or_default())
    }

    pub(super) fn parse(text: &str) -> Self {
        let mut source = Self {
            without_cgo: text
                .lines()
                .take_while(|line| !line.starts_with("package "))
                .any(|line| {
                    line.starts_with("//") && line.contains("build") && line.contains("!cgo")
                }),
            ..Self::default()
        };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
                '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
                '`' => source.raw_string(rest),
                '"' | '\'' => source.quoted(rest, first),
                _ => {
                    source.code.push(first);
                    first.len_utf8()
                }
            };
            rest = &rest[length..];
        }
        source
    }

    /// Reads a raw string, and returns its length.
    fn raw_string(&mut self, rest: &str) -> usize {
        let body = &rest[1..];
        let end = body.find('`').unwrap_or(body.len());
        self.strings.push(body[..end].to_owned());
        self.code.push_str("``");
        (end + 2).min(rest.len())
    }

    /// Reads a string or a character, and returns its length. Neither continues on another line.
    fn quoted(&mut self, rest: &str, quote: char) -> usize {
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '\n' || (*c == quote && !escaped);
            escaped = *c == '\\' && !escaped;
            ends
        });
        let end = end.map_or(rest.len(), |(end, _)| end);
        if quote == '"' {
            self.strings.push(rest[1..end].to_owned());
        }
        let length = if rest[end..].starts_with(quote) {
            end + 1
        } else {
            end
        };
        self.code.push_str(&rest[..length]);
        length
    }

    /// The name in the package clause.
    pub(super) fn package(&self) -> Option<&str> {
        let mut clauses = self
            .code
            .lines()
            .filter_map(|line| line.strip_prefix("package "));
        clauses.next().map(|name| name.trim().trim_end_matches(';'))
    }

    /// Whether it declares the function that a program starts with.
    pub(super) fn declares_main(&self) -> bool {
        let mut functions = self
            .code
            .lines()
            .filter_map(|line| line.strip_prefix("func "));
        functions.any(|name| {
            name.trim_start()
                .strip_prefix("main")
                .is_some_and(|rest| rest.trim_start().starts_with('('))
        })
    }

    /// Whether it imports a package.
    pub(super) fn imports(&self, path: &str) -> bool {
        let quoted = format!("\"{path}\"");
        self.import_lines().any(|line| line.contains(&quoted))
    }

    /// The lines of its import declarations.
    fn import_lines(&self) -> impl Iterator<Item = &str> {
        let mut in_block = false;
        self.code.lines().map(str::trim).filter(move |line| {
            let starts = line
                .strip_prefix("import")
                .is_some_and(|rest| rest.starts_with([' ', '\t', '(', '"']));
            let is_part = starts || in_block;
            in_block = (in_block || (starts && line.contains('('))) && !line.contains(')');
            is_part
        })
    }

    /// The first string literal that mentions cgo.
    pub(super) fn mention_of_cgo(&self) -> Option<&str> {
        let mentions = |text: &&String| {
            text.contains("CGO_ENABLED")
                || text
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word.eq_ignore_ascii_case("cgo"))
        };
        // A string without spaces, such as an import path, is not a message.
        let mut sentences = self.strings.iter().filter(|text| text.contains(' '));
        sentences.find(mentions).map(String::as_str)
    }
}

/// A digest of everything in a file on which the list of packages depends, or `None` if the file
/// cannot be read: its build constraints, package, imports, whether it declares `main`, and
/// messages about cgo.
pub(crate) fn declarations(file: &Path) -> Option<u128> {
    let text = fs_err::read_to_string(file).ok()?;
    let source = GoSource::parse(&text);
    let constraints = text
        .lines()
        .take_while(|line| !line.starts_with("package "))
        .filter(|line| line.starts_with("//") && line.contains("build"));
    let all: Vec<_> = constraints
        .chain(source.package())
        .chain(source.import_lines())
        .chain(source.declares_main().then_some("main"))
        .chain(source.mention_of_cgo())
        .collect();
    Some(xxh3_128(all.join("\n").as_bytes()))
}

/// The Go files of a folder except tests, sorted.
pub(super) fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(dir).into_iter().flatten();
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".go") && !name.ends_with("_test.go") && !name.starts_with(['.', '_'])
        })
        .collect();
    files.sort();
    files
}

/// The folders with Go files at and below a folder. Left out are nested modules and folders that go
/// ignores, as in `./...`, and folders with build results or npm packages.
pub(super) fn folders(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut queue = vec![root.to_owned()];
    while let Some(folder) = queue.pop() {
        if !files(&folder).is_empty() {
            found.push(folder.clone());
        }
        let entries = fs_err::read_dir(&folder).into_iter().flatten();
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let path = entry.path();
            let is_skipped = is_ignored(&name.to_string_lossy())
                || ["node_modules", "vendor"]
                    .iter()
                    .any(|skipped| name == *skipped)
                || path.join("go.mod").exists()
                || path.join("CACHEDIR.TAG").exists();
            if !is_skipped && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                queue.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Whether `./...` leaves out folders with this name.
///
/// Source: `go help packages`.
pub(super) fn is_ignored(name: &str) -> bool {
    name.starts_with(['.', '_']) || name == "testdata"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_not_code() {
        let source = GoSource::parse(
            "// package x\n/*\nfunc main() {}\n*/\npackage main\nvar a = `\nfunc main() {\n`\n\
             var b, c = '\"', \"// \\\" cgo needed\"\nfunc mainly() {}\n",
        );
        assert_eq!(source.package(), Some("main"));
        assert!(!source.declares_main());
        assert_eq!(source.mention_of_cgo(), Some("// \\\" cgo needed"));
        assert!(GoSource::parse("package main\nfunc main() {}").declares_main());
        assert_eq!(GoSource::parse("\"").code, "\"");
        assert_eq!(GoSource::parse("`é").strings, ["é"]);
    }

    #[test]
    fn imports_are_found_in_lines_and_blocks() {
        let source =
            GoSource::parse("package a\nimport (\n\t\"fmt\"\n\tx \"a/b\"\n)\nvar c = \"C\"\n");
        assert!(source.imports("fmt") && source.imports("a/b"));
        assert!(!source.imports("C"));
        assert!(GoSource::parse("package a\n// int f();\nimport \"C\"\n").imports("C"));
    }

    #[test]
    fn only_sentences_about_cgo_count() {
        let mention = |text| GoSource::parse(text).mention_of_cgo().is_some();
        assert!(mention("var e = errors.New(\"x requires cgo to work\")"));
        assert!(mention("var e = \"built with 'CGO_ENABLED=0'\""));
        for text in [
            "import \"a/cgo\"",
            "var e = \"fakecgo: no\"",
            "// needs cgo\n",
        ] {
            assert!(!mention(text), "{text}");
        }
        assert!(GoSource::parse("//go:build linux && !cgo\n\npackage a").without_cgo);
        assert!(!GoSource::parse("package a\n//go:build !cgo").without_cgo);
    }

    #[test]
    fn folders_are_those_of_the_module_that_go_does_not_ignore() {
        let dir = tempfile::tempdir().unwrap();
        for path in [
            "a/x.go",
            "b/x_test.go",
            "_c/x.go",
            "d/testdata/x.go",
            "e/x.go",
            "e/go.mod",
        ] {
            let path = dir.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "package x").unwrap();
        }
        assert_eq!(folders(dir.path()), [dir.path().join("a")]);
        assert_eq!(folders(&dir.path().join("_c")), [dir.path().join("_c")]);
    }
}
