//! How a new key is written beside one that stands there: in a block, in brackets, in JSON.
//!
//! In: a map of a text, and what it is to hold. Out: the edit, in the shape of its
//! neighbours, or nothing where there is no neighbour to follow.

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::node::{Node, NodeData, Syntax};

/// What a new key holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NewValue<'a> {
    Text(&'a str),
    /// A list of one.
    One(&'a str),
    /// A map of one key.
    Pair(&'a str, &'a str),
}

/// Another value in the same quotes.
pub(crate) fn value(text: &str, node: &Node, new: &str, why: String) -> TextEdit {
    let shown = text.get(node.span.clone()).unwrap_or_default();
    let is_quoted = shown.starts_with(['"', '\'']) && shown.len() > 1;
    let by = usize::from(is_quoted);
    TextEdit::new(node.span.start + by..node.span.end - by, new, why)
}

/// Adds a key to a map, behind one of its own keys: the first of `beside` that is there
/// and can be followed, or else any. If none can be followed, the new key becomes the first.
pub(crate) fn key(
    text: &str,
    syntax: Syntax,
    map: &Node,
    beside: &[&str],
    (name, new): (&str, NewValue<'_>),
    why: &str,
) -> Option<TextEdit> {
    let NodeData::Map(entries, flow) = &map.data else {
        return None;
    };
    // To say it a second time would not be YAML any more.
    if map.own(name).is_some() {
        return None;
    }
    let named = beside.iter().filter_map(|name| map.own(name));
    let followed = |(key, value): &(Node, Node)| {
        let (at, inserted) = match flow {
            true => in_brackets(text, syntax, key, value, name, new)?,
            false => in_block(text, key, value, name, new)?,
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

/// A key as lines of a block.
fn in_lines(name: &str, new: NewValue<'_>, indent: &str, end: &str) -> String {
    match new {
        NewValue::Text(word) => format!("{name}: {word}"),
        NewValue::One(word) => format!("{name}: [{word}]"),
        NewValue::Pair(inner, word) => format!("{name}:{end}{indent}  {inner}: {word}"),
    }
}

/// The whitespace before a key that is the first of its line.
fn indent<'a>(text: &'a str, key: &Node) -> Option<&'a str> {
    let before = text.get(..key.span.start)?;
    let indent = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    indent
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'\t'))
        .then_some(indent)
}

/// The end of the lines around a place: as the line before it, or the one that follows.
pub(crate) fn line_end(text: &str, at: usize) -> &'static str {
    let (before, behind) = text.split_at_checked(at).unwrap_or((text, ""));
    let crlf = match (behind.find('\n'), before.rfind('\n')) {
        (Some(end), _) => behind[..end].ends_with('\r'),
        (None, Some(end)) => before[..end].ends_with('\r'),
        (None, None) => false,
    };
    if crlf { "\r\n" } else { "\n" }
}

/// Where a line ends, before its end.
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
    // Of a value of several lines it is not known where they end.
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
    // A file without a space behind any colon was made by a machine, and stays narrow.
    let narrow = syntax == Syntax::Json && !text.contains("\": ");
    let before = if narrow {
        before.trim_end_matches(' ')
    } else {
        &before
    };
    let colon = if narrow { ":" } else { ": " };
    let new = match (syntax, new) {
        (Syntax::Yaml, NewValue::Text(word)) => format!("{name}: {word}"),
        (Syntax::Yaml, NewValue::One(word)) => format!("{name}: [{word}]"),
        (Syntax::Yaml, NewValue::Pair(inner, word)) => format!("{name}: {{{inner}: {word}}}"),
        (Syntax::Json, NewValue::Text(word)) => format!("\"{name}\"{colon}\"{word}\""),
        (Syntax::Json, NewValue::One(word)) => format!("\"{name}\"{colon}[\"{word}\"]"),
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
        let edit = key(text, syntax, map, &["R"], ("A", NewValue::One("x")), "")?;
        Some(apply(text, &[edit]).unwrap().0)
    }

    #[test]
    fn a_key_follows_its_neighbour_in_its_own_shape() {
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
    fn where_no_neighbour_can_be_followed_nothing_is_written() {
        assert_eq!(with_key("- r\n", Syntax::Yaml), None);
        assert_eq!(with_key("? r\n: |\n  r\n", Syntax::Yaml), None);
    }
}
