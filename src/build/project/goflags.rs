//! Parses flags in GOFLAGS and on command lines, so that they can be merged.
//!
//! go uses the last of two `-tags` or `-ldflags` and silently ignores the first, and a flag on
//! the command line replaces the one in GOFLAGS. Therefore all values are collected, and one
//! merged flag is passed to go.

/// Flags that must be merged, and all others unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GoFlags {
    pub tags: Vec<String>,
    /// Values of `-ldflags`, each with its package pattern, if it has one.
    pub ldflags: Vec<String>,
    /// The rest, in order.
    pub rest: Vec<String>,
}

/// Parses the words of a go command line.
pub(crate) fn parse(words: &[String]) -> GoFlags {
    let mut flags = GoFlags::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
        let (name, value) = match name.map(|name| name.split_once('=').unwrap_or((name, ""))) {
            Some(("tags" | "ldflags", _)) if !word.contains('=') => {
                (name, words.next().cloned().unwrap_or_default())
            }
            Some((name, value)) => (Some(name), value.to_owned()),
            None => (None, String::new()),
        };
        match name {
            Some("tags") => flags.tags.extend(split_tags(&value)),
            Some("ldflags") => flags.ldflags.push(value),
            _ => flags.rest.push(word.clone()),
        }
    }
    flags
}

/// `a,b` or, as in older Go, `a b`.
pub(crate) fn split_tags(value: &str) -> impl Iterator<Item = String> + '_ {
    value
        .split([',', ' '])
        .filter(|tag| !tag.is_empty())
        .map(str::to_owned)
}

/// Splits GOFLAGS at white space. A word may be in quotes.
///
/// Source: `go help environment` and cmd/internal/quoted.
pub(crate) fn split(goflags: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = goflags.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = if first == '\'' || first == '"' {
            let body = &rest[1..];
            body.split_once(first).unwrap_or((body, ""))
        } else {
            rest.split_once(char::is_whitespace).unwrap_or((rest, ""))
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &[&str]) -> Vec<String> {
        line.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn quoted_words_of_goflags_stay_whole() {
        assert_eq!(
            split(r#" -mod=mod  '-ldflags=-s -w' "-tags=a,b" "#),
            ["-mod=mod", "-ldflags=-s -w", "-tags=a,b"]
        );
        assert!(split("").is_empty());
    }

    #[test]
    fn every_spelling_of_tags_and_ldflags_is_found() {
        let flags = parse(&words(&[
            "-tags",
            "a,b",
            "--tags=c",
            "-race",
            "-ldflags=-X m.v=1",
            "--ldflags",
            "all=-w",
            "-p=2",
        ]));
        assert_eq!(flags.tags, ["a", "b", "c"]);
        assert_eq!(flags.ldflags, ["-X m.v=1", "all=-w"]);
        assert_eq!(flags.rest, ["-race", "-p=2"]);
    }
}
