//! Parses YAML into a tree whose values have spans.
//!
//! In: text. Out: a [`Tree`], or why it is not YAML. Left to others: writing.

use std::ops::Range;

use anyhow::{anyhow, bail, ensure};
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use crate::commands::migrate::node::{Node, NodeData, Syntax, Tree, duplicate_key};

/// Deeper than any template. Limits the recursion of everything that walks a tree.
pub(super) const MAX_DEPTH: usize = 100;

/// Parses all documents of a text.
pub(crate) fn read(text: &str) -> anyhow::Result<Tree> {
    let places = CharOffsets::new(text);
    let mut builder = TreeBuilder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| anyhow!("{error}"))?;
        let range = places.range(span);
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let start = range.start + anchor_length(text, range.start, anchor);
                let exact = exact_span(text, start, &value, style);
                builder.value(Node {
                    span: exact.clone().unwrap_or(range),
                    data: NodeData::Scalar(value.into_owned(), exact.is_some()),
                    anchor,
                    tag: tag.as_deref().map(Tag::to_string),
                })?;
            }
            Event::Alias(number) => builder.value(Node {
                span: range,
                data: NodeData::Alias(number),
                anchor: 0,
                tag: None,
            })?,
            Event::SequenceStart(anchor, tag) => {
                let tag = tag.as_deref().map(Tag::to_string);
                builder.open(range, NodeData::List(Vec::new()), anchor, tag)?;
            }
            Event::MappingStart(anchor, tag) => {
                let tag = tag.as_deref().map(Tag::to_string);
                let flow = text[range.start..].starts_with('{');
                builder.open(range, NodeData::Map(Vec::new(), flow), anchor, tag)?;
            }
            Event::SequenceEnd | Event::MappingEnd => builder.close(range.end)?,
            Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Nothing => {}
        }
    }
    Ok(Tree {
        documents: builder.documents,
        syntax: Syntax::Yaml,
    })
}

/// Converts the parser's character offsets to byte offsets.
struct CharOffsets {
    /// The byte of each character. Empty if the text is ASCII.
    bytes: Vec<usize>,
    length: usize,
}

impl CharOffsets {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).collect()
        };
        Self {
            bytes,
            length: text.len(),
        }
    }

    fn byte(&self, index: usize) -> usize {
        if self.bytes.is_empty() {
            index.min(self.length)
        } else {
            self.bytes.get(index).copied().unwrap_or(self.length)
        }
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }
}

/// The length of `&name ` before an anchored value.
fn anchor_length(text: &str, start: usize, anchor: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    if anchor == 0 || !rest.starts_with('&') {
        return 0;
    }
    let name = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
    let behind = &rest[name..];
    name + behind.len() - behind.trim_start_matches(' ').len()
}

/// The span of a scalar on one line, including its quotes. The parser's span of a quoted scalar
/// includes a following comment, so the end is searched for and compared with the value.
fn exact_span(text: &str, start: usize, value: &str, style: ScalarStyle) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    match style {
        ScalarStyle::Plain => {
            let same = !value.is_empty() && rest.starts_with(value);
            same.then(|| start..start + value.len())
        }
        // Only values without escapes are ever replaced.
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
            let quote = if style == ScalarStyle::SingleQuoted {
                '\''
            } else {
                '"'
            };
            let inner = rest.strip_prefix(quote)?.strip_prefix(value)?;
            let closed = inner.starts_with(quote) && !value.contains([quote, '\\', '\n', '\r']);
            closed.then(|| start..start + value.len() + 2)
        }
        ScalarStyle::Literal | ScalarStyle::Folded => None,
    }
}

/// Builds a tree from the events of the parser, without recursion.
#[derive(Default)]
struct TreeBuilder {
    documents: Vec<Node>,
    /// Unfinished lists and maps, each with the key that waits for its value.
    open: Vec<(Node, Option<Node>)>,
}

impl TreeBuilder {
    fn open(
        &mut self,
        span: Range<usize>,
        data: NodeData,
        anchor: usize,
        tag: Option<String>,
    ) -> anyhow::Result<()> {
        ensure!(
            self.open.len() < MAX_DEPTH,
            "the values are nested too deeply"
        );
        let node = Node {
            span,
            data,
            anchor,
            tag,
        };
        self.open.push((node, None));
        Ok(())
    }

    fn close(&mut self, end: usize) -> anyhow::Result<()> {
        let (mut node, _) = self
            .open
            .pop()
            .ok_or_else(|| anyhow!("a value ends twice"))?;
        node.span.end = end.max(node.span.start);
        if let Some(name) = duplicate_key(node.entries()) {
            bail!("duplicate key `{name}`");
        }
        self.value(node)
    }

    fn value(&mut self, node: Node) -> anyhow::Result<()> {
        let Some((parent, key)) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match &mut parent.data {
            NodeData::List(items) => items.push(node),
            NodeData::Map(entries, _) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(node),
            },
            NodeData::Scalar(..) | NodeData::Alias(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All scalars that can be replaced, as the text spells them.
    fn literals(text: &str) -> Vec<&str> {
        let tree = read(text).unwrap();
        let all = tree.documents.iter().flat_map(Node::all);
        let all = all.filter(|node| node.literal().is_some());
        let mut spans: Vec<_> = all.map(|node| node.span.clone()).collect();
        spans.sort_by_key(|span| span.start);
        spans.into_iter().map(|span| &text[span]).collect()
    }

    #[test]
    fn spans_match_the_text() {
        let text = "ü: 'go1.x' # it's old\r\nb: &a \"go1.x\"\r\nc: [go1.x , !Ref D]\r\n🦀: x # y";
        let all = ["ü", "'go1.x'", "b", "\"go1.x\"", "c", "go1.x", "🦀", "x"];
        assert_eq!(literals(text), all);
    }

    #[test]
    fn multiline_and_escaped_values_are_not_replaceable() {
        let text = "a: |\n  go1.x\nb: \"go\\x31.x\"\nc: go1.x\n  more\n";
        assert_eq!(literals(text), ["a", "b", "c"]);
    }

    #[test]
    fn deep_nesting_is_rejected() {
        assert!(read(&"[".repeat(MAX_DEPTH + 5)).is_err());
        assert!(read(&"- ".repeat(200)).is_err());
        assert!(read("a: [}").is_err());
    }

    #[test]
    fn a_duplicate_key_is_rejected() {
        let error = read("a:\n  b: 1\n  b: 2\n").unwrap_err();
        assert_eq!(error.to_string(), "duplicate key `b`");
    }
}
