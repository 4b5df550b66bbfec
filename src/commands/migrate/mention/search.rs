//! Searches a text for names, constants, and images of old runtimes.

use std::ops::Range;

use crate::commands::migrate::mention::types::{Mention, MentionForm, lines};
use crate::commands::migrate::mention::{constant, image};

/// All mentions in a text, except the names of SAM's builders.
pub(crate) fn mentions(text: &str) -> Vec<Mention<'_>> {
    let likely = |line: &str| {
        let line = line.to_ascii_lowercase();
        [
            "go1",
            "go_1",
            "provided",
            "custom",
            "lambda/go",
            "lambda-go",
            "lambci/",
        ]
        .iter()
        .any(|word| line.contains(word))
    };
    let mut all = Vec::new();
    for (start, line) in lines(text).filter(|(_, line)| likely(line)) {
        let found = in_line(line, text).into_iter();
        let found = found.map(|mention| mention.shifted(start));
        all.extend(found.filter(|mention| !is_builder(&text[..mention.range.start])));
    }
    all
}

/// The mentions in a line. `text` is the whole file, which shows the language.
fn in_line<'a>(line: &'a str, text: &str) -> Vec<Mention<'a>> {
    let mut all = image::images(line);
    let is_free = |all: &[Mention<'_>], range: &Range<usize>| {
        !all.iter()
            .any(|other| other.range.start < range.end && range.start < other.range.end)
    };
    for mention in names(line)
        .into_iter()
        .chain(constant::constants(line, text))
    {
        if is_free(&all, &mention.range) {
            all.push(mention);
        }
    }
    all.sort_by_key(|mention| mention.range.start);
    all
}

fn names(line: &str) -> Vec<Mention<'_>> {
    let mut all = Vec::new();
    for name in ["go1.x", "provided.al2"] {
        all.extend(line.match_indices(name).filter_map(|(at, _)| {
            let range = at..at + name.len();
            let is_part = |c: char| c.is_alphanumeric();
            let is_separate =
                !line[..at].ends_with(is_part) && !line[range.end..].starts_with(is_part);
            is_separate.then(|| name_mention(line, range))
        }));
    }
    all.extend(line.match_indices("provided").filter_map(|(at, word)| {
        let range = at..at + word.len();
        is_runtime_provided(line, &range).then(|| name_mention(line, range))
    }));
    all
}

fn name_mention(line: &str, range: Range<usize>) -> Mention<'_> {
    Mention {
        text: &line[range.clone()],
        range,
        form: MentionForm::Name,
        new: crate::commands::migrate::old_runtime::NEW.to_owned(),
    }
}

/// Returns true if `provided`, which is also an English word, is the runtime: the value of a
/// runtime, or an item of a list of runtimes.
fn is_runtime_provided(line: &str, range: &Range<usize>) -> bool {
    let (before, after) = (&line[..range.start], &line[range.end..]);
    if !is_whole(line, range) {
        return false;
    }
    let after = after.trim_start_matches(['"', '\'', '`']).trim_start();
    let ends = after.is_empty()
        || after.starts_with([',', '}', ']', ')', '#', ';', '|', '\\', '&', '<', '?'])
        || after.starts_with("//")
        || after.starts_with("--");
    let is_item = matches!(before.trim(), "-" | "- \"" | "- '" | "\"" | "'");
    let is_quoted =
        before.ends_with(['"', '\'', '`']) && line[range.end..].starts_with(['"', '\'', '`']);
    let lists = line.to_ascii_lowercase().contains("untimes") && (is_quoted || ends);
    let among = ["go1.x", "provided.al2"]
        .iter()
        .any(|name| line.contains(name));
    ends && (is_item || is_keyed(before)) || lists || among && is_quoted
}

/// Returns true if the key, option, or variable of a runtime directly precedes a value.
pub(crate) fn is_keyed(before: &str) -> bool {
    let lower = before.to_ascii_lowercase();
    let Some(at) = lower.rfind("untime") else {
        return false;
    };
    let between = &lower[at + "untime".len()..];
    if between.starts_with('s') {
        return false;
    }
    let is_option = || {
        let word = lower[..at]
            .rsplit(|c: char| c.is_whitespace() || c == '"')
            .next();
        word.is_some_and(|word| word.starts_with('-'))
    };
    let quoted = between.ends_with(['"', '\'', '`']);
    between.contains([':', '='])
        || between == ">"
        || quoted && (between.contains('(') || between.contains(',') && between.len() < 9)
        || is_option()
}

/// Returns true if a name is a value by itself and not part of a longer one.
pub(crate) fn is_whole(line: &str, range: &Range<usize>) -> bool {
    let (before, after) = (&line[..range.start], &line[range.end..]);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '/');
    // In a shell, `${RUNTIME:-go1.x}` has a default value.
    let starts = !before.ends_with(is_part) || before.ends_with(":-");
    let mut rest = after.chars();
    let first = rest.next().unwrap_or(' ');
    let ends = match first {
        // A period that ends a sentence, or a method call on a string.
        '.' => !rest.next().is_some_and(char::is_numeric),
        other => !is_part(other),
    };
    starts && ends
}

/// Returns true if the next word is the name of SAM's builder for Go, which stays `go1.x`.
fn is_builder(before: &str) -> bool {
    let word = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    let separator = &before[word.len()..];
    let start = word.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    let word = word[start.map_or(0, |at| at + 1)..].replace(['_', '-'], "");
    separator.len() < 40 && word.to_ascii_lowercase().ends_with("buildmethod")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        mentions(text)
            .into_iter()
            .map(|mention| mention.text)
            .collect()
    }

    #[test]
    fn names_are_found_between_any_other_characters() {
        let text = "go1.x, 'provided.al2' x-go1.x_y go1.x.zip 💶go1.x.";
        let names = ["go1.x", "provided.al2", "go1.x", "go1.x", "go1.x"];
        assert_eq!(found(text), names);
        assert!(found("go1.xy cargo1.x provided.al2023 provided by go1.2").is_empty());
    }

    #[test]
    fn provided_is_a_runtime_only_as_the_value_of_a_runtime() {
        for line in [
            "Runtime: provided",
            "runtime = \"provided\"",
            "RUNTIME=provided",
            "aws lambda create-function --runtime provided --role x",
            "  - provided",
            "compatible_runtimes = [\"provided\", \"go1.x\"]",
            "runtime: provided # old",
            "<runtime>provided</runtime>",
        ] {
            assert!(found(line).contains(&"provided"), "{line}");
        }
        for line in [
            "the runtime provided by AWS",
            "Runtime: provided by the caller",
            "x: provided",
            "if provided: return",
            "runtime: provided.al2023",
            "error: 'provided'",
        ] {
            assert!(found(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn the_name_of_a_builder_is_not_a_runtime() {
        for text in [
            "BuildMethod: go1.x",
            "\"BuildMethod\" : \"go1.x\"",
            "build_method='go1.x'",
            "BuildMethod:\n  go1.x\n",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
        assert_eq!(found("{Runtime: go1.x, BuildMethod: go1.x}"), ["go1.x"]);
    }
}
