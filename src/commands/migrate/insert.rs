//! Formats a new key like its neighbors: in a block, in brackets, or in JSON.
//!
//! In: a map in a text, and the new key with its value. Out: the edit, or `None` if there is no
//! neighbor whose format can be followed.

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::node::{Node, NodeData, Syntax};

/// The value of a new key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NewValue<'a> {
    Text(&'a str),
    /// A list with one item.
    Item(&'a str),
    /// A map with one key.
    Pair(&'a str, &'a str),
}

/// Replaces a value and keeps its quotes.
pub(crate) fn replace_value(text: &str, node: &Node, new: &str, why: String) -> TextEdit {
    let shown = text.get(node.span.clone()).unwrap_or_default();
    let is_quoted = shown.starts_with(['"', '\'']) && shown.len() > 1;
    let by = usize::from(is_quoted);
    TextEdit::new(node.span.start + by..node.span.end - by, new, why)
}

/// Adds a key to a map after one of its existing keys: the first of `neighbors` that exists and can
/// be followed, or else any key. If no key can be followed, the new key becomes the first.
pub(crate) fn insert_key(
    text: &str,
    syntax: Syntax,
    map: &Node,
    neighbors: &[&str],
    (name, new): (&str, NewValue<'_>),
    why: &str,
) -> Option<TextEdit> {
    let NodeData::Map(entries, flow) = &map.data else {
        return None;
    };
    // A duplicate key is invalid YAML.
    if map.own_entry(name).is_some() {
        return None;
    }
    let named = neighbors.iter().filter_map(|name| map.own_entry(name));
    let followed = |(key, value): &(Node, Node)| {
        let (at, inserted) = if *flow {
            in_brackets(text, syntax, key, value, name, new)?
        } else {
            in_block(text, key, value, name, new)?
        };
        Some(TextEdit::insert(at, inserted, why))
    };
    let edit = named.chain(entries).find_map(followed);
    edit.or_else(|| {
        let (first, _) = entries.first().filter(|_| !flow)?;
        let indent = indent(text, first)?;
        let end = line_end(text, first.span.start);
        let new = in_lines(name, new, indent, end);
        Some(TextEdit::insert(
            first.span.start,
            format!("{new}{end}{indent}"),
            why,
        ))
    })
}

/// Formats a key as lines of a block.
fn in_lines(name: &str, new: NewValue<'_>, indent: &str, end: &str) -> String {
    match new {
        NewValue::Text(word) => format!("{name}: {word}"),
        NewValue::Item(word) => format!("{name}: [{word}]"),
        NewValue::Pair(inner, word) => format!("{name}:{end}{indent}  {inner}: {word}"),
    }
}

/// The whitespace before a key that is first on its line.
fn indent<'a>(text: &'a str, key: &Node) -> Option<&'a str> {
    let before = text.get(..key.span.start)?;
    let indent = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    indent
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'\t'))
        .then_some(indent)
}

/// The line ending at a place: that of its line, or of the line before if it is the last.
pub(crate) fn line_end(text: &str, at: usize) -> &'static str {
    let (before, behind) = text.split_at_checked(at).unwrap_or((text, ""));
    let crlf = match (behind.find('\n'), before.rfind('\n')) {
        (Some(end), _) => behind[..end].ends_with('\r'),
        (None, Some(end)) => before[..end].ends_with('\r'),
        (None, None) => false,
    };
    if crlf { "\r\n" } else { "\n" }
}

/// The end of a line, before its line ending.
pub(crate) fn end_of_line(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    at + line.strip_suffix('\r').unwrap_or(line).len()
}

fn in_block(
    text: &str,
    key: &Node,
    value: &Node,
    name: &str,
    new: NewValue<'_>,
) -> Option<(usize, String)> {
    let indent = indent(text, key)?;
    // The end of a multiline value is unknown.
    let ends = match &value.data {
        NodeData::Scalar(_, true) => value.span.end,
        NodeData::List(_) | NodeData::Map(_, true) => {
            let shown = text.get(value.span.clone())?;
            let closed = shown.starts_with(['[', '{']) && shown.ends_with([']', '}']);
            closed.then_some(value.span.end)?
        }
        _ => return None,
    };
    let at = end_of_line(text, ends);
    let rest = text.get(ends..at)?.trim_start();
    if !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    let end = line_end(text, at);
    let new = in_lines(name, new, indent, end);
    Some((at, format!("{end}{indent}{new}")))
}

fn in_brackets(
    text: &str,
    syntax: Syntax,
    key: &Node,
    value: &Node,
    name: &str,
    new: NewValue<'_>,
) -> Option<(usize, String)> {
    let at = value.span.end;
    let is_whole = match &value.data {
        NodeData::Scalar(_, true) => true,
        NodeData::Scalar(_, false) => syntax == Syntax::Json,
        NodeData::List(_) | NodeData::Map(_, true) => text.get(..at)?.ends_with([']', '}']),
        _ => false,
    };
    if !is_whole {
        return None;
    }
    let before = match indent(text, key) {
        Some(indent) => format!(",{}{indent}", line_end(text, key.span.start)),
        _ => ", ".to_owned(),
    };
    // A file without a space after any colon is generated, and stays compact.
    let narrow = syntax == Syntax::Json && !text.contains("\": ");
    let before = if narrow {
        before.trim_end_matches(' ')
    } else {
        &before
    };
    let colon = if narrow { ":" } else { ": " };
    let new = match (syntax, new) {
        (Syntax::Yaml, NewValue::Text(word)) => format!("{name}: {word}"),
        (Syntax::Yaml, NewValue::Item(word)) => format!("{name}: [{word}]"),
        (Syntax::Yaml, NewValue::Pair(inner, word)) => format!("{name}: {{{inner}: {word}}}"),
        (Syntax::Json, NewValue::Text(word)) => format!("\"{name}\"{colon}\"{word}\""),
        (Syntax::Json, NewValue::Item(word)) => format!("\"{name}\"{colon}[\"{word}\"]"),
        (Syntax::Json, NewValue::Pair(inner, word)) => {
            format!("\"{name}\"{colon}{{\"{inner}\"{colon}\"{word}\"}}")
        }
    };
    Some((at, format!("{before}{new}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::migrate::edit::apply;
    use crate::commands::migrate::{json, yaml};

    fn with_key(text: &str, syntax: Syntax) -> Option<String> {
        let tree = match syntax {
            Syntax::Yaml => yaml::read(text).unwrap(),
            Syntax::Json => json::read(text).unwrap(),
        };
        let map = &tree.documents[0];
        let edit = insert_key(text, syntax, map, &["R"], ("A", NewValue::Item("x")), "")?;
        Some(apply(text, &[edit]).unwrap().0)
    }

    #[test]
    fn a_new_key_is_formatted_like_its_neighbor() {
        let yaml = |text| with_key(text, Syntax::Yaml).unwrap();
        assert_eq!(
            yaml("H: h\nR: r # why\nZ: z\n"),
            "H: h\nR: r # why\nA: [x]\nZ: z\n"
        );
        assert_eq!(yaml("H: h\r\nR: 'r'"), "H: h\r\nR: 'r'\r\nA: [x]");
        assert_eq!(yaml("{H: h, R: r, Z: z}"), "{H: h, R: r, A: [x], Z: z}");
        assert_eq!(yaml("{\n  R: r,\n}\n"), "{\n  R: r,\n  A: [x],\n}\n");
        assert_eq!(yaml("R:\n  - r\nZ: z"), "R:\n  - r\nZ: z\nA: [x]");
        assert_eq!(yaml("R:\n  - r\n"), "A: [x]\nR:\n  - r\n");
        let json = |text| with_key(text, Syntax::Json).unwrap();
        assert_eq!(json("{\"R\": \"r\"}"), "{\"R\": \"r\", \"A\": [\"x\"]}");
        assert_eq!(json("{\"R\":\"r\"}"), "{\"R\":\"r\",\"A\":[\"x\"]}");
        assert_eq!(
            json("{\r\n\t\"R\": \"r\",\r\n\t\"Z\": 1\r\n}"),
            "{\r\n\t\"R\": \"r\",\r\n\t\"A\": [\"x\"],\r\n\t\"Z\": 1\r\n}"
        );
    }

    #[test]
    fn nothing_is_inserted_without_a_neighbor() {
        assert_eq!(with_key("- r\n", Syntax::Yaml), None);
        assert_eq!(with_key("? r\n: |\n  r\n", Syntax::Yaml), None);
    }
}
