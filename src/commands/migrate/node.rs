//! What YAML and JSON have in common: a tree whose values know where they stand.
//!
//! In: what `yaml.rs` and `json.rs` read. Out: values by key, through aliases and merge
//! keys. Absent: what the keys mean.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::commands::migrate::edit::{ANCHORED, SEPARATOR, ValueOutline};

/// A value, or a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Where it stands, with its quotes or brackets.
    pub span: Range<usize>,
    pub data: NodeData,
    /// Its number where it has an anchor, else 0.
    pub anchor: usize,
    /// Whether it has a tag, such as `!Sub`.
    pub tag: Option<String>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeData {
    /// Text, number or nothing, and whether the span is exactly its text in one line,
    /// with the quotes or without, so that it can be replaced.
    Scalar(String, bool),
    List(Vec<Node>),
    /// Keys and values, and whether they stand in brackets.
    Map(Vec<(Node, Node)>, bool),
    /// What the anchor of this number holds.
    Alias(usize),
}

/// The first key that a map says twice: readers differ in which of the two they take.
pub(crate) fn twice(entries: &[(Node, Node)]) -> Option<&str> {
    let mut seen = BTreeSet::new();
    let mut names = entries.iter().filter_map(|(key, _)| key.text());
    names.find(|name| *name != "<<" && !seen.insert(*name))
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Yaml,
    Json,
}

/// A file that was read: its documents, and what its aliases stand for.
#[derive(Debug)]
pub(crate) struct Tree {
    pub documents: Vec<Node>,
    /// What a new key is written as.
    pub syntax: Syntax,
}

/// What was found under a key.
#[derive(Debug, Clone)]
pub(crate) struct FoundValue<'a> {
    pub key: &'a Node,
    /// The value itself, never an alias.
    pub value: &'a Node,
    /// Where the aliases stand that led to it.
    pub aliases: Vec<usize>,
}

impl Node {
    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.data {
            NodeData::Scalar(text, _) if self.tag.is_none() => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar, whatever its tag.
    pub(crate) fn raw(&self) -> Option<&str> {
        match &self.data {
            NodeData::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// A scalar that can be replaced.
    pub(crate) fn literal(&self) -> Option<&str> {
        match &self.data {
            NodeData::Scalar(text, true) if self.tag.is_none() => Some(text),
            _ => None,
        }
    }

    /// The keys and values of a map; none of anything else.
    pub(crate) fn entries(&self) -> &[(Self, Self)] {
        match &self.data {
            NodeData::Map(entries, _) => entries,
            _ => &[],
        }
    }

    /// The value of a key that stands here itself.
    pub(crate) fn own(&self, name: &str) -> Option<&(Self, Self)> {
        let mut entries = self.entries().iter();
        entries.find(|(key, _)| key.text() == Some(name))
    }

    /// This and all below it.
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

/// The values that anchors stand for, by their number.
pub(crate) type Anchors<'a> = BTreeMap<usize, &'a Node>;

/// Everything in a document that has an anchor.
pub(crate) fn anchors(document: &Node) -> Anchors<'_> {
    let all = document.all().into_iter();
    all.filter(|node| node.anchor != 0)
        .map(|node| (node.anchor, node))
        .collect()
}

/// Aliases that lead to aliases are few in any file that somebody made.
const MAX_LINKS: usize = 16;

/// What a node stands for, and the aliases on the way.
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

/// The value of a key, its own or merged in with `<<`; aliases resolved.
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
    if let Some((key, value)) = map.own(name) {
        let (value, more) = resolve(value, anchors);
        aliases.extend(more);
        return Some(FoundValue {
            key,
            value,
            aliases,
        });
    }
    let (_, merged) = map.own("<<")?;
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
    /// Every value by where it stands.
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
