//! The common tree of YAML and JSON, whose values have spans.
//!
//! In: the trees of `yaml.rs` and `json.rs`. Out: values by key, resolved through aliases and merge
//! keys. Left to others: the meaning of the keys.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::commands::migrate::edit::{ANCHORED, SEPARATOR, ValueOutline};

/// A value, or a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Including quotes or brackets.
    pub span: Range<usize>,
    pub data: NodeData,
    /// The number of its anchor, or 0.
    pub anchor: usize,
    /// Its tag, such as `!Sub`.
    pub tag: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeData {
    /// A string, a number, or nothing. The flag tells whether the span is exactly its text on one
    /// line, with or without quotes, so that it can be replaced.
    Scalar(String, bool),
    List(Vec<Node>),
    /// Keys and values. The flag tells whether the map is written in brackets.
    Map(Vec<(Node, Node)>, bool),
    /// A reference to the anchor with this number.
    Alias(usize),
}

/// The first duplicate key of a map. Parsers differ in which of the two values they use.
pub(crate) fn duplicate_key(entries: &[(Node, Node)]) -> Option<&str> {
    let mut seen = BTreeSet::new();
    let mut names = entries.iter().filter_map(|(key, _)| key.text());
    names.find(|name| *name != "<<" && !seen.insert(*name))
}

/// The syntax of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Yaml,
    Json,
}

/// A parsed file.
#[derive(Debug)]
pub(crate) struct Tree {
    pub documents: Vec<Node>,
    /// The syntax in which new keys are written.
    pub syntax: Syntax,
}

/// The result of looking up a key.
#[derive(Debug, Clone)]
pub(crate) struct FoundValue<'a> {
    pub key: &'a Node,
    /// The value, with aliases resolved.
    pub value: &'a Node,
    /// The places of the aliases that led to it.
    pub aliases: Vec<usize>,
}

impl Node {
    /// The text of a scalar without a tag.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.data {
            NodeData::Scalar(text, _) if self.tag.is_none() => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar, regardless of its tag.
    pub(crate) fn raw(&self) -> Option<&str> {
        match &self.data {
            NodeData::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar that can be replaced.
    pub(crate) fn literal(&self) -> Option<&str> {
        match &self.data {
            NodeData::Scalar(text, true) if self.tag.is_none() => Some(text),
            _ => None,
        }
    }

    /// The keys and values of a map, or nothing for another node.
    pub(crate) fn entries(&self) -> &[(Self, Self)] {
        match &self.data {
            NodeData::Map(entries, _) => entries,
            _ => &[],
        }
    }

    /// The key and the value, without following merge keys.
    pub(crate) fn own_entry(&self, name: &str) -> Option<&(Self, Self)> {
        let mut entries = self.entries().iter();
        entries.find(|(key, _)| key.text() == Some(name))
    }

    /// This node and all nodes below it.
    pub(crate) fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        let mut next = 0;
        while let Some(node) = all.get(next).copied() {
            match &node.data {
                NodeData::List(items) => all.extend(items),
                NodeData::Map(entries, _) => {
                    all.extend(entries.iter().flat_map(|(key, value)| [key, value]));
                }
                NodeData::Scalar(..) | NodeData::Alias(_) => {}
            }
            next += 1;
        }
        all
    }
}

/// Anchored values by the number of their anchor.
pub(crate) type Anchors<'a> = BTreeMap<usize, &'a Node>;

/// Collects the anchored values of a document.
pub(crate) fn anchors(document: &Node) -> Anchors<'_> {
    let all = document.all().into_iter();
    all.filter(|node| node.anchor != 0)
        .map(|node| (node.anchor, node))
        .collect()
}

/// The longest chain of aliases that is followed, more than any handwritten file has.
const MAX_LINKS: usize = 16;

/// Follows aliases. Returns the value and the places of the aliases.
pub(crate) fn resolve<'a>(node: &'a Node, anchors: &Anchors<'a>) -> (&'a Node, Vec<usize>) {
    let (mut node, mut aliases) = (node, Vec::new());
    while let NodeData::Alias(number) = &node.data
        && aliases.len() < MAX_LINKS
        && let Some(target) = anchors.get(number)
    {
        aliases.push(node.span.start);
        node = target;
    }
    (node, aliases)
}

/// Looks up a key of a map, including keys that are merged with `<<`.
pub(crate) fn get<'a>(map: &'a Node, name: &str, anchors: &Anchors<'a>) -> Option<FoundValue<'a>> {
    find(map, name, anchors, 0)
}

fn find<'a>(
    map: &'a Node,
    name: &str,
    anchors: &Anchors<'a>,
    depth: usize,
) -> Option<FoundValue<'a>> {
    if depth > MAX_LINKS {
        return None;
    }
    let (map, mut aliases) = resolve(map, anchors);
    if let Some((key, value)) = map.own_entry(name) {
        let (value, more) = resolve(value, anchors);
        aliases.extend(more);
        return Some(FoundValue {
            key,
            value,
            aliases,
        });
    }
    let (_, merged) = map.own_entry("<<")?;
    let all = match &merged.data {
        NodeData::List(items) => items.iter().collect(),
        _ => vec![merged],
    };
    let mut found = all
        .into_iter()
        .find_map(|from| find(from, name, anchors, depth + 1))?;
    aliases.append(&mut found.aliases);
    found.aliases = aliases;
    Some(found)
}

impl Tree {
    /// Every value by its place.
    pub(crate) fn outline(&self) -> ValueOutline {
        let mut outline = ValueOutline::new();
        for (number, document) in self.documents.iter().enumerate() {
            let mut open = vec![(number.to_string(), document)];
            while let Some((place, node)) = open.pop() {
                let place = match node.anchor {
                    0 => place,
                    _ => format!("{place}{ANCHORED}"),
                };
                let tag = node.tag.as_deref().unwrap_or_default();
                match &node.data {
                    NodeData::Scalar(text, _) => {
                        outline.insert(place, format!("{tag} {text}"));
                    }
                    NodeData::Alias(number) => {
                        outline.insert(place, format!("*{number}"));
                    }
                    NodeData::List(items) => {
                        let items = items.iter().enumerate();
                        open.extend(
                            items.map(|(index, item)| (format!("{place}{SEPARATOR}{index}"), item)),
                        );
                        outline.insert(place, format!("{tag} []"));
                    }
                    NodeData::Map(entries, _) => {
                        open.extend(entries.iter().map(|(key, value)| {
                            let name = key.text().unwrap_or("?");
                            (format!("{place}{SEPARATOR}{name}"), value)
                        }));
                        outline.insert(place, format!("{tag} {{}}"));
                    }
                }
            }
        }
        outline
    }
}
